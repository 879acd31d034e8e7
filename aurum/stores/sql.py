"""Queries: SQL with named parameters and slots, written once for every engine.

`aurum.stores.composing` says what the slots are and makes the text. Values are bound and never
reach it, each with the kind of its column: engines do not agree on what a text means beside a date.
"""

import re
from collections.abc import Hashable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from aurum.market.spans import Span
from aurum.stores.composing import SQL_TYPES, Released, Shape, Sorted, compiled
from aurum.stores.tables import Kind, Table

T = TypeVar("T")

LAST = "9999-12-31"
"""Stands for a missing date in a sort order: nulls come last on every engine."""


NOTHING: Mapping[str, Any] = MappingProxyType({})


class SortKey(NamedTuple):
    """One part of a sort order: a column's name, and what stands in for a missing value."""

    name: str
    descending: bool = False
    nulls: str | None = None


SortOrder = tuple[SortKey, ...]


def ascending(*names: str) -> SortOrder:
    return tuple(map(SortKey, names))


def reversed_order(order: SortOrder) -> SortOrder:
    return tuple(key._replace(descending=not key.descending) for key in order)


class Expression(NamedTuple):
    """SQL of a value, which knows what kind of value it is."""

    sql: str
    kind: Kind

    @classmethod
    def text(cls, sql: str) -> Self:
        return cls(sql, Kind.TEXT)

    @classmethod
    def integer(cls, sql: str) -> Self:
        return cls(sql, Kind.INTEGER)

    @property
    def shown(self) -> str:
        """As a query selects it: zero has no sign, whichever one an engine has stored."""
        return f"{self.sql} + 0.0" if self.kind is Kind.REAL else self.sql

    def bind(self, name: str) -> str:
        """A parameter that is compared with this."""
        return f"CAST(:{name} AS {SQL_TYPES[self.kind]})"


def columns_of(table: Table, alias: str) -> dict[str, Expression]:
    """The table's columns under an alias, `load_id` among them."""
    named = {c.name: Expression(f"{alias}.{c.name}", c.kind) for c in table.columns}
    return named | {"load_id": Expression.integer(f"{alias}.load_id")}


class Select(Struct, frozen=True):
    """`columns` says where each name comes from, `names` which of them are selected, in order.

    `fixed` are names that have one value in all rows, as the conditions allow no other: a page is
    read without them. `groups` are given where the order begins with the key of a group of rows:
    the slot of conditions on the table that lists the groups, and the key there. Pages behind the
    first are then read in two parts (`aurum.stores.registry.parted`). With `released` the rows of
    one table are those of its releases (`aurum.stores.releases.as_released`). `name` is what logs,
    measures and the engine itself call the question, as `curves.observations`.
    """

    sql: str
    columns: Mapping[str, Expression] = NOTHING
    names: tuple[str, ...] = ()
    order: SortOrder = ()
    conditions: Mapping[str, tuple[str, ...]] = NOTHING
    values: Mapping[str, Any] = NOTHING
    fixed: Mapping[str, Any] = NOTHING
    groups: tuple[str, Expression] | None = None
    after: bool = False
    limited: bool = False
    skipping: bool = False
    shared: int = 0
    released: Released | None = None
    name: str = ""

    def where(self, *texts: str, slot: str = "where", **values: Any) -> Self:
        """Further conditions, with the values that they are bound to."""
        return replace(
            self,
            conditions={**self.conditions, slot: (*self.conditions.get(slot, ()), *texts)},
            values={**self.values, **values},
        )

    def filtered(
        self, filters: Mapping[str, Any], columns: Mapping[str, Expression], *, slot: str = "where"
    ) -> Self:
        """The conditions of those filters that are there and name one of `columns`."""
        texts, values = conditions(filters, columns)
        return self.where(*texts, slot=slot, **values)

    def with_values(self, **values: Any) -> Self:
        return replace(self, values={**self.values, **values})

    @property
    def shape(self) -> Shape:
        columns = self.columns
        return Shape(
            self.sql,
            tuple(columns[name].shown for name in self.names),
            tuple(self.conditions.items()),
            tuple(
                Sorted(key.name, *columns[key.name], key.descending, key.nulls)
                for key in self.order
            ),
            self.after,
            self.limited,
            self.skipping,
            self.shared,
            self.released,
        )


MOST_TEXTS = 256
COMMENTED = ("postgres", "trino")
"""Dialects whose engines are told a question's name by a comment before its text."""
_NAME = re.compile(r"[a-z][a-z0-9_.]*")
_texts: dict[Hashable, tuple[Mapping[str, Expression], str]] = {}


def compose(select: Select, dialect: str) -> str:
    """The text one engine understands; its parameters keep their names.

    It is kept for the parts that the select is made of: to make its shape, only to look up the
    text, would cost each page more. The columns go by which they are, and are kept with the text so
    that no others can take their place.
    """
    columns = select.columns
    key = (
        *(id(columns), select.sql, select.names, select.order, *select.conditions.items()),
        *(select.after, select.limited, select.skipping, select.shared, select.released, dialect),
        select.name,
    )
    if key not in _texts:
        if len(_texts) >= MOST_TEXTS:
            _texts.clear()
        _texts[key] = columns, _tag(select.name, dialect) + compiled(select.shape, dialect)
    return _texts[key][1]


def _tag(name: str, dialect: str) -> str:
    if not name:
        return ""
    if not _NAME.fullmatch(name):
        raise ValueError(f"a question's name is like curves.observations, not {name!r}")
    return f"/* {name} */ " if dialect in COMMENTED else ""


def conditions(
    filters: Mapping[str, Any], columns: Mapping[str, Expression]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The conditions of the filters that are there and name one of `columns`, and their values.

    A tuple is a choice of values, a `Span` a range of times, anything else one value. The text
    depends on which filters there are and roughly on how many values, never on the values.
    """
    found: list[str] = []
    bound: dict[str, Any] = {}
    for name, column in columns.items():
        if (value := filters.get(name)) is None:
            continue
        if isinstance(value, tuple):
            items = padded(value)
            bound |= {f"{name}_{number}": item for number, item in enumerate(items)}
            marks = ", ".join(column.bind(f"{name}_{number}") for number in range(len(items)))
            found.append(f"{column.sql} IN ({marks})")
        elif isinstance(value, Span):
            for end, sign in (("start", ">="), ("end", "<")):
                if (limit := getattr(value, end)) is not None:
                    found.append(f"{column.sql} {sign} {column.bind(f'{name}_{end}')}")
                    bound[f"{name}_{end}"] = limit
        else:
            found.append(f"{column.sql} = {column.bind(name)}")
            bound[name] = value.isoformat() if isinstance(value, date) else value
    return tuple(found), bound


def padded(values: tuple[T, ...]) -> tuple[T, ...]:
    """Filled up to a power of two with its last value, so that few texts serve all lengths."""
    size = 1 << (len(values) - 1).bit_length()
    return values + values[-1:] * (size - len(values))
