"""Delivery periods: what a tenor's label says, and which months a strip is made of.

A month's label is `2026-01`; sources also write `Jan-26` and `January 2026`. Strips are
`Calendar 2026`, `Q1 2026`, `Summer 2026` (April to October) and `Winter 2026` (November 2025 to
March 2026: the label names the year it ends in).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache


class TenorType(StrEnum):
    MONTHLY = "MONTHLY"
    QUARTER = "QUARTER"
    SEASON = "SEASON"
    CALENDAR = "CALENDAR"
    STRIP = "STRIP"
    CUSTOM = "CUSTOM"


# A year a strip can have: years 0000 and 9999 have neighbours that no date can name.
_YEAR = r"((?:1[6-9]|2\d)\d\d)"
_MONTH = re.compile(rf"{_YEAR}-(0[1-9]|1[0-2])")
_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_REST = ("UARY", "RUARY", "CH", "IL", "", "E", "Y", "UST", "(?:T|TEMBER)", "OBER", "EMBER", "EMBER")
_NAME = "|".join(f"{name}(?:{rest})?" for name, rest in zip(_NAMES, _REST, strict=True))
_NAMED_MONTH = re.compile(rf"({_NAME})(?:[ -]?{_YEAR}|-?(\d\d))")
_CALENDAR = re.compile(rf"CAL(?:ENDAR)?[ -]?{_YEAR}")
_QUARTER = re.compile(rf"Q([1-4])[ -]?{_YEAR}|{_YEAR}[ -]?Q([1-4])")
_SEASON = re.compile(rf"(SUMMER|WINTER)[ -]?{_YEAR}")


@dataclass(frozen=True, slots=True)
class Strip:
    label: str
    months: tuple[date, ...]


def month_of(label: str) -> date | None:
    """The delivery month of a label `YYYY-MM`, None for any other label."""
    found = _MONTH.fullmatch(label)
    return date(int(found[1]), int(found[2]), 1) if found else None


def month_named(label: str) -> date | None:
    """The delivery month of a label in any of the usual spellings: `2026-10`, `Oct-26`, `Oct26`,
    `Oct 2026`, `October 2026`; None for any other label.

    Two digits after a blank, as `Oct 26`, may be a day, and a letter of the exchange, as `V26`,
    anything: these name no month.
    """
    text = label.strip().upper()
    if found := _NAMED_MONTH.fullmatch(text):
        year = int(found[2]) if found[2] else 2000 + int(found[3])
        return date(year, _NAMES.index(found[1][:3]) + 1, 1)
    return month_of(text)


_KINDS = (
    (TenorType.CALENDAR, re.compile(r"CAL(?:ENDAR)?(?![A-Z])")),
    (TenorType.SEASON, re.compile(r"(?:WINTER|SUMMER|SPRING|FALL|AUTUMN)(?![A-Z])")),
    (TenorType.SEASON, re.compile(r".*\b(?:BAL|STRIP)")),
    (TenorType.QUARTER, re.compile(r"(?:\d{4}[ -]?)?Q[1-4](?!\d)")),
)
_SHORT = re.compile(r"(?<![A-Z])(?:WK|WEEK|DAY)")
"""A week or a day, whatever longer period its label begins with."""


def tenor_type_of(label: str) -> TenorType:
    """The kind of period a label names; CUSTOM for one that is not understood: a week, a day."""
    if month_named(label):
        return TenorType.MONTHLY
    text = label.strip().upper()
    if _SHORT.search(text):
        return TenorType.CUSTOM
    return next((kind for kind, begins in _KINDS if begins.match(text)), TenorType.CUSTOM)


def strips_of(kind: TenorType, month: date) -> Strip | None:
    """The strip of this kind that has the month; None for a kind that has no strips."""
    match kind:
        case TenorType.CALENDAR:
            return calendar(month.year)
        case TenorType.QUARTER:
            return quarter(month.year, (month.month + 2) // 3)
        case TenorType.SEASON if 4 <= month.month <= 10:
            return summer(month.year)
        case TenorType.SEASON:
            return winter(month.year + (month.month > 10))
        case _:
            return None


@lru_cache(maxsize=1024)
def parse_strip_label(label: str) -> Strip | None:
    """The strip a label names in any of the usual spellings; None for what names none."""
    text = label.strip().upper()
    if found := _CALENDAR.fullmatch(text):
        return calendar(int(found[1]))
    if found := _QUARTER.fullmatch(text):
        return quarter(int(found[2] or found[3]), int(found[1] or found[4]))
    if found := _SEASON.fullmatch(text):
        return (summer if found[1] == "SUMMER" else winter)(int(found[2]))
    return None


def calendar(year: int) -> Strip:
    return Strip(f"Calendar {year}", _run(date(year, 1, 1), 12))


def quarter(year: int, number: int) -> Strip:
    return Strip(f"Q{number} {year}", _run(date(year, 3 * number - 2, 1), 3))


def summer(year: int) -> Strip:
    return Strip(f"Summer {year}", _run(date(year, 4, 1), 7))


def winter(year: int) -> Strip:
    return Strip(f"Winter {year}", _run(date(year - 1, 11, 1), 5))


def _run(first: date, months: int) -> tuple[date, ...]:
    return tuple(next_month(first, number) for number in range(months))


def next_month(month: date, further: int = 1) -> date:
    """The first day of the month that is `further` months on."""
    years, index = divmod(month.month - 1 + further, 12)
    return date(month.year + years, index + 1, 1)
