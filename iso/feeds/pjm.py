"""PJM's Data Miner: hourly and five-minute LMP, as CSV and as JSON.

Rows carry the hour's beginning in UTC and in Eastern prevailing time; the first is what counts, and
the second, where it is there, must agree. See docs/feeds/iso.pjm_lmp.md.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, header_of, json_document, picker, wall, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import local_hour
from iso.feeds.prices import Interval, Location, PriceRow, Prices, Sum, Values, interval, resolved
from iso.tables import TABLES

ISO = "PJM"
ZONE = calendar_of(ISO).market_zone
ADDS_UP = Sum(within=0.01)
KINDS = {
    "ZONE": "ZONE",
    "HUB": "HUB",
    "AGGREGATE": "AGGREGATE",
    "RESIDUAL_METERED_EDC": "AGGREGATE",
    "INTERFACE": "INTERFACE",
    "GEN": "RESOURCE",
    "LOAD": "NODE",
    "EHV": "NODE",
    "BUS": "NODE",
}
WHEN = ("datetime_beginning_utc", "datetime_beginning_ept")
WHERE = ("pnode_id", "pnode_name", "type", "zone")
PARTS = ("total_lmp", "system_energy_price", "congestion_price", "marginal_loss_price")
ISSUE = ("row_is_current", "version_nbr")
RUNS = {"da": "DAY_AHEAD", "rt": "REAL_TIME"}


def read(file: BinaryIO, *, minutes: int) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the file is of neither form."""
    begins = file.read(1)
    file.seek(0)
    return _read_json(file, minutes) if begins == b"{" else _read_csv(file, minutes)


def _read_csv(file: BinaryIO, minutes: int) -> Iterator[Batch]:
    lines = csv_lines(file)
    header = header_of(lines)
    run = _run([cell.strip() for cell in header.cells], header.place)
    pick = picker(header, (*WHEN, *WHERE, *(f"{part}_{run}" for part in PARTS), *ISSUE))
    prices = Prices(ISO, _market(run, minutes), check=ADDS_UP)

    def rows() -> Iterator[PriceRow]:
        for line in lines:
            cells = pick(whole(line, header).cells)
            utc, ept, node, name, kind, zone, *values, current, issue = cells
            if current.lower() != "true":
                prices.reject(line.place, "not_current", line.cells)
                continue
            at = _interval(utc, ept, minutes, line.place)
            where, version = _location(node, name, kind, zone), _version(issue, line)
            yield line.place, where, at, Values(*values), line.cells, version

    return prices.collect(rows())


def _read_json(file: BinaryIO, minutes: int) -> Iterator[Batch]:
    items = _items(json_document(file))
    run = _run(items[0], "items[0]")

    def rows() -> Iterator[PriceRow]:
        for number, item in enumerate(items):
            place = f"items[{number}]"
            node, name, kind, zone = (str(item.get(key) or "") for key in WHERE)
            if not node:
                raise InvalidFile("there is no pnode_id", place)
            at = _interval(str(item.get(WHEN[0])), str(item.get(WHEN[1]) or ""), minutes, place)
            values = Values(*(item.get(f"{part}_{run}") for part in PARTS))
            where = _location(node, name, kind, zone)
            yield place, where, at, values, item, item.get("version_nbr")

    prices = Prices(ISO, _market(run, minutes), check=ADDS_UP, whole="zone" in items[0])
    return prices.collect(rows())


def _items(document: Any) -> list[dict[str, Any]]:
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidFile("a list of objects is expected", "items")
    if not items:
        raise InvalidFile("there is no row", "items")
    return items


def _run(names: Iterable[str], place: str) -> str:
    """Which market's prices these are, by the names of their columns."""
    found = [run for run in RUNS if f"total_lmp_{run}" in names]
    if len(found) != 1:
        raise InvalidFile("one of total_lmp_da and total_lmp_rt is expected", place)
    return found[0]


def _market(run: str, minutes: int) -> str:
    if minutes == 60:
        return RUNS[run]
    if run == "da":
        raise InvalidFile("day-ahead prices are hourly: load them with iso.pjm_lmp")
    return "FIVE_MINUTE"


def _version(text: str, line: Line) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidFile("version_nbr is no whole number", line.place) from None


@lru_cache(maxsize=2**15)
def _location(node: str, name: str, kind: str, zone: str) -> Location:
    return Location(node, name or None, KINDS.get(kind.upper(), "OTHER"), zone or None)


def _interval(utc: str, ept: str, minutes: int, place: str) -> Interval:
    at: Interval = resolved(place, _read_interval, utc, ept, minutes)
    return at


@lru_cache(maxsize=2**15)
def _read_interval(utc: str, ept: str, minutes: int) -> Interval:
    start = _stamp(utc).replace(tzinfo=UTC)
    shown = datetime.fromisoformat(local_hour(ZONE, start).begins).replace(
        minute=start.minute, tzinfo=None
    )
    if ept and _stamp(ept) != shown:
        raise ValueError(f"{utc} UTC is {shown} Eastern, not {ept}")
    return interval(ISO, start, minutes)


def _stamp(text: str) -> datetime:
    """`6/16/2025 4:00:00 AM` of the CSV, `2025-06-16T04:00:00` of the JSON."""
    return datetime.fromisoformat(text) if "T" in text else wall(text, "%m/%d/%Y %I:%M:%S %p")


FEED = Feed(
    name="iso.pjm_lmp",
    title="PJM hourly LMP, day-ahead or real-time, of Data Miner as CSV or JSON",
    tables=TABLES,
    pattern="[dr][at]_hrl_lmps*",
    read=partial(read, minutes=60),
)
FIVE_MINUTE = Feed(
    name="iso.pjm_five_minute_lmp",
    title="PJM five-minute real-time LMP of Data Miner as CSV or JSON",
    tables=TABLES,
    pattern="rt_fivemin_hrl_lmps*",
    read=partial(read, minutes=5),
)
FEEDS = (FEED, FIVE_MINUTE)
