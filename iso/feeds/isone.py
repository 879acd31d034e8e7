"""ISO New England: hourly LMP as report CSV and as web-service JSON, and its list of locations.

The report's rows say what they are: C comment, H header, D data, T trailer. The trailer counts the
data rows, so that a file cut short is recognised. See docs/feeds/iso.isone_lmp.md.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, json_document, picker, wall, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import labelled_hour_utc
from aurum.stores.tables import Row
from iso.feeds.prices import (
    Interval,
    Location,
    PriceRow,
    Prices,
    Sum,
    Values,
    interval,
    resolved,
    words_of,
)
from iso.tables import ISO_LOCATION, ISO_LOCATION_NAME, TABLES

ISO = "ISONE"
ZONE = calendar_of(ISO).market_zone
TO_THE_CENT = Sum(within=0.005)
MARKETS = {
    "Day-Ahead Energy Market Hourly LMP Report": "DAY_AHEAD",
    "Real-Time Energy Market Hourly LMP Report": "REAL_TIME",
}
KINDS = {
    "HUB": "HUB",
    "HUB NODE": "NODE",
    "NETWORK NODE": "NODE",
    "LOAD ZONE": "ZONE",
    "EXT. NODE": "INTERFACE",
    "DRRAZ": "AGGREGATE",
    "SYSTEM": "SYSTEM",
}
COLUMNS = (
    *("Date", "Hour Ending", "Location ID", "Location Name", "Location Type"),
    *("Locational Marginal Price", "Energy Component", "Congestion Component"),
    "Marginal Loss Component",
)
PARTS = ("LmpTotal", "EnergyComponent", "CongestionComponent", "LossComponent")


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of the report's rows; InvalidFile when it is another report, or not whole."""
    lines = csv_lines(file)
    prices = Prices(ISO, _market(lines), check=TO_THE_CENT, labelled=True)
    header = _header(lines)
    pick = picker(header, COLUMNS)

    def rows() -> Iterator[PriceRow]:
        for count, line in enumerate(lines):
            if line.cells[0] != "D":
                _must_close(line, count)
                break
            day, hour, place, name, kind, *values = pick(whole(line, header).cells)
            at: Interval = resolved(line.place, _interval, day, hour)
            where = _location(place, name, kind)
            yield line.place, where, at, Values(*values), line.cells, None
        else:
            raise InvalidFile("the trailer is missing: the file is cut short")
        for line in lines:
            raise InvalidFile("there is something behind the trailer", line.place)

    return prices.collect(rows())


def _market(lines: Iterator[Line]) -> str:
    line = next(lines, None)
    if line is None:
        raise InvalidFile("the file is empty")
    title = line.cells[1].strip() if len(line.cells) > 1 else ""
    if line.cells[0] != "C" or title not in MARKETS:
        raise InvalidFile(f"the title is none of {', '.join(MARKETS)}", line.place)
    return MARKETS[title]


def _header(lines: Iterator[Line]) -> Line:
    """The row of names; behind it is one of types."""
    for line in lines:
        if line.cells[0] == "H":
            types = next(lines, None)
            if types is None or types.cells[0] != "H":
                raise InvalidFile("a second header row is expected", f"after {line.place}")
            return line
        if line.cells[0] != "C":
            break
    raise InvalidFile("there is no header row")


def _must_close(line: Line, count: int) -> None:
    said = line.cells[1].split()[:1] if len(line.cells) > 1 else []
    if line.cells[0] != "T":
        raise InvalidFile(f"a row of D or T is expected, not '{line.cells[0][:20]}'", line.place)
    if said != [str(count)]:
        there = " ".join(said) or "nothing"
        raise InvalidFile(f"the trailer says {there}, there are {count} data rows", line.place)


@lru_cache(maxsize=4096)
def _interval(day: str, hour: str) -> Interval:
    """`02X` is the second pass of a repeated hour."""
    repeated = hour.endswith("X")
    start = labelled_hour_utc(
        ZONE, wall(day, "%m/%d/%Y").date(), int(hour.removesuffix("X")), repeated
    )
    return interval(ISO, start, 60)


