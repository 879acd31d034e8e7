"""The DDL of a declared table, for each engine, and the scratch tables a load merges from."""

from aurum.stores.tables import Kind, Table

TYPES = {
    "sqlite": {
        Kind.TEXT: "TEXT",
        Kind.REAL: "REAL",
        Kind.DATE: "TEXT",
        Kind.INSTANT: "TEXT",
        Kind.INTEGER: "INTEGER",
    },
    "postgres": {
        Kind.TEXT: 'TEXT COLLATE "C"',
        Kind.REAL: "DOUBLE PRECISION",
        Kind.DATE: "DATE",
        Kind.INSTANT: "TIMESTAMPTZ",
        Kind.INTEGER: "BIGINT",
    },
}
BIGINT = {"sqlite": "INTEGER", "postgres": "BIGINT"}
TAIL = {"sqlite": " WITHOUT ROWID, STRICT", "postgres": ""}


def create_table(table: Table, dialect: str) -> list[str]:
    """Statements that make the table and its indexes where they are missing.

    The primary key ends in `superseded_by`, so that a key has one current row at most and its
    history lies beside it.
    """
    types, bigint = TYPES[dialect], BIGINT[dialect]
    # The key comes first: SQLite's integrity check takes rows without rowid amiss otherwise.
    names = (*table.key, *table.values)
    nullable = {column.name for column in table.columns if column.nullable}
    columns = [
        f"{name} {types[table.column(name).kind]}{'' if name in nullable else ' NOT NULL'}"
        for name in names
    ]
    columns.insert(len(table.key), f"superseded_by {bigint} NOT NULL")
    columns.append(f"load_id {bigint} NOT NULL")
    columns.append(f"PRIMARY KEY ({', '.join(table.key)}, superseded_by)")
    made = [f"CREATE TABLE IF NOT EXISTS {table.name} ({', '.join(columns)}){TAIL[dialect]}"]
    for index in table.indexes:
        name = f"{table.name}_by_{index[0]}"
        # The snapshot is decided in the index; and SQLite, which has no statistics, takes an index
        # that covers the question over a primary key that would also give the order.
        covered = ", ".join((*index, "load_id", "superseded_by"))
        made.append(f"CREATE INDEX IF NOT EXISTS {name} ON {table.name} ({covered})")
    return made


def create_scratch(table: Table, dialect: str) -> list[str]:
    """`staged_<table>` holds a batch on its way in, `kept_<table>` the keys a file has named.

    `line` counts a file's rows; of a key, `kept` has the line that named it first.
    """
    types = TYPES[dialect]
    columns = ", ".join(f"{column.name} {types[column.kind]}" for column in table.columns)
    keys = ", ".join(f"{name} {types[table.column(name).kind]}" for name in table.key)
    tail = TAIL[dialect].removesuffix(", STRICT")
    return [
        f"CREATE TEMP TABLE IF NOT EXISTS staged_{table.name} (line {BIGINT[dialect]}, {columns})",
        f"CREATE TEMP TABLE IF NOT EXISTS kept_{table.name}"
        f" (line {BIGINT[dialect]}, {keys}, PRIMARY KEY ({', '.join(table.key)})){tail}",
    ]
