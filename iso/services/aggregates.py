"""Prices summed up by hour, day, week, month or year, and the differences of two such series."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from aurum.ask import Ask
from aurum.market.time import MARKET, instant_text
from aurum.stores.paging import Page, Position, cut
from aurum.stores.tables import Row
from iso.buckets import (
    DECIMALS,
    GMT,
    OF_PIECES,
    Bounds,
    Bucket,
    Gaps,
    Length,
    Piece,
    expected,
    fold,
)
from iso.dao import prices
from iso.listings import BUCKETS
from iso.services.shown import complete

PIECES = {"hour": 1, "day": 1, "week": 2, "month": 4, "year": 4}
"""How many pieces a bucket is thought to have. There may be more, and then more are read; of a page
of a hundred months of one series this reads a year at once."""
MOST_PIECES = 20_000
SECOND = timedelta(seconds=1)
MEANS = ("mean", "count")


async def buckets(ask: Ask) -> Page:
    """A page of aggregates, by series and bucket."""
    length = length_of(ask)
    names = BUCKETS.ordered(ask.columns)
    position = ask.wanted.position
    before = None if position is None else _place(length, position)
    gaps = Gaps(length, before, backward=bool(position and position.backward))
    found: list[Bucket] = []
    async with aclosing(read(ask, length)) as stream:
        async for bucket in stream:
            # Of a gap of years no more than the page has.
            more = gaps.upto(bucket) if ask.filters.get("fill") else (bucket,)
            found += islice(more, ask.wanted.limit + 1 - len(found))
            if len(found) > ask.wanted.limit:
                break
    rows = await _rows(ask, found, names)
    return cut(rows, ask.wanted, names, BUCKETS.order)


def length_of(ask: Ask) -> Length:
    return Length(ask.filters["resample"], GMT if ask.filters.get("tz") == GMT else MARKET)


async def read(ask: Ask, length: Length) -> AsyncGenerator[Bucket, None]:
    """The buckets from the question's position on, in its direction."""
    price = ask.filters.get("price") or "price_total"
    backward = ask.wanted.position is not None and ask.wanted.position.backward
    position = _past(length, ask.wanted.position)
    size = min(MOST_PIECES, (ask.wanted.limit + 1) * PIECES[length.name] + 1)
    held: list[Piece] = []
    while True:
        pieces = await prices.pieces(ask, price, length, position, limit=size)
        held += pieces
        made = list(fold(held, length))
        if len(pieces) < size:
            for bucket in made:
                yield bucket
            return
        # The last one may go on in the next pieces.
        held = list(made.pop().pieces)
        for bucket in made:
            yield bucket
        last = pieces[-1]
        place = (last.series_key, last.delivery_date, last.last_start)
        position, size = Position(place, backward), min(MOST_PIECES, 4 * size)


def _place(length: Length, position: Position) -> tuple[str, Bounds]:
    """The series and the bucket of a position."""
    key, text = position.values
    return key, length.around(key.partition(":")[0], datetime.fromisoformat(text))


def _past(length: Length, position: Position | None) -> Position | None:
    """The place among pieces that lies past a bucket."""
    if position is None:
        return None
    key, bounds = _place(length, position)
    day, instant = (
        (bounds.first_day, bounds.start)
        if position.backward
        else (bounds.last_day, bounds.end - SECOND)
    )
    return Position((key, day.isoformat(), instant_text(instant)), position.backward)


async def _rows(ask: Ask, found: Sequence[Bucket], names: Sequence[str]) -> list[Row]:
    if not found:
        return []
    wanted = [name for name in names if name in OF_PIECES]
    values = [bucket.values(wanted) for bucket in found]
    columns: dict[str, Any] = {
        "series_key": [bucket.series_key for bucket in found],
        "interval_start": [instant_text(bucket.bounds.start) for bucket in found],
        "interval_end": [instant_text(bucket.bounds.end) for bucket in found],
        "delivery_date": [bucket.bounds.first_day.isoformat() for bucket in found],
    }
    for name in wanted:
        columns[name] = [value.get(name) for value in values]
    if "expected" in names:
        columns["expected"] = [_expected(ask, bucket) for bucket in found]
    await complete(ask, columns, names)
    return list(zip(*(columns[name] for name in names), strict=True))


def _expected(ask: Ask, bucket: Bucket) -> int:
    iso, block = bucket.series_key.partition(":")[0], ask.filters.get("block")
    return expected(iso, bucket.bounds, bucket.minutes, block, ask.filters)


async def spreads(ask: Ask) -> list[dict[str, Any]]:
    """The buckets that both legs have, from the question's position on, one more than its limit:
    `mean_a` less `mean_b`."""
    length = length_of(ask)
    leg_a, leg_b = (_leg(ask, name) for name in ("leg_a", "leg_b"))
    found: list[dict[str, Any]] = []
    async with aclosing(read(leg_a, length)) as one, aclosing(read(leg_b, length)) as other:
        backward = leg_a.wanted.position is not None and leg_a.wanted.position.backward
        a, b = await anext(one, None), await anext(other, None)
        while a is not None and b is not None and len(found) <= ask.wanted.limit:
            if a.bounds.start == b.bounds.start:
                found.append(_spread(a, b))
                a, b = await anext(one, None), await anext(other, None)
            elif (a.bounds.start < b.bounds.start) != backward:
                a = await anext(one, None)
            else:
                b = await anext(other, None)
    return found


def _leg(ask: Ask, name: str) -> Ask:
    key = ask.filters[name]
    position = ask.wanted.position
    if position is not None:
        position = replace(position, values=(key, *position.values))
    return replace(
        ask,
        filters={**ask.filters, "series_key": key, "iso": (key.partition(":")[0],)},
        columns=MEANS,
        wanted=replace(ask.wanted, position=position),
    )


def _spread(a: Bucket, b: Bucket) -> dict[str, Any]:
    of_a, of_b = a.values(MEANS), b.values(MEANS)
    return {
        "series_key": a.series_key,
        "interval_start": instant_text(a.bounds.start),
        "interval_end": instant_text(a.bounds.end),
        "delivery_date": a.bounds.first_day.isoformat(),
        "mean_a": of_a["mean"],
        "mean_b": of_b["mean"],
        "spread": round(of_a["mean"] - of_b["mean"], DECIMALS),
        "count_a": of_a["count"],
        "count_b": of_b["count"],
    }
