"""The market's own clock on a picture: ticks at its midnights, hours of its days, its peak."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from aurum.market.calendars import UnknownBlock, calendar_of
from aurum.market.time import hour_starts

MOST_TICKS: Final = 12
LONGEST_SHADED: Final = timedelta(days=16)
"""On a longer picture hours are too thin to be seen."""
PEAK: Final = "ON_PEAK"

Point = Mapping[str, Any]


class Tick(NamedTuple):
    place: int
    """Milliseconds since 1970."""
    label: str


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def clock_ticks(points: Sequence[Point], filters: Mapping[str, Any]) -> list[Tick]:
    """Midnights by the points' own clock, or hours of a short picture, or months of a long one."""
    at = "interval_end" if filters.get("label") == "ending" else "interval_start"
    by_place = {
        milliseconds(datetime.fromisoformat(point[at])): datetime.fromisoformat(point["local"])
        for point in points
        if point.get("local") and point.get(at)
    }
    hours = [(place, at) for place, at in sorted(by_place.items()) if not at.minute]
    days = [(place, at) for place, at in hours if not at.hour]
    if len(days) > 60:
        months = [(place, at) for place, at in days if at.day == 1]
        return _thinned(months, "%b %Y")
    if len(days) > 3:
        return _thinned(days, "%d %b")
    return _thinned([(place, at) for place, at in hours if at.hour % 3 == 0], "%d %b %H:%M")


def _thinned(moments: Sequence[tuple[int, datetime]], form: str) -> list[Tick]:
    step = -(-len(moments) // MOST_TICKS) or 1
    return [Tick(place, f"{at:{form}}") for place, at in moments[::step]]


def hour_of_day(point: Point) -> int:
    """Which hour of its delivery date an interval begins in, from 1; elapsed, not by the clock."""
    midnight = hour_starts(
        calendar_of(point["iso"]).market_zone, date.fromisoformat(point["delivery_date"])
    )[0]
    begun = datetime.fromisoformat(point["interval_start"]) - midnight
    return int(begun.total_seconds() // 3600) + 1


def on_peak(points: Sequence[Point]) -> list[dict[str, int]]:
    """The hours of the peak as ranges in milliseconds, where all points are of one market operator
    whose calendar has one; nothing for a long picture."""
    isos = {point.get("iso") for point in points}
    starts = [datetime.fromisoformat(point["interval_start"]) for point in points]
    first, last = min(starts), max(starts)
    if len(isos) != 1 or None in isos or last - first > LONGEST_SHADED:
        return []
    calendar, day = calendar_of(str(isos.pop())), timedelta(days=1)
    try:
        hours = list(calendar.hours(PEAK, first.date() - day, last.date() + day))
    except UnknownBlock:
        return []
    ranges: list[list[datetime]] = []
    for start in (hour.astimezone(UTC) for hour in hours):
        if ranges and ranges[-1][1] == start:
            ranges[-1][1] = start + timedelta(hours=1)
        else:
            ranges.append([start, start + timedelta(hours=1)])
    end = last + timedelta(hours=1)
    return [
        {"a": milliseconds(max(a, first)), "b": milliseconds(min(b, end))}
        for a, b in ranges
        if a < end and b > first
    ]
