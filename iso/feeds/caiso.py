"""California ISO: LMP of OASIS, a row for each component.

Stamps in GMT count; operating day and hour, with 25 for the repeated one, must agree. Day-ahead
prices are the sum of their five components. What real-time runs leave out, the greenhouse-gas
component among it, their files do not guarantee. See docs/feeds/iso.caiso_lmp.md.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, BinaryIO

from aurum.errors import LoadRefused
from aurum.market.calendars import calendar_of
from aurum.market.time import labelled_hour_utc
from aurum.stores.feeds import Batch, Feed
from aurum.stores.reading import Impossible, Line, csv_lines, header_of, picker, whole
from iso.feeds.prices import Interval, Location, Prices, Sum, Values, interval, resolved
from iso.tables import TABLES

ISO = "CAISO"
ZONE = calendar_of(ISO).zone
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
PREFIXES = {"TH_": "HUB", "DLAP_": "ZONE", "SLAP_": "AGGREGATE", "POD_": "RESOURCE"}


class _Components:
    """The rows of one price that have come so far."""

    __slots__ = ("at", "line", "node", "values")

    def __init__(self, node: str, at: Interval, line: Line) -> None:
        self.node, self.at, self.line = node, at, line
        self.values: list[Any] = [None] * len(TYPES)

    def add_to(self, prices: Prices) -> None:
        raw = [self.node, self.at.interval_start, *self.values]
        prices.add(self.line.place, _location(self.node), self.at, Values(*self.values), raw)


class _Held:
    """The prices of a run's file that are not done."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._prices: dict[tuple[str, str], _Components] = {}

    def take(self, line: Line, cells: tuple[str, ...]) -> _Components | None:
        """The price that a row completes, if it does; Impossible for a component's second row."""
        start, end, day, hour, node, run, kind, value = cells
        if run != self._run or kind not in TYPES:
            raise LoadRefused(f"no row of {run[:20]} and {kind[:20]} is expected", line.place)
        at: Interval = resolved(line.place, _interval, start, end, day, hour)
        found = self._prices.get((node, start))
        if found is None:
            found = self._prices[node, start] = _Components(node, at, line)
        place = TYPES.index(kind)
        if found.values[place] is not None:
            raise Impossible("component_twice")
        found.values[place] = value
        done = run == "DAM" and None not in found.values
        return self._prices.pop((node, start)) if done else None

    def rest(self) -> Iterator[_Components]:
        """The prices of a run that may leave out the last component; LoadRefused if others lack."""
        needed = len(TYPES) - (self._run != "DAM")
        for found in self._prices.values():
            if None in found.values[:needed]:
                missing = TYPES[found.values.index(None)]
                where = f"{found.node} at {found.at.interval_start}"
                raise LoadRefused(f"there is no {missing} of {where}", found.line.place)
            yield found


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of prices; LoadRefused when the header, a run or a time is not what it must be.

    Rows come in any order. A day-ahead price is done with its fifth row; of other runs, where a
    component may be left out, all prices of the file are held to its end.
    """
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, (*WHEN, *WHAT, _price_column(header)))
    first = next(lines, None)
    if first is None:
        raise LoadRefused("there is no row")
    run = pick(whole(first, header).cells)[WHEN_AND_RUN]
    prices, held = _prices(run, first), _Held(run)
    for line in chain((first,), lines):
        try:
            found = held.take(line, pick(whole(line, header).cells))
        except Impossible as reason:
            prices.reject(line.place, str(reason), line.cells)
            continue
        if found is not None:
            found.add_to(prices)
        if prices.full:
            yield prices.take()
    for found in held.rest():
        found.add_to(prices)
        if prices.full:
            yield prices.take()
    yield prices.take()


def _price_column(header: Line) -> str:
    names = [cell.strip() for cell in header.cells]
    found = [name for name in PRICE if name in names]
    if len(found) != 1:
        raise LoadRefused(f"one of the columns {', '.join(PRICE)} is expected", header.place)
    return found[0]


def _prices(run: str, line: Line) -> Prices:
    if run not in MARKETS:
        raise LoadRefused(f"MARKET_RUN_ID is none of {', '.join(MARKETS)}", line.place)
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
