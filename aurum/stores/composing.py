"""From a query's shape to the text of each engine.

A query is SQL in PostgreSQL's dialect with named parameters and these slots:

    @columns                       what to select
    @snapshot(o, t)                rows of table t, alias o, that a reader at watermark :w_t sees
    @newest(t.c WHERE k = o.k)     the greatest c of table t among rows with the outer row's key
    @newest(… WHERE k = o.k AND c <= :v) the same among those rows that further comparisons hold for
    @newest(t.c BY a, b WHERE …)   c of the row that is last in the order of a, b
    @oldest(…)                     the least, or that of the first row
    @where, or any other name      the conditions of that name, TRUE if there are none
    @order, @page                  the order; limit and offset

Values are bound and never reach the text, each with the kind of its column: engines do not agree on
what a text means beside a date. Equal shapes give equal text, so the compiled text is cached by
shape.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from aurum.stores.dialects import ROW_STORES, render
from aurum.stores.tables import Kind

SQL_TYPES = {
    Kind.TEXT: "TEXT",
    Kind.REAL: "DOUBLE PRECISION",
    Kind.DATE: "DATE",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
}
"""A kind's type in the dialect that queries are written in."""


_SLOT = re.compile(r"@(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?")
_EXTREME = re.compile(r"(\w+)\.(\w+)(?: BY ([\w, ]+?))? WHERE (.+)")


class Sorted(NamedTuple):
    """A sort key: its name, where it comes from, and how it runs."""

    name: str
    column: str
    kind: Kind
    descending: bool
    nulls: str | None

    @property
    def sql(self) -> str:
        if self.nulls is None:
            return self.column
        return f"COALESCE({self.column}, CAST('{self.nulls}' AS {SQL_TYPES[self.kind]}))"

    @property
    def position(self) -> str:
        """The cursor's value of this key."""
        return f"CAST(:after_{self.name} AS {SQL_TYPES[self.kind]})"

    def beyond(self) -> str:
        return f"{self.sql} {'<' if self.descending else '>'} {self.position}"


class Released(NamedTuple):
    """A table whose rows are asked for as they were released, in place of those that stand.

    `issue` is what an issue is newer by before its `vintage`, SQL with `{}` for the row; `void` is
    how many loads say nothing any more.
    """

    table: str
    key: tuple[str, ...]
    vintage: str
    issue: tuple[str, ...]
    void: int

    def known(self, alias: str) -> str:
        """Whether a row was known at the watermark and released by the moment `:released_by`."""
        mark = f"{alias}.load_id <= CAST(:w_{self.table} AS BIGINT)"
        moment = f"CAST(:released_by AS {SQL_TYPES[Kind.INSTANT]})"
        void = ", ".join(f"CAST(:void_{number} AS BIGINT)" for number in range(self.void))
        counts = f" AND {alias}.load_id NOT IN ({void})" if void else ""
        return f"{mark} AND {alias}.{self.vintage} <= {moment}{counts}"

    def newest(self, alias: str, dialect: str) -> str:
        """Whether it is the newest of its key that is so.

        Column stores cannot compare orders with an outer row, but take one of each group.
        """
        if dialect not in ROW_STORES:
            key = ", ".join(f"r.{name}" for name in self.key)
            mine = ", ".join(f"{alias}.{name}" for name in (*self.key, "load_id"))
            return (
                f"{self.known(alias)} AND ({mine}) IN ("
                f"SELECT {key}, MAX_BY(r.load_id, ({self._order('r')})) FROM {self.table} AS r"
                f" WHERE {self.known('r')} GROUP BY {key})"
            )
        same = " AND ".join(f"r.{name} = {alias}.{name}" for name in self.key)
        mine, other = (self._order(one) for one in (alias, "r"))
        return (
            f"{self.known(alias)} AND NOT EXISTS (SELECT 1 FROM {self.table} AS r"
            f" WHERE {same} AND {self.known('r')} AND ({other}) > ({mine}))"
        )

    def _order(self, alias: str) -> str:
        of_issue = (text.format(alias) for text in self.issue)
        return ", ".join((*of_issue, f"{alias}.{self.vintage}", f"{alias}.load_id"))


class Shape(NamedTuple):
    """All that the text depends on; the first `shared` keys of the order are equal in all rows."""

    sql: str
    columns: tuple[str, ...]
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    order: tuple[Sorted, ...]
    after: bool
    limited: bool
    skipping: bool
    shared: int = 0
    released: Released | None = None


