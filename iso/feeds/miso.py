"""MISO: LMP of every node, hourly with a row each for price, congestion and loss, and five-minute.

Eastern Standard Time all year: no day has 23 or 25 hours. There is no row of energy; it is what is
left of the price, and the same at every node of an interval. See docs/feeds/iso.miso_lmp.md.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache, partial
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import wall
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, heading, picker, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import hour_beginning_utc, wall_utc
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.locations import Location
from iso.feeds.prices import Prices, Read, Values
from iso.tables import TABLES

ISO = "MISO"
ZONE = calendar_of(ISO).market_zone
DAY_AHEAD = {
    "Day Ahead Market LMPs": "DAY_AHEAD",
    "Day Ahead Market ExPost LMPs": "DAY_AHEAD",
}
REAL_TIME = {"Realtime Market LMPs": "REAL_TIME"}
HOURS = range(1, 25)
CLOCK = "All Hours-Ending are Eastern Standard Time (EST)"
WHERE = ("Node", "Type", "Value")
PARTS = ("LMP", "MCC", "MLC")
FIVE_MINUTE = ("MKTHOUR_EST", "PNODENAME", "LMP", "CON_LMP", "LOSS_LMP")
KINDS = {"gennode": "RESOURCE", "hub": "HUB", "interface": "INTERFACE", "loadzone": "ZONE"}
ENERGY_WITHIN = 0.01
LONGEST_PREAMBLE = 8

Held = dict[str, tuple[Line, tuple[str, ...]]]


def read(
    file: BinaryIO, *, markets: dict[str, str] = DAY_AHEAD | REAL_TIME, status: str = "FINAL"
) -> Iterator[Batch]:
    """Batches of hourly rows; InvalidFile when preamble, header or a node is not whole.

    `markets` are the titles that are taken. The title of the preliminary report is that of the
    final one: `status` is the feed's.
    """
    market, *_ = _preamble(_filled(file), markets)
    prices = Prices(ISO, market, status=status)
    return prices.collect_same_energy(partial(_hourly, prices, file, markets), ENERGY_WITHIN)


def _hourly(prices: Prices, file: BinaryIO, markets: dict[str, str]) -> Iterator[Read]:
    """The rows of a file; a node's are held until all three have come."""
    lines = _filled(file)
    _, day, header = _preamble(lines, markets)
    names = (*WHERE, *(f"HE {hour}" for hour in HOURS))
    pick = picker(header, [heading(header, name) for name in names])
    times = [_hour(day, hour) for hour in HOURS]
    held: dict[tuple[str, str], Held] = {}
    for line in lines:
        node, kind, part, *cells = pick(whole(line, header).cells)
        node, part = node.strip(), part.strip().upper()
        of_node = held.setdefault((node, kind), {})
        if part not in PARTS or part in of_node:
            fault = "comes twice" if part in of_node else f"is none of {', '.join(PARTS)}"
            raise InvalidFile(f"row '{part[:20]}' of {node} {fault}", line.place)
        of_node[part] = (line, tuple(cells))
        if len(of_node) == len(PARTS):
            yield from _rows(prices, _location(node, kind), times, held.pop((node, kind)))
    for (node, _), parts in held.items():
        missing = next(part for part in PARTS if part not in parts)
        raise InvalidFile(f"there is no row {missing} of {node}: the file is cut short")


