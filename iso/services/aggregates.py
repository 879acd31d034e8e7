"""Prices summed up by hour, day, week, month or year, and the differences of two such series."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import chain, islice
from operator import attrgetter, ne
from typing import Any

from aurum.market.calendars import calendar_of
from aurum.market.time import MARKET, instant_text, local_hour
from aurum.query import Query
from aurum.stores.paging import CursorPosition, Page, cut
from iso.calculations.buckets import (
    AGGREGATE_OF,
    Bucket,
    Gaps,
    columns_of,
    fold,
    in_hours,
    usual_minutes,
)
from iso.calculations.completeness import expected
from iso.calculations.resampling import ALL, GMT, Bounds, PartialSum, Resampling
from iso.dao.sums import partial_sums
from iso.results import COMPLETENESS
from iso.services.display import add_derived_columns

PARTIAL_SUMS = {"hour": 1, "day": 1, "week": 2, "month": 4, "year": 4, ALL: 4}
"""How many partial sums to read per bucket at first. A month has more of them, but few pages are
full; where these are too few, more are read. A page of a hundred months of one series begins with a
year of days."""
MOST_PARTIAL_SUMS = 20_000
SUMS_A_TURN = 250
"""How many are made into buckets before other requests get their turn."""
SECOND = timedelta(seconds=1)
COMPLETENESS_NAMES = frozenset(column.name for column in COMPLETENESS)
OF_BUCKET = {
    "series_key": attrgetter("series_key"),
    "interval_start": attrgetter("bounds.start_text"),
    "interval_end": attrgetter("bounds.end_text"),
    "delivery_date": attrgetter("bounds.first_day_text"),
}


async def buckets(query: Query) -> Page:
    """A page of aggregates, by series and bucket."""
    resampling, enough = resampling_of(query), query.page.enough
    names, position = query.columns_needed, query.page.position
    before = None if position is None else _place(resampling, position)
    gaps = Gaps(resampling, before, backward=query.page.backward)
    columns: dict[str, list[Any]] = {}
    count = 0
    async with aclosing(read(query, resampling)) as stream:
        async for found in stream:
            left = None if enough is None else enough - count
            if query.filters.get("fill"):
                # A gap is known once the bucket after it comes; of one of years no more than the
                # page has.
                found = list(islice(chain.from_iterable(map(gaps.up_to, found)), left))
            for name, values in _columns(query, found[:left], names).items():
                columns.setdefault(name, []).extend(values)
            count += len(found)
            if enough is not None and count >= enough:
                break
    if not columns:
        return cut(Page(names, []), query.page, query.schema.order)
    shown: dict[str, Sequence[Any]] = {**columns}
    await add_derived_columns(query.snapshot, query.filters, shown, names)
    rows = list(zip(*(shown[name] for name in names), strict=True))
    return cut(Page(names, rows), query.page, query.schema.order)


def resampling_of(query: Query) -> Resampling:
    filters = query.filters
    tz = GMT if filters.get("tz") == GMT else MARKET
    if filters["resample"] != ALL:
        return Resampling(filters["resample"], tz)
    return Resampling(ALL, tz, filters.get("delivery_date"), filters.get("interval_start"))


async def read(
    query: Query, resampling: Resampling, past: CursorPosition | None = None
) -> AsyncGenerator[list[Bucket], None]:
    """The buckets from the query's position on, in its direction, some at a time.

    Where that is no bucket of this resampling, `past` is the place among partial sums behind it.
    """
    price = query.filters.get("price") or "price_total"
    # Partial sums are entered behind the last one of the position's bucket.
    position = past
    if position is None and query.page.position is not None:
        key, bounds = _place(resampling, query.page.position)
        position = past_bucket(key, bounds, backward=query.page.backward)
    size = MOST_PARTIAL_SUMS
    if (enough := query.page.enough) is not None:
        size = min(size, enough * PARTIAL_SUMS[resampling.name] + 1)
    held: list[PartialSum] = []
    while True:
        sums = await partial_sums(query, price, resampling, position, limit=size)
        held += sums
        made: list[Bucket] = []
        count = 0
        for bucket in fold(held, resampling):
            # What follows shows that a bucket is complete.
            if count >= SUMS_A_TURN:
                yield made
                await asyncio.sleep(0)
                made, count = [], 0
            made.append(bucket)
            count += len(bucket.partial_sums)
        if sum(part.size for part in sums) < size:
            # Fewer than asked for: these were the last, and so the last bucket is complete.
            if made:
                yield made
            return
        last_bucket = made.pop()
        if made:
            yield made
        # The last bucket may go on in the next partial sums: it is held back, and folded with them.
        held = list(last_bucket.partial_sums)
        last = sums[-1]
        place = (last.series_key, last.delivery_date, last.last_start)
        # The guess was too low. Read more at once, so that few reads make a page of long buckets.
        position = CursorPosition(place, query.page.backward)
        size = min(MOST_PARTIAL_SUMS, 4 * size)


def _place(resampling: Resampling, position: CursorPosition) -> tuple[str, Bounds]:
    """The series and the bucket of a position."""
    key, text = position.values
    return key, resampling.around(key.partition(":")[0], datetime.fromisoformat(text))


def past_bucket(series_key: str, bounds: Bounds, *, backward: bool) -> CursorPosition:
    """The place among partial sums of a series that lies past a bucket, of whichever clock."""
    instant = bounds.start if backward else bounds.end - SECOND
    zone = calendar_of(series_key.partition(":")[0]).market_zone
    day = local_hour(zone, instant).day
    return CursorPosition((series_key, day.isoformat(), instant_text(instant)), backward)


def _columns(
    query: Query, found: Sequence[Bucket], names: Sequence[str]
) -> dict[str, Sequence[Any]]:
    """Those columns of buckets that are shown, or that others follow from."""
    needed = {*names, "series_key"}
    if "local" in needed:
        needed.add("interval_end" if query.filters.get("label") == "ending" else "interval_start")
    columns: dict[str, Sequence[Any]] = {
        name: [value(bucket) for bucket in found]
        for name, value in OF_BUCKET.items()
        if name in needed
    }
    columns |= columns_of(found, [name for name in names if name in AGGREGATE_OF])
    return columns | _completeness(query, found, names)


def _completeness(
    query: Query, found: Sequence[Bucket], names: Sequence[str]
) -> dict[str, Sequence[Any]]:
    """What the buckets would have, and whether they have it."""
    if COMPLETENESS_NAMES.isdisjoint(names):
        return {}
    minutes = [usual_minutes(bucket.series_key) for bucket in found]
    counts = [
        expected((bucket.iso,), bucket.bounds, length, query.filters)
        for bucket, length in zip(found, minutes, strict=True)
    ]
    due = [60 * count * length for count, length in zip(counts, minutes, strict=True)]
    there = [bucket.seconds for bucket in found]
    return {
        "expected": counts,
        "hours_expected": list(map(in_hours, due)),
        "hours_covered": list(map(in_hours, there)),
        "partial": list(map(ne, there, due)),
    }
