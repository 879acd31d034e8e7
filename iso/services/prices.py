"""Prices as they are: of any range, the newest, the negative ones; and where there are any."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aurum.market.spans import Span, dates_within
from aurum.market.time import instant_text
from aurum.query import Query, explain
from aurum.results import Result
from aurum.snapshot import Snapshot
from aurum.stores.paging import Page, PageRequest, page_of
from aurum.stores.sql import SortOrder
from iso.dao import prices, series
from iso.results import PRICES, buckets_of
from iso.services import aggregates
from iso.services.coverage import covered_markets, explain_prices
from iso.services.display import columns_to_read, display_rows

LOOK_BACK = timedelta(days=7)


async def all_prices(
    snapshot: Snapshot | None = None, *, columns: tuple[str, ...] = (), **filters: Any
) -> Page:
    """All prices that match, without pages: for the inside of Aurum.

    Filters are those of `/v2/iso/lmp`, each a value, a tuple of choices or a `Span`; the range is
    `delivery_date` by the market's clock, or `interval_start` in UTC.
    """
    return await _prices(Query.inside(PRICES, snapshot, columns, **filters))


async def all_aggregates(
    resample: str,
    agg: tuple[str, ...] = ("mean",),
    snapshot: Snapshot | None = None,
    **filters: Any,
) -> Page:
    """All aggregates that match, as `/v2/iso/lmp` has them: for the inside of Aurum."""
    schema = buckets_of(agg)
    return await aggregates.buckets(Query.inside(schema, snapshot, resample=resample, **filters))


async def list_prices(query: Query) -> Result:
    """Prices in the order of series and time, or with `resample` their aggregates."""
    if query.filters.get("resample"):
        buckets = await aggregates.buckets(query)
        return await explain_prices(query, buckets, _markets(query, buckets))
    found = await prices.in_order(query, _read(query))
    return await _explained(query, found)


async def _explained(query: Query, found: Page) -> Result:
    """Stored rows as they are shown, with what is newest of their markets."""
    page = await display_rows(query, found, query.columns)
    return await explain_prices(query, page, _markets(query, found))


def _markets(query: Query, found: Page) -> set[tuple[str, ...]]:
    """The operators and markets of the rows, where places were asked for."""
    if not found.rows or not query.filters.get("location_id"):
        return set()
    place = found.columns.index("series_key")
    first, last = found.rows[0][place], found.rows[-1][place]
    # Most pages are of one series, and to look at each row would cost.
    in_order = query.schema.order[0].name == "series_key"
    keys = {first} if in_order and first == last else {*found.values("series_key")}
    return {tuple(key.split(":", 2)[:2]) for key in keys}


async def _prices(query: Query) -> Page:
    return await display_rows(query, await prices.in_order(query, _read(query)), query.columns)


def _read(query: Query) -> tuple[str, ...]:
    return columns_to_read(query.columns, (key.name for key in query.schema.order))


async def list_newest(query: Query) -> Result:
    """The newest price of each series."""
    return await _explained(query, await prices.newest(query, _read(query)))


async def list_negative(query: Query) -> Result:
    """Prices below zero, the cheapest first; without a range those of the last seven days, which
    end with the newest interval of each market."""
    order = query.schema.order
    if {"delivery_date", "interval_start"} & query.filters.keys():
        page = await prices.in_order(query, _read(query), order, prices.BELOW_ZERO)
    else:
        page = await recent(query, _read(query), order, LOOK_BACK, prices.BELOW_ZERO)
    return await _explained(query, page)


async def recent(
    query: Query, read: tuple[str, ...], order: SortOrder, back: timedelta, *where: str
) -> Page:
    """A page of the prices of each market's last so many days or hours.

    Each market is queried by itself, as each has its own newest interval. Their pages are then
    merged: each has as many rows as the whole page may need, whichever market they come from.
    """
    found = Page(read, [])
    # One row more than the page has tells whether there is another.
    request = PageRequest(query.page.enough, query.page.position)
    for market in await covered_markets(query):
        since = datetime.fromisoformat(market.last_end) - back
        of_market = query.narrowed(
            iso=(market.iso,),
            market=(market.market,),
            delivery_date=dates_within(since, None),
            interval_start=Span(instant_text(since), None),
        )
        page = await prices.in_order(replace(of_market, page=request), read, order, *where)
        found.rows.extend(page.rows)
    return page_of(found, query.page, order)


async def list_locations(query: Query) -> Result:
    """Locations, by market operator, and there by id."""

    async def no_values(name: str) -> list[str]:
        return []

    return await explain(query, await series.locations(query), values_of=no_values)
