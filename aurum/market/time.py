"""Market-local time: what a publisher's clock shows, as UTC, and back, on days of 23 to 25 hours.

Publishers name the hours of a day in one of two ways, which differ after the clock has changed in
spring or autumn:

    counted    1, 2, 3 ... 23, 24 or 25: the n-th hour of the day      `hour_beginning_utc`
    labelled   by the clock: 3 is left out in spring, 2 comes twice     `labelled_hour_utc`

A zone is an IANA name whose clock is whole hours from UTC; any other is refused. The rules are
those of the package tzdata and never the system's, so that every machine gives the same answer.
Zones and days are cut into hours once and remembered.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

# Without a path zoneinfo reads the package. What was read from the system before is forgotten.
reset_tzpath(to=())
ZoneInfo.clear_cache()
ZONES = frozenset(available_timezones()) - {"Factory"}
"""The names there are; "Factory" is the clock of a machine that was never set up."""

HOUR = timedelta(hours=1)
MARKET = "market"
"""In place of a zone: each market's own clock."""
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SHOWN = _EPOCH.replace(tzinfo=None)
_TICK = timedelta(microseconds=1)

_PLAIN = tuple(range(24))
_STEPS = tuple(n * HOUR for n in range(48))

_DAYS_KEPT = 2**15
_LISTS_KEPT = 2**11
_HOURS_KEPT = 2**16
_INSTANTS_KEPT = 2**16


class ZoneError(ValueError):
    """A zone that nobody knows, or whose clock cannot be cut into hours on that day."""


class AmbiguousTime(ValueError):
    """A wall time that comes twice, with nothing said of which is meant."""


class NonexistentTime(ValueError):
    """A wall time or an hour that the day does not have."""


class LocalHour(NamedTuple):
    """The hour of a zone's clock that an instant falls in.

    `begins` is ISO 8601 with the offset; `offset` is minutes east of UTC.
    """

    day: date
    hour: int
    begins: str
    offset: int


class _Clock(NamedTuple):
    offset: timedelta
    name: str


class _Day(NamedTuple):
    """A local day: when it begins in UTC, and hour by hour what its clock shows and is called."""

    begins: datetime
    walls: tuple[int, ...]
    clocks: tuple[_Clock, ...]


def zone_info(zone: str) -> ZoneInfo:
    """The zone of an IANA name; ZoneError when there is none."""
    if zone not in ZONES:
        raise ZoneError(f"no such time zone: {zone!r}")
    return ZoneInfo(zone)


def instant_text(instant: datetime) -> str:
    """An instant (with zone) as stores and answers write it: UTC, to the second."""
    # In UTC before it is looked up: two passes of an hour under one ZoneInfo are equal to Python.
    return _utc_text(instant.astimezone(UTC))


@lru_cache(maxsize=_INSTANTS_KEPT)
def _utc_text(instant: datetime) -> str:
    return f"{instant.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def hour_starts(zone: str, day: date) -> tuple[datetime, ...]:
    """The UTC beginnings of a local day's hours, in order."""
    found = _day(zone, day)
    return tuple(found.begins + step for step in _STEPS[: len(found.walls)])


@lru_cache(maxsize=_LISTS_KEPT)
def local_hour_starts(zone: str, day: date) -> tuple[datetime, ...]:
    """The beginnings of a local day's hours, each at its own fixed offset, in order.

    Fixed, because two passes of an hour under one ZoneInfo are equal to Python, and equal to
    nothing in UTC.
    """
    clocks = _day(zone, day).clocks
    first = hour_starts(zone, day)[0]
    local = {clock: first.astimezone(_fixed(clock.offset)) for clock in (clocks[0], clocks[-1])}
    return tuple(local[clock] + step for clock, step in zip(clocks, _STEPS, strict=False))


def wall_hours(zone: str, day: date) -> tuple[int, ...]:
    """What the clock shows at each of `hour_starts`: 0..23, with one left out or one twice."""
    return _day(zone, day).walls


def day_hours(zone: str, day: date) -> int:
    """How many hours a local day has: 23, 24 or 25."""
    return len(_day(zone, day).walls)


def hour_beginning_utc(zone: str, day: date, hour_ending: int) -> datetime:
    """When the n-th hour of a local day begins, for publishers that count the hours through.

    Raises NonexistentTime for a number below 1 or above the day's count.
    """
    found = _day(zone, day)
    count = len(found.walls)
    if not 1 <= hour_ending <= count:
        raise NonexistentTime(f"{day} has hours 1 to {count} in {zone}, not {hour_ending}")
    return found.begins + (hour_ending - 1) * HOUR


def labelled_hour_utc(
    zone: str, day: date, hour_ending: int, repeated: bool | None = None
) -> datetime:
    """When the hour begins that ends as the clock would show `hour_ending`, 1 to 24.

    The second pass of a repeated hour is told by `repeated`, or is numbered 25 (CAISO). The hour
    skipped in spring has no number. Raises as `wall_utc`.
    """
    if hour_ending == 25:
        return _second_pass(zone, day)
    if not 1 <= hour_ending <= 24:
        raise NonexistentTime(f"no hour ends at {hour_ending} on {day}")
    found = _day(zone, day)
    return found.begins + _position(zone, day, found, hour_ending - 1, repeated) * HOUR


