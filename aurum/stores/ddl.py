"""The DDL of a declared table, for each SQL engine, and the scratch tables a load merges from.

Types are written as the engines themselves report them, so that a real table can be compared with
its declaration.
"""

from aurum.stores.tables import Kind, Table

TYPES = {
    "sqlite": {
        Kind.TEXT: "TEXT",
        Kind.REAL: "REAL",
        Kind.DATE: "TEXT",
        Kind.INSTANT: "TEXT",
        Kind.INTEGER: "INTEGER",
        # A strict table has no BOOLEAN. INT holds the same as INTEGER and is used for nothing else,
        # so that reads can tell a truth value by the declared type.
        Kind.BOOLEAN: "INT",
    },
    "postgres": {
        Kind.TEXT: 'text COLLATE "C"',
        Kind.REAL: "double precision",
        Kind.DATE: "date",
        Kind.INSTANT: "timestamp with time zone",
        Kind.INTEGER: "bigint",
        Kind.BOOLEAN: "boolean",
    },
}
TAIL = {"sqlite": " WITHOUT ROWID, STRICT", "postgres": ""}


def declared_columns(table: Table, dialect: str) -> dict[str, tuple[str, bool]]:
    """Of every column, the loads' two included: its type, and whether it may be null."""
    types = TYPES[dialect]
    load = (types[Kind.INTEGER], False)
    declared = {c.name: (types[c.kind], c.nullable) for c in table.columns}
    return {
        # The key comes first: otherwise SQLite's integrity check reports faults, wrongly, in tables
        # WITHOUT ROWID.
        **{name: declared[name] for name in table.key},
        "superseded_by": load,
        **{name: kind for name, kind in declared.items() if name not in table.key},
        "load_id": load,
    }


def primary_key(table: Table) -> tuple[str, ...]:
    """Ends in `superseded_by`: a key has one current row at most, and its history beside it."""
    return (*table.key, "superseded_by")


def declared_indexes(table: Table) -> dict[str, tuple[str, ...]]:
    """The columns of each index, by the index's name.

    The snapshot is decided in the index. And SQLite, which has no statistics, prefers an index that
    covers the query to a primary key that would also give the order.
    """
    return {
        f"{table.name}_by_{'_'.join(index)}": (*index, "load_id", "superseded_by")
        for index in table.indexes
    }


def create_table(table: Table, dialect: str) -> list[str]:
    """Statements that make the table and its indexes."""
    columns = [_column(table, name, dialect) for name in declared_columns(table, dialect)]
    columns.append(f"PRIMARY KEY ({', '.join(primary_key(table))})")
    return [
        f"CREATE TABLE {table.name} ({', '.join(columns)}){TAIL[dialect]}",
        *(create_index(table, name) for name in declared_indexes(table)),
    ]


NEWEST_LOAD = "newest_load"
"""By table the greatest load that ever began to write to it: the store's own word of it."""


def create_newest_load(dialect: str) -> str:
    text, number = TYPES[dialect][Kind.TEXT], TYPES[dialect][Kind.INTEGER]
    columns = f"table_name {text} PRIMARY KEY, load_id {number} NOT NULL"
    return f"CREATE TABLE IF NOT EXISTS {NEWEST_LOAD} ({columns})"


def create_index(table: Table, name: str) -> str:
    return f"CREATE INDEX {name} ON {table.name} ({', '.join(declared_indexes(table)[name])})"


def add_column(table: Table, name: str, dialect: str) -> str:
    return f"ALTER TABLE {table.name} ADD COLUMN {_column(table, name, dialect)}"


def _column(table: Table, name: str, dialect: str) -> str:
    kind, nullable = declared_columns(table, dialect)[name]
    check = f" CHECK ({name} IN (0, 1))" if kind == TYPES["sqlite"][Kind.BOOLEAN] else ""
    return f"{name} {kind}{'' if nullable else ' NOT NULL'}{check}"


def create_scratch(table: Table, dialect: str) -> list[str]:
    """`staged_<table>` holds a batch on its way in, `file_keys_<table>` the keys a file has named.

    `line` counts a file's rows; of a key, `file_keys` has the line that named it first.
    """
    types = TYPES[dialect]
    line = f"line {types[Kind.INTEGER]}"
    columns = ", ".join(f"{column.name} {types[column.kind]}" for column in table.columns)
    keys = ", ".join(f"{name} {types[table.column(name).kind]}" for name in table.key)
    tail = TAIL[dialect].removesuffix(", STRICT")
    return [
        f"CREATE TEMP TABLE IF NOT EXISTS staged_{table.name} ({line}, {columns})",
        f"CREATE TEMP TABLE IF NOT EXISTS file_keys_{table.name}"
        f" ({line}, {keys}, PRIMARY KEY ({', '.join(table.key)})){tail}",
    ]
