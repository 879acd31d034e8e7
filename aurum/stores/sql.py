"""The query composer: SQL is written once and compiled for each engine.

A `Select` is SQL in PostgreSQL's dialect with named parameters and these slots:

    @columns                       what to select
    @snapshot(o, t)                rows of table t, alias o, that a reader at watermark :w_t sees
    @newest(t.c WHERE k = o.k)     the greatest c of table t among rows with the outer row's key
    @newest(t.c BY a, b WHERE …)   c of the row that is last in the order of a, b
    @oldest(…)                     the least, or that of the first row
    @where, or any other name      the conditions of that name, TRUE if there are none
    @order, @page                  the order; limit and offset

Values are bound and never reach the text, each with the kind of its column: engines do not agree on
what a text means beside a date. Equal shapes give equal text, so the compiled text is cached by
shape.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, Self

from aurum.stores.dialects import ROW_STORES, render
from aurum.stores.filters import conditions
from aurum.stores.tables import SQL_TYPES, Expression, Table

LAST = "9999-12-31"
"""Stands for a missing date in a sort order: nulls come last on every engine."""

_SLOT = re.compile(r"@(\w+)(?:\(([^()]*)\))?")
_EXTREME = re.compile(r"(\w+)\.(\w+)(?: BY ([\w, ]+?))? WHERE (.+)")


@dataclass(frozen=True, slots=True)
class SortKey:
    """One part of a sort order: a column's name, and what stands in for a missing value."""

    name: str
    descending: bool = False
    nulls: str | None = None


SortOrder = tuple[SortKey, ...]


def ascending(*names: str) -> SortOrder:
    return tuple(map(SortKey, names))


def reversed_order(order: SortOrder) -> SortOrder:
    return tuple(replace(key, descending=not key.descending) for key in order)


def columns_of(table: Table, alias: str) -> dict[str, Expression]:
    """The table's columns under an alias, `load_id` among them."""
    named = {c.name: Expression(f"{alias}.{c.name}", c.kind) for c in table.columns}
    return named | {"load_id": Expression.integer(f"{alias}.load_id")}


class _Sorted(NamedTuple):
    """A sort key with where it comes from."""

    key: SortKey
    column: Expression

    @property
    def sql(self) -> str:
        if self.key.nulls is None:
            return self.column.sql
        stand_in = f"CAST('{self.key.nulls}' AS {SQL_TYPES[self.column.kind]})"
        return f"COALESCE({self.column.sql}, {stand_in})"

    @property
    def position(self) -> str:
        """The cursor's value of this key."""
        return self.column.bind(f"after_{self.key.name}")

    def beyond(self) -> str:
        return f"{self.sql} {'<' if self.key.descending else '>'} {self.position}"


class _Shape(NamedTuple):
    """All that the text depends on."""

    sql: str
    columns: tuple[str, ...]
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    order: tuple[_Sorted, ...]
    after: bool
    limited: bool
    skipping: bool


@dataclass(frozen=True, slots=True)
class Select:
    """`columns` says where each name comes from, `names` which of them are selected, in order."""

    sql: str
    columns: Mapping[str, Expression] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    order: SortOrder = ()
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    after: bool = False
    limited: bool = False
    skipping: bool = False

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
    def shape(self) -> _Shape:
        columns = self.columns
        return _Shape(
            self.sql,
            tuple(columns[name].sql for name in self.names),
            tuple(self.conditions.items()),
            tuple(_Sorted(key, columns[key.name]) for key in self.order),
            self.after,
            self.limited,
            self.skipping,
        )


def past(order: Iterable[_Sorted], dialect: str) -> str:
    """A condition that holds for what comes after the cursor's position in this order.

    Where all keys run one way it is one comparison of rows, which enters an index at the place. In
    other orders the keys that lead one way are compared as a row, and the rest only where these are
    equal: PostgreSQL 17 loses the strictness of a condition like `(a, b) <= (x, y) AND a < x`.
    """
    keys = tuple(order)
    lead = _leading(keys)
    rest = keys[len(lead) :]
    text = _strictly_past(lead)
    if rest:
        rows, values = _rows(lead)
        bound = f"{rows} {'<=' if lead[0].key.descending else '>='} {values}"
        text = f"{bound} AND ({text} OR ({rows} = {values} AND {_one_by_one(rest)}))"
    if dialect == "clickhouse" and len(lead) > 1:
        # Its primary key is entered by a condition on the first column alone.
        first = lead[0]
        text = f"{first.sql} {'<=' if first.key.descending else '>='} {first.position} AND {text}"
    return text


