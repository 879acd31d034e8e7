"""NYISO's rows: where, when and how much, as its MIS and its OASIS write them.

The publisher's congestion is subtracted: LBMP = energy + losses - congestion. Here it is turned,
so that a dearer place has a positive congestion as everywhere else. Energy is what is left.

MIS stamps have no offset. The hour that comes twice in autumn is told by the order of a location's
rows. See docs/feeds/iso.nyiso_lmp.md.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.cells import wall
from aurum.loads.reading import (
    Line,
    csv_lines,
    ends_its_last_line,
    header_of,
    heading,
    picker,
    whole,
)
from aurum.market.calendars import calendar_of
from iso.feeds.intervals import Interval, resolved
from iso.feeds.locations import Location, digits_of
from iso.feeds.passes import Passes, passes_of
from iso.feeds.prices import PriceRow, Prices, Values

ISO = "NYISO"
ZONE = calendar_of(ISO).market_zone
ENERGY_WITHIN = 0.02
CENTS = re.compile(r"-?\d*\.\d\d")
"""How the MIS writes its last column, congestion: what is cut off there has fewer decimals."""
PTID = re.compile(r"[0-9]{1,9}")

Columns = tuple[tuple[str, ...], ...]
"""Of each column the headings that it is known by."""

LBMP: Columns = (
    ("Time Stamp",),
    ("Name",),
    ("PTID",),
    ("LBMP ($/MWHr)",),
    ("Marginal Cost Losses ($/MWHr)",),
    ("Marginal Cost Congestion ($/MWHr)", "Marginal Cost Congestion ($/MWH"),
)
ZONES = range(61752, 61763)
NEIGHBOURS = range(61844, 61848)


@lru_cache(maxsize=2**15)
def _passes(text: str) -> tuple[datetime, ...]:
    """The instants at which the clock shows a stamp."""
    return passes_of(ZONE, shown(text))


def shown(text: str) -> datetime:
    """What a stamp shows: `09/26/2026 00:05:00`, and as spreadsheets and databases write it again.

    That is without padding or seconds, in the twelve-hour clock, with a year of two digits, or with
    the year first.
    """
    day, _, clock = text.strip().replace("T", " ").partition(" ")
    if "-" in day:
        form = "%Y-%m-%d"
    else:
        form = "%m/%d/%Y" if len(day.rpartition("/")[2]) == 4 else "%m/%d/%y"
    half = clock.upper().endswith("M")
    seconds = ":%S" if clock.count(":") == 2 else ""
    return wall(f"{day} {clock}", f"{form} {'%I' if half else '%H'}:%M{seconds}{' %p' * half}")


class Read(NamedTuple):
    """A line with the cells of its stamp, name, PTID, LBMP, losses, congestion and what follows."""

    line: Line
    stamp: str
    name: str
    ptid: str
    parts: tuple[str, ...]
    more: tuple[str, ...]
    may_be_cut: bool = False


def rows_of(file: BinaryIO, columns: Columns) -> Iterator[Read]:
    """The lines of a file from its beginning; InvalidFile where the header or a line is not so."""
    file.seek(0)
    lines = csv_lines(file, ends_lines=False)
    header = header_of(lines)
    pick = picker(header, [heading(header, *names) for names in columns])
    last = None
    for line in lines:
        stamp, name, ptid, *cells = pick(whole(line, header).cells)
        ptid = ptid.strip()
        if not PTID.fullmatch(ptid):
            # As where the headings of name and PTID are exchanged.
            raise InvalidFile(f"'{ptid[:20]}' is no PTID, which is a number", line.place)
        if last is not None:
            yield last
        ptid = digits_of(ptid)
        last = Read(line, stamp, name.strip(), ptid, tuple(cells[:3]), tuple(cells[3:]))
    if last is not None:
        open_end = not ends_its_last_line(file)
        if columns is LBMP and open_end and not CENTS.fullmatch(last.line.cells[-1]):
            raise InvalidFile(
                "the last line ends within a number: the file is cut off", last.line.place
            )
        # The custom reports never end their last line, and write numbers as short as they can.
        yield last._replace(may_be_cut=columns is not LBMP and open_end)


def instant(one: Read, clock: Passes) -> datetime:
    """When a line's stamp is; InvalidFile where that cannot be told."""
    at: datetime = resolved(one.line.place, lambda: clock.instant(_passes(one.stamp), one.ptid))
    return at


def price_row(one: Read, at: Interval, values: Values, version: int | None = None) -> PriceRow:
    return one.line.place, _location(one.ptid, one.name), at, values, one.line.cells, version


def values_of(prices: Prices, one: Read, at: Interval) -> Values | None:
    """Price, losses and congestion of a row; None for one that is set aside."""
    if one.may_be_cut:
        prices.flag(one.line.place, "may_be_cut_off", one.line.cells)
    key = prices.key_of(one.ptid, at)
    found = prices.numbers(one.line.place, one.parts, one.line.cells, key)
    if found is None:
        return None
    lbmp, losses, congestion = found
    energy = round(lbmp - losses + congestion, 2)
    return Values(lbmp, energy, 0.0 - congestion, losses)


@lru_cache(maxsize=4096)
def _location(ptid: str, name: str) -> Location:
    number = int(ptid)
    kind = "ZONE" if number in ZONES else "INTERFACE" if number in NEIGHBOURS else "RESOURCE"
    return Location(ptid, name or None, kind)
