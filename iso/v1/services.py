"""Prices and locations as the frozen v1 has them. Lists begin with the newest and have no pages."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any

from aurum.market.spans import Span, dates_within
from aurum.market.time import instant_text
from aurum.query import Query, raise_not_found
from aurum.stores.paging import CursorPosition, Page, PageRequest
from aurum.stores.sql import SortKey, SortOrder, ascending
from iso.calculations.buckets import Bucket
from iso.calculations.resampling import Resampling
from iso.dao import series
from iso.dao.prices import BELOW_ZERO
from iso.results import NEGATIVE
from iso.services import aggregates
from iso.services.coverage import covered_markets
from iso.services.display import columns_to_read, display_rows
from iso.services.prices import LOOK_BACK, recent
from iso.tables import CURRENCY, MEASURE

ONE_DAY = timedelta(days=1)
NEWEST_FIRST = (SortKey("interval_start", descending=True), *ascending("series_key"))
DERIVED = ("iso", "series_key", "load_id")
"""What v1's own columns are made from, besides those that it shows."""
SETTLES_AT_POINTS = ("ERCOT", "SPP")
SUMS = ("mean", "min", "max", "std", "count")
ONE_BY_ONE = 4
"""So many of the newest hours or days are read each by itself, where one has more than a list: two
of them may lie behind the newest interval, and in one the newest series may be few."""


async def list_last_day(query: Query) -> Page:
    """Prices of each market's last 24 hours, the newest first."""
    return await _points(query, NEWEST_FIRST, ONE_DAY)


async def list_negative(query: Query) -> Page:
    """Prices below zero of each market's last seven days, the cheapest first."""
    return await _points(query, NEGATIVE.order, LOOK_BACK, BELOW_ZERO)


async def _points(query: Query, order: SortOrder, back: timedelta, *where: str) -> Page:
    asked = replace(query, filters=_filters(query.filters))
    names = (*(name for name in query.columns if name in NEGATIVE.by_name), *DERIVED)
    read = columns_to_read(names, (key.name for key in order))
    found = await recent(asked, read, order, back, *where)
    page = await display_rows(asked, found, names)
    return replace(Page.of(query.columns, map(_point, page.dicts())), after=found.after)


def _filters(asked: Mapping[str, Any]) -> dict[str, Any]:
    """v1's filters, of one value each, under the names of v2."""
    names = {"iso_code": "iso", "market": "market", "location_id": "location_id"}
    return {new: (asked[old],) for old, new in names.items() if old in asked}


def _point(row: dict[str, Any]) -> dict[str, Any]:
    identity = f"{row['series_key']}:{row['interval_start']}"
    settles = row["iso"] in SETTLES_AT_POINTS
    return {
        **row,
        "iso_code": row["iso"],
        "currency": CURRENCY,
        "uom": MEASURE,
        "settlement_point": row["location_id"] if settles else None,
        "source_run_id": f"load-{row['load_id']}",
        "ingest_ts": None,
        "record_hash": hashlib.sha256(identity.encode()).hexdigest(),
        "metadata": None,
    }


async def _list_aggregates(query: Query, resample: str) -> Page:
    """Aggregates by hour or day, the newest first."""
    # In v1 a limit has a default, so that it is never None here.
    limit = query.page.limit or 0
    asked = replace(query, filters=_filters(query.filters) | {"resample": resample}, columns=SUMS)
    found: list[Bucket] = []
    async with aclosing(_windows(asked, resample, query.filters)) as windows:
        async for buckets in windows:
            found += sorted(buckets, key=lambda b: (-b.bounds.start.timestamp(), b.series_key))
            if len(found) > limit:
                break
    page = Page.of(query.columns, map(_aggregate, found[:limit]))
    if len(found) <= limit:
        return page
    last = found[limit - 1]
    return replace(page, after=CursorPosition((last.bounds.start.isoformat(), last.series_key)))


list_hours = partial(_list_aggregates, resample="hour")
list_days = partial(_list_aggregates, resample="day")


