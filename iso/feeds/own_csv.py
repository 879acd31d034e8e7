"""`iso.csv`: Aurum's own CSV of prices. See docs/feeds/iso.csv.md."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO

from aurum.errors import InvalidFile, did_you_mean
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import InvalidRow, csv_lines, header_of, picker, whole
from iso.feeds.prices import Interval, Location, Prices, Values, interval
from iso.tables import ISOS, LOCATION_TYPES, MARKETS, TABLES

NEEDED = ("iso", "market", "location_id", "interval_start", "price_total")
PRICES = ("price_total", "price_energy", "price_congestion", "price_loss", "price_ghg")
PLACE = ("location_name", "location_type", "zone", "hub")
KNOWN = tuple(dict.fromkeys((*NEEDED, "interval_minutes", *PRICES, *PLACE)))
LONGEST_MINUTES = 60


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the header or a line is not what it must be."""
    lines = csv_lines(file)
    header = header_of(lines)
    names = [cell.strip() for cell in header.cells]
    for name in names:
        if name not in KNOWN:
            near = did_you_mean(name, KNOWN)
            raise InvalidFile(f"there is no column '{name}'{near}", header.place)
    picker(header, (*NEEDED, *names))  # refuses what is missing, or there twice
    markets: dict[tuple[str, str], Prices] = {}
    for line in lines:
        cells = dict(zip(names, whole(line, header).cells, strict=True))
        iso, market = cells["iso"].strip().upper(), cells["market"].strip().upper()
        prices = markets.get((iso, market))
        if prices is None:
            _must_be_known(iso, market, line.place)
            prices = markets[iso, market] = Prices(iso, market, whole=bool({*PLACE} & {*names}))
        _add(prices, line.place, cells)
        if prices.full:
            yield prices.take()
    for prices in markets.values():
        yield prices.finish()


def _must_be_known(iso: str, market: str, place: str) -> None:
    for name, value, allowed in (("iso", iso, ISOS), ("market", market, MARKETS)):
        if value not in allowed:
            raise InvalidFile(f"{name} is one of {', '.join(allowed)}, not '{value}'", place)


def _add(prices: Prices, place: str, cells: dict[str, str]) -> None:
    try:
        at = _interval(prices.iso, cells["interval_start"], cells.get("interval_minutes", ""))
        where = _location(cells["location_id"], *(cells.get(name, "") for name in PLACE))
    except InvalidRow as reason:
        prices.reject(place, str(reason), cells)
        return
    prices.add(place, where, at, Values(*(cells.get(name) for name in PRICES)), cells)


@lru_cache(maxsize=2**15)
def _interval(iso: str, text: str, minutes: str) -> Interval:
    try:
        start = datetime.fromisoformat(text.strip())
        resampling = int(minutes) if minutes.strip() else 60
    except ValueError:
        raise InvalidRow("invalid_interval") from None
    if start.tzinfo is None or start.second or start.microsecond:
        raise InvalidRow("invalid_interval")
    start = start.astimezone(UTC)
    if not 1 <= resampling <= LONGEST_MINUTES or 60 % resampling or start.minute % resampling:
        raise InvalidRow("invalid_interval")
    return interval(iso, start, resampling)


@lru_cache(maxsize=2**15)
def _location(place: str, name: str, kind: str, zone: str, hub: str) -> Location:
    if not place.strip():
        raise InvalidRow("missing_location")
    if (kind := kind.strip().upper()) and kind not in LOCATION_TYPES:
        raise InvalidRow("invalid_location_type")
    return Location(place.strip(), name or None, kind or None, zone or None, hub or None)


FEED = Feed(
    name="iso.csv",
    title="Prices of any market operator in Aurum's own CSV",
    tables=TABLES,
    pattern="lmp*.csv",
    read=read,
)