def wall_utc(zone: str, wall: datetime, repeated: bool | None = None) -> datetime:
    """The instant at which the clock shows `wall`, a time without zone (its `fold` is not read).

    `repeated` tells the passes of an hour that comes twice: False the first, True the second.
    Raises AmbiguousTime when such an hour comes without it, NonexistentTime when the clock skips
    the hour, or when `repeated` is True and the hour comes once.
    """
    day = _naive(wall).date()
    found = _day(zone, day)
    return _at(found.clocks[_position(zone, day, found, wall.hour, repeated)], wall)


def abbreviated_utc(zone: str, wall: datetime, abbreviation: str) -> datetime:
    """The instant at which the clock shows `wall` under an abbreviation such as EST or EDT.

    Raises NonexistentTime when the clock never shows that time under that abbreviation.
    """
    day = _naive(wall).date()
    found = _day(zone, day)
    for hour, clock in zip(found.walls, found.clocks, strict=True):
        if hour == wall.hour and clock.name == abbreviation:
            return _at(clock, wall)
    raise NonexistentTime(f"{zone} never shows {wall.isoformat()} {abbreviation}")


def local_hour(zone: str, instant: datetime) -> LocalHour:
    """The local day and hour that an instant (with zone) falls in."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset")
    return _local_hour(zone, (instant - _EPOCH) // HOUR)


@lru_cache(maxsize=_HOURS_KEPT)
def _local_hour(zone: str, hours: int) -> LocalHour:
    instant = _EPOCH + hours * HOUR
    _refuse_ends(instant.date())
    place = zone_info(zone)
    local = instant.astimezone(place)
    _day(zone, local.date())  # refuses a clock whose hours are not those of UTC
    minutes = _clock(place, instant).offset // timedelta(minutes=1)
    return LocalHour(local.date(), local.hour, local.isoformat(), minutes)


@lru_cache(maxsize=_DAYS_KEPT)
def _day(zone: str, day: date) -> _Day:
    place = zone_info(zone)
    _refuse_ends(day)
    begins, ends = _midnight(place, day), _midnight(place, day + _DAY)
    clocks = _clocks(place, begins, ends)
    if not clocks or any(clock.offset % HOUR for clock in (clocks[0], clocks[-1])):
        raise ZoneError(f"the clock of {zone} is not whole hours from UTC through {day}")
    # Nearly all days. `_position` knows them by the identity of `_PLAIN`, and searches nothing.
    if len(clocks) == 24 and clocks[0] is clocks[-1]:
        return _Day(begins, _PLAIN, clocks)
    shown = (begins + n * HOUR + clock.offset for n, clock in enumerate(clocks))
    return _Day(begins, tuple(local.hour for local in shown), clocks)


def _clocks(place: ZoneInfo, begins: datetime, ends: datetime) -> tuple[_Clock, ...]:
    """The clock in each hour of [begins, ends); none at all if changed within one, or twice."""
    first, last = _clock(place, begins), _clock(place, ends - _TICK)
    if ends - begins == _DAY and first == last:
        return (first,) * 24
    starts = [begins + n * HOUR for n in range(round((ends - begins) / HOUR))]
    # A clock that changes within an hour cuts it in two: such a day is refused.
    clocks = tuple(_clock(place, start) for start in starts)
    held = tuple(_clock(place, start + HOUR - _TICK) for start in starts)
    return clocks if clocks == held and {*clocks} == {first, last} else ()


def _clock(place: ZoneInfo, instant: datetime) -> _Clock:
    local = instant.astimezone(place)
    return _Clock(local.utcoffset() or timedelta(), local.tzname() or "")


def _refuse_ends(day: date) -> None:
    """The first and last year are refused: the neighbours of their days have no date."""
    if not 1 < day.year < 9999:
        raise ZoneError(f"{day} is at an end of the calendar and is not cut into hours")


def _midnight(place: ZoneInfo, day: date) -> datetime:
    """When a local day begins; where the clock skips midnight, the instant it skips it."""
    return datetime.combine(day, time(), place).astimezone(UTC)


def _position(zone: str, day: date, found: _Day, hour: int, repeated: bool | None) -> int:
    """Which of a day's hours the clock hour is."""
    if found.walls is _PLAIN and not repeated:
        return hour
    passes = [n for n, shown in enumerate(found.walls) if shown == hour]
    if not passes:
        raise NonexistentTime(f"the clock of {zone} skips {hour:02}:00 on {day}")
    if len(passes) == 1:
        if repeated:
            raise NonexistentTime(f"{hour:02}:00 comes once in {zone} on {day}")
        return passes[0]
    if repeated is None:
        raise AmbiguousTime(f"{hour:02}:00 comes twice in {zone} on {day}")
    return passes[repeated]


def _second_pass(zone: str, day: date) -> datetime:
    found = _day(zone, day)
    for n, (before, hour) in enumerate(pairwise(found.walls), start=1):
        if hour == before:
            return found.begins + n * HOUR
    raise NonexistentTime(f"no hour comes twice in {zone} on {day}")


def _naive(wall: datetime) -> datetime:
    if wall.tzinfo is not None:
        raise ValueError(f"{wall.isoformat()} already has an offset")
    return wall


def _at(clock: _Clock, wall: datetime) -> datetime:
    return _EPOCH + (wall - _EPOCH_SHOWN - clock.offset)


_fixed = lru_cache(maxsize=64)(timezone)
"""One object per offset: Python compares times that share theirs without asking for the offset."""
