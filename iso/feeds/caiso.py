"""California ISO: LMP of OASIS, a row for each component.

Stamps in GMT count; operating day and hour, with 25 for the repeated one, must agree. Day-ahead
prices are the sum of their five components; what a file leaves out, it does not guarantee. An
archive may have a file for each component: they are read as one, each with its own header. See
docs/feeds/iso.caiso_lmp.md.
"""

import json
import re
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from functools import lru_cache
from math import inf, isfinite, isnan, nan
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, calendar_day, moment, price, whole_number
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.loads.reading import (
    ROWS_AT_ONCE,
    Line,
    csv_lines,
    has_heading,
    header_of,
    heading,
    picker,
    whole,
)
from aurum.market.calendars import calendar_of
from aurum.market.time import labelled_hour_utc
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.locations import Location
from iso.feeds.prices import PriceRow, Prices, Values
from iso.feeds.wholeness import Sum
from iso.tables import TABLES

ISO = "CAISO"
ZONE = calendar_of(ISO).market_zone
ROUNDING = 0.00005
MARKETS = {
    "DAM": "DAY_AHEAD",
    "HASP": "HOUR_AHEAD",
    "RTPD": "FIFTEEN_MINUTE",
    "RTM": "FIVE_MINUTE",
}
WHEN = ("INTERVALSTARTTIME_GMT", "INTERVALENDTIME_GMT", "OPR_DT", "OPR_HR")
WHAT = ("NODE", "MARKET_RUN_ID", "LMP_TYPE")
PRICE = ("MW", "VALUE", "PRC")
TIE = "TIE"
WHEN_AND_RUN = len(WHEN) + WHAT.index("MARKET_RUN_ID")
TYPES = ("LMP", "MCE", "MCC", "MCL", "MGHG")
SLOTS = {kind: number for number, kind in enumerate(TYPES)}
LINE = len(TYPES)
WIDTH = LINE + 1
PREFIXES = {"TH_": "HUB", "DLAP_": "ZONE", "SLAP_": "AGGREGATE", "POD_": "RESOURCE"}


class _Held:
    """The prices of a run's file, by node: 48 bytes for each of the file's intervals.

    Of a price there are its components, NaN where none has come and infinity where it is empty, and
    the line of the first.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self._numbers: dict[tuple[str, ...], int] = {}
        self._intervals: dict[Interval, int] = {}
        self._nodes: dict[str, array[float]] = {}
        self._spoilt: set[tuple[str, int]] = set()
        self._needed = {TYPES[0]}

    def take(self, line: Line, cells: tuple[str, ...]) -> None:
        """A row; InvalidRow where its price is none, or has come before."""
        stamps, (node, run, kind, text) = cells[: len(WHEN)], cells[len(WHEN) :]
        if run != self.run or kind not in SLOTS:
            raise InvalidFile(f"no row of {run[:20]} and {kind[:20]} is expected", line.place)
        number = self._numbers.get(stamps)
        if number is None:
            at = resolved(line.place, _interval, *stamps)
            number = self._intervals.setdefault(at, len(self._intervals))
            self._numbers[stamps] = number
        first = number * WIDTH
        values = self._of(node, first)
        slot = first + SLOTS[kind]
        if not isnan(values[slot]):
            raise InvalidRow("component_twice")
        if isnan(values[first + LINE]):
            values[first + LINE] = line.number
        try:
            value = price(text)
        except InvalidRow:
            self._spoilt.add((node, number))
            raise
        values[slot] = inf if value is None else value
        self._needed.add(kind)

    @property
    def lacking(self) -> list[str]:
        """The components that no row of the file has."""
        return [kind for kind in TYPES if kind not in self._needed]

    def _of(self, node: str, first: int) -> "array[float]":
        """The numbers of a node, long enough for the interval whose numbers begin at `first`."""
        values = self._nodes.get(node)
        if values is None:
            values = self._nodes[node] = array("d")
        short = first + WIDTH - len(values)
        if short > 0:
            values.extend([nan] * short)
        return values

    def rows(self) -> Iterator[PriceRow]:
        """All prices; InvalidFile if one lacks a component that its file has."""
        for node, values in self._nodes.items():
            for at, number in self._intervals.items():
                found = values[number * WIDTH : (number + 1) * WIDTH]
                if (node, number) in self._spoilt or not found or isnan(found[LINE]):
                    continue
                place = f"line {found.pop():.0f}"
                self._check(node, at, found, place)
                parts = [value if isfinite(value) else None for value in found]
                raw = [node, at.interval_start, *parts]
                yield place, _location(node), at, Values(*parts), raw, None

    def _check(self, node: str, at: Interval, found: "array[float]", place: str) -> None:
        for kind, value in zip(TYPES, found, strict=True):
            if isnan(value) and kind in self._needed:
                raise InvalidFile(f"there is no {kind} of {node} at {at.interval_start}", place)


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of prices; InvalidFile when the header, a run or a time is not what it must be.

    Rows come in any order, as by component, so all prices of the file are held to its end.
    """
    held: _Held | None = None
    aside: list[RejectedRow] = []
    for line, cells in _rows(file):
        if held is None:
            held = _Held(_known_run(cells[WHEN_AND_RUN], line))
        try:
            held.take(line, cells)
        except InvalidRow as reason:
            aside.append(RejectedRow(line.place, str(reason), json.dumps(line.cells)))
            if len(aside) >= ROWS_AT_ONCE:
                yield Batch(rejected=aside)
                aside = []
    if held is None:
        raise InvalidFile("there is no row")
    day_ahead = held.run == "DAM"
    check = Sum(ROUNDING, guaranteed=day_ahead and not held.lacking)
    prices = Prices(ISO, MARKETS[held.run], check=check, by_day=day_ahead)
    if aside:
        yield Batch(rejected=aside)
    yield from prices.collect(held.rows())
    if missing := [kind for kind in held.lacking if kind != "MGHG"]:
        yield Batch(warnings=[f"incomplete: there is no row of {', '.join(missing)}"])


