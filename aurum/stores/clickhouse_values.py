"""Values between Aurum's rows and the columns that ClickHouse's driver gives and takes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from clickhouse_driver import Client

from aurum.errors import InvalidFile
from aurum.stores.instants import KEPT, clock_of
from aurum.stores.tables import Kind, Row

GREATEST = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2299
_MARK = re.compile(r"'(?:[^'\\]|''|\\.)*'|\{(\w+): ([^{}]+)\}", re.DOTALL)
_WRAPPED = re.compile(r"(?:Nullable|LowCardinality)\((.+)\)", re.DOTALL)
_WIDE = re.compile(r"U?Int(?:128|256)|UInt64")

Column = Iterable[Any]


def select(connection: Client, sql: str, params: Mapping[str, Any], query_id: str) -> list[Row]:
    """All rows, with dates and instants as text; the text says the kinds of its parameters."""
    columns, types = connection.execute(
        sql,
        {name: _given(params[name], kind) for name, kind in _marks(sql).items()},
        with_column_types=True,
        columnar=True,
        query_id=query_id,
    )
    shown = (_shown(column, kind) for column, (_, kind) in zip(columns, types, strict=False))
    return list(zip(*shown, strict=True))


def columns_to_insert(kinds: Sequence[Kind], rows: Sequence[Row]) -> list[Sequence[Any]]:
    """Rows, each value of one of these kinds, as the driver inserts them."""
    return [
        _taken(kind, values) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)
    ]


def _taken(kind: Kind, values: Sequence[Any]) -> Sequence[Any]:
    match kind:
        case Kind.DATE:
            return [None if value is None else _day(value) for value in values]
        case Kind.INSTANT:
            return [None if value is None else _instant(value) for value in values]
        case Kind.BOOLEAN:
            return [None if value is None else bool(value) for value in values]
        case _:
            return values


@lru_cache(maxsize=2**12)
def _day(text: str) -> date:
    day = date.fromisoformat(text)
    _must_have_room(day)
    return day


@lru_cache(maxsize=KEPT)
def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    _must_have_room(instant)
    return instant


def _must_have_room(value: date) -> None:
    """The driver would make 1970-01-01 of others, without a word."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidFile(f"ClickHouse has dates of {FIRST_YEAR} to {LAST_YEAR}, and not {value}")


@lru_cache(maxsize=1024)
def _marks(sql: str) -> Mapping[str, str]:
    """The parameters that a text names, each with its type: `{name: Date32}`."""
    return {found[1]: found[2] for found in _MARK.finditer(sql) if found[1]}


def _given(value: Any, kind: str) -> Any:
    """A value as the server reads it where the query has a parameter of this type."""
    if kind == "Int64":
        return _within_64_bits(value)  # the server would make another number of one that is not
    if kind.startswith("DateTime"):
        return clock_of(value)
    if kind == "Bool":
        return "true" if value else "false"
    return value


def _shown(column: Sequence[Any], kind: str) -> Column:
    """A column's values as Aurum has them: dates and instants as text, whole numbers in 64 bits."""
    show = _how_to_show(kind)
    if show is None:
        return column
    return [None if value is None else show(value) for value in column]


@lru_cache(maxsize=256)
def _how_to_show(kind: str) -> Callable[[Any], Any] | None:
    while wrapped := _WRAPPED.fullmatch(kind):
        kind = wrapped[1]
    if kind in ("Date", "Date32"):
        return _date_text
    if kind.startswith("DateTime"):
        return _instant_text
    return _within_64_bits if _WIDE.fullmatch(kind) else None


@lru_cache(maxsize=2**12)
def _date_text(value: date) -> str:
    return value.isoformat()


@lru_cache(maxsize=KEPT)
def _instant_text(value: datetime) -> str:
    # Without a zone it is what the clock of the session shows, which is in UTC.
    utc = value.astimezone(UTC) if value.tzinfo else value
    return f"{utc.isoformat()[:19]}Z"


def _within_64_bits(value: int) -> int:
    if not -GREATEST - 1 <= value <= GREATEST:
        raise OverflowError(f"{value} is beyond 64 bits")
    return value