def _leading(keys: tuple[_Sorted, ...]) -> tuple[_Sorted, ...]:
    """The first keys, as far as one comparison of rows can serve: all of them if they run one way
    and none has a stand-in for null, for which there is no index."""
    plain = [key for key in keys if key.key.nulls is None]
    for number, key in enumerate(keys):
        if key not in plain or key.key.descending != keys[0].key.descending:
            return keys[: max(number, 1)]
    return keys


def _strictly_past(keys: tuple[_Sorted, ...]) -> str:
    rows, values = _rows(keys)
    return f"{rows} {'<' if keys[0].key.descending else '>'} {values}"


def _rows(keys: tuple[_Sorted, ...]) -> tuple[str, str]:
    if len(keys) == 1:
        return keys[0].sql, keys[0].position
    return f"({', '.join(k.sql for k in keys)})", f"({', '.join(k.position for k in keys)})"


def _one_by_one(keys: tuple[_Sorted, ...]) -> str:
    text = ""
    for key in reversed(keys):
        beyond = key.beyond()
        text = f"({beyond} OR ({key.sql} = {key.position} AND {text}))" if text else beyond
    return text


def _text(shape: _Shape, dialect: str) -> str:
    named = dict(shape.conditions)
    if shape.after:
        named["where"] = (*named.get("where", ()), past(shape.order, dialect))

    def fill(slot: re.Match[str]) -> str:
        name, given = slot[1], slot[2]
        if given is not None:
            return _macro(name, given, dialect)
        match name:
            case "columns":
                return ", ".join(shape.columns)
            case "order":
                terms = (f"{k.sql}{' DESC' if k.key.descending else ''}" for k in shape.order)
                return ", ".join(terms)
            case "page":
                limit, offset = shape.limited, shape.skipping
                return ("LIMIT :limit" if limit else "") + (" OFFSET :offset" if offset else "")
        return " AND ".join(named.get(name, ())) or "TRUE"

    text = shape.sql
    while _SLOT.search(text):  # columns and conditions have slots of their own
        text = _SLOT.sub(fill, text)
    return text


def _macro(name: str, given: str, dialect: str) -> str:
    match name:
        case "snapshot":
            alias, table = (part.strip() for part in given.split(","))
            mark = f"CAST(:w_{table} AS BIGINT)"
            return f"{alias}.load_id <= {mark} AND {alias}.superseded_by > {mark}"
        case "newest" | "oldest":
            return _extreme(given, dialect, newest=name == "newest")
    raise ValueError(f"there is no macro @{name}({given})")


def _extreme(given: str, dialect: str, *, newest: bool) -> str:
    """One value of the last, or first, of the rows that share a key with the outer row.

    Row stores enter their index at its end. The others cannot decorrelate a limit, but an
    aggregate: of the column itself, or of the column where what the rows are ordered by is extreme.
    """
    found = _EXTREME.fullmatch(" ".join(given.split()))
    if found is None:
        raise ValueError(f"@newest takes 't.c BY a, b WHERE k = o.k', not '{given}'")
    table, column, by, where = found.groups()
    order = [f"n.{part.strip()}" for part in (by or column).split(",")]
    equal = " AND ".join(f"n.{part.strip()}" for part in where.split(" AND "))
    source = f"FROM {table} AS n WHERE {equal} AND {_macro('snapshot', f'n, {table}', dialect)}"
    if dialect in ROW_STORES:
        ordered = ", ".join(f"{part}{' DESC' if newest else ''}" for part in order)
        return f"(SELECT n.{column} {source} ORDER BY {ordered} LIMIT 1)"
    if by is None:
        return f"(SELECT {'MAX' if newest else 'MIN'}(n.{column}) {source})"
    function = "MAX_BY" if newest else "MIN_BY"
    return f"(SELECT {function}(n.{column}, ({', '.join(order)})) {source})"


def compose(select: Select, dialect: str) -> str:
    """The text one engine understands; its parameters keep their names."""
    return _compiled(select.shape, dialect)


@lru_cache(maxsize=1024)
def _compiled(shape: _Shape, dialect: str) -> str:
    return render(_text(shape, dialect), dialect)
