"""What a real table has that its declaration has not, and the other way round.

What only adds can be migrated: a nullable column, an index, a new name. Anything else would have to
invent values or rewrite history, and is left to a person.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aurum.stores.ddl import (
    add_column,
    create_index,
    declared_columns,
    declared_indexes,
    primary_key,
    rename_table,
)
from aurum.stores.tables import Table


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference in plain words, and the statement that ends it, None where none may.

    `renames` says that the table has a new name.
    """

    text: str
    remedy: str | None = None
    renames: bool = False


@dataclass(frozen=True, slots=True)
class RealTable:
    """A table as its engine describes it.

    `columns` maps each name to its type, as the engine writes it, and whether it may be null.
    Indexes are known by their columns: they keep their names when a table is renamed.
    """

    name: str
    columns: Mapping[str, tuple[str, bool]]
    key: tuple[str, ...]
    indexes: frozenset[tuple[str, ...]]


def differences_of(table: Table, real: RealTable, dialect: str) -> list[Difference]:
    """All differences; their remedies, run in this order, leave none that has one."""
    found = []
    if real.name != table.name:
        rename = rename_table(real.name, table.name, dialect)
        found.append(Difference(f"it still has the name {real.name}", rename, renames=True))
    found += _columns(table, real, dialect)
    key = primary_key(table, dialect)
    if real.key != key:
        found.append(
            Difference(f"the primary key is ({', '.join(real.key)}), not ({', '.join(key)})")
        )
    for name, columns in declared_indexes(table, dialect).items():
        # Further indexes are the operators' own business; TimescaleDB makes some too.
        if columns not in real.indexes:
            text = f"there is no index on ({', '.join(columns)})"
            found.append(Difference(text, create_index(table, name, dialect)))
    return found


def _columns(table: Table, real: RealTable, dialect: str) -> Iterator[Difference]:
    declared = declared_columns(table, dialect)
    for name, (kind, nullable) in declared.items():
        if name not in real.columns:
            if nullable:
                yield Difference(f"column {name} is missing", add_column(table, name, dialect))
            else:
                yield Difference(f"column {name} is missing, and rows there have no value for it")
            continue
        real_kind, real_nullable = real.columns[name]
        if real_kind != kind:
            yield Difference(f"column {name} is {real_kind}, not {kind}")
        if real_nullable != nullable:
            rule = "may be null and should not" if real_nullable else "cannot be null and should"
            yield Difference(f"column {name} {rule}")
    for name in real.columns:
        if name not in declared:
            yield Difference(f"column {name} is not declared")
