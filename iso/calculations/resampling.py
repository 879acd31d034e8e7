"""How long buckets of time are: the hour, day, week, month, year or range of a partial sum."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from aurum.market.calendars import calendar_of
from aurum.market.spans import Span
from aurum.market.tenors import next_month
from aurum.market.time import MARKET, hour_starts, instant_text, local_hour

LENGTHS = ("hour", "day", "week", "month", "year")
ALL = "all"
"""One bucket: the whole range that is asked for."""
LABEL_LENGTHS = {"hour": 13, "day": 10, "month": 7, "year": 4}
FIRST = "0000-01-01"
"""What completes the label of a month or a year to a date."""
GMT = "UTC"
SECONDS_OF_HOUR = 3600
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class PartialSum(NamedTuple):
    """Sums of some intervals, up to `delivery_date`; those that no answer wants are None.

    `total` and `squares` are of prices times seconds, as intervals need not be of one length. Both
    are exact: prices are counted in UNITS, the squares in those of UNITS.
    """

    series_key: str
    delivery_date: str
    first_start: str
    last_start: str
    seconds: int
    intervals: int
    total: int
    squares: int | None
    least: float | None
    most: float | None
    first: float | None
    last: float | None
    size: int = 1
    """Of how many dates, or of how many intervals where it is of no whole date."""


class Bounds(NamedTuple):
    """A bucket: its instants, and the dates of its first and last hour by the market's clock.

    Each comes with its text: buckets are kept, and answers show the same ones again and again.
    """

    start: datetime
    end: datetime
    first_day: date
    last_day: date
    start_text: str
    end_text: str
    first_day_text: str
    last_day_text: str


@dataclass(frozen=True, slots=True)
class Resampling:
    """How long buckets are, and by whose days."""

    name: str
    tz: str = MARKET
    days: Span | None = None
    instants: Span | None = None
    """The range asked for, which is the only bucket where the name is ALL."""

    @property
    def by_day(self) -> bool:
        """Whether a bucket is made of whole delivery dates."""
        return self.tz == MARKET and self.name != "hour"

    def label(self, part: PartialSum) -> str:
        """What partial sums of one bucket have in common: how its first day or its hour begins."""
        if self.name == ALL:
            return ALL
        text = part.delivery_date if self.by_day else part.first_start
        if self.name == "week":
            return _monday(text[:10])
        return text[: LABEL_LENGTHS[self.name]]

    def of_label(self, zone: str, label: str) -> Bounds:
        """The bucket of a label, in a market's zone."""
        if self.name == ALL:
            return _whole_range(zone, self.days, self.instants)
        text = f"{label}:00:00Z" if self.name == "hour" else label + FIRST[len(label) :]
        return _bounds(zone, self.name, self.tz, text)

    def bounds(self, iso: str, part: PartialSum) -> Bounds:
        """The bucket that a part belongs to."""
        return self.of_label(calendar_of(iso).market_zone, self.label(part))

    def at(self, iso: str, text: str) -> Bounds:
        """The bucket around a date or, for hours, an instant."""
        return _bounds(calendar_of(iso).market_zone, self.name, self.tz, text)

    def around(self, iso: str, instant: datetime) -> Bounds:
        """The bucket that an instant lies in."""
        if self.name == "hour":
            return self.at(iso, instant_text(instant))
        if self.name == ALL:
            return self.of_label(calendar_of(iso).market_zone, ALL)
        zone = calendar_of(iso).market_zone if self.tz == MARKET else GMT
        return self.at(iso, local_hour(zone, instant).day.isoformat())

    def following(self, iso: str, bounds: Bounds, *, backward: bool = False) -> Bounds:
        """The bucket after one, or before it."""
        return self.around(iso, bounds.start - HOUR if backward else bounds.end)


@lru_cache(maxsize=2**12)
def _monday(day: str) -> str:
    return _days("week", date.fromisoformat(day))[0].isoformat()


@lru_cache(maxsize=2**16)
def _bounds(zone: str, name: str, tz: str, text: str) -> Bounds:
    if name == "hour":
        start = datetime.fromisoformat(text)
        end = start + HOUR
    else:
        first, after = _days(name, date.fromisoformat(text))
        days = zone if tz == MARKET else GMT
        start, end = hour_starts(days, first)[0], hour_starts(days, after)[0]
    return _of_instants(zone, start, end)


@lru_cache(maxsize=2**10)
def _whole_range(zone: str, days: Span | None, instants: Span | None) -> Bounds:
    """The range between two ends, each an instant or the beginning of a day in the zone."""
    ends = []
    for end in ("start", "end"):
        if instants is not None and (instant := getattr(instants, end)) is not None:
            ends.append(datetime.fromisoformat(instant))
        else:
            ends.append(hour_starts(zone, date.fromisoformat(getattr(days, end)))[0])
    return _of_instants(zone, *ends)


def _of_instants(zone: str, start: datetime, end: datetime) -> Bounds:
    first_day, last_day = local_hour(zone, start).day, local_hour(zone, end - HOUR).day
    texts = instant_text(start), instant_text(end), first_day.isoformat(), last_day.isoformat()
    return Bounds(start, end, first_day, last_day, *texts)


def _days(name: str, day: date) -> tuple[date, date]:
    """The first day of the period around a day, and the first after it."""
    match name:
        case "day":
            return day, day + DAY
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            first = day.replace(day=1)
            return first, next_month(first)
    return date(day.year, 1, 1), date(day.year + 1, 1, 1)
