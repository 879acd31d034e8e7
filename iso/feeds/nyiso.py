"""NYISO: zone and generator LBMP of the MIS, and the custom reports of its OASIS.

The publisher's congestion is subtracted: LBMP = energy + losses - congestion. Here it is turned,
so that a dearer place has a positive congestion as everywhere else. Energy is what is left; it is
the same at every place of an interval.

MIS stamps have no offset. The hour that comes twice in autumn is told by the order of a location's
rows: each is later than the one before. See docs/feeds/iso.nyiso_lmp.md.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from io import SEEK_END
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import (
    InvalidRow,
    Line,
    csv_lines,
    header_of,
    heading,
    picker,
    price,
    wall,
    whole,
)
from aurum.market.calendars import calendar_of
from aurum.market.time import abbreviated_utc, hour_starts, zone_info
from iso.feeds.passes import Passes, passes_of
from iso.feeds.prices import (
    Interval,
    Location,
    PriceRow,
    Prices,
    Values,
    between,
    interval,
    resolved,
)
from iso.tables import TABLES

ISO = "NYISO"
ZONE = calendar_of(ISO).market_zone
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
DISPATCH, LOOK_AHEAD = timedelta(minutes=5), timedelta(minutes=15)
ENERGY_WITHIN = 0.02
CENTS = re.compile(r"-?\d*\.\d\d")
"""How the MIS writes its last column, congestion: what is cut off there has fewer decimals."""

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
ZONES = range(61752, 61763)
NEIGHBOURS = range(61844, 61848)


@lru_cache(maxsize=2**15)
def _passes(text: str) -> tuple[datetime, ...]:
    """The instants at which the clock shows a stamp."""
    return passes_of(ZONE, _shown(text))


def _shown(text: str) -> datetime:
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


def _read(file: BinaryIO, columns: Columns) -> Iterator[Read]:
    """The lines of a file from its beginning; InvalidFile where the header or a line is not so."""
    file.seek(0)
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, [heading(header, *names) for names in columns])
    last = None
    for line in lines:
        stamp, name, ptid, *cells = pick(whole(line, header).cells)
        if last is not None:
            yield last
        last = Read(line, stamp, name, ptid, tuple(cells[:3]), tuple(cells[3:]))
    if last is not None:
        if columns is LBMP and not (
            _ends_with_a_line(file) or CENTS.fullmatch(last.line.cells[-1])
        ):
            raise InvalidFile(
                "the last line ends within a number: the file is cut off", last.line.place
            )
        yield last


def _ends_with_a_line(file: BinaryIO) -> bool:
    file.seek(-1, SEEK_END)
    return file.read(1) in b"\r\n"


def _instant(one: Read, clock: Passes) -> datetime:
    """When a line's stamp is; InvalidFile where that cannot be told."""
    at: datetime = resolved(one.line.place, lambda: clock.instant(_passes(one.stamp), one.ptid))
    return at


def read(file: BinaryIO, *, market: str) -> Iterator[Batch]:
    """Batches of hourly prices; InvalidFile when the file is of another form."""
    _must_be_hourly(file)
    prices = Prices(ISO, market)

    def rows() -> Iterator[PriceRow]:
        clock = Passes(ZONE)
        for one in _read(file, LBMP):
            start = _instant(one, clock)
            if values := _values(prices, one):
                yield _row(one, interval(ISO, start, 60), values)

    return prices.collect_same_energy(rows, ENERGY_WITHIN)


def _must_be_hourly(file: BinaryIO) -> None:
    """Refuses the prices of the dispatch, by the first two stamps: the columns are the same."""
    first: Read | None = None
    for one in _read(file, LBMP):
        first = first or one
        if one.stamp == first.stamp:
            continue
        there, here = (resolved(at.line.place, _shown, at.stamp) for at in (first, one))
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


