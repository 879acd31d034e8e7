"""Prices and locations as the frozen v1 has them. Lists begin with the newest and have no pages."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from aurum.errors import FieldError, NotFound, near_words
from aurum.market.time import instant_text
from aurum.query import Query
from aurum.stores.filters import Span, dates_within
from aurum.stores.paging import Page, PageRequest
from aurum.stores.sql import Key, Order
from aurum.stores.tables import Row
from iso.calculations.buckets import Bucket, Resampling
from iso.dao import series
from iso.results import NEGATIVE, V1_LOCATION
from iso.services import aggregates
from iso.services.display import EMPTY, columns_to_read, covered, display_rows
from iso.services.prices import LOOK_BACK, recent
from iso.tables import CURRENCY, MEASURE

ONE_DAY = timedelta(days=1)
NEWEST_FIRST = (
    Key("interval_start", "o.interval_start", descending=True),
    Key("series_key", "o.series_key"),
)
READ = (
    *("iso", "market", "delivery_date", "interval_start", "interval_end", "interval_minutes"),
    *("location_id", "location_name", "location_type"),
    *("price_total", "price_energy", "price_congestion", "price_loss", "series_key", "load_id"),
)
SETTLES_AT_POINTS = ("ERCOT", "SPP")
SUMS = ("mean", "min", "max", "std", "count")


async def list_last_day(query: Query) -> Page:
    """Prices of each market's last 24 hours, the newest first; rows as V1_POINT."""
    return await _points(query, NEWEST_FIRST, ONE_DAY)


async def list_negative(query: Query) -> Page:
    """Prices below zero of each market's last seven days, the cheapest first."""
    return await _points(query, NEGATIVE.order, LOOK_BACK, "o.price_total < 0")


async def _points(query: Query, order: Order, back: timedelta, *where: str) -> Page:
    if query.before_first_load:
        return EMPTY
    query = replace(query, filters=_filters(query.filters))
    read = columns_to_read(READ, (key.name for key in order))
    page = await display_rows(query, await recent(query, read, order, back, where), read, READ)
    return Page([_point(row) for row in page.rows], None, None)


def _filters(asked: Mapping[str, Any]) -> dict[str, Any]:
    """v1's filters, of one value each, under the names of v2."""
    names = {"iso_code": "iso", "market": "market", "location_id": "location_id"}
    return {new: (asked[old],) for old, new in names.items() if old in asked}


def _point(row: Row) -> Row:
    iso, _, _, start, _, _, place, *_, key, load = row
    digest = hashlib.sha256(f"{key}:{start}".encode()).hexdigest()
    point = place if iso in SETTLES_AT_POINTS else None
    return (*row[:-2], CURRENCY, MEASURE, point, f"load-{load}", None, digest, None)


async def list_aggregates(query: Query, resampling: str) -> Page:
    """Aggregates by hour or day, the newest first; rows as V1_AGGREGATE."""
    if query.before_first_load:
        return EMPTY
    limit, asked = query.page.limit, query.filters
    query = replace(query, filters={**_filters(asked), "resample": resampling}, columns=SUMS)
    found: list[Bucket] = []
    async with aclosing(_windows(query, resampling, asked)) as windows:
        async for buckets in windows:
            found += sorted(buckets, key=lambda b: (-b.bounds.start.timestamp(), b.series_key))
            if len(found) >= limit:
                break
    return Page([_aggregate(bucket) for bucket in found[:limit]], None, None)


async def _windows(
    query: Query, resampling: str, asked: Mapping[str, Any]
) -> AsyncGenerator[list[Bucket], None]:
    """The buckets of one stretch of time after another, back from the newest.

    A stretch is as long as should be enough, and the next one twice as long: nothing older than
    what is shown is read, and gaps of years are soon passed.
    """
    markets = await covered(query)
    count = await series.count(query)
    if not markets or not count:
        return
    unit = ONE_DAY if resampling == "day" else timedelta(hours=1)
    span = ceil(query.page.limit / count) * unit
    newest = max(datetime.fromisoformat(one.last_end) for one in markets)
    oldest = min(datetime.fromisoformat(f"{one.first_date}T00:00:00Z") for one in markets) - ONE_DAY
    first, last = asked.get("start", oldest), asked.get("end", newest)
    until = _whole(min(newest, last) + 2 * unit, unit)
    while until > max(first, oldest):
        since = until - span
        within = replace(query, filters={**query.filters, **_between(since, until, resampling)})
        async with aclosing(aggregates.read(within, Resampling(resampling))) as stream:
            yield [b async for b in stream if first <= b.bounds.start <= last]
        until, span = since, 2 * span


def _whole(instant: datetime, unit: timedelta) -> datetime:
    whole = instant.replace(minute=0, second=0, microsecond=0)
    return whole.replace(hour=0) if unit == ONE_DAY else whole


def _between(since: datetime, until: datetime, resampling: str) -> dict[str, Span]:
    if resampling == "day":
        return {"delivery_date": dates_within(since.date(), until.date())}
    return {
        "delivery_date": dates_within(since, until),
        "interval_start": Span(instant_text(since), instant_text(until)),
    }


def _aggregate(bucket: Bucket) -> Row:
    iso, market, place = bucket.series_key.split(":", 2)
    sums = bucket.values(SUMS).values()
    return (iso, market, instant_text(bucket.bounds.start), place, CURRENCY, MEASURE, *sums)


async def list_locations(query: Query) -> Page:
    """A page of locations; rows as V1_LOCATION."""
    if query.before_first_load:
        return EMPTY
    columns = tuple(column.name for column in V1_LOCATION)
    page = await series.locations(replace(query, columns=columns))
    return replace(page, rows=[row[: len(columns)] for row in page.rows])


async def one_location(query: Query) -> Page:
    """The location of an id or a name; NotFound, offering near ones, where there is none."""
    page = await list_locations(replace(query, page=PageRequest(1)))
    if not page.rows:
        iso, place = query.filters["iso"], query.filters["location_id"]
        known = [] if query.before_first_load else await series.names_of(query, iso)
        near = near_words(place, known)
        offered = f" Near it are {', '.join(near)}." if near else ""
        raise NotFound(
            f"{iso} has no location '{place}'.{offered}",
            errors=[FieldError("location_id", "There is no such location.", "unknown", place)],
        )
    return replace(page, rows=page.rows[:1], after=None, before=None)