def _filled(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file from its beginning, without those that have commas only."""
    file.seek(0)
    return (line for line in csv_lines(file) if any(map(str.strip, line.cells)))


def _preamble(lines: Iterator[Line], markets: dict[str, str]) -> tuple[str, date, Line]:
    """The market, the day, and the header behind them."""
    title, day, clock, header = (next(lines, None) for _ in range(4))
    if title is None:
        raise InvalidFile("the file is empty")
    name = title.cells[0].strip()
    found = {title.casefold(): market for title, market in markets.items()}.get(name.casefold())
    if found is None:
        raise InvalidFile(f"the title is none of {', '.join(markets)}", title.place)
    if day is None or clock is None or header is None:
        raise InvalidFile("a date, a line on the clock and a header are expected", title.place)
    if CLOCK.casefold() not in (cell.strip().casefold() for cell in clock.cells):
        raise InvalidFile(f"'{CLOCK}' is expected", clock.place)
    shown: date = resolved(
        day.place, lambda text: wall(text, "%m/%d/%Y").date(), day.cells[0].strip()
    )
    return found, shown, header


def _hour(day: date, hour: int) -> Interval:
    return interval(ISO, hour_beginning_utc(ZONE, day, hour), 60)


@lru_cache(maxsize=2**15)
def _location(node: str, kind: str) -> Location:
    return Location(node, node, KINDS.get(kind.strip().lower(), "OTHER"))


def _rows(prices: Prices, location: Location, times: list[Interval], rows: Held) -> Iterator[Read]:
    (line, totals), (_, congestions), (_, losses) = (rows[part] for part in PARTS)
    for hour, at, *cells in zip(HOURS, times, totals, congestions, losses, strict=True):
        place = f"{line.place}, HE {hour}"
        values = _values(prices, place, location.location_id, cells)
        yield values and (place, location, at, values, cells, None)


def _values(prices: Prices, place: str, node: str, cells: list[str]) -> Values | None:
    """What a price, its congestion and its loss are; None where they are set aside."""
    found = prices.numbers(place, cells, [node, *cells])
    if found is None:
        return None
    total, congestion, loss = found
    return Values(total, round(total - congestion - loss, 2), congestion, loss)


def read_five_minute(file: BinaryIO) -> Iterator[Batch]:
    """Batches of the weekly report; InvalidFile when it is another one, or not whole."""
    prices = Prices(ISO, "FIVE_MINUTE", whole=False)
    return prices.collect_same_energy(partial(_five_minutes, prices, file), ENERGY_WITHIN)


def _five_minutes(prices: Prices, file: BinaryIO) -> Iterator[Read]:
    lines = _filled(file)
    header = _header(lines)
    pick = picker(header, [heading(header, name) for name in FIVE_MINUTE])
    first: datetime | None = None
    for line in lines:
        if len(line.cells) < len(header.cells) and not line.cells[0][:1].isdigit():
            break  # the publisher's last words
        stamp, node, *cells = pick(whole(line, header).cells)
        at: Interval = resolved(line.place, _five, stamp)
        begins = datetime.fromisoformat(at.interval_start)
        first = min(first or begins, begins)
        where, values = (
            Location(node.strip(), node.strip()),
            _values(prices, line.place, node, cells),
        )
        yield values and (line.place, where, at, values, line.cells, None)
    else:
        raise InvalidFile("there is no last line behind the rows: the file is cut short")
    if first is not None and first != hour_beginning_utc(ZONE, first.date(), 1):
        raise InvalidFile("the first interval is not the first of a day: are these ends?")


def _header(lines: Iterator[Line]) -> Line:
    """The header, which follows a title, the days and the like."""
    for count, line in enumerate(lines):
        if {*FIVE_MINUTE[:2]} <= {cell.strip().upper() for cell in line.cells}:
            return line
        if count == LONGEST_PREAMBLE:
            break
    raise InvalidFile(f"there is no header with {', '.join(FIVE_MINUTE[:2])}")


@lru_cache(maxsize=2**12)
def _five(stamp: str) -> Interval:
    """Stamps are beginnings."""
    form = "%m/%d/%Y %H:%M:%S" if stamp.count(":") == 2 else "%m/%d/%Y %H:%M"
    return interval(ISO, wall_utc(ZONE, wall(stamp.strip(), form)), 5)


FEED = Feed(
    name="iso.miso_lmp",
    title="MISO hourly LMP of all nodes, day-ahead ex-post or final real-time",
    tables=TABLES,
    patterns=(
        "*_da_lmp*.csv",
        "*_da_expost_lmp*.csv",
        "*_rt_lmp_final*.csv",
    ),
    read=read,
)
PRELIMINARY = Feed(
    name="iso.miso_rt_prelim_lmp",
    title="MISO preliminary hourly real-time LMP of all nodes",
    tables=TABLES,
    patterns=("*_rt_lmp_prelim*.csv",),
    read=partial(read, markets=REAL_TIME, status="PRELIMINARY"),
)
WEEKLY = Feed(
    name="iso.miso_five_minute_lmp",
    title="MISO final five-minute real-time LMP of all nodes, a week",
    tables=TABLES,
    patterns=("*_5min_lmp.csv",),
    read=read_five_minute,
)
FEEDS = (FEED, PRELIMINARY, WEEKLY)
