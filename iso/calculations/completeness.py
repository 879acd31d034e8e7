"""How many intervals a bucket would have: within the range asked for, and in its block."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from aurum.market.calendars import Calendar, calendar_of
from aurum.market.spans import Span
from aurum.market.time import hour_starts, instant_text, local_hour
from iso.calculations.resampling import DAY, HOUR, Bounds


def expected(
    isos: tuple[str, ...], bounds: Bounds, minutes: int, filters: Mapping[str, Any]
) -> int:
    """How many intervals of `minutes` the bucket has within the query's range and block.

    Days are those of the first market operator; the block is that of all of them.
    """
    days, instants = filters.get("delivery_date"), filters.get("interval_start")
    name = filters.get("block") or "7X24"
    if instants is None and (found := _whole_days(isos, name, bounds)) is not None:
        calendar, hours = found
        if not _is_within(bounds.first_day_text, days) or not _is_within(
            bounds.last_day_text, days
        ):
            first = max(bounds.first_day, _date(days, "start") or date.min)
            after = min(bounds.last_day + DAY, _date(days, "end") or date.max)
            hours = _hours(calendar, name, first, after)
        return hours * 60 // minutes
    calendars = [calendar_of(iso) for iso in isos]
    calendar = calendars[0]
    return sum(
        _is_within(instant_text(start), instants)
        and all(one.is_in(name, start) for one in calendars)
        for start in _starts(bounds, minutes)
        if _is_within(local_hour(calendar.market_zone, start).day.isoformat(), days)
    )


@lru_cache(maxsize=2**14)
def _whole_days(isos: tuple[str, ...], block: str, bounds: Bounds) -> tuple[Calendar, int] | None:
    """The calendar of a bucket of whole days and its hours of a block; None where it cuts days of
    the market, or the markets differ."""
    calendars = [calendar_of(iso) for iso in isos]
    calendar = calendars[0]
    alike = len({(one.zone, one.weekdays, one.block(block)) for one in calendars}) == 1
    if not alike or not _is_whole(calendar, bounds):
        return None
    return calendar, _hours(calendar, block, bounds.first_day, bounds.last_day + DAY)


def _hours(calendar: Calendar, block: str, first: date, after: date) -> int:
    """How many hours of a block the market's days from `first` until `after` have."""
    if calendar.own_clock is None:
        return calendar.count(block, first, after)
    days = (first + timedelta(days=n) for n in range((after - first).days))
    return sum(_hours_of_day(calendar, block, day) for day in days)


@lru_cache(maxsize=2**14)
def _hours_of_day(calendar: Calendar, block: str, day: date) -> int:
    return sum(calendar.is_in(block, start) for start in hour_starts(calendar.market_zone, day))


def _is_whole(calendar: Calendar, bounds: Bounds) -> bool:
    """Whether the bucket is whole days of the market."""
    return (
        hour_starts(calendar.market_zone, bounds.first_day)[0] == bounds.start
        and hour_starts(calendar.market_zone, bounds.last_day)[-1] + HOUR == bounds.end
    )


def _starts(bounds: Bounds, minutes: int) -> Iterator[datetime]:
    step = timedelta(minutes=minutes)
    return (bounds.start + n * step for n in range((bounds.end - bounds.start) // step))


def _date(span: Span | None, end: str) -> date | None:
    text = getattr(span, end) if span else None
    return date.fromisoformat(text) if text else None


def _is_within(text: str, span: Span | None) -> bool:
    return span is None or span.holds(text)
