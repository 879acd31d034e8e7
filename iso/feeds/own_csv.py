"""`iso.csv`: Aurum's own CSV of prices. See docs/feeds/iso.csv.md."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import lru_cache
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, moment, whole_number
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, header_of, known_names, picker, whole
from aurum.loads.vintages import vintage_of
from aurum.market.names import MARKETS as TRADE_MARKETS
from aurum.market.names import named, operator_code
from aurum.market.time import instant_text
from iso.feeds.intervals import Interval, between
from iso.feeds.locations import Location
from iso.feeds.prices import Prices, Values
from iso.tables import (
    IRREGULAR,
    ISOS,
    LOCATION_TYPES,
    MARKETS,
    STATUSES,
    TABLES,
    nominal_minutes,
)

NEEDED = ("iso", "market", "location_id", "interval_start", "price_total")
LENGTHS = {"interval_minutes": 60, "interval_seconds": 1}
"""The columns either of which says how long an interval is, and the seconds of their unit."""
PRICES = ("price_total", "price_energy", "price_congestion", "price_loss", "price_ghg")
PLACE = ("location_name", "location_type", "zone", "hub")
ISSUE = ("status", "version", "vintage")
KNOWN = tuple(dict.fromkeys((*NEEDED, *LENGTHS, *PRICES, *PLACE, *ISSUE)))
LONGEST = timedelta(hours=1)


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the header or a line is not what it must be."""
    lines = csv_lines(file)
    header = header_of(lines)
    names = _names(header)
    lengths = [name for name in LENGTHS if name in names]
    markets: dict[tuple[str, str], Prices] = {}
    for line in lines:
        cells = dict(zip(names, whole(line, header).cells, strict=True))
        iso, market = operator_code(cells["iso"].strip()), _market(cells["market"])
        prices = markets.get((iso, market))
        if prices is None:
            _must_be_known(iso, market, line.place)
            runs_between = (iso, market) in IRREGULAR and "interval_seconds" in names
            whole_place = bool({*PLACE} & {*names})
            prices = Prices(iso, market, whole=whole_place, irregular=runs_between)
            markets[iso, market] = prices
        _add(prices, line.place, cells, *lengths)
        if prices.full:
            yield prices.take()
    for prices in markets.values():
        yield prices.finish()


def _names(header: Line) -> list[str]:
    """The columns a file has, in its order; InvalidFile for others, and where one is missing."""
    names = known_names(header, KNOWN)
    picker(header, NEEDED)  # refuses what is missing
    if LENGTHS.keys() <= {*names}:
        raise InvalidFile(f"one of {' and '.join(LENGTHS)} is enough", header.place)
    return names


def _market(text: str) -> str:
    """A market by its name or one that the trade has for it: `DA`."""
    return named(text, MARKETS, TRADE_MARKETS) or text.strip().upper()


def _must_be_known(iso: str, market: str, place: str) -> None:
    for name, value, allowed in (("iso", iso, ISOS), ("market", market, MARKETS)):
        if value not in allowed:
            raise InvalidFile(f"{name} is one of {', '.join(allowed)}, not '{value}'", place)


def _add(prices: Prices, place: str, cells: dict[str, str], unit: str = "") -> None:
    try:
        usual = timedelta(minutes=nominal_minutes(prices.iso, prices.market))
        length = _length(cells[unit], LENGTHS[unit]) if unit else None
        at = _interval(prices.iso, cells["interval_start"], length or usual)
        where = _location(cells["location_id"], *(cells.get(name, "") for name in PLACE))
        version, status = _version(cells.get("version", "")), _status(cells.get("status", ""))
        vintage = _vintage(cells.get("vintage", ""))
    except InvalidRow as reason:
        prices.reject(place, str(reason), cells)
        return
    values = Values(*(cells.get(name) for name in PRICES))
    prices.add(place, where, at, values, cells, version, status, vintage)


def _length(text: str, seconds: int) -> timedelta | None:
    """How long an interval is; None for an empty cell, which means as long as the market's."""
    if not text.strip():
        return None
    try:
        found = whole_number(text) * timedelta(seconds=seconds)
    except ValueError:
        raise InvalidRow("invalid_interval") from None
    if not timedelta(0) < found <= LONGEST:
        raise InvalidRow("invalid_interval")
    return found


def _status(text: str) -> str | None:
    found = text.strip().upper()
    if found and found not in STATUSES:
        raise InvalidRow("invalid_status")
    return found or None


def _version(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return whole_number(text)
    except ValueError:
        raise InvalidRow("invalid_version") from None


@lru_cache(maxsize=2**12)
def _vintage(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return instant_text(vintage_of(text))
    except ValueError:
        raise InvalidRow("invalid_vintage") from None


@lru_cache(maxsize=2**15)
def _interval(iso: str, text: str, length: timedelta) -> Interval:
    try:
        start = moment(text.strip())
    except ValueError:
        raise InvalidRow("invalid_interval") from None
    if start.tzinfo is None or start.microsecond:
        raise InvalidRow("invalid_interval")
    start = start.astimezone(UTC)
    return between(iso, start, start + length)


@lru_cache(maxsize=2**15)
def _location(place: str, name: str, kind: str, zone: str, hub: str) -> Location:
    if not place.strip():
        raise InvalidRow("missing_location")
    if (kind := kind.strip().upper()) and kind not in LOCATION_TYPES:
        raise InvalidRow("invalid_location_type")
    place, name, zone, hub = (text.strip() for text in (place, name, zone, hub))
    return Location(place, name or None, kind or None, zone or None, hub or None)


FEED = Feed(
    name="iso.csv",
    title="Prices of any market operator in Aurum's own CSV",
    tables=TABLES,
    patterns=("*lmp*.csv",),
    read=read,
    priority=-1,
)
