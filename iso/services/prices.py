"""Prices as they are: of any range, the newest, the negative ones; and where there are any."""

from dataclasses import replace
from datetime import datetime, timedelta

from aurum.market.time import instant_text
from aurum.query import Query
from aurum.results import Result
from aurum.stores.filters import Span, dates_within
from aurum.stores.paging import Page, PageRequest, page_of
from aurum.stores.sql import Order
from iso.dao import prices, series
from iso.results import NEGATIVE, NEWEST, PRICES
from iso.services import aggregates
from iso.services.display import EMPTY, columns_to_read, covered, display_rows, explain

LOOK_BACK = timedelta(days=7)


async def list_prices(query: Query) -> Result:
    """Prices in the order of series and time, or with `resample` their aggregates."""
    if query.before_first_load:
        return await explain(query, EMPTY)
    if query.filters.get("resample"):
        return await explain(query, await aggregates.buckets(query))
    read = columns_to_read(query.columns, (key.name for key in PRICES.order))
    page = await prices.in_order(query, read)
    return await explain(query, await display_rows(query, page, read, query.columns))


async def list_newest(query: Query) -> Result:
    """The newest price of each series."""
    if query.before_first_load:
        return await explain(query, EMPTY)
    read = columns_to_read(query.columns, (key.name for key in NEWEST.order))
    page = await prices.newest(query, read)
    return await explain(query, await display_rows(query, page, read, query.columns))


async def list_negative(query: Query) -> Result:
    """Prices below zero, the cheapest first; without a range those of the last seven days, which
    end with the newest interval of each market."""
    if query.before_first_load:
        return await explain(query, EMPTY)
    read = columns_to_read(query.columns, (key.name for key in NEGATIVE.order))
    below = ("o.price_total < 0",)
    if {"delivery_date", "interval_start"} & query.filters.keys():
        page = await prices.in_order(query, read, NEGATIVE.order, below)
    else:
        page = await recent(query, read, NEGATIVE.order, LOOK_BACK, below)
    return await explain(query, await display_rows(query, page, read, query.columns))


async def recent(
    query: Query,
    read: tuple[str, ...],
    order: Order,
    back: timedelta,
    where: tuple[str, ...] = (),
) -> Page:
    """A page of the prices of each market's last so many days or hours.

    Each market is asked for itself, as each has its own newest interval.
    """
    found = []
    whole = replace(query, page=PageRequest(query.page.limit + 1, query.page.position))
    for market in await covered(query):
        since = datetime.fromisoformat(market.last_end) - back
        filters = {
            **query.filters,
            "iso": (market.iso,),
            "market": (market.market,),
            "delivery_date": dates_within(since, None),
            "interval_start": Span(instant_text(since), None),
        }
        found += (await prices.in_order(replace(whole, filters=filters), read, order, where)).rows
    return page_of(found, query.page, read, order)


async def list_locations(query: Query) -> Result:
    """Locations, by market operator, and there by id."""
    if query.before_first_load:
        return Result(EMPTY, reason="no_data_yet")
    page = await series.locations(query)
    return Result(page, None, None if page.rows else "no_match")