def past(order: Iterable[Sorted], dialect: str) -> str:
    """A condition that holds for what comes after the cursor's position in this order.

    Where all keys run one way it is one comparison of rows, which enters an index at the place. In
    other orders the keys that lead one way are compared as a row, and the rest only where these are
    equal: PostgreSQL 17 loses the strictness of a condition like `(a, b) <= (x, y) AND a < x`.
    """
    keys = tuple(order)
    lead = _leading(keys, dialect)
    rest = keys[len(lead) :]
    text = _strictly_past(lead)
    if rest:
        # The bound follows from the OR behind it. It is there for the index, which is entered by a
        # comparison and not by an OR.
        rows, values = _rows(lead)
        bound = f"{rows} {'<=' if lead[0].descending else '>='} {values}"
        text = f"{bound} AND ({text} OR ({rows} = {values} AND {_one_by_one(rest)}))"
    if dialect == "clickhouse" and len(lead) > 1:
        # Its primary key is entered by a condition on the first column alone.
        first = lead[0]
        text = f"{first.sql} {'<=' if first.descending else '>='} {first.position} AND {text}"
    return text


def _leading(keys: tuple[Sorted, ...], dialect: str) -> tuple[Sorted, ...]:
    """The first keys, as far as one comparison of rows can serve: all of them if they run one way
    and none has a stand-in for null, for which there is no index."""
    if dialect == "postgres" and keys[0].descending:
        # PostgreSQL 17 loses `a = 4` beside `(a, b) < (5, y)` where both lie on one page of an
        # index that is read upward. Beside `>` it keeps it, as such a scan begins at the row.
        return keys[:1]
    # A key with a stand-in is an expression, COALESCE(column, …), and no index holds its values.
    plain = [key for key in keys if key.nulls is None]
    for number, key in enumerate(keys):
        if key not in plain or key.descending != keys[0].descending:
            return keys[: max(number, 1)]
    return keys


def _strictly_past(keys: tuple[Sorted, ...]) -> str:
    rows, values = _rows(keys)
    return f"{rows} {'<' if keys[0].descending else '>'} {values}"


def _rows(keys: tuple[Sorted, ...]) -> tuple[str, str]:
    if len(keys) == 1:
        return keys[0].sql, keys[0].position
    return f"({', '.join(k.sql for k in keys)})", f"({', '.join(k.position for k in keys)})"


def _one_by_one(keys: tuple[Sorted, ...]) -> str:
    text = ""
    for key in reversed(keys):
        beyond = key.beyond()
        text = f"({beyond} OR ({key.sql} = {key.position} AND {text}))" if text else beyond
    return text


def _text(shape: Shape, dialect: str) -> str:
    named = dict(shape.conditions)
    if shape.after:
        named["where"] = (*named.get("where", ()), past(shape.order[shape.shared :], dialect))

    def fill(slot: re.Match[str]) -> str:
        name, given = slot[1], slot[2]
        if given is not None:
            return _macro(name, given, dialect, shape.released)
        match name:
            case "columns":
                return ", ".join(shape.columns)
            case "order":
                terms = (f"{k.sql}{' DESC' if k.descending else ''}" for k in shape.order)
                return ", ".join(terms)
            case "page":
                limit, offset = shape.limited, shape.skipping
                return ("LIMIT :limit" if limit else "") + (" OFFSET :offset" if offset else "")
        return " AND ".join(named.get(name, ())) or "TRUE"

    text = shape.sql
    while _SLOT.search(text):  # columns and conditions have slots of their own
        text = _SLOT.sub(fill, text)
    return text


def _macro(name: str, given: str, dialect: str, released: Released | None) -> str:
    match name:
        case "snapshot":
            alias, table = (part.strip() for part in given.split(","))
            if released is not None and released.table == table:
                return released.newest(alias, dialect)
            mark = f"CAST(:w_{table} AS BIGINT)"
            return f"{alias}.load_id <= {mark} AND {alias}.superseded_by > {mark}"
        case "newest" | "oldest":
            return _extreme(given, dialect, released, newest=name == "newest")
    raise ValueError(f"there is no macro @{name}({given})")


def _extreme(given: str, dialect: str, released: Released | None, *, newest: bool) -> str:
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
    if released is not None and released.table == table:
        seen = released.known("n")  # of whichever release: what it is ordered by is of the key
    else:
        seen = _macro("snapshot", f"n, {table}", dialect, None)
    source = f"FROM {table} AS n WHERE {equal} AND {seen}"
    if dialect in ROW_STORES:
        ordered = ", ".join(f"{part}{' DESC' if newest else ''}" for part in order)
        return f"(SELECT n.{column} {source} ORDER BY {ordered} LIMIT 1)"
    if by is None:
        return f"(SELECT {'MAX' if newest else 'MIN'}(n.{column}) {source})"
    function = "MAX_BY" if newest else "MIN_BY"
    return f"(SELECT {function}(n.{column}, ({', '.join(order)})) {source})"


@lru_cache(maxsize=1024)
def compiled(shape: Shape, dialect: str) -> str:
    """The text, whose parameters keep their names; made once per shape."""
    return render(_text(shape, dialect), dialect)