def read_dispatch(file: BinaryIO, *, columns: Columns = LBMP) -> Iterator[Batch]:
    """Batches of the dispatch's prices, and behind them those of the look-ahead.

    The dispatch runs every five minutes and, when it must, between. The look-ahead of the
    commitment is a quarter of an hour apart and follows the dispatch until that overtakes it.
    """
    found = _look_ahead(_ends(file, columns))
    dispatch = Prices(ISO, "FIVE_MINUTE", irregular=True)
    rows = partial(_dispatched, dispatch, file, columns, found)
    yield from dispatch.collect_same_energy(rows, ENERGY_WITHIN)
    if found.ahead:
        later = Prices(ISO, "FIFTEEN_MINUTE", status="PRELIMINARY", by_day=False)
        rows = partial(_looked_ahead, later, file, columns, found)
        yield from later.collect_same_energy(rows, ENERGY_WITHIN)


class LookAhead(NamedTuple):
    """The stamps of the look-ahead, and those that may be of either run."""

    ahead: frozenset[datetime] = frozenset()
    unsure: frozenset[datetime] = frozenset()


def _dispatched(
    prices: Prices, file: BinaryIO, columns: Columns, found: LookAhead
) -> Iterator[PriceRow]:
    for one, end, start in _stamped(file, columns):
        if start is None:
            prices.reject(one.line.place, "not_in_order", one.line.cells)
        elif end in found.ahead:
            continue
        elif end in found.unsure:
            prices.reject(one.line.place, "look_ahead", one.line.cells)
        elif values := _values(prices, one):
            yield _row(one, between(ISO, start, end), values)


def _looked_ahead(
    prices: Prices, file: BinaryIO, columns: Columns, found: LookAhead
) -> Iterator[PriceRow]:
    for one, end, start in _stamped(file, columns):
        if start is not None and end in found.ahead and (values := _values(prices, one)):
            yield _row(one, between(ISO, end - LOOK_AHEAD, end), values)


def _stamped(file: BinaryIO, columns: Columns) -> Iterator[tuple[Read, datetime, datetime | None]]:
    """Lines with the end of the interval, and its beginning as one of the dispatch.

    The beginning is None where an earlier line of the place has a later end.
    """
    clock, held = Passes(ZONE), dict[str, tuple[datetime, datetime]]()
    for one in _read(file, columns):
        end = _instant(one, clock)
        last, start = held.get(one.ptid, (None, None))
        if last is None or end > last:
            start = _start(end, last)
            held[one.ptid] = end, start
        yield one, end, start if last is None or end >= last else None