@lru_cache(maxsize=2**15)
def _location(place: str, name: str, kind: str) -> Location:
    return Location(place, name or None, KINDS.get(kind, "OTHER"))


def read_json(file: BinaryIO, *, market: str) -> Iterator[Batch]:
    """Batches of a web-service answer; InvalidFile when it has another form."""

    def rows() -> Iterator[PriceRow]:
        for number, item in enumerate(_items(json_document(file), "HourlyLmps", "HourlyLmp")):
            place = f"HourlyLmp[{number}]"
            where = item.get("Location")
            if not isinstance(where, dict) or "@LocId" not in where:
                raise InvalidFile("there is no Location with an @LocId", place)
            at: Interval = resolved(place, _hour, str(item.get("BeginDate")))
            names = (str(where.get(key) or "") for key in ("@LocId", "$", "@LocType"))
            yield place, _location(*names), at, Values(*map(item.get, PARTS)), item, None

    return Prices(ISO, market, check=TO_THE_CENT).collect(rows())


@lru_cache(maxsize=4096)
def _hour(text: str) -> Interval:
    start = datetime.fromisoformat(text)
    if start.tzinfo is None or start.minute or start.second:
        raise ValueError(f"'{text}' is no beginning of an hour with its offset")
    return interval(ISO, start.astimezone(UTC), 60)


def _items(document: Any, outer: str, inner: str) -> Iterable[dict[str, Any]]:
    """The list within; a single element may stand for a list of it."""
    within = document.get(outer) if isinstance(document, dict) else None
    items = within.get(inner) if isinstance(within, dict) else None
    items = [items] if isinstance(items, dict) else items
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidFile("a list of objects is expected", f"{outer}.{inner}")
    return items


def read_locations(file: BinaryIO) -> Iterator[Batch]:
    """One batch: the publisher's list of locations."""
    rows: list[Row] = []
    batch = Batch(
        rows={ISO_LOCATION.name: rows, ISO_LOCATION_NAME.name: []}, places={ISO_LOCATION.name: []}
    )
    for number, item in enumerate(_items(json_document(file), "Locations", "Location")):
        place = f"Location[{number}]"
        if "LocationID" not in item:
            raise InvalidFile("there is no LocationID", place)
        names = (str(item.get(k) or "") for k in ("LocationID", "LocationName", "LocationType"))
        location = _location(*names)
        # The list has no date: it says what holds today.
        rows.append((ISO, *location, ZONE, datetime.now(UTC).date().isoformat()))
        batch.rows[ISO_LOCATION_NAME.name] += words_of(ISO, location)
        batch.places[ISO_LOCATION.name].append(place)
    yield batch


FEED = Feed(
    name="iso.isone_lmp",
    title="ISO-NE hourly LMP, day-ahead or real-time, report CSV",
    tables=TABLES,
    pattern="WW_[DR][AT]*LMP_ISO_*.csv",
    read=read,
)
DAY_AHEAD_JSON = Feed(
    name="iso.isone_da_json",
    title="ISO-NE day-ahead hourly LMP, web-service JSON",
    tables=TABLES,
    pattern="hourlylmp_da_*.json",
    read=partial(read_json, market="DAY_AHEAD"),
)
REAL_TIME_JSON = Feed(
    name="iso.isone_rt_json",
    title="ISO-NE real-time hourly LMP, web-service JSON",
    tables=TABLES,
    pattern="hourlylmp_rt_*.json",
    read=partial(read_json, market="REAL_TIME"),
)
LOCATIONS = Feed(
    name="iso.isone_locations",
    title="ISO-NE locations, web-service JSON",
    tables=(ISO_LOCATION, ISO_LOCATION_NAME),
    pattern="locations*.json",
    read=read_locations,
)
FEEDS = (FEED, DAY_AHEAD_JSON, REAL_TIME_JSON, LOCATIONS)
