"""Prices: as they are, the newest of each series, and summed up by delivery date."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aurum.market.calendars import UnknownBlock, calendar_of
from aurum.query import Query
from aurum.stores.filters import conditions
from aurum.stores.paging import CursorPosition, Page, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import Key, Order, Select, reversed_order
from iso.calculations.buckets import PartialSum, Resampling
from iso.dao.series import of_series
from iso.tables import ISOS

# The series are a set and not a join: SQLite then walks the key of the prices in order, and enters
# it anew at each series.
OF_SERIES = """
    o.series_key IN (
        SELECT s.series_key FROM iso_series AS s WHERE {snapshot(s, iso_series)} AND {series})
    AND {snapshot(o, iso_lmp)} AND {where}"""

PRICES = f"SELECT {{columns}} FROM iso_lmp AS o WHERE {OF_SERIES} ORDER BY {{order}} {{page}}"

BY_DATE = f"""
    SELECT {{columns}} FROM iso_lmp AS o WHERE {OF_SERIES}
    GROUP BY o.series_key, o.delivery_date ORDER BY {{order}} {{page}}"""

NEWEST = """
    SELECT {columns} FROM iso_series AS s
    CROSS JOIN iso_lmp AS o
    WHERE o.series_key = s.series_key AND o.delivery_date = (
        SELECT n.delivery_date FROM iso_lmp AS n
        WHERE n.series_key = s.series_key AND {snapshot(n, iso_lmp)}
        ORDER BY n.delivery_date DESC, n.interval_start DESC LIMIT 1)
    AND o.interval_start = (
        SELECT n.interval_start FROM iso_lmp AS n
        WHERE n.series_key = s.series_key AND {snapshot(n, iso_lmp)}
        ORDER BY n.delivery_date DESC, n.interval_start DESC LIMIT 1)
    AND {snapshot(s, iso_series)} AND {snapshot(o, iso_lmp)} AND {series} AND {where}
    ORDER BY {order} {page}"""

BY_DAY = (Key("series_key", "o.series_key"), Key("delivery_date", "o.delivery_date"))
BY_TIME = (*BY_DAY, Key("interval_start", "o.interval_start"))
OF_PRICE = {name: f"o.{name}" for name in ("delivery_date", "interval_start")}


def _select(
    text: str,
    filters: Mapping[str, Any],
    columns: Sequence[str],
    order: Order,
    position: CursorPosition | None = None,
) -> tuple[Select, dict[str, Any]]:
    """The question and its values; with a position without the series that it has left behind."""
    series, of = of_series(filters)
    if position is not None:
        series += (f"s.series_key {'<=' if position.backward else '>='} :after_series_key",)
    where, values = conditions(filters, OF_PRICE)
    if filters.get("block"):
        where += (in_block(filters.get("iso"), filters["block"]),)
    text = text.replace("{series}", " AND ".join(series) or "TRUE")
    return Select(text, tuple(columns), where, order), of | values


def in_block(isos: Sequence[str] | None, block: str) -> str:
    """Whether a price `o` is in a block: by the calendar of its market, if that has the block."""
    hours: dict[str, list[str]] = {}
    for iso in ISOS if isos is None else {*isos} & {*ISOS}:
        with suppress(UnknownBlock):
            found = calendar_of(iso).block(block)
            hours.setdefault(_taken(found.peak_days, found.other_days), []).append(iso)
    if not hours:
        return "FALSE"
    if len(hours) == 1 and isos is not None:
        return next(iter(hours))
    return f"({' OR '.join(f'({_of(of)} AND {text})' for text, of in hours.items())})"


def _taken(peak_days: frozenset[int], other_days: frozenset[int]) -> str:
    by_day = ((1, peak_days), (0, other_days))
    return "({})".format(" OR ".join(f"(o.is_peak_day = {d} AND {_at(h)})" for d, h in by_day))


def _at(hours: frozenset[int]) -> str:
    return f"o.hour_beginning IN ({', '.join(map(str, sorted(hours)))})" if hours else "FALSE"


def _of(isos: Sequence[str]) -> str:
    """Whether `o` is a series of one of these: their codes lead its key, and `;` follows `:`."""
    ranges = (f"(o.series_key >= '{iso}:' AND o.series_key < '{iso};')" for iso in isos)
    return f"({' OR '.join(ranges)})"


async def in_order(
    query: Query, names: Sequence[str], order: Order = BY_TIME, where: tuple[str, ...] = ()
) -> Page:
    """A page of prices; columns of iso_lmp, or `load_id`, by name.

    `where` narrows it with further conditions on `o`.
    """
    columns = [f"o.{name}" for name in names]
    position = query.page.position if order is BY_TIME else None
    select, values = _select(PRICES, query.filters, columns, order, position)
    select = select.narrowed(*where)
    return await fetch_page(
        await store_of("iso"), select, query.bound(values), query.page, tuple(names)
    )


async def newest(query: Query, names: Sequence[str]) -> Page:
    """A page of the newest price of each series."""
    columns = [f"o.{name}" for name in names]
    order = (Key("series_key", "s.series_key"),)
    select, values = _select(NEWEST, query.filters, columns, order)
    return await fetch_page(
        await store_of("iso"), select, query.bound(values), query.page, tuple(names)
    )


async def partial_sums(
    query: Query, price: str, resampling: Resampling, position: CursorPosition | None, *, limit: int
) -> list[PartialSum]:
    """The next partial sums of a price: of a delivery date where buckets are made of whole ones,
    else of single intervals.

    `position` is (series_key, delivery_date, interval_start) of the last one read.
    """
    order = BY_DAY if resampling.by_day else BY_TIME
    text, columns = _summed(price, query.columns) if resampling.by_day else (PRICES, _single(price))
    select, values = _select(text, query.filters, columns, order, position)
    select = select.narrowed(f"o.{price} IS NOT NULL")
    if position is not None:
        values |= {f"after_{k.name}": v for k, v in zip(order, position.values, strict=False)}
        if position.backward:
            select = replace(select, order=reversed_order(order))
        select = replace(select, after=True)
    select = replace(select, limited=True)
    rows = await (await store_of("iso")).fetch(select, query.bound(values, {"limit": limit}))
    return [PartialSum(*row) for row in rows]


def _single(price: str) -> tuple[str, ...]:
    p = f"o.{price}"
    start = "o.interval_start"
    key = ("o.series_key", "o.delivery_date", start, start, "o.interval_minutes")
    return (*key, "1", p, f"{p} * {p}", p, p, p, p)


def _summed(price: str, wanted: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The text and columns of sums by delivery date, of those sums that are wanted.

    The prices of the first and last interval are looked up around them.
    """
    p, start = f"o.{price}", "o.interval_start"
    ends = bool({"first", "last"} & {*wanted})
    sums = {
        "series_key": "o.series_key",
        "delivery_date": "o.delivery_date",
        "first_start": f"MIN({start})" if ends else "NULL",
        "last_start": f"MAX({start})" if ends else "NULL",
        "minutes": "MIN(o.interval_minutes)",
        "intervals": "COUNT(*)",
        "total": f"SUM({p})",
        "squares": f"SUM({p} * {p})" if "std" in wanted else "NULL",
        "least": f"MIN({p})" if "min" in wanted else "NULL",
        "most": f"MAX({p})" if "max" in wanted else "NULL",
    }
    if not ends:
        return BY_DATE, tuple(sums.values())
    named = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
    inner = BY_DATE.replace("{columns}", named)
    looked_up = (_price_at(price, "o.first_start"), _price_at(price, "o.last_start"))
    text = f"SELECT {{columns}} FROM ({inner}) AS o ORDER BY {{order}}"
    return text, (*(f"o.{name}" for name in sums), *looked_up)


def _price_at(price: str, start: str) -> str:
    return f"""(
        SELECT f.{price} FROM iso_lmp AS f
        WHERE f.series_key = o.series_key AND f.delivery_date = o.delivery_date
        AND f.interval_start = {start} AND {{snapshot(f, iso_lmp)}})"""
