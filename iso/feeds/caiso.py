"""California ISO: LMP of OASIS, a row for each component.

Stamps in GMT count; operating day and hour, with 25 for the repeated one, must agree. Day-ahead
prices are the sum of their five components. What real-time runs leave out, the greenhouse-gas
component among it, their files do not guarantee. See docs/feeds/iso.caiso_lmp.md.
"""

from array import array
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from math import inf, isfinite, isnan, nan
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import InvalidRow, Line, csv_lines, header_of, picker, price, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import labelled_hour_utc
from iso.feeds.prices import Interval, Location, PriceRow, Prices, Sum, Values, interval, resolved
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
        self._run = run
        self._numbers: dict[tuple[str, ...], int] = {}
        self._intervals: dict[Interval, int] = {}
        self._nodes: dict[str, array[float]] = {}
        self._spoilt: set[tuple[str, int]] = set()
        self._needed = {*TYPES} if run == "DAM" else {*TYPES[:-1]}

    def take(self, line: Line, cells: tuple[str, ...]) -> None:
        """A row; InvalidRow where its price is none, or has come before."""
        stamps, (node, run, kind, text) = cells[: len(WHEN)], cells[len(WHEN) :]
        if run != self._run or kind not in SLOTS:
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
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, (*WHEN, *WHAT, _price_column(header)))
    first = next(lines, None)
    if first is None:
        raise InvalidFile("there is no row")
    run = pick(whole(first, header).cells)[WHEN_AND_RUN]
    prices, held = _prices(run, first), _Held(run)
    for line in chain((first,), lines):
        try:
            held.take(line, pick(whole(line, header).cells))
        except InvalidRow as reason:
            prices.reject(line.place, str(reason), line.cells)
    yield from prices.collect(held.rows())


def _price_column(header: Line) -> str:
    names = [cell.strip() for cell in header.cells]
    found = [name for name in PRICE if name in names]
    if len(found) != 1:
        raise InvalidFile(f"one of the columns {', '.join(PRICE)} is expected", header.place)
    return found[0]


def _prices(run: str, line: Line) -> Prices:
    if run not in MARKETS:
        raise InvalidFile(f"MARKET_RUN_ID is none of {', '.join(MARKETS)}", line.place)
    return Prices(ISO, MARKETS[run], check=Sum(ROUNDING, guaranteed=run == "DAM"))


@lru_cache(maxsize=2**15)
def _interval(start: str, end: str, day: str, hour: str) -> Interval:
    begins, ends = (datetime.fromisoformat(text) for text in (start, end))
    if begins.tzinfo is None or ends.tzinfo is None:
        raise ValueError(f"{start} has no offset")
    begins = begins.astimezone(UTC)
    minutes = (ends - begins) // timedelta(minutes=1)
    if minutes not in (5, 15, 60):
        raise ValueError(f"{start} to {end} is no interval of 5, 15 or 60 minutes")
    # Hour 2 of an autumn day is the first pass; the second is 25.
    named = labelled_hour_utc(ZONE, date.fromisoformat(day), int(hour), int(hour) == 25)
    if not named <= begins < named + timedelta(hours=1):
        raise ValueError(f"{start} is not in hour {hour} of {day}")
    return interval(ISO, begins, minutes)


@lru_cache(maxsize=2**15)
def _location(node: str) -> Location:
    kinds = (kind for prefix, kind in PREFIXES.items() if node.startswith(prefix))
    return Location(node, node, next(kinds, "NODE"))


FEED = Feed(
    name="iso.caiso_lmp",
    title="CAISO LMP of OASIS: day-ahead, HASP, RTPD or RTM",
    tables=TABLES,
    pattern="*PRC_*LMP*.csv",
    read=read,
)
FEEDS = (FEED,)
