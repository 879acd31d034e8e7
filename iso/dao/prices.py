"""Prices: as they are, the newest of each series, and summed up by delivery date."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aurum.market.calendars import UnknownBlock, calendar_of
from aurum.query import Query
from aurum.stores.paging import CursorPosition, Page, PageRequest
from aurum.stores.sql import Expression, Select, SortOrder, ascending, columns_of
from aurum.stores.tables import Kind
from iso.calculations.buckets import PartialSum, Resampling
from iso.dao.series import STORE, with_series
from iso.tables import ISO_LMP, ISO_SERIES, ISOS

# The series are a set and not a join: SQLite then walks the key of the prices in order, and enters
# it anew at each series.
OF_SERIES = """
    o.series_key IN (
        SELECT s.series_key FROM iso_series AS s WHERE @snapshot(s, iso_series) AND @series)
    AND @snapshot(o, iso_lmp) AND @where"""

PRICES = f"SELECT @columns FROM iso_lmp AS o WHERE {OF_SERIES} ORDER BY @order @page"

BY_DATE = f"""
    SELECT @columns FROM iso_lmp AS o WHERE {OF_SERIES}
    GROUP BY o.series_key, o.delivery_date ORDER BY @order @page"""

NEWEST = """
    SELECT @columns FROM iso_series AS s
    CROSS JOIN iso_lmp AS o
    WHERE o.series_key = s.series_key
    AND o.delivery_date = @newest(iso_lmp.delivery_date WHERE series_key = s.series_key)
    AND o.interval_start = @newest(iso_lmp.interval_start BY delivery_date, interval_start
        WHERE series_key = s.series_key)
    AND @snapshot(s, iso_series) AND @snapshot(o, iso_lmp) AND @series AND @where
    ORDER BY @order @page"""

O = columns_of(ISO_LMP, "o")  # noqa: E741 - the alias that the texts have
BESIDE_SERIES = {**O, "series_key": columns_of(ISO_SERIES, "s")["series_key"]}
OF_TIME = {name: O[name] for name in ("delivery_date", "interval_start")}
BY_DAY = ascending("series_key", "delivery_date")
BY_TIME = ascending(*ISO_LMP.key)
BELOW_ZERO = f"{O['price_total'].sql} < 0"


def _select(
    text: str,
    columns: Mapping[str, Expression],
    names: Sequence[str],
    order: SortOrder,
    filters: Mapping[str, Any],
) -> Select:
    select = with_series(Select(text, columns, tuple(names), order), filters)
    select = select.filtered(filters, OF_TIME)
    if filters.get("block"):
        select = select.where(in_block(filters.get("iso"), filters["block"]))
    return select


def _without_series_behind(select: Select, position: CursorPosition | None) -> Select:
    """Else SQLite would begin with the series that the position has left behind."""
    if position is None:
        return select
    sign = "<=" if position.backward else ">="
    behind = f"s.series_key {sign} {O['series_key'].bind('after_series_key')}"
    return select.where(behind, slot="series")


def in_block(isos: Sequence[str] | None, block: str) -> str:
    """Whether a price `o` is in a block: by the calendar of its market, if that has the block."""
    hours: dict[str, list[str]] = {}
    for iso in ISOS if isos is None else {*isos} & {*ISOS}:
        with suppress(UnknownBlock):
            found = calendar_of(iso).block(block)
            taken = _is_taken(found.peak_days, found.other_days)
            hours.setdefault(taken, []).append(iso)
    if not hours:
        return "FALSE"
    if len(hours) == 1 and isos is not None:
        return next(iter(hours))
    return f"({' OR '.join(f'({_is_of(of)} AND {text})' for text, of in hours.items())})"


def _is_taken(peak_days: frozenset[int], other_days: frozenset[int]) -> str:
    def at(hours: frozenset[int]) -> str:
        return f"o.block_hour IN ({', '.join(map(str, sorted(hours)))})" if hours else "FALSE"

    by_day = ((1, peak_days), (0, other_days))
    return f"({' OR '.join(f'(o.is_peak_day = {day} AND {at(hours)})' for day, hours in by_day)})"


def _is_of(isos: Sequence[str]) -> str:
    """Whether `o` is a series of one of these: their codes lead its key, and `;` follows `:`."""
    ranges = (f"(o.series_key >= '{iso}:' AND o.series_key < '{iso};')" for iso in isos)
    return f"({' OR '.join(ranges)})"


async def in_order(
    query: Query,
    names: Sequence[str],
    order: SortOrder = BY_TIME,
    *where: str,
) -> Page:
    """A page of prices; `where` narrows it with further conditions on `o`."""
    select = _select(PRICES, O, names, order, query.filters).where(*where)
    if order is BY_TIME:
        select = _without_series_behind(select, query.page.position)
    return await STORE.page(select, query.snapshot, query.page)


async def newest(query: Query, names: Sequence[str]) -> Page:
    """A page of the newest price of each series."""
    select = _select(NEWEST, BESIDE_SERIES, names, ascending("series_key"), query.filters)
    return await STORE.page(select, query.snapshot, query.page)


async def partial_sums(
    query: Query,
    price: str,
    resampling: Resampling,
    position: CursorPosition | None,
    *,
    limit: int | None,
) -> list[PartialSum]:
    """The next partial sums of a price: of a delivery date where buckets are made of whole ones,
    else of single intervals.

    `position` is (series_key, delivery_date, interval_start) of the last one read.
    """
    order = BY_DAY if resampling.by_day else BY_TIME
    text, columns = _summed(price, query.columns) if resampling.by_day else (PRICES, _single(price))
    if position is not None:
        position = replace(position, values=position.values[: len(order)])
    names = tuple(name for name in PartialSum._fields if name in columns)
    select = _select(text, columns, names, order, query.filters)
    select = _without_series_behind(select.where(f"o.{price} IS NOT NULL"), position)
    rows = await STORE.rows_from(select, query.snapshot, PageRequest(limit, position))
    return [PartialSum(*row) for row in rows]


def _sums(**sql: str) -> dict[str, Expression]:
    """The columns of a partial sum, besides those that an order needs."""
    return OF_KEY | {name: Expression(text, Kind.REAL) for name, text in sql.items()}


OF_KEY = {name: O[name] for name in ISO_LMP.key}


def _single(price: str) -> dict[str, Expression]:
    p, start = f"o.{price}", "o.interval_start"
    return _sums(
        first_start=start,
        last_start=start,
        seconds="o.interval_seconds",
        intervals="1",
        total=f"{p} * o.interval_seconds",
        squares=f"{p} * {p} * o.interval_seconds",
        least=p,
        most=p,
        first=p,
        last=p,
    )


def _summed(price: str, wanted: Sequence[str]) -> tuple[str, dict[str, Expression]]:
    """The text and columns of sums by delivery date, of those sums that are wanted.

    The prices of the first and last interval are looked up around them.
    """
    p, start = f"o.{price}", "o.interval_start"
    ends = bool({"first", "last"} & {*wanted})
    sums = {
        "first_start": f"MIN({start})" if ends else "NULL",
        "last_start": f"MAX({start})" if ends else "NULL",
        "seconds": "CAST(SUM(o.interval_seconds) AS BIGINT)",  # PostgreSQL adds them up as numeric
        "intervals": "COUNT(*)",
        "total": f"SUM({p} * o.interval_seconds)",
        "squares": f"SUM({p} * {p} * o.interval_seconds)" if "std" in wanted else "NULL",
        "least": f"MIN({p})" if "min" in wanted else "NULL",
        "most": f"MAX({p})" if "max" in wanted else "NULL",
    }
    if not ends:
        return BY_DATE, _sums(**sums)
    key = {"series_key": "o.series_key", "delivery_date": "o.delivery_date"}
    named = ", ".join(f"{sql} AS {name}" for name, sql in (key | sums).items())
    text = f"SELECT @columns FROM ({BY_DATE.replace('@columns', named)}) AS o ORDER BY @order"
    looked_up = {name: _price_at(price, f"o.{name}_start") for name in ("first", "last")}
    return text, _sums(**{name: f"o.{name}" for name in sums}, **looked_up)


def _price_at(price: str, start: str) -> str:
    return f"""(
        SELECT f.{price} FROM iso_lmp AS f
        WHERE f.series_key = o.series_key AND f.delivery_date = o.delivery_date
        AND f.interval_start = {start} AND @snapshot(f, iso_lmp))"""
