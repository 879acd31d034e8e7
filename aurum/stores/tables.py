"""Declared tables: columns are written down once, and everything else is derived from them.

The DDL of each engine, the loader's merge, the answers' fields and the data dictionary all come
from a `Table`. A row also carries two columns that no declaration names: `load_id`, the load that
brought it, and `superseded_by`, the load that replaced it (`CURRENT` until then).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

CURRENT = 2**63 - 1
"""`superseded_by` of a row that nothing has replaced."""

Row = tuple[Any, ...]

BOOLEANS: set[str] = set()
"""The names of all boolean columns that are declared: a name has one kind in all tables."""


class Kind(StrEnum):
    """What a column holds; each engine knows how it keeps it."""

    TEXT = "text"
    REAL = "real"  # float8
    DATE = "date"
    INSTANT = "instant"  # UTC, to the second
    INTEGER = "integer"
    LOCAL = "local"  # ISO 8601 with its offset; made to be shown, never stored
    BOOLEAN = "boolean"  # True and False in rows, also where an engine keeps 1 and 0


@dataclass(frozen=True, slots=True)
class Column:
    """`unit_from` names the column of the same row that holds the unit, where rows differ in it.

    `ranks` are the values of a text column that has an order of its own, the lowest first. `link`
    is where a page leads to from a value, which takes the place of `{}`; with the values of
    `link_with`, columns of the same row, as further parameters.
    """

    name: str
    kind: Kind
    doc: str
    unit: str | None = None
    unit_from: str | None = None
    nullable: bool = False
    ranks: tuple[str, ...] = ()
    link: str | None = None
    link_with: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Of the name alone: each page looks its form up by its columns, and few share a name."""
        return hash(self.name)

    @property
    def unit_text(self) -> str | None:
        """The unit, or `=name` where column `name` has it; None for what has no unit."""
        return f"={self.unit_from}" if self.unit_from else self.unit


@dataclass(frozen=True)
class Table:
    """`key` is the natural key: at most one current row has it. `indexes` are further look-ups.

    `version` are the columns that tell which of two issues of a row is the newer, the weightiest
    first: an older one never replaces a newer, and no number is older than the first.
    `needed_by` names a table of which each row needs the row here that has the same values in the
    columns of the key that both have: when a load is retracted, a row that is needed stays.
    `vintage` is the column that says when the publisher released a row, null where that is not
    known. Of two issues that are else the same the one released later is the newer, and what is
    older than the current row is kept beside it (`aurum.stores.merging`). It is no value of a row.
    `not_compared` are columns whose change alone is no revision, and `may_lack` those that not
    every form of a file has: a row without them takes nothing away from one that is else the same.
    `keep_history_days` is how long rows that were replaced are kept; None is for ever.
    `renamed_from` is the name that installations may still have it under.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str | None = None
    indexes: tuple[tuple[str, ...], ...] = ()
    version: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    may_lack: tuple[str, ...] = ()
    vintage: str | None = None
    needed_by: str | None = None
    keep_history_days: int | None = None
    renamed_from: str | None = None

    def __post_init__(self) -> None:
        named = {column.name for column in self.columns}
        indexed = (name for index in self.indexes for name in index)
        others = (*self.version, *self.not_compared, *self.may_lack)
        further = (*indexed, self.time, self.vintage, *others)
        for name in {*self.key, *further} - {None}:
            if name not in named:
                raise ValueError(f"table {self.name} has no column {name!r}")
        if any(self.column(name).nullable for name in self.key):
            raise ValueError(f"table {self.name}: a key column cannot be nullable")
        if self.vintage is not None:
            released = self.column(self.vintage)
            if released.kind is not Kind.INSTANT or not released.nullable:
                raise ValueError(f"table {self.name}: a vintage is an instant that may be null")
            if self.keep_history_days is not None:
                raise ValueError(f"table {self.name}: releases are asked for, so all are kept")
        BOOLEANS.update(column.name for column in self.columns if column.kind is Kind.BOOLEAN)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The columns in which a change is a revision."""
        others = (*self.key, *self.not_compared, self.vintage)
        return tuple(name for name in self.names if name not in others)

    def issue(self, row: Row) -> tuple[Any, ...]:
        """What tells which of two rows of a key is the newer issue, as the engines compare it."""
        found = []
        for name in self.version:
            column, value = self.column(name), row[self.names.index(name)]
            found.append(column.ranks.index(value) if column.ranks else value or 0)
        return tuple(found)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name!r}")
