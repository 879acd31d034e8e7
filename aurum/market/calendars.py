"""Trading calendars: which hours of a market's days belong to which block.

A day is a *peak day* or not (its weekday, and the six NERC holidays where the market keeps them).
A block is two sets of hours, by the clock at the beginning of the hour: those it takes on peak days
and those it takes on other days. Every block, and every sum of blocks, follows from that.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from aurum.market.names import BLOCKS, named
from aurum.market.tenors import next_month
from aurum.market.time import local_hour, local_hour_starts, wall_hours

Hours = frozenset[int]
"""Hours of the clock, each by its beginning, 0 to 23."""

ALL: Hours = frozenset(range(24))
NO_HOURS: Hours = frozenset()

_PLAIN_DAY = tuple(range(24))
_ONE_DAY = timedelta(days=1)
_MONDAY, _THURSDAY = 0, 3
_MONTHS_KEPT = 2**14


class Block(NamedTuple):
    """The hours a block takes on peak days and on other days."""

    peak_days: Hours
    other_days: Hours


class UnknownBlock(ValueError):
    """A block that the calendar does not have."""


class UnknownCalendar(ValueError):
    """A calendar that nobody declared."""


@lru_cache(maxsize=512)
def holidays(year: int) -> Mapping[date, str]:
    """The six NERC holidays of a year on the days they are kept, in order.

    One that falls on a Sunday is kept on the Monday after; one on a Saturday stays.
    """
    return MappingProxyType(
        {
            _observed(date(year, 1, 1)): "New Year's Day",
            _weekday_on_or_after(date(year, 5, 25), _MONDAY): "Memorial Day",
            _observed(date(year, 7, 4)): "Independence Day",
            _weekday_on_or_after(date(year, 9, 1), _MONDAY): "Labor Day",
            _weekday_on_or_after(date(year, 11, 22), _THURSDAY): "Thanksgiving Day",
            _observed(date(year, 12, 25)): "Christmas Day",
        }
    )


def no_holidays(year: int) -> Mapping[date, str]:
    """For markets whose peak ignores holidays."""
    del year
    return {}


def _observed(day: date) -> date:
    return day + _ONE_DAY if day.isoweekday() == 7 else day


def _weekday_on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


@dataclass(frozen=True, eq=False)
class Calendar:
    """`weekdays` are those of peak days, 1 for Monday to 7 for Sunday.

    `zone` is the clock that blocks are traded by; `own_clock` is the operator's, where its days
    and hours go by another one. `convention` says whose hours these are, `source` where it is
    written.
    """

    name: str
    zone: str
    weekdays: frozenset[int]
    blocks: Mapping[str, Block]
    holidays: Callable[[int], Mapping[date, str]]
    own_clock: str | None = None
    convention: str = ""
    source: str = ""

    @property
    def market_zone(self) -> str:
        """The clock of the operator's own days and hours."""
        return self.own_clock or self.zone

    @property
    def block_names(self) -> tuple[str, ...]:
        return tuple(self.blocks)

    def block(self, name: str) -> Block:
        """A block by any name that it goes by (`aurum.market.names`); UnknownBlock if none."""
        return self.blocks[self.block_name(name)]

    def block_name(self, name: str) -> str:
        """What the calendar itself calls a block; see `block`."""
        return _block_name(self, name)

    def is_peak_day(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays(day.year)

    def is_in(self, block: str, instant: datetime) -> bool:
        """Whether the market's hour around an instant (with zone) belongs to a block."""
        local = local_hour(self.zone, instant)
        return local.hour in self._taken(self.block(block), local.day)

    def hours(self, block: str, start: date, end: date) -> Iterator[datetime]:
        """The beginnings of a block's hours in [start, end), in order, local with their offset."""
        found = self.block(block)
        return (hour for day in _days(start, end) for hour in self._hours_of(found, day))

    def count(self, block: str, start: date, end: date) -> int:
        """How many hours a block has in [start, end)."""
        found = self.block(block)
        return sum(self._count_of(found, day) for day in _days(start, end))

    def hours_in_month(self, block: str, month: date) -> int:
        """How many hours a block has in the month that a date lies in."""
        return _hours_in_month(self, self.block(block), month.year, month.month)

    def _taken(self, block: Block, day: date) -> Hours:
        return block.peak_days if self.is_peak_day(day) else block.other_days

    def _hours_of(self, block: Block, day: date) -> Iterator[datetime]:
        taken = self._taken(block, day)
        return (start for start in local_hour_starts(self.zone, day) if start.hour in taken)

    def _count_of(self, block: Block, day: date) -> int:
        taken = self._taken(block, day)
        walls = wall_hours(self.zone, day)
        # Nearly every day shows each hour once; counting them one by one is most of an aggregate.
        return len(taken) if walls == _PLAIN_DAY else sum(wall in taken for wall in walls)


# Asked for each hour of a range.
@lru_cache(maxsize=1024)
def _block_name(calendar: Calendar, name: str) -> str:
    if (known := named(name, calendar.blocks, BLOCKS)) is not None:
        return known
    raise UnknownBlock(f"{calendar.name} has {', '.join(calendar.blocks)}, not {name!r}")


@lru_cache(maxsize=_MONTHS_KEPT)
def _hours_in_month(calendar: Calendar, block: Block, year: int, month: int) -> int:
    first = date(year, month, 1)
    return sum(calendar._count_of(block, day) for day in _days(first, next_month(first)))


def _days(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range((end - start).days))


def _span(first: int, last: int) -> Hours:
    """The hours that begin at `first` to `last`, both included."""
    return frozenset(range(first, last + 1))


def _peak_blocks(peak: Hours, days: int) -> Mapping[str, Block]:
    """The blocks of a market with `days` peak days per week: 5x16 and 2x16, or 6x16 and 1x16."""
    night = ALL - peak
    return {
        "ON_PEAK": Block(peak, NO_HOURS),
        "OFF_PEAK": Block(night, ALL),
        "7X24": Block(ALL, ALL),
        f"{days}X16": Block(peak, NO_HOURS),
        f"{7 - days}X16": Block(NO_HOURS, peak),
        "7X16": Block(peak, peak),
        f"{days}X8": Block(night, NO_HOURS),
        "7X8": Block(night, night),
    }


def _base_blocks(peak: Hours) -> Mapping[str, Block]:
    """The blocks of a European market."""
    return {
        "BASE": Block(ALL, ALL),
        "PEAK": Block(peak, NO_HOURS),
        "OFF_PEAK": Block(ALL - peak, ALL),
    }


_EASTERN = "America/New_York"
_CENTRAL = "America/Chicago"
_PACIFIC = "America/Los_Angeles"
_EASTERN_STANDARD = "Etc/GMT+5"  # MISO's clock is never changed

_MON_FRI = frozenset(range(1, 6))
_MON_SAT = frozenset(range(1, 7))

_BLOCKS_5X16_HE08 = _peak_blocks(_span(7, 22), days=5)
_BLOCKS_5X16_HE07 = _peak_blocks(_span(6, 21), days=5)
_BLOCKS_6X16_HE07 = _peak_blocks(_span(6, 21), days=6)
_BLOCKS_EU = _base_blocks(_span(8, 19))

_NERC = "less NERC holidays"
_TRADE = "As futures and swaps are traded"

CALENDARS: Mapping[str, Calendar] = {
    calendar.name: calendar
    for calendar in (
        Calendar(
            *("pjm", _EASTERN, _MON_FRI, _BLOCKS_5X16_HE08, holidays),
            convention=f"{_TRADE}: HE 08-23 Eastern prevailing, Monday to Friday {_NERC}.",
            source="NYMEX contract L1, PJM Western Hub Peak Calendar-Month; ICE contract PMJ",
        ),
        Calendar(
            *("nyiso", _EASTERN, _MON_FRI, _BLOCKS_5X16_HE08, holidays),
            convention=f"{_TRADE}: HE 08-23 Eastern prevailing, Monday to Friday {_NERC}.",
            source="NYMEX contract D3, NYISO Zone J Day-Ahead Peak Calendar-Month",
        ),
        Calendar(
            *("isone", _EASTERN, _MON_FRI, _BLOCKS_5X16_HE08, holidays),
            convention=f"{_TRADE}: HE 08-23 Eastern prevailing, Monday to Friday {_NERC}.",
            source="Nodal Exchange, Monthly Day Ahead On-Peak Power contract specification",
        ),
        Calendar(
            *("miso", _EASTERN, _MON_FRI, _BLOCKS_5X16_HE08, holidays, _EASTERN_STANDARD),
            convention=f"{_TRADE}: HE 08-23 Eastern prevailing, Monday to Friday {_NERC}; the"
            " tariff's hours are miso_tariff.",
            source="NYMEX, MISO hours: nymex.com/OM_misohrs.aspx",
        ),
        Calendar(
            *("miso_tariff", _EASTERN_STANDARD, _MON_FRI, _BLOCKS_5X16_HE07, holidays),
            convention="MISO's tariff: HE 07-22 Eastern standard time all year, Monday to Friday"
            f" {_NERC}; in summer these are the hours of miso.",
            source="NYMEX, MISO hours: nymex.com/OM_misohrs.aspx",
        ),
        Calendar(
            *("ercot", _CENTRAL, _MON_FRI, _BLOCKS_5X16_HE07, holidays),
            convention=f"{_TRADE}: HE 07-22 Central prevailing, Monday to Friday {_NERC}.",
            source="ICE NGX contract E5X, ERCOT North 345KV Hub Real-Time Peak",
        ),
        Calendar(
            *("spp", _CENTRAL, _MON_FRI, _BLOCKS_5X16_HE07, holidays),
            convention=f"The industry's: HE 07-22, Monday to Friday {_NERC}, on SPP's own clock,"
            " Central prevailing.",
            source="NAESB business practice standard WEQ-007, Appendix A",
        ),
        Calendar(
            *("caiso", _PACIFIC, _MON_SAT, _BLOCKS_6X16_HE07, holidays),
            convention=f"{_TRADE}: HE 07-22 Pacific prevailing, Monday to Saturday {_NERC}.",
            source="NYMEX contract 1Z, CAISO SP15 EZ Gen Hub Peak Calendar-Month",
        ),
        Calendar(
            *("wecc", _PACIFIC, _MON_SAT, _BLOCKS_6X16_HE07, holidays),
            convention=f"{_TRADE}: HE 07-22 Pacific prevailing, Monday to Saturday {_NERC}.",
            source="NYMEX contract QVD, Palo Verde Day-Ahead Off-Peak",
        ),
        Calendar(
            *("eu_base", "Europe/Berlin", _MON_FRI, _BLOCKS_EU, no_holidays),
            convention=f"{_TRADE}: 08:00 to 20:00 German time, Monday to Friday, holidays too.",
            source="NYMEX contract DEP, German Power Peakload Calendar Month; EEX Phelix Peak",
        ),
    )
}


def calendar_of(name: str) -> Calendar:
    """A calendar by name, in any case; UnknownCalendar if none."""
    found = CALENDARS.get(name.strip().lower())
    if found is None:
        raise UnknownCalendar(f"the calendars are {', '.join(CALENDARS)}, not {name!r}")
    return found
