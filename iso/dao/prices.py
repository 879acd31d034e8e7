"""Prices: as they are, and the newest of each series."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from msgspec import structs

from aurum.market.calendars import UnknownBlock, calendar_of
from aurum.market.time import instant_text
from aurum.query import Query
from aurum.snapshot import void_loads
from aurum.stores.paging import Page
from aurum.stores.releases import as_released
from aurum.stores.sql import Expression, Select, SortOrder, ascending, columns_of
from iso.dao.series import STORE, in_order_of_key, with_series
from iso.tables import ISO_LMP, ISO_SERIES, ISOS

# The series are a set and not a join: SQLite then walks the key of the prices in order, and enters
# it anew at each series.
AMONG_SERIES = """o.series_key IN (
    SELECT s.series_key FROM iso_series AS s WHERE @snapshot(s, iso_series) AND @series)"""
# So does PostgreSQL where the set is an array. It would else read and sort the history of a place
# for each of its pages. Of whole markets the array has too many members: there the set is better.
AMONG_FEW_SERIES = """o.series_key = ANY(ARRAY(
    SELECT s.series_key FROM iso_series AS s WHERE @snapshot(s, iso_series) AND @series))"""

FEW_ARE_OF_TYPES = {"HUB", "ZONE", "SYSTEM", "INTERFACE"}

OF_SERIES = "@among AND @snapshot(o, iso_lmp) AND @where"

PRICES = f"SELECT @columns FROM iso_lmp AS o WHERE {OF_SERIES} ORDER BY @order @page"

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
BY_TIME = ascending(*ISO_LMP.key)
BY_SERIES = "series", BESIDE_SERIES["series_key"]
"""The groups of prices that are in the order of their series."""
BELOW_ZERO = f"{O['price_total'].sql} < 0"


def selected(
    name: str,
    text: str,
    columns: Mapping[str, Expression],
    names: Sequence[str],
    order: SortOrder,
    filters: Mapping[str, Any],
) -> Select:
    conditions = in_order_of_key if text is NEWEST else with_series
    select = conditions(Select(text, columns, tuple(names), order, name=name), filters)
    types = filters.get("location_type")
    are_few = (
        filters.get("location_id")
        or filters.get("series_key")
        or (types and {*types} <= FEW_ARE_OF_TYPES)
    )
    select = select.where(AMONG_FEW_SERIES if are_few else AMONG_SERIES, slot="among")
    select = select.filtered(filters, OF_TIME)
    if filters.get("block"):
        select = select.where(in_block(filters.get("iso"), filters["block"]))
    if "below" in filters:
        price = O[filters.get("price") or "price_total"]
        select = select.where(f"{price.sql} < {price.bind('below')}", below=filters["below"])
    return select


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


async def select_of(
    query: Query,
    name: str,
    text: str,
    columns: Mapping[str, Expression],
    names: Sequence[str],
    order: SortOrder,
) -> Select:
    """What of the query's prices is selected: those that stand, or those released by a moment."""
    select = selected(name, text, columns, names, order, query.filters)
    moment: datetime | None = query.filters.get("vintage")
    if moment is None or query.snapshot.is_empty:
        return select
    void = await void_loads(query.snapshot, ISO_LMP.name)
    return as_released(select, ISO_LMP, instant_text(moment), void)


async def in_order(
    query: Query,
    names: Sequence[str],
    order: SortOrder = BY_TIME,
    *where: str,
) -> Page:
    """A page of prices; `where` narrows it with further conditions on `o`."""
    select = (await select_of(query, "iso.prices", PRICES, O, names, order)).where(*where)
    if order is BY_TIME:
        select = structs.replace(select, groups=BY_SERIES)
    return await STORE.page(select, query.snapshot, query.page)


async def newest(query: Query, names: Sequence[str]) -> Page:
    """A page of the newest price of each series."""
    order = ascending("series_key")
    select = await select_of(query, "iso.newest", NEWEST, BESIDE_SERIES, names, order)
    return await STORE.page(select, query.snapshot, query.page)
