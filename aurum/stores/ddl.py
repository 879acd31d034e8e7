"""The DDL of a declared table, for each SQL engine, and the scratch tables a load merges from.

Types are written as the engines themselves report them, so that a real table can be compared with
its declaration.
"""

from aurum.stores.dialects import COLUMN_STORES
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
    "clickhouse": {
        Kind.TEXT: "String",
        Kind.REAL: "Float64",
        # Date and DateTime begin in 1970.
        Kind.DATE: "Date32",
        Kind.INSTANT: "DateTime64(0, 'UTC')",
        Kind.INTEGER: "Int64",
        Kind.BOOLEAN: "Bool",
    },
    "trino": {
        Kind.TEXT: "varchar",
        Kind.REAL: "double",
        Kind.DATE: "date",
        Kind.INSTANT: "timestamp(6) with time zone",
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


def primary_key(table: Table, dialect: str) -> tuple[str, ...]:
    """Ends in `superseded_by`: a key has one current row at most, and its history beside it.

    A column store has no such rule. ClickHouse's key is the order of its rows, which a changing
    column cannot be part of; Trino has none.
    """
    last = {"clickhouse": "load_id"}.get(dialect, "superseded_by")
    return () if dialect == "trino" else (*table.key, last)


def declared_indexes(table: Table, dialect: str) -> dict[str, tuple[str, ...]]:
    """The columns of each index, by the index's name; a column store has none.

    The snapshot is decided in the index. And SQLite, which has no statistics, prefers an index that
    covers the query to a primary key that would also give the order.
    """
    if dialect in COLUMN_STORES:
        return {}
    return {
        f"{table.name}_by_{'_'.join(index)}": (*index, "load_id", "superseded_by")
        for index in table.indexes
    }


def create_table(table: Table, dialect: str) -> list[str]:
    """Statements that make the table and its indexes."""
    columns = [_column(table, name, dialect) for name in declared_columns(table, dialect)]
    if dialect in COLUMN_STORES:
        return [f"CREATE TABLE {table.name} ({', '.join(columns)}){_layout(table, dialect)}"]
    columns.append(f"PRIMARY KEY ({', '.join(primary_key(table, dialect))})")
    return [
        f"CREATE TABLE {table.name} ({', '.join(columns)}){TAIL[dialect]}",
        *(create_index(table, name, dialect) for name in declared_indexes(table, dialect)),
    ]


def _layout(table: Table, dialect: str) -> str:
    """How a column store keeps the rows of a table."""
    if dialect == "clickhouse":
        # Rows are replaced in place by patches, for which a table numbers its blocks.
        return f" ENGINE = MergeTree ORDER BY ({', '.join(primary_key(table, dialect))}) {PATCHED}"
    options = ["format = 'PARQUET'", "format_version = 2"]
    if table.time is not None:
        options.append(f"partitioning = ARRAY['month({table.time})']")
    in_order = ", ".join(f"'{name}'" for name in table.key)
    return f" WITH ({', '.join(options)}, sorted_by = ARRAY[{in_order}])"


PATCHED = "SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1"

NEWEST_LOAD = "newest_load"
"""By table the greatest load that ever began to write to it: the store's own word of it."""


def create_newest_load(dialect: str) -> str:
    text, number = TYPES[dialect][Kind.TEXT], TYPES[dialect][Kind.INTEGER]
    key = "" if dialect in COLUMN_STORES else " PRIMARY KEY"
    tail = " ENGINE = MergeTree ORDER BY table_name" if dialect == "clickhouse" else ""
    columns = f"table_name {text}{key}, load_id {number} NOT NULL"
    return f"CREATE TABLE IF NOT EXISTS {NEWEST_LOAD} ({columns}){tail}"


def create_index(table: Table, name: str, dialect: str) -> str:
    columns = ", ".join(declared_indexes(table, dialect)[name])
    return f"CREATE INDEX {name} ON {table.name} ({columns})"


def rename_table(old: str, new: str, dialect: str) -> str:
    if dialect == "clickhouse":
        return f"RENAME TABLE {old} TO {new}"
    return f"ALTER TABLE {old} RENAME TO {new}"


def add_column(table: Table, name: str, dialect: str) -> str:
    return f"ALTER TABLE {table.name} ADD COLUMN {_column(table, name, dialect)}"


def _column(table: Table, name: str, dialect: str) -> str:
    kind, nullable = declared_columns(table, dialect)[name]
    if dialect == "clickhouse":
        return f"{name} Nullable({kind})" if nullable else f"{name} {kind}"
    check = f" CHECK ({name} IN (0, 1))" if kind == TYPES["sqlite"][Kind.BOOLEAN] else ""
    return f"{name} {kind}{'' if nullable else ' NOT NULL'}{check}"


def create_scratch(table: Table, dialect: str) -> list[str]:
    """`staged_<table>` holds a batch on its way in, `file_keys_<table>` the keys a file has named.

    `line` counts a file's rows; of a key, `file_keys` has the line that named it first. A column
    store has none: its loads are merged elsewhere.
    """
    if dialect in COLUMN_STORES:
        return []
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
