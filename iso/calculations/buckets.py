"""Buckets of time: from partial sums of prices to an hour, a day, a week, a month or a year.

A *partial sum* is what a store sums up: one interval, or all of a delivery date. Those of a bucket
follow one another, so that a page of buckets is folded as it is read, in either direction. Days are
those of the market's own clock, or of UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from aurum.market.calendars import calendar_of
from aurum.market.rounding import quotient, root_of_quotient
from aurum.stores.sums import UNITS
from iso.calculations.resampling import SECONDS_OF_HOUR, Bounds, PartialSum, Resampling
from iso.tables import nominal_minutes

DECIMALS, DECIMALS_OF_STD = 6, 4


@lru_cache(maxsize=2**12)
def in_hours(seconds: int) -> float:
    return quotient(seconds, SECONDS_OF_HOUR, DECIMALS)


PartialSums = tuple[Any, ...]
"""The partial sums of one bucket, with the sums that the query wants."""


class Bucket(NamedTuple):
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


def columns_of(buckets: Sequence[Bucket], names: Iterable[str]) -> dict[str, list[Any]]:
    """The aggregates of buckets, column by column; see `Bucket.values`."""
    parts = [bucket.partial_sums for bucket in buckets]
    # A day is mostly one partial sum, of which nothing has to be added up.
    alone = [one[0] for one in parts if len(one) == 1]
    columns = {}
    for name in names:
        if len(alone) == len(parts) and name in AGGREGATE_OF_ONE:
            columns[name] = list(map(AGGREGATE_OF_ONE[name], alone))
        else:
            in_gap, aggregate = (0 if name == "count" else None), AGGREGATE_OF[name]
            columns[name] = [aggregate(one) if one else in_gap for one in parts]
    return columns


def _mean(partial_sums: PartialSums) -> float:
    return quotient(_total(partial_sums), _seconds(partial_sums) * UNITS, DECIMALS)


def _total(partial_sums: PartialSums) -> int:
    return sum(part.total for part in partial_sums)


def _seconds(partial_sums: PartialSums) -> int:
    return sum(part.seconds for part in partial_sums)


def _sum(partial_sums: PartialSums) -> float:
    usual = 60 * usual_minutes(partial_sums[0].series_key)
    return quotient(_total(partial_sums), usual * UNITS, DECIMALS)


@lru_cache(maxsize=2**14)
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

AGGREGATE_OF_ONE: Mapping[str, Callable[[PartialSum], Any]] = {
    "mean": lambda part: quotient(part.total, part.seconds * UNITS, DECIMALS),
    "min": attrgetter("least"),
    "max": attrgetter("most"),
    "count": attrgetter("intervals"),
    "first": attrgetter("first"),
    "last": attrgetter("last"),
}
"""The same of a bucket that is one partial sum."""


def fold(partial_sums: Sequence[PartialSum], resampling: Resampling) -> Iterator[Bucket]:
    """The buckets of partial sums that come in order, in that order."""
    zone = last = ""
    for (key, text), found in _of_buckets(partial_sums, resampling):
        if key != last:
            zone, last = calendar_of(key.partition(":")[0]).market_zone, key
        yield Bucket(key, resampling.of_label(zone, text), found)


def _of_buckets(
    partial_sums: Sequence[PartialSum], resampling: Resampling
) -> Iterator[tuple[tuple[str, str], tuple[PartialSum, ...]]]:
    """The series and label of each bucket, and its partial sums."""
    if resampling.name == "day" and resampling.by_day:
        return (((part.series_key, part.delivery_date), (part,)) for part in partial_sums)
    label = resampling.label
    groups = groupby(partial_sums, lambda part: (part.series_key, label(part)))
    return ((place, tuple(found)) for place, found in groups)


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
