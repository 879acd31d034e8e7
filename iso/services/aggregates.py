"""Prices summed up by hour, day, week, month or year, and the differences of two such series."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from aurum.market.calendars import calendar_of
from aurum.market.time import MARKET, instant_text, local_hour
from aurum.query import Query
from aurum.stores.paging import CursorPosition, Page, cut
from aurum.stores.tables import Row
from iso.calculations.buckets import (
    AGGREGATE_OF,
    GMT,
    Bounds,
    Bucket,
    Gaps,
    PartialSum,
    Resampling,
    fold,
    in_hours,
    usual_minutes,
)
from iso.calculations.completeness import expected
from iso.dao.sums import partial_sums
from iso.results import COMPLETENESS
from iso.services.display import add_derived_columns

PARTIAL_SUMS = {"hour": 1, "day": 1, "week": 2, "month": 4, "year": 4}
"""How many partial sums to read per bucket at first. A month has more of them, but few pages are
full; where these are too few, more are read. A page of a hundred months of one series begins with a
year of days."""
MOST_PARTIAL_SUMS = 20_000
BUCKETS_A_TURN = 20
"""How many are computed before other requests get their turn."""
SECOND = timedelta(seconds=1)


async def buckets(query: Query) -> Page:
    """A page of aggregates, by series and bucket."""
    resampling, enough = resampling_of(query), query.page.enough
    names, position = query.columns_needed, query.page.position
    before = None if position is None else _place(resampling, position)
    gaps = Gaps(resampling, before, backward=query.page.backward)
    found: list[Bucket] = []
    async with aclosing(read(query, resampling)) as stream:
        async for bucket in stream:
            # A gap is known once the bucket after it comes.
            more = gaps.up_to(bucket) if query.filters.get("fill") else (bucket,)
            # Of a gap of years no more than the page has.
            found += islice(more, None if enough is None else enough - len(found))
            if enough is not None and len(found) >= enough:
                break
    rows = await _rows(query, found, names)
    return cut(Page(names, rows), query.page, query.schema.order)


def resampling_of(query: Query) -> Resampling:
    return Resampling(query.filters["resample"], GMT if query.filters.get("tz") == GMT else MARKET)


async def read(
    query: Query, resampling: Resampling, past: CursorPosition | None = None
) -> AsyncGenerator[Bucket, None]:
    """The buckets from the query's position on, in its direction.

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
        made: Bucket | None = None
        for number, bucket in enumerate(fold(held, resampling), 1):
            if made is not None:
                yield made
            if not number % BUCKETS_A_TURN:
                await asyncio.sleep(0)
            made = bucket
        if len(sums) < size:
            # Fewer than asked for: these were the last, and so the last bucket is complete.
            if made is not None:
                yield made
            return
        # The last bucket may go on in the next partial sums: it is held back, and folded with them.
        held = list(made.partial_sums) if made is not None else []
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


async def _rows(query: Query, found: Sequence[Bucket], names: Sequence[str]) -> list[Row]:
    if not found:
        return []
    wanted = [name for name in names if name in AGGREGATE_OF]
    values = []
    for number, bucket in enumerate(found, 1):
        values.append(bucket.values(wanted))
        if not number % BUCKETS_A_TURN:
            await asyncio.sleep(0)
    columns: dict[str, Any] = {
        "series_key": [bucket.series_key for bucket in found],
        "interval_start": [instant_text(bucket.bounds.start) for bucket in found],
        "interval_end": [instant_text(bucket.bounds.end) for bucket in found],
        "delivery_date": [bucket.bounds.first_day.isoformat() for bucket in found],
    }
    for name in wanted:
        columns[name] = [value.get(name) for value in values]
    columns |= _completeness(query, found, names)
    await add_derived_columns(query.snapshot, query.filters, columns, names)
    return list(zip(*(columns[name] for name in names), strict=True))


def _completeness(
    query: Query, found: Sequence[Bucket], names: Sequence[str]
) -> dict[str, Sequence[Any]]:
    """What the buckets would have, and whether they have it."""
    if not {column.name for column in COMPLETENESS} & {*names}:
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
        "partial": [one != other for one, other in zip(there, due, strict=True)],
    }
