"""NYISO: zone and generator LBMP of the MIS, and the custom report of its OASIS.

The publisher's congestion is subtracted: LBMP = energy + losses - congestion. Here it is turned,
so that a dearer place has a positive congestion as everywhere else. Energy is what is left.

MIS stamps have no offset. The hour that comes twice in autumn is told by the order of a location's
rows: each is later than the one before. See docs/feeds/iso.nyiso_lmp.md.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from itertools import chain
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import InvalidRow, Line, csv_lines, header_of, picker, price, wall, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import AmbiguousTime, abbreviated_utc, wall_utc, zone_info
from iso.feeds.prices import Interval, Location, PriceRow, Prices, Values, interval, resolved
from iso.tables import TABLES

ISO = "NYISO"
ZONE = calendar_of(ISO).market_zone
LBMP = (
    *("Time Stamp", "Name", "PTID", "LBMP ($/MWHr)"),
    *("Marginal Cost Losses ($/MWHr)", "Marginal Cost Congestion ($/MWHr)"),
)
OASIS = (
    *("Eastern Date Hour", "Eastern Date Hour Time Zone", "Zone Name", "Zone PTID"),
    *("DAM Zonal LBMP", "DAM Zonal Losses", "DAM Zonal Congestion", "DAM Zonal Price Version"),
)
ZONES = range(61752, 61763)
NEIGHBOURS = range(61844, 61848)
STEPS = (5, 15, 60)
MARKETS = {5: "FIVE_MINUTE", 15: "FIFTEEN_MINUTE", 60: "REAL_TIME"}


class Clock:
    """Tells the two passes of a repeated hour by the order of each location's rows."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def instant(self, text: str, ptid: str) -> datetime:
        """When a stamp is; ValueError where the rows do not tell."""
        passes = _passes(text)
        before = self._last.get(ptid)
        if len(passes) == 1:
            self._must_have_passed_twice(passes[0], before)
            found = passes[0]
        elif before is None:
            raise AmbiguousTime(f"{text} comes twice, and no earlier row of {ptid} tells which")
        else:
            found = passes[0] if passes[0] > before else passes[1]
        self._last[ptid] = found
        return found

    @staticmethod
    def _must_have_passed_twice(instant: datetime, before: datetime | None) -> None:
        """After a repeated hour: whose last row was in its first pass lacks one of the two."""
        if before is None or not timedelta(0) < instant - before < timedelta(hours=3):
            return
        shown = before.astimezone(zone_info(ZONE)).replace(tzinfo=None)
        passes = _passes(f"{shown:%m/%d/%Y %H:%M:%S}")
        if len(passes) == 2 and before == passes[0]:
            raise AmbiguousTime(f"{shown} comes twice and is there once")


@lru_cache(maxsize=2**15)
def _passes(text: str) -> tuple[datetime, ...]:
    """The instants at which the clock shows a stamp: one, or in autumn two."""
    shown = wall(text, "%m/%d/%Y %H:%M:%S" if text.count(":") == 2 else "%m/%d/%Y %H:%M")
    try:
        return (wall_utc(ZONE, shown),)
    except AmbiguousTime:
        return wall_utc(ZONE, shown, repeated=False), wall_utc(ZONE, shown, repeated=True)


def read(file: BinaryIO, *, market: str) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the file is of another form."""
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, LBMP)
    at_end = market != "DAY_AHEAD"
    minutes, lines = _spacing(lines, header) if at_end else (60, lines)
    clock, prices = Clock(), Prices(ISO, MARKETS[minutes] if at_end else market)

    def rows() -> Iterator[PriceRow]:
        for line in lines:
            stamp, name, ptid, *parts = pick(whole(line, header).cells)
            instant: datetime = resolved(line.place, clock.instant, stamp, ptid)
            start = instant - timedelta(minutes=minutes) if at_end else instant
            if start.second or start.minute % minutes:
                prices.reject(line.place, "irregular_interval", line.cells)
                continue
            if values := _values(prices, line, parts):
                at = interval(ISO, start, minutes)
                yield line.place, _location(ptid, name), at, values, line.cells, None

    return prices.collect(rows())


def _spacing(lines: Iterator[Line], header: Line) -> tuple[int, Iterator[Line]]:
    """How long intervals are, by the first two stamps of the file; and all lines again."""
    (at,) = (index for index, cell in enumerate(header.cells) if cell.strip() == LBMP[0])
    held: list[Line] = []
    for line in lines:
        held.append(line)
        first, here = (whole(one, header).cells[at] for one in (held[0], line))
        if here != first:
            apart = resolved(line.place, lambda a, b: _passes(b)[0] - _passes(a)[0], first, here)
            minutes = apart // timedelta(minutes=1)
            if minutes not in STEPS or apart % timedelta(minutes=1):
                raise InvalidFile(f"intervals of {apart} are not known here", line.place)
            return minutes, chain(held, lines)
    raise InvalidFile("a second stamp is needed to tell how long intervals are")


def _values(prices: Prices, line: Line, parts: Sequence[str]) -> Values | None:
    """Price, losses and congestion of a row; None for one that is set aside."""
    try:
        lbmp, losses, congestion = map(price, parts)
        if lbmp is None or losses is None or congestion is None:
            raise InvalidRow("missing_measurement")
    except InvalidRow as reason:
        prices.reject(line.place, str(reason), line.cells)
        return None
    energy = round(lbmp - losses + congestion, 2)
    return Values(lbmp, energy, 0.0 - congestion, losses)


@lru_cache(maxsize=4096)
def _location(ptid: str, name: str) -> Location:
    number = int(ptid) if ptid.isdecimal() else 0
    kind = "ZONE" if number in ZONES else "INTERFACE" if number in NEIGHBOURS else "RESOURCE"
    return Location(ptid, name or None, kind)


def read_oasis(file: BinaryIO) -> Iterator[Batch]:
    """Batches of the custom report, whose stamps carry EST or EDT, and prices a version."""
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, OASIS)
    prices = Prices(ISO, "DAY_AHEAD")

    def rows() -> Iterator[PriceRow]:
        for line in lines:
            stamp, zone, name, ptid, *parts, issue = pick(whole(line, header).cells)
            at: Interval = resolved(line.place, _oasis_hour, stamp, zone)
            version: int = resolved(line.place, int, issue)
            if values := _values(prices, line, parts):
                yield line.place, _location(ptid, name), at, values, line.cells, version

    return prices.collect(rows())


@lru_cache(maxsize=2**15)
def _oasis_hour(stamp: str, zone: str) -> Interval:
    start = abbreviated_utc(ZONE, wall(stamp, "%m/%d/%y %H:%M"), zone.strip())
    return interval(ISO, start.astimezone(UTC), 60)


FEED = Feed(
    name="iso.nyiso_lmp",
    title="NYISO day-ahead LBMP of zones or generators, MIS CSV",
    tables=TABLES,
    pattern="*damlbmp*.csv",
    read=partial(read, market="DAY_AHEAD"),
)
REAL_TIME = Feed(
    name="iso.nyiso_rt_lmp",
    title="NYISO real-time LBMP of zones or generators, MIS CSV",
    tables=TABLES,
    pattern="*realtime*.csv",
    read=partial(read, market="FIVE_MINUTE"),
)
CUSTOM = Feed(
    name="iso.nyiso_oasis_lmp",
    title="NYISO day-ahead zonal LBMP, custom report of OASIS",
    tables=TABLES,
    pattern="OASIS_Day-Ahead_Market_Zonal_LBMP*.csv",
    read=read_oasis,
)
FEEDS = (FEED, REAL_TIME, CUSTOM)
