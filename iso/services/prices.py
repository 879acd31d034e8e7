"""Prices as they are: of any range, the newest, the negative ones; and where there are any."""

from dataclasses import replace
from datetime import datetime, timedelta

from aurum.ask import Ask
from aurum.listing import Answer
from aurum.market.time import instant_text
from aurum.stores.filters import Span, dates_within
from aurum.stores.paging import Page, Wanted, page_of
from aurum.stores.sql import Order
from iso.dao import prices, series
from iso.listings import NEGATIVE, NEWEST, PRICES
from iso.services import aggregates
from iso.services.shown import EMPTY, covered, shown, stored, told

LOOK_BACK = timedelta(days=7)


async def list_prices(ask: Ask) -> Answer:
    """Prices in the order of series and time, or with `resample` their aggregates."""
    if ask.before_first_load:
        return await told(ask, EMPTY)
    if ask.filters.get("resample"):
        return await told(ask, await aggregates.buckets(ask))
    read = stored(ask.columns, (key.name for key in PRICES.order))
    page = await prices.in_order(ask, read)
    return await told(ask, await shown(ask, page, read, ask.columns))


async def list_newest(ask: Ask) -> Answer:
    """The newest price of each series."""
    if ask.before_first_load:
        return await told(ask, EMPTY)
    read = stored(ask.columns, (key.name for key in NEWEST.order))
    page = await prices.newest(ask, read)
    return await told(ask, await shown(ask, page, read, ask.columns))


async def list_negative(ask: Ask) -> Answer:
    """Prices below zero, the cheapest first; without a range those of the last seven days, which
    end with the newest interval of each market."""
    if ask.before_first_load:
        return await told(ask, EMPTY)
    read = stored(ask.columns, (key.name for key in NEGATIVE.order))
    below = ("o.price_total < 0",)
    if {"delivery_date", "interval_start"} & ask.filters.keys():
        page = await prices.in_order(ask, read, NEGATIVE.order, below)
    else:
        page = await recent(ask, read, NEGATIVE.order, LOOK_BACK, below)
    return await told(ask, await shown(ask, page, read, ask.columns))


async def recent(
    ask: Ask,
    read: tuple[str, ...],
    order: Order,
    back: timedelta,
    where: tuple[str, ...] = (),
) -> Page:
    """A page of the prices of each market's last so many days or hours.

    Each market is asked for itself, as each has its own newest interval.
    """
    found = []
    whole = replace(ask, wanted=Wanted(ask.wanted.limit + 1, ask.wanted.position))
    for market in await covered(ask):
        since = datetime.fromisoformat(market.last_end) - back
        filters = {
            **ask.filters,
            "iso": (market.iso,),
            "market": (market.market,),
            "delivery_date": dates_within(since, None),
            "interval_start": Span(instant_text(since), None),
        }
        found += (await prices.in_order(replace(whole, filters=filters), read, order, where)).rows
    return page_of(found, ask.wanted, read, order)


async def list_locations(ask: Ask) -> Answer:
    """Locations, by market operator, and there by id."""
    if ask.before_first_load:
        return Answer(EMPTY, reason="no_data_yet")
    page = await series.locations(ask)
    return Answer(page, None, None if page.rows else "no_match")
