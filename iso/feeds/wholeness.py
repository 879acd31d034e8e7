"""Whether prices add up, and a file of them is whole: all hours of its days, the same intervals at
every place, and one energy price in each interval where the market has one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median_low

from aurum.market.time import local_hour, wall_hours
from iso.feeds.columns import Coded, Numbers
from iso.feeds.intervals import Interval

WARNINGS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Sum:
    """How exactly the components add up to the total, and whether the publisher guarantees it."""

    within: float
    guaranteed: bool = True

    def holds(self, total: float, parts: Sequence[float | None]) -> bool:
        """Whether they do; a form that leaves one of them out cannot be held to it."""
        energy, congestion, loss, ghg = parts
        if energy is None or congestion is None or loss is None:
            return True
        apart = total - energy - congestion - loss - (ghg or 0.0)
        return -self.within - 1e-9 <= apart <= self.within + 1e-9

    def holds_for_all(self, total: Numbers, parts: Sequence[Numbers]) -> bool:
        """`holds` for each row of some columns."""
        most, energy, congestion, loss, ghg = self.within + 1e-9, *parts
        return all(
            t is None or e is None or c is None or n is None
            or -most <= t - e - c - n - (g or 0.0) <= most
            for t, e, c, n, g in zip(total, energy, congestion, loss, ghg, strict=True)
        )  # fmt: skip


@dataclass(slots=True)
class _Day:
    """The intervals of one day of delivery, by number, and which of them each series has."""

    numbers: dict[str, int] = field(default_factory=dict)
    seconds: int = 0
    had: dict[str, int] = field(default_factory=dict)
    """Of each series a set of intervals, as the bits of an integer."""


class Wholeness:
    """What a file has of each day of one market.

    `by_day` says that the report has whole days, so that one that has less is worth a warning.
    """

    def __init__(self, iso: str, market: str, zone: str, *, by_day: bool) -> None:
        self._market = f"{iso} {market}"
        self._zone, self._by_day = zone, by_day
        self._days: dict[str, _Day] = {}

    def note(self, series_key: str, day: str, start: str, seconds: int) -> bool:
        """Takes note of an interval; whether it is the first of the series on this day."""
        had, bit = self._bit(day, start, seconds)
        before = had.get(series_key)
        had[series_key] = (before or 0) | bit
        return before is None

    def note_all(self, series: Sequence[str], when: Coded[Interval]) -> list[int]:
        """`note` of each series and its interval; the indexes of the first on their days."""
        bits = {
            cell: self._bit(at.delivery_date, at.interval_start, at.interval_seconds)
            for cell, at in when.means.items()
        }
        first = []
        of_rows = map(bits.__getitem__, when.cells)
        for index, (key, (had, bit)) in enumerate(zip(series, of_rows, strict=True)):
            if key in had:
                had[key] |= bit
            else:
                had[key] = bit
                first.append(index)
        return first

    def _bit(self, day: str, start: str, seconds: int) -> tuple[dict[str, int], int]:
        """What each series has of the day, and the bit of an interval there."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = _Day()
        number = found.numbers.get(start)
        if number is None:
            number = found.numbers[start] = len(found.numbers)
            found.seconds += seconds
        return found.had, 1 << number

    def warnings(self) -> list[str]:
        """What a reader of the whole file would miss."""
        found = list(self._lacking())
        if more := len(found) - WARNINGS_SHOWN:
            found[WARNINGS_SHOWN:] = [f"incomplete: {more} more such remarks"] * (more > 0)
        return found

    def _lacking(self) -> Iterator[str]:
        known = sorted(map(date.fromisoformat, self._days))
        for before, after in pairwise(known if self._by_day else ()):
            if absent := (after - before).days - 1:
                first = before + timedelta(days=1)
                yield f"incomplete: {self._market} has nothing of {absent} days from {first} on"
        for text, day in sorted(self._days.items()):
            hours = len(wall_hours(self._zone, date.fromisoformat(text)))
            if self._by_day and day.seconds < hours * 3600:
                yield (
                    f"incomplete: {self._market} has {day.seconds / 3600:g} of {hours} hours"
                    f" of {text}"
                )
            every = len(day.numbers)
            short = [key for key, had in day.had.items() if had.bit_count() < every]
            if short:
                has = day.had[short[0]].bit_count()
                yield (
                    f"incomplete: on {text} {len(short)} of {len(day.had)} locations lack"
                    f" intervals, {short[0]} has {has} of {every}"
                )


def of_all_rows(found: int, told: object) -> list[str]:
    """What a reader of one page misses, where the document tells how many rows there are."""
    if isinstance(told, int) and told > found:
        return [f"incomplete: {found} of {told} rows: the document is one page of more"]
    return []


def shared_energy(energies: Sequence[float], within: float) -> float | None:
    """The energy price that more than half of the places of an interval have, None if none."""
    middle = median_low(energies)
    agreeing = sum(abs(one - middle) <= within + 1e-9 for one in energies)
    return middle if 2 * agreeing > len(energies) else None


@lru_cache(maxsize=2**12)
def comes_twice(zone: str, start: str) -> bool:
    """Whether the clock shows the hour of an instant twice on its day."""
    local = local_hour(zone, datetime.fromisoformat(start))
    return wall_hours(zone, local.day).count(local.hour) > 1
