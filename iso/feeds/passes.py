"""The hour that a clock shows twice in autumn, where stamps do not say which of its passes it is.

The order of each location's rows tells: each is later than the one before.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from aurum.market.time import AmbiguousTime, wall_utc, zone_info

NIGHT = timedelta(hours=3)


def passes_of(zone: str, shown: datetime) -> tuple[datetime, ...]:
    """The instants at which a zone's clock shows a time: one, or in autumn two."""
    try:
        return (wall_utc(zone, shown),)
    except AmbiguousTime:
        return wall_utc(zone, shown, repeated=False), wall_utc(zone, shown, repeated=True)


class Passes:
    """Tells the two passes of a repeated hour by the order of each location's rows."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._last: dict[str, datetime] = {}

    def instant(self, passes: tuple[datetime, ...], location: str) -> datetime:
        """Which of the passes a row is of; ValueError where the rows do not tell."""
        before = self._last.get(location)
        if len(passes) == 1:
            self._must_have_passed_twice(passes[0], before)
            found = passes[0]
        else:
            found = self._pass_of(passes, location, before)
        self._last[location] = found
        return found

    def _pass_of(
        self, passes: tuple[datetime, ...], location: str, before: datetime | None
    ) -> datetime:
        if before is None:
            text = _shown(self._zone, passes[0])
            raise AmbiguousTime(f"{text} comes twice, and no earlier row of {location} tells which")
        found = passes[0] if passes[0] > before else passes[1]
        if found <= before:
            text = _shown(self._zone, found)
            raise AmbiguousTime(f"{text} comes twice, and rows of {location} are not in order")
        return found

    def _must_have_passed_twice(self, instant: datetime, before: datetime | None) -> None:
        """After a repeated hour: whose last row was in its first pass lacks one of the two."""
        if before is None or not _is_first_pass(self._zone, before):
            return
        if timedelta(0) < instant - before < NIGHT:
            raise AmbiguousTime(f"{_shown(self._zone, before)} comes twice and is there once")


@lru_cache(maxsize=2**12)
def _is_first_pass(zone: str, instant: datetime) -> bool:
    """Whether the clock will show the same once more."""
    passes = passes_of(zone, _shown(zone, instant))
    return len(passes) == 2 and instant == passes[0]


def _shown(zone: str, instant: datetime) -> datetime:
    return instant.astimezone(zone_info(zone)).replace(tzinfo=None)