def _rows(file: BinaryIO) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """The lines below a header, and their cells of the columns that count."""
    lines = csv_lines(file)
    header = header_of(lines)
    pick = _picker(header)
    for line in lines:
        if _is_header(line):
            header, pick = line, _picker(line)
        else:
            yield line, pick(whole(line, header).cells)


def _is_header(line: Line) -> bool:
    return any(cell.strip("\ufeff ") == WHEN[0] for cell in line.cells[:2])


def _picker(header: Line) -> Callable[[list[str]], tuple[str, ...]]:
    """A function to the cells that count; InvalidFile for a header that is not of these reports."""
    header = header._replace(cells=[cell.strip("\ufeff") for cell in header.cells])
    if has_heading(header, TIE):
        raise InvalidFile("these are prices of ties at scheduling points", header.place)
    columns = (*((name,) for name in (*WHEN, *WHAT)), PRICE)
    return picker(header, [heading(header, *names) for names in columns])


def _known_run(run: str, line: Line) -> str:
    if run not in MARKETS:
        raise InvalidFile(f"MARKET_RUN_ID is none of {', '.join(MARKETS)}", line.place)
    return run


@lru_cache(maxsize=2**15)
def _interval(start: str, end: str, day: str, hour: str) -> Interval:
    begins, ends = (moment(text) for text in (start, end))
    if begins.tzinfo is None or ends.tzinfo is None:
        raise ValueError(f"{start} has no offset")
    begins = begins.astimezone(UTC)
    minutes = (ends - begins) // timedelta(minutes=1)
    if minutes not in (5, 15, 60):
        raise ValueError(f"{start} to {end} is no interval of 5, 15 or 60 minutes")
    # Hour 2 of an autumn day is the first pass; the second is 25.
    number = whole_number(hour)
    named = labelled_hour_utc(ZONE, calendar_day(day), number, number == 25)
    if not named <= begins < named + timedelta(hours=1):
        raise ValueError(f"{start} is not in hour {hour} of {day}")
    return interval(ISO, begins, minutes)


@lru_cache(maxsize=2**15)
def _location(node: str) -> Location:
    node = node.strip()
    kinds = (kind for prefix, kind in PREFIXES.items() if node.startswith(prefix))
    return Location(node, node, next(kinds, "NODE"))


_PART = re.compile(r"(_PRC_(?:[A-Z]+_)?LMP_[A-Z]+(?:_\d+)?)_(?:LMP|MCC|MCE|MCL|MGHG)_", re.I)


def whole_name(name: str) -> str:
    """A file's name without the component, where it has one: an archive of all nodes has a file for
    each component, such as 20260904_20260904_PRC_LMP_DAM_MCC_v12.csv."""
    return _PART.sub(r"\1_", name)


FEED = Feed(
    name="iso.caiso_lmp",
    title="CAISO LMP of OASIS: day-ahead, HASP, RTPD or RTM",
    tables=TABLES,
    patterns=(
        "*PRC_LMP_*.csv",
        "*PRC_HASP_LMP_*.csv",
        "*PRC_RTPD_LMP_*.csv",
        "*PRC_INTVL_LMP_*.csv",
    ),
    read=read,
    joins=whole_name,
)
FEEDS = (FEED,)
