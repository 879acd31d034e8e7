"""SPP: LMP by settlement location or bus, day-ahead by the hour and real-time by five minutes.

Each row has the interval's end in GMT, which counts, and in Central prevailing time, which must
agree. See docs/feeds/iso.spp_lmp.md.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import wall
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, has_heading, header_of, heading, picker, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import zone_info
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.locations import Location
from iso.feeds.prices import PriceRow, Prices, Values
from iso.feeds.wholeness import Sum
from iso.tables import TABLES

ISO = "SPP"
ZONE = zone_info(calendar_of(ISO).market_zone)
EXACT = Sum(within=0.00005)
SETTLED_AT = ("Settlement Location", "Settlement Location Name")
BUS = ("Pnode", "Pnode Name")
OF_A_DAY = ("GMT Interval",)
"""How the roll-up of a day of real-time, and it alone, calls the interval's end."""
PARTS = ("LMP", "MEC", "MCC", "MLC")
ALL_PLACES = 100
"""A file of so many is no excerpt: SPP has more than a thousand settlement locations."""


def read(file: BinaryIO, *, market: str, minutes: int) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the header or a time is not what it must be."""
    lines = csv_lines(file)
    header = header_of(lines)
    place = BUS if _is_by_bus(header) else SETTLED_AT
    gmt = ("GMTIntervalEnd", *OF_A_DAY)
    names = (heading(header, *of) for of in (("Interval",), gmt, place, *zip(PARTS)))
    pick = picker(header, tuple(names))

    def rows() -> Iterator[PriceRow]:
        ends: set[str] = set()
        places: set[str] = set()
        for line in lines:
            shown, gmt, place, *values = pick(whole(line, header).cells)
            at: Interval = resolved(line.place, _interval, shown, gmt, minutes)
            ends.add(at.interval_end)
            places.add(place)
            yield line.place, _location(place), at, Values(*values), line.cells, None
        _must_be(market, ends, len(places))

    day = market == "DAY_AHEAD" or has_heading(header, *OF_A_DAY)
    # Of real-time, intervals may be corrected until the roll-up of their day comes out.
    status = "FINAL" if day else "PRELIMINARY"
    yield from Prices(ISO, market, status=status, check=EXACT, by_day=day).collect(rows())


def _is_by_bus(header: Line) -> bool:
    """Whether it has all columns of prices by bus and no other, the balancing area apart."""
    known = 3 + len(PARTS) + has_heading(header, "BAA")
    return not has_heading(header, *SETTLED_AT) and len(header.cells) == known


def _must_be(market: str, ends: set[str], places: int) -> None:
    """Refuses the other report, whose columns are the same."""
    if market == "DAY_AHEAD":
        if len(ends) == 1 and places >= ALL_PLACES:
            raise InvalidFile(
                "there is one interval of all places: a day-ahead report has all hours of its day;"
                " load real-time prices as iso.spp_rtbm_lmp"
            )
    elif len(ends) > 1 and all(end.endswith(":00:00Z") for end in ends):
        raise InvalidFile("every interval ends on the hour: load day-ahead prices as iso.spp_lmp")


@lru_cache(maxsize=2**14)
def _interval(shown: str, gmt: str, minutes: int) -> Interval:
    end = _stamp(gmt).replace(tzinfo=UTC)
    start = end - timedelta(minutes=minutes)
    if start.second or start.minute % minutes:
        raise ValueError(f"{gmt} is no end of an interval of {minutes} minutes")
    # Where the clock is changed at an interval's end, that end has two names.
    names = (
        end.astimezone(ZONE).replace(tzinfo=None),
        start.astimezone(ZONE).replace(tzinfo=None) + timedelta(minutes=minutes),
    )
    if _stamp(shown) not in names:
        raise ValueError(f"{gmt} GMT is {names[0]} Central, not {shown}")
    return interval(ISO, start, minutes)


def _stamp(text: str) -> datetime:
    """`04/01/2026 06:00:00`, and on some days `4/1/2026 6:00` or `6/1/2026 06:00`."""
    seconds = ":%S" if text.count(":") == 2 else ""
    return wall(text.strip(), f"%m/%d/%Y %H:%M{seconds}")


@lru_cache(maxsize=2**14)
def _location(place: str) -> Location:
    """The file does not say what kind of location it is; hubs are known by their names."""
    place = place.strip()
    return Location(place, place, "HUB" if place.upper().endswith("HUB") else None)


FEED = Feed(
    name="iso.spp_lmp",
    title="SPP day-ahead hourly LMP by settlement location or bus",
    tables=TABLES,
    patterns=("DA-LMP-SL*.csv", "DA-LMP-B*.csv"),
    read=partial(read, market="DAY_AHEAD", minutes=60),
)
FIVE_MINUTE = Feed(
    name="iso.spp_rtbm_lmp",
    title="SPP real-time balancing market LMP by settlement location or bus, five minutes",
    tables=TABLES,
    patterns=(
        "RTBM-LMP-SL-*.csv",
        "RTBM-LMP-B-*.csv",
        "RTBM-LMP-DAILY-*.csv",
    ),
    read=partial(read, market="FIVE_MINUTE", minutes=5),
)
FEEDS = (FEED, FIVE_MINUTE)
