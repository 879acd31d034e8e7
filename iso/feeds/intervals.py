"""When a price is for: intervals, as files name them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from aurum.errors import InvalidFile
from aurum.market.calendars import calendar_of
from aurum.market.time import instant_text, local_hour


class Interval(NamedTuple):
    """When a price is for: the columns of ISO_LMP from `delivery_date` to `is_peak_day`."""

    delivery_date: str
    interval_start: str
    interval_end: str
    interval_seconds: int
    hour_beginning: int
    hour_ending: int
    utc_offset: int
    block_hour: int
    is_peak_day: int


def interval(iso: str, start: datetime, minutes: int) -> Interval:
    """The interval of some minutes that begins at an instant; see `between`."""
    return between(iso, start, start + timedelta(minutes=minutes))


@lru_cache(maxsize=2**17)
def between(iso: str, start: datetime, end: datetime) -> Interval:
    """The interval from one instant to another, with what the market's clocks and calendar say."""
    calendar = calendar_of(iso)
    local = local_hour(calendar.market_zone, start)
    of_blocks = local_hour(calendar.zone, start) if calendar.own_clock else local
    return Interval(
        local.day.isoformat(),
        instant_text(start),
        instant_text(end),
        (end - start) // timedelta(seconds=1),
        local.hour,
        local.hour + 1,
        local.offset,
        of_blocks.hour,
        int(calendar.is_peak_day(of_blocks.day)),
    )


def resolved(place: str, clock: Callable[..., Any], *args: Any) -> Any:
    """What a reading of a clock gives; InvalidFile, with the place, when it cannot be resolved."""
    try:
        return clock(*args)
    except (ValueError, OverflowError) as error:  # the ends of the calendar overflow
        raise InvalidFile(f"this time cannot be resolved: {error}", place) from error
