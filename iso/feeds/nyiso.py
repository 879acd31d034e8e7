"""NYISO: zone and generator LBMP of the MIS, and the custom reports of its OASIS.

See docs/feeds/iso.nyiso_lmp.md.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import lru_cache, partial
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import whole_number
from aurum.loads.feeds import Batch, Feed
from aurum.market.time import abbreviated_utc
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.nyiso_dispatch import read_dispatch
from iso.feeds.nyiso_rows import (
    ENERGY_WITHIN,
    ISO,
    LBMP,
    ZONE,
    Columns,
    Read,
    instant,
    price_row,
    rows_of,
    shown,
    values_of,
)
from iso.feeds.passes import Passes
from iso.feeds.prices import PriceRow, Prices
from iso.tables import TABLES

HOUR = timedelta(hours=1)
OASIS: Columns = (
    ("Eastern Date Hour",),
    ("Zone Name",),
    ("Zone PTID",),
    ("DAM Zonal LBMP",),
    ("DAM Zonal Losses",),
    ("DAM Zonal Congestion",),
    ("Eastern Date Hour Time Zone",),
    ("DAM Zonal Price Version",),
)
OASIS_DISPATCH: Columns = (
    ("RTD End Time Stamp",),
    ("Zone Name",),
    ("Zone PTID",),
    ("RTD Zonal LBMP",),
    ("RTD Zonal Losses",),
    ("RTD Zonal Congestion",),
)


def read(file: BinaryIO, *, market: str) -> Iterator[Batch]:
    """Batches of hourly prices; InvalidFile when the file is of another form."""
    _must_be_hourly(file)
    prices = Prices(ISO, market)

    def rows() -> Iterator[PriceRow | None]:
        clock = Passes(ZONE)
        for one in rows_of(file, LBMP):
            at = interval(ISO, instant(one, clock), 60)
            values = values_of(prices, one, at)
            yield values and price_row(one, at, values)

    return prices.collect_same_energy(rows, ENERGY_WITHIN)


def _must_be_hourly(file: BinaryIO) -> None:
    """Refuses the prices of the dispatch, by the first two stamps: the columns are the same."""
    first: Read | None = None
    for one in rows_of(file, LBMP):
        first = first or one
        if one.stamp == first.stamp:
            continue
        there, here = (resolved(at.line.place, shown, at.stamp) for at in (first, one))
        if there.minute or there.second or (here - there) % HOUR:
            break
        return
    else:
        if first is None or first.stamp.count(":") < 2:  # only the dispatch's have seconds
            return
    raise InvalidFile(
        "stamps are not an hour apart: load prices of the dispatch as iso.nyiso_rt_lmp",
        one.line.place,
    )


def read_oasis(file: BinaryIO) -> Iterator[Batch]:
    """Batches of the custom report, whose stamps carry EST or EDT, and prices a version."""
    prices = Prices(ISO, "DAY_AHEAD")

    def rows() -> Iterator[PriceRow | None]:
        for one in rows_of(file, OASIS):
            zone, issue = one.more
            at: Interval = resolved(one.line.place, _oasis_hour, one.stamp, zone)
            version: int = resolved(one.line.place, whole_number, issue)
            values = values_of(prices, one, at)
            yield values and price_row(one, at, values, version)

    return prices.collect(rows())


@lru_cache(maxsize=2**15)
def _oasis_hour(stamp: str, zone: str) -> Interval:
    start = abbreviated_utc(ZONE, shown(stamp), zone.strip())
    return interval(ISO, start.astimezone(UTC), 60)


FEED = Feed(
    name="iso.nyiso_lmp",
    title="NYISO day-ahead LBMP of zones or generators, MIS CSV",
    tables=TABLES,
    patterns=("*damlbmp*.csv",),
    read=partial(read, market="DAY_AHEAD"),
)
# The dispatch has no grid: what a later file has otherwise would overlap what was there before.
SERIES_DAY = ("series_key", "delivery_date")
DISPATCHED = Feed(
    name="iso.nyiso_rt_lmp",
    title="NYISO real-time LBMP of the dispatch, five minutes, and of its look-ahead, MIS CSV",
    tables=TABLES,
    patterns=("*realtime_zone*.csv", "*realtime_gen*.csv"),
    read=read_dispatch,
    mode="replace",
    scope=SERIES_DAY,
    between="interval_start",
)
REAL_TIME = Feed(
    name="iso.nyiso_rt_hourly_lmp",
    title="NYISO real-time LBMP integrated by the hour, MIS CSV",
    tables=TABLES,
    patterns=("*rtlbmp*.csv",),
    read=partial(read, market="REAL_TIME"),
)
CUSTOM = Feed(
    name="iso.nyiso_oasis_lmp",
    title="NYISO day-ahead zonal LBMP, custom report of OASIS",
    tables=TABLES,
    patterns=("OASIS_Day-Ahead_Market_Zonal_LBMP*.csv",),
    read=read_oasis,
)
CUSTOM_DISPATCH = Feed(
    name="iso.nyiso_oasis_rt_lmp",
    title="NYISO real-time zonal LBMP of the dispatch, custom report of OASIS",
    tables=TABLES,
    patterns=("OASIS_Real_Time_Dispatch_Zonal_LBMP*.csv",),
    read=partial(read_dispatch, columns=OASIS_DISPATCH),
    mode="replace",
    scope=SERIES_DAY,
    between="interval_start",
)
FEEDS = (FEED, DISPATCHED, REAL_TIME, CUSTOM, CUSTOM_DISPATCH)