async def _windows(
    query: Query, resample: str, asked: Mapping[str, Any]
) -> AsyncGenerator[list[Bucket], None]:
    """The buckets of one stretch of time after another, back from the newest interval there is.

    v1 lists the newest first and has no cursor, so that a list is read backward in time until its
    limit is reached, and no further. The first stretch is as long as would be enough if every
    series had a price in every interval. Where that is one interval, the last few are read one by
    one, and of each no more series than the list can show. After that each stretch is twice as long
    as the one before, so that a gap of years is passed in few reads.
    """
    markets = await covered_markets(query)
    count = await series.count(query)
    if not markets or not count:
        return
    unit = ONE_DAY if resample == "day" else timedelta(hours=1)
    # One more than the limit tells whether there is more.
    span = ceil((query.page.enough or 1) / count) * unit
    newest = max(datetime.fromisoformat(one.last_end) for one in markets)
    oldest = min(datetime.fromisoformat(f"{one.first_date}T00:00:00Z") for one in markets) - ONE_DAY
    first, last = asked.get("start", oldest), asked.get("end", newest)
    # Local days begin and end up to a day before or after those of UTC.
    until = _whole(min(newest, last) + 2 * unit, unit)
    whole = replace(query, page=PageRequest(query.page.limit))
    # Buckets of one interval and operator begin together, so that they come in the list's order.
    apart = sorted({one.iso for one in markets})
    singles = ONE_BY_ONE if span == unit else 0
    while until > max(first, oldest):
        since = until - span
        within = whole.narrowed(**_between(since, until, resample))
        parts = [within.narrowed(iso=(iso,)) for iso in apart] if singles else [within]
        enough = query.page.enough if singles else None
        found: list[Bucket] = []
        for part in parts:
            async with aclosing(aggregates.read(part, Resampling(resample))) as stream:
                found += await _some(stream, first, last, enough)
        yield found
        until, singles = since, max(singles - 1, 0)
        span = span if singles else 2 * span


async def _some(
    stream: AsyncGenerator[list[Bucket], None], first: datetime, last: datetime, enough: int | None
) -> list[Bucket]:
    """The buckets that begin between two instants, both included; no more than `enough`."""
    found: list[Bucket] = []
    async for some in stream:
        found += (bucket for bucket in some if first <= bucket.bounds.start <= last)
        if enough is not None and len(found) >= enough:
            break
    return found[:enough]


def _whole(instant: datetime, unit: timedelta) -> datetime:
    whole = instant.replace(minute=0, second=0, microsecond=0)
    return whole.replace(hour=0) if unit == ONE_DAY else whole


def _between(since: datetime, until: datetime, resample: str) -> dict[str, Span]:
    if resample == "day":
        return {"delivery_date": dates_within(since.date(), until.date())}
    return {
        "delivery_date": dates_within(since, until),
        "interval_start": Span(instant_text(since), instant_text(until)),
    }


def _aggregate(bucket: Bucket) -> dict[str, Any]:
    iso, market, place = bucket.series_key.split(":", 2)
    sums = bucket.values(SUMS)
    return {
        "iso_code": iso,
        "market": market,
        "interval_start": bucket.bounds.start_text,
        "location_id": place,
        "currency": CURRENCY,
        "uom": MEASURE,
        "price_avg": sums["mean"],
        "price_min": sums["min"],
        "price_max": sums["max"],
        "price_stddev": sums["std"],
        "sample_count": sums["count"],
    }


list_locations = series.locations
"""A page of locations: as they are stored."""


async def one_location(query: Query) -> Page:
    """The location of an id or a name; NotFound, offering near ones, where there is none."""
    page = await series.locations(replace(query, page=PageRequest(1)))
    if not page.rows:
        iso, place = query.filters["iso"], query.filters["location_id"]
        what = f"{iso} has no location '{place}'"
        known = await series.names_of(query.snapshot, (iso,))
        await raise_not_found(what, "location_id", place, known, thing="location", code="unknown")
    return Page(page.columns, page.rows)
