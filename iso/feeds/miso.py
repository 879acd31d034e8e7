"""MISO: hourly LMP of every node, a row each for price, congestion and loss, 24 hours across.

Eastern Standard Time all year: no day has 23 or 25 hours. There is no row of energy; it is what is
left of the price. See docs/feeds/iso.miso_lmp.md.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import InvalidRow, Line, csv_lines, picker, price, wall, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import hour_beginning_utc
from iso.feeds.prices import Interval, Location, PriceRow, Prices, Values, interval, resolved
from iso.tables import TABLES

ISO = "MISO"
ZONE = calendar_of(ISO).market_zone
MARKETS = {
    "Day Ahead Market LMPs": "DAY_AHEAD",
    "Day Ahead Market ExPost LMPs": "DAY_AHEAD",
    "Realtime Market LMPs": "REAL_TIME",
}
HOURS = range(1, 25)
CLOCK = "All Hours-Ending are Eastern Standard Time (EST)"
WHERE = ("Node", "Type", "Value")
PARTS = ("LMP", "MCC", "MLC")
KINDS = {"gennode": "RESOURCE", "hub": "HUB", "interface": "INTERFACE", "loadzone": "ZONE"}

Held = dict[str, tuple[Line, tuple[str, ...]]]


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the preamble, the header or a node is not whole.

    Of a node whose three rows have not all come, those that have are held.
    """
    lines = csv_lines(file)
    market, day, header = _preamble(lines)
    pick = picker(header, (*WHERE, *(f"HE {hour}" for hour in HOURS)))
    prices = Prices(ISO, market)
    times = [_hour(day, hour) for hour in HOURS]

    def rows() -> Iterator[PriceRow]:
        held: dict[tuple[str, str], Held] = {}
        for line in lines:
            node, kind, part, *cells = pick(whole(line, header).cells)
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

    return prices.collect(rows())


def _preamble(lines: Iterator[Line]) -> tuple[str, date, Line]:
    """The market, the day, and the header behind them."""
    title, day, clock, header = (next(lines, None) for _ in range(4))
    if title is None:
        raise InvalidFile("the file is empty")
    name = title.cells[0].strip()
    if name not in MARKETS:
        raise InvalidFile(f"the title is none of {', '.join(MARKETS)}", title.place)
    if day is None or clock is None or header is None:
        raise InvalidFile("a date, a line on the clock and a header are expected", title.place)
    if CLOCK not in (cell.strip() for cell in clock.cells):
        raise InvalidFile(f"'{CLOCK}' is expected", clock.place)
    found: date = resolved(day.place, lambda text: wall(text, "%m/%d/%Y").date(), day.cells[0])
    return MARKETS[name], found, header


def _hour(day: date, hour: int) -> Interval:
    return interval(ISO, hour_beginning_utc(ZONE, day, hour), 60)


@lru_cache(maxsize=2**15)
def _location(node: str, kind: str) -> Location:
    return Location(node, node, KINDS.get(kind.strip().lower(), "OTHER"))


def _rows(
    prices: Prices, location: Location, times: list[Interval], rows: Held
) -> Iterator[PriceRow]:
    (line, totals), (_, congestions), (_, losses) = (rows[part] for part in PARTS)
    for hour, at, *cells in zip(HOURS, times, totals, congestions, losses, strict=True):
        place = f"{line.place}, HE {hour}"
        try:
            total, congestion, loss = map(price, cells)
            if total is None or congestion is None or loss is None:
                raise InvalidRow("missing_measurement")
        except InvalidRow as reason:
            prices.reject(place, str(reason), [location.location_id, *cells])
            continue
        energy = round(total - congestion - loss, 2)
        yield place, location, at, Values(total, energy, congestion, loss), cells, None


FEED = Feed(
    name="iso.miso_lmp",
    title="MISO hourly LMP of all nodes, day-ahead or real-time",
    tables=TABLES,
    pattern="*_[dr][at]_*lmp*.csv",
    read=read,
)
FEEDS = (FEED,)
