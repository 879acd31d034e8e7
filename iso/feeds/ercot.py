"""ERCOT: settlement point prices, day-ahead as CSV and JSON, real-time by 15 minutes as CSV.

Hours end in Central prevailing time; a flag marks the second pass of the repeated hour. There are
no components. See docs/feeds/iso.ercot_lmp.md.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import csv_lines, header_of, json_document, picker, wall, whole
from aurum.market.calendars import calendar_of
from aurum.market.time import labelled_hour_utc
from iso.feeds.prices import Interval, Location, PriceRow, Prices, Values, interval, resolved
from iso.tables import TABLES

ISO = "ERCOT"
ZONE = calendar_of(ISO).market_zone
HOURLY = ("DeliveryDate", "HourEnding", "SettlementPoint", "SettlementPointPrice", "DSTFlag")
QUARTERLY = (
    *("DeliveryDate", "DeliveryHour", "DeliveryInterval", "SettlementPointName"),
    *("SettlementPointType", "SettlementPointPrice", "DSTFlag"),
)
FLAGS = {"Y": True, "N": False, "TRUE": True, "FALSE": False}
KINDS = {
    **dict.fromkeys(("HU", "SH", "AH"), "HUB"),
    **dict.fromkeys(("LZ", "LZ_DC"), "ZONE"),
    **dict.fromkeys(("RN", "PUN", "LCCRN", "PCCRN"), "RESOURCE"),
}
ENERGY_WEIGHTED = ("LZEW", "LZ_DCEW")
PREFIXES = {"HB_": "HUB", "LZ_": "ZONE"}


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of day-ahead rows; InvalidFile when the file is of neither form."""
    begins = file.read(1)
    file.seek(0)
    rows = _json_rows(file) if begins == b"{" else _csv_rows(file, HOURLY)
    return Prices(ISO, "DAY_AHEAD", labelled=True).collect(
        (place, _named(point), resolved(place, _hour, day, hour, flag), Values(price), raw, None)
        for place, raw, (day, hour, point, price, flag) in rows
    )


def read_quarters(file: BinaryIO) -> Iterator[Batch]:
    """Batches of real-time rows of 15 minutes."""
    prices = Prices(ISO, "FIFTEEN_MINUTE", labelled=True)

    def rows() -> Iterator[PriceRow]:
        for place, raw, (day, hour, part, point, kind, price, flag) in _csv_rows(file, QUARTERLY):
            at: Interval = resolved(place, _quarter, day, hour, part, flag)
            if kind.strip().upper() in ENERGY_WEIGHTED:
                prices.reject(place, "energy_weighted", raw)
                continue
            yield place, _typed(point, kind), at, Values(price), raw, None

    return prices.collect(rows())


Row = tuple[str, Any, tuple[Any, ...]]
"""The place of a row, the row as it stands, and its cells."""


def _csv_rows(file: BinaryIO, names: tuple[str, ...]) -> Iterator[Row]:
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, names)
    for line in lines:
        yield line.place, line.cells, pick(whole(line, header).cells)


def _json_rows(file: BinaryIO) -> Iterator[Row]:
    """Rows by position; `fields` says what stands where."""
    document = json_document(file)
    if not isinstance(document, dict) or not isinstance(document.get("data"), list):
        raise InvalidFile("an object with fields and data is expected", "the top level")
    pick = _positions(document.get("fields"))
    for number, row in enumerate(document["data"]):
        place = f"data[{number}]"
        if not isinstance(row, list) or len(row) != len(document["fields"]):
            raise InvalidFile("a list as long as fields is expected", place)
        day, hour, point, price, flag = pick(row)
        yield place, row, (str(day), str(hour), str(point or ""), price, str(flag))


def _positions(fields: Any) -> Callable[[list[Any]], tuple[Any, ...]]:
    if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
        raise InvalidFile("a list of objects is expected", "fields")
    names = [str(one.get("name", "")).lower() for one in fields]
    for name in HOURLY:
        if names.count(name.lower()) != 1:
            raise InvalidFile(f"field '{name}' is missing", "fields")
    places = [names.index(name.lower()) for name in HOURLY]
    return lambda row: tuple(row[place] for place in places)


@lru_cache(maxsize=2**14)
def _hour(day: str, hour: str, flag: str) -> Interval:
    """An hour by its end, `01:00` to `24:00`."""
    number, _, minutes = hour.strip().partition(":")
    if minutes not in ("", "00"):
        raise ValueError(f"{hour} is no end of an hour")
    start = labelled_hour_utc(ZONE, _day(day), int(number), _repeated(flag))
    return interval(ISO, start, 60)


@lru_cache(maxsize=2**14)
def _quarter(day: str, hour: str, part: str, flag: str) -> Interval:
    if part.strip() not in ("1", "2", "3", "4"):
        raise ValueError(f"DeliveryInterval is 1 to 4, not '{part[:20]}'")
    start = labelled_hour_utc(ZONE, _day(day), int(hour), _repeated(flag))
    return interval(ISO, start + timedelta(minutes=15 * (int(part) - 1)), 15)


def _day(text: str) -> date:
    return date.fromisoformat(text) if "-" in text else wall(text.strip(), "%m/%d/%Y").date()


def _repeated(flag: str) -> bool:
    found = FLAGS.get(flag.strip().upper())
    if found is None:
        raise ValueError(f"DSTFlag is Y or N, not '{flag[:20]}'")
    return found


@lru_cache(maxsize=2**14)
def _named(point: str) -> Location:
    kinds = (kind for prefix, kind in PREFIXES.items() if point.startswith(prefix))
    return Location(point, point, next(kinds, None))


@lru_cache(maxsize=2**14)
def _typed(point: str, kind: str) -> Location:
    return Location(point, point, KINDS.get(kind.strip().upper(), "OTHER"))


FEED = Feed(
    name="iso.ercot_lmp",
    title="ERCOT day-ahead settlement point prices, CSV or JSON",
    tables=TABLES,
    pattern="*[Dd][Aa][Mm]*[Ss][Pp]*",
    read=read,
)
REAL_TIME = Feed(
    name="iso.ercot_rt_lmp",
    title="ERCOT real-time settlement point prices by 15 minutes, CSV",
    tables=TABLES,
    pattern="*SPPHLZNP6905*",
    read=read_quarters,
)
FEEDS = (FEED, REAL_TIME)
