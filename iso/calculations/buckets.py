"""Buckets of time: from partial sums of prices to an hour, a day, a week, a month or a year.

A *partial sum* is what a store sums up: one interval, or all of a delivery date. Those of a bucket
follow one another, so that a page of buckets is folded as it is read, in either direction. Days are
those of the market's own clock, or of UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from aurum.market.calendars import calendar_of
from aurum.market.rounding import quotient, root_of_quotient
from aurum.market.tenors import next_month
from aurum.market.time import MARKET, hour_starts, instant_text, local_hour
from aurum.stores.sums import UNITS
from iso.tables import nominal_minutes

LENGTHS = ("hour", "day", "week", "month", "year")
DECIMALS, DECIMALS_OF_STD = 6, 4

GMT = "UTC"
SECONDS_OF_HOUR = 3600
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class PartialSum(NamedTuple):
    """Sums of some intervals; those that no answer wants are None.

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


class Bounds(NamedTuple):
    """A bucket: its instants, and the dates of its first and last hour by the market's clock."""

    start: datetime
    end: datetime
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Resampling:
    """How long buckets are, and by whose days."""

    name: str
    tz: str = MARKET

    @property
    def by_day(self) -> bool:
        """Whether a bucket is made of whole delivery dates."""
        return self.tz == MARKET and self.name != "hour"

    def label(self, part: PartialSum) -> str:
        """What partial sums of one bucket have in common."""
        if self.name == "hour":
            return part.first_start[:13]
        day = self._day(part)
        if self.name == "week":
            return _monday(day)
        return day[: {"day": 10, "month": 7, "year": 4}[self.name]]

    def _day(self, part: PartialSum) -> str:
        return part.delivery_date if self.tz == MARKET else part.first_start[:10]

    def bounds(self, iso: str, part: PartialSum) -> Bounds:
        """The bucket that a part belongs to."""
        if self.name == "hour":
            return self.at(iso, f"{part.first_start[:13]}:00:00Z")
        return self.at(iso, self._day(part))

    def at(self, iso: str, text: str) -> Bounds:
        """The bucket around a date or, for hours, an instant."""
        return _bounds(calendar_of(iso).market_zone, self.name, self.tz, text)

    def around(self, iso: str, instant: datetime) -> Bounds:
        """The bucket that an instant lies in."""
        if self.name == "hour":
            return self.at(iso, instant_text(instant))
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
    return Bounds(start, end, local_hour(zone, start).day, local_hour(zone, end - HOUR).day)


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


def in_hours(seconds: int) -> float:
    return quotient(seconds, SECONDS_OF_HOUR, DECIMALS)


PartialSums = tuple[Any, ...]
"""The partial sums of one bucket, with the sums that the query wants."""


@dataclass(slots=True)
class Bucket:
    """Some series' prices in one bucket; without any it is a gap."""

    series_key: str
    bounds: Bounds
    partial_sums: PartialSums

    @property
    def iso(self) -> str:
        return self.series_key.partition(":")[0]

    @property
    def seconds(self) -> int:
        """For how long there is a price."""
        return _seconds(self.partial_sums)

    def values(self, wanted: Iterable[str]) -> dict[str, Any]:
        """Those of its aggregates that are wanted; in a gap the count alone."""
        if not self.partial_sums:
            return {"count": 0}
        return {name: AGGREGATE_OF[name](self.partial_sums) for name in wanted}


def _mean(partial_sums: PartialSums) -> float:
    return quotient(_total(partial_sums), _seconds(partial_sums) * UNITS, DECIMALS)


def _total(partial_sums: PartialSums) -> int:
    return sum(part.total for part in partial_sums)


def _seconds(partial_sums: PartialSums) -> int:
    return sum(part.seconds for part in partial_sums)


def _sum(partial_sums: PartialSums) -> float:
    usual = 60 * usual_minutes(partial_sums[0].series_key)
    return quotient(_total(partial_sums), usual * UNITS, DECIMALS)


def usual_minutes(series_key: str) -> int:
    """How long the intervals of a series are, but for irregular ones."""
    iso, market, _ = series_key.split(":", 2)
    return nominal_minutes(iso, market)


def _std(partial_sums: PartialSums) -> float:
    # n·Σx² less (Σx)², by n², all of it whole numbers: what does not vary has exactly 0.
    seconds, squares = _seconds(partial_sums), sum(part.squares for part in partial_sums)
    variance = seconds * squares - _total(partial_sums) ** 2
    return root_of_quotient(variance, (seconds * UNITS) ** 2, DECIMALS_OF_STD)


AGGREGATE_OF: Mapping[str, Callable[[PartialSums], Any]] = {
    "mean": _mean,
    "min": lambda partial_sums: min(part.least for part in partial_sums),
    "max": lambda partial_sums: max(part.most for part in partial_sums),
    "sum": _sum,
    "std": _std,
    "count": lambda partial_sums: sum(part.intervals for part in partial_sums),
    "first": lambda partial_sums: min(partial_sums, key=lambda p: p.first_start).first,
    "last": lambda partial_sums: max(partial_sums, key=lambda p: p.last_start).last,
}


def fold(partial_sums: Iterable[PartialSum], resampling: Resampling) -> Iterator[Bucket]:
    """The buckets of partial sums that come in order, in that order."""
    for (key, _), found in groupby(
        partial_sums, lambda part: (part.series_key, resampling.label(part))
    ):
        mine = tuple(found)
        bounds = resampling.bounds(key.partition(":")[0], mine[0])
        yield Bucket(key, bounds, mine)


class Gaps:
    """Finds the buckets that a series skips.

    `before` is the series and bucket that the page before this one ended in.
    """

    def __init__(
        self, resampling: Resampling, before: tuple[str, Bounds] | None, *, backward: bool
    ) -> None:
        self._resampling, self._before, self._backward = resampling, before, backward

    def up_to(self, bucket: Bucket) -> Iterator[Bucket]:
        """An empty bucket for each that lies between the last one and this, and then this."""
        iso = bucket.series_key.partition(":")[0]
        while self._before is not None and self._before[0] == bucket.series_key:
            skipped = self._resampling.following(iso, self._before[1], backward=self._backward)
            if skipped == bucket.bounds:
                break
            self._before = (bucket.series_key, skipped)
            yield Bucket(bucket.series_key, skipped, ())
        self._before = (bucket.series_key, bucket.bounds)
        yield bucket
