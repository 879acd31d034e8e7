"""Differences of two series, over the hours that both have."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any

from aurum.errors import BadQuery, FieldError
from aurum.market.rounding import difference
from aurum.query import Query, near_all
from aurum.results import Result
from aurum.stores.paging import CursorPosition, Page, cut
from iso.calculations.buckets import DECIMALS, Bucket, in_hours
from iso.calculations.completeness import expected
from iso.calculations.resampling import SECONDS_OF_HOUR, Resampling
from iso.dao import series
from iso.services import aggregates
from iso.services.aggregates import past_bucket
from iso.services.coverage import explain_prices
from iso.services.display import add_derived_columns

LEGS = ("leg_a", "leg_b")
SUMS = ("mean", "count")

Hours = tuple[Bucket, Bucket]
"""One hour of both legs."""


async def list_spreads(query: Query) -> Result:
    """Leg a less leg b by bucket, where both have prices, in the order of time.

    Each leg is a market operator, a market and a place, by its id or its name.
    """
    if query.snapshot.is_empty:
        return await explain_prices(query, query.empty_page())
    query = query.narrowed(**await _series_of_legs(query))
    names = query.columns_needed
    found = await _spreads(query)
    columns: dict[str, Sequence[Any]] = {
        name: [row[name] for row in found] for name in (found[0] if found else ())
    }
    if found:
        await add_derived_columns(query.snapshot, query.filters, columns, names)
    rows = list(zip(*(columns.get(name, ()) for name in names), strict=True))
    page = cut(Page(names, rows), query.page, query.schema.order)
    return await explain_prices(query, page)


async def _series_of_legs(query: Query) -> dict[str, str]:
    """The series of each leg; BadQuery for one that is none, or more than one."""
    found, errors = {}, []
    for name in LEGS:
        iso, market, place = query.filters[name].split(":", 2)
        keys = await series.keys(query.snapshot, iso=(iso,), market=(market,), location_id=(place,))
        exact = f"{iso}:{market}:{place}"
        if exact in keys or len(keys) == 1:
            found[name] = exact if exact in keys else keys[0]
            continue
        near = keys or await _near(query, iso, market, place)
        errors.append(
            FieldError(
                name,
                f"There {'are several' if keys else 'is no'} series '{exact}'.",
                "ambiguous_series" if keys else "unknown_series",
                query.filters[name],
                f"one of {', '.join(near) or 'the series of /v2/iso/lmp/latest'}",
            )
        )
    if errors:
        raise BadQuery(errors[0].message, errors=errors)
    return found


async def _near(query: Query, iso: str, market: str, place: str) -> list[str]:
    """Series of the same operator that were perhaps meant: the place's others, or its near ones."""
    others = await series.keys(query.snapshot, iso=(iso,), location_id=(place,))
    if others:
        return others[:3]
    names = await near_all([place], await series.names_of(query.snapshot, (iso,)))
    return [f"{iso}:{market}:{name}" for name in names]


async def _spreads(query: Query) -> list[dict[str, Any]]:
    """The spreads from the query's position on, up to one more than its limit."""
    resampling, enough = aggregates.resampling_of(query), query.page.enough
    found: list[dict[str, Any]] = []
    async with aclosing(_common_hours(query, resampling)) as hours:
        async for pairs in _by_bucket(hours, resampling):
            found.append(_spread(query, pairs, resampling))
            await asyncio.sleep(0)  # other requests get their turn
            if enough is not None and len(found) >= enough:
                break
    return found


async def _common_hours(query: Query, resampling: Resampling) -> AsyncGenerator[Hours, None]:
    """The hours for which both legs have prices at the same time, in the query's direction."""
    by_hour = Resampling("hour", resampling.tz)
    one, other = (
        _one_by_one(aggregates.read(leg, by_hour, _past(query, leg, resampling)))
        for leg in (_leg(query, "leg_a"), _widened(_leg(query, "leg_b")))
    )
    async with aclosing(one), aclosing(other):
        a, b = await anext(one, None), await anext(other, None)
        while a is not None and b is not None:
            if a.bounds.start == b.bounds.start:
                if _is_same_time(a, b):
                    yield a, b
                a, b = await anext(one, None), await anext(other, None)
            elif (a.bounds.start < b.bounds.start) != query.page.backward:
                a = await anext(one, None)
            else:
                b = await anext(other, None)


async def _one_by_one(
    lists: AsyncGenerator[list[Bucket], None],
) -> AsyncGenerator[Bucket, None]:
    async with aclosing(lists):
        async for some in lists:
            for bucket in some:
                yield bucket


def _is_same_time(a: Bucket, b: Bucket) -> bool:
    """Whether two legs are priced for the same part of an hour: all of it, or the same intervals.

    Of an hour that one leg has in part, the difference would be of prices at different times.
    """
    if a.seconds == b.seconds == SECONDS_OF_HOUR:
        return True
    one, other = ({(p.first_start, p.seconds) for p in leg.partial_sums} for leg in (a, b))
    return one == other


async def _by_bucket(
    hours: AsyncIterator[Hours], resampling: Resampling
) -> AsyncGenerator[list[Hours], None]:
    """The hours of one bucket after another, by leg a's days."""
    held: list[Hours] = []
    label = ""
    async for pair in hours:
        of_this = resampling.label(pair[0].partial_sums[0])
        if held and of_this != label:
            yield held
            held = []
        label = of_this
        held.append(pair)
    if held:
        yield held


def _leg(query: Query, name: str) -> Query:
    key = query.filters[name]
    return replace(
        query,
        filters={**query.filters, "series_key": key, "iso": (key.partition(":")[0],)},
        columns=SUMS,
    )


def _past(query: Query, leg: Query, resampling: Resampling) -> CursorPosition | None:
    """The place in a leg behind the query's position, which is a bucket by leg a's clock."""
    position = query.page.position
    if position is None:
        return None
    (start,) = position.values
    iso = query.filters["leg_a"].partition(":")[0]
    bounds = resampling.around(iso, datetime.fromisoformat(start))
    return past_bucket(leg.filters["series_key"], bounds, backward=position.backward)


def _widened(leg: Query) -> Query:
    """Dates are leg a's; the same hours may lie on the day before or after by leg b's clock."""
    span = leg.filters.get("delivery_date")
    return leg.narrowed(delivery_date=span.widened(1)) if span else leg


def _spread(query: Query, hours: Sequence[Hours], resampling: Resampling) -> dict[str, Any]:
    a, b = (_folded(leg, resampling) for leg in zip(*hours, strict=True))
    of_a, of_b = a.values(SUMS), b.values(SUMS)
    due = expected((a.iso, b.iso), a.bounds, 60, query.filters)
    return {
        "series_key": a.series_key,
        "interval_start": a.bounds.start_text,
        "interval_end": a.bounds.end_text,
        "delivery_date": a.bounds.first_day_text,
        "mean_a": of_a["mean"],
        "mean_b": of_b["mean"],
        "spread": difference(of_b["mean"], of_a["mean"], DECIMALS),
        "count_a": of_a["count"],
        "count_b": of_b["count"],
        "hours_expected": float(due),
        "hours_covered": in_hours(a.seconds),
        "partial": a.seconds < due * SECONDS_OF_HOUR,
    }


def _folded(hours: Sequence[Bucket], resampling: Resampling) -> Bucket:
    """One bucket of a leg's hours."""
    sums = tuple(part for hour in hours for part in hour.partial_sums)
    return Bucket(hours[0].series_key, resampling.bounds(hours[0].iso, sums[0]), sums)