@lru_cache(maxsize=2**12)
def _start(end: datetime, before: datetime | None) -> datetime:
    """When an interval of the dispatch begins: at the place's stamp before it.

    Where stamps are missing, which an interval of more than five minutes or across a full hour
    shows, at the last five minutes of the clock: no hour has a part of another's price.
    """
    inside = end - SECOND
    hour = inside.replace(minute=0, second=0)
    if before is not None and end - before <= DISPATCH and before >= hour:
        return before
    return inside.replace(minute=inside.minute // 5 * 5, second=0)


def _ends(file: BinaryIO, columns: Columns) -> Counter[datetime]:
    """Of how many places a file has each stamp; InvalidFile for those of another report."""
    found: Counter[datetime] = Counter()
    stamp = ""
    for one, end, _ in _stamped(file, columns):
        found[end] += 1
        stamp = one.stamp
    ends = sorted(found)
    apart = min((later - end for end, later in pairwise(ends)), default=LOOK_AHEAD)
    # Of a single stamp only its form tells: those of hourly reports have no seconds.
    if apart > LOOK_AHEAD or (len(ends) == 1 and stamp.count(":") < 2 and not ends[0].minute):
        raise InvalidFile(
            "stamps are an hour apart: load hourly prices as iso.nyiso_rt_hourly_lmp or,"
            " day-ahead, as iso.nyiso_lmp"
        )
    return found


def _look_ahead(found: Counter[datetime]) -> LookAhead:
    """Which of a file's stamps are not the dispatch's.

    The look-ahead shows by stamps a quarter of an hour apart behind the dispatch, which never has
    two such steps, and at the end of a file not even one. The first of them may be the dispatch's
    last. A stamp that most places lack may be wrong, and tells nothing.
    """
    most = max(found.values(), default=0)
    ends = sorted(end for end, places in found.items() if 2 * places > most)
    runs: list[list[datetime]] = []
    for end in ends:
        if runs and not _off_quarter(end) and end - runs[-1][-1] == LOOK_AHEAD:
            runs[-1].append(end)
        else:
            runs.append([end])
    run = next((run for run in reversed(runs) if len(run) > 2), runs[-1] if runs else [])
    if not run or _off_quarter(run[0]):
        return LookAhead()
    first, at = run[0], ends.index(run[0])
    gap = first - (ends[at - 1] if at else _midnight(first))
    if len(run) == 1:
        return LookAhead(unsure=frozenset(run if DISPATCH < gap <= LOOK_AHEAD else ()))
    after = {end for end in found if end > first}.difference(run)
    if any(later - end <= DISPATCH for end, later in pairwise(sorted(after))):
        return LookAhead(unsure=frozenset(run[1:]))  # the dispatch goes on behind them
    return LookAhead(frozenset(run if gap > DISPATCH else run[1:]), frozenset({*after, first}))


def _off_quarter(end: datetime) -> bool:
    return bool(end.minute % 15 or end.second)


def _midnight(end: datetime) -> datetime:
    """When the day of an interval begins: what came before midnight is in another file."""
    return hour_starts(ZONE, (end - SECOND).astimezone(zone_info(ZONE)).date())[0]


def _row(one: Read, at: Interval, values: Values, version: int | None = None) -> PriceRow:
    return one.line.place, _location(one.ptid, one.name), at, values, one.line.cells, version


def _values(prices: Prices, one: Read) -> Values | None:
    """Price, losses and congestion of a row; None for one that is set aside."""
    try:
        lbmp, losses, congestion = map(price, one.parts)
        if lbmp is None or losses is None or congestion is None:
            raise InvalidRow("missing_measurement")
    except InvalidRow as reason:
        prices.reject(one.line.place, str(reason), one.line.cells)
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
    prices = Prices(ISO, "DAY_AHEAD")

    def rows() -> Iterator[PriceRow]:
        for one in _read(file, OASIS):
            zone, issue = one.more
            at: Interval = resolved(one.line.place, _oasis_hour, one.stamp, zone)
            version: int = resolved(one.line.place, int, issue)
            if values := _values(prices, one):
                yield _row(one, at, values, version)

    return prices.collect(rows())


@lru_cache(maxsize=2**15)
def _oasis_hour(stamp: str, zone: str) -> Interval:
    start = abbreviated_utc(ZONE, _shown(stamp), zone.strip())
    return interval(ISO, start.astimezone(UTC), 60)


FEED = Feed(
    name="iso.nyiso_lmp",
    title="NYISO day-ahead LBMP of zones or generators, MIS CSV",
    tables=TABLES,
    pattern="*damlbmp*.csv",
    read=partial(read, market="DAY_AHEAD"),
)
DISPATCHED = Feed(
    name="iso.nyiso_rt_lmp",
    title="NYISO real-time LBMP of the dispatch, five minutes, and of its look-ahead, MIS CSV",
    tables=TABLES,
    pattern="*realtime*.csv",
    read=read_dispatch,
)
REAL_TIME = Feed(
    name="iso.nyiso_rt_hourly_lmp",
    title="NYISO real-time LBMP integrated by the hour, MIS CSV",
    tables=TABLES,
    pattern="*rtlbmp*.csv",
    read=partial(read, market="REAL_TIME"),
)
CUSTOM = Feed(
    name="iso.nyiso_oasis_lmp",
    title="NYISO day-ahead zonal LBMP, custom report of OASIS",
    tables=TABLES,
    pattern="OASIS_Day-Ahead_Market_Zonal_LBMP*.csv",
    read=read_oasis,
)
CUSTOM_DISPATCH = Feed(
    name="iso.nyiso_oasis_rt_lmp",
    title="NYISO real-time zonal LBMP of the dispatch, custom report of OASIS",
    tables=TABLES,
    pattern="OASIS_Real_Time_Dispatch_Zonal_LBMP*.csv",
    read=partial(read_dispatch, columns=OASIS_DISPATCH),
)
FEEDS = (FEED, DISPATCHED, REAL_TIME, CUSTOM, CUSTOM_DISPATCH)
