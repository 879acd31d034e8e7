"""SPP: LMP by settlement location, day-ahead by the hour and real-time by five minutes.

Each row has the interval's end in GMT, which counts, and in Central prevailing time, which must
agree. See docs/feeds/iso.spp_lmp.md.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import lru_cache, partial
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import csv_lines, header_of, picker, wall, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import zone_info
from iso.feeds.prices import Interval, Location, PriceRow, Prices, Sum, Values, interval, resolved
from iso.tables import TABLES

ISO = "SPP"
ZONE = zone_info(calendar_of(ISO).market_zone)
EXACT = Sum(within=0.00005)
STAMP = "%m/%d/%Y %H:%M:%S"
COLUMNS = (
    *("Interval", "GMTIntervalEnd", "Settlement Location"),
    *("LMP", "MEC", "MCC", "MLC"),
)


def read(file: BinaryIO, *, market: str, minutes: int) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the header or a time is not what it must be."""
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, COLUMNS)

    def rows() -> Iterator[PriceRow]:
        ends: set[str] = set()
        for line in lines:
            shown, gmt, place, *values = pick(whole(line, header).cells)
            at: Interval = resolved(line.place, _interval, shown, gmt, minutes)
            ends.add(at.interval_end)
            yield line.place, _location(place), at, Values(*values), line.cells, None
        # Both forms have the same columns; the hours of a day are no five-minute prices.
        if minutes < 60 and len(ends) > 1 and all(end.endswith(":00:00Z") for end in ends):
            raise InvalidFile(
                "every interval ends on the hour: load day-ahead prices as iso.spp_lmp"
            )

    return Prices(ISO, market, check=EXACT).collect(rows())


@lru_cache(maxsize=2**14)
def _interval(shown: str, gmt: str, minutes: int) -> Interval:
    end = wall(gmt, STAMP).replace(tzinfo=UTC)
    start = end - timedelta(minutes=minutes)
    if start.second or start.minute % minutes:
        raise ValueError(f"{gmt} is no end of an interval of {minutes} minutes")
    # Where the clock is changed at an interval's end, that end has two names.
    names = (
        end.astimezone(ZONE).replace(tzinfo=None),
        start.astimezone(ZONE).replace(tzinfo=None) + timedelta(minutes=minutes),
    )
    if wall(shown, STAMP) not in names:
        raise ValueError(f"{gmt} GMT is {names[0]} Central, not {shown}")
    return interval(ISO, start, minutes)


@lru_cache(maxsize=2**14)
def _location(place: str) -> Location:
    """The file does not say what kind of location it is; hubs are known by their names."""
    return Location(place, place, "HUB" if place.upper().endswith("HUB") else None)


FEED = Feed(
    name="iso.spp_lmp",
    title="SPP day-ahead hourly LMP by settlement location",
    tables=TABLES,
    pattern="DA-LMP-SL-*.csv",
    read=partial(read, market="DAY_AHEAD", minutes=60),
)
FIVE_MINUTE = Feed(
    name="iso.spp_rtbm_lmp",
    title="SPP real-time balancing market LMP by settlement location, five minutes",
    tables=TABLES,
    pattern="RTBM-LMP-SL-*.csv",
    read=partial(read, market="FIVE_MINUTE", minutes=5),
)
FEEDS = (FEED, FIVE_MINUTE)
