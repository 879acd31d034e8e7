"""ERCOT: settlement point prices, day-ahead and real-time by 15 minutes, as CSV and JSON.

Hours end in Central prevailing time; a flag marks the second pass of the repeated hour. There are
no components. See docs/feeds/iso.ercot_lmp.md.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import calendar_day, cell, wall, whole_number
from aurum.loads.documents import json_document
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import (
    Line,
    begins_json,
    csv_lines,
    header_of,
    heading,
    picker,
    whole,
)
from aurum.market.calendars import calendar_of
from aurum.market.time import labelled_hour_utc
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.locations import Location
from iso.feeds.prices import Prices, Read, Values
from iso.feeds.wholeness import of_all_rows
from iso.tables import TABLES

ISO = "ERCOT"
ZONE = calendar_of(ISO).market_zone
Names = tuple[tuple[str, ...], ...]
HOURLY: Names = (
    *(("DeliveryDate",), ("HourEnding",)),
    *(("SettlementPoint",), ("SettlementPointPrice",), ("DSTFlag",)),
)
QUARTERLY: Names = (
    *(("DeliveryDate",), ("DeliveryHour",), ("DeliveryInterval",)),
    ("SettlementPointName", "SettlementPoint"),
    *(("SettlementPointType",), ("SettlementPointPrice",), ("DSTFlag",)),
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
    rows, warnings = _rows(file, HOURLY)
    yield from Prices(ISO, "DAY_AHEAD", labelled=True).collect(
        (place, _named(point), resolved(place, _hour, day, hour, flag), Values(price), raw, None)
        for place, raw, (day, hour, point, price, flag) in rows
    )
    if warnings:
        yield Batch(warnings=warnings)


def read_quarters(file: BinaryIO) -> Iterator[Batch]:
    """Batches of real-time rows of 15 minutes; a file has one of them, an answer has more."""
    prices = Prices(ISO, "FIFTEEN_MINUTE", labelled=True, by_day=False)
    found, warnings = _rows(file, QUARTERLY)

    def rows() -> Iterator[Read]:
        for place, raw, (day, hour, part, point, kind, price, flag) in found:
            at: Interval = resolved(place, _quarter, day, hour, part, flag)
            if kind.strip().upper() in ENERGY_WEIGHTED:
                prices.reject(place, "energy_weighted", raw)
                yield None
                continue
            yield place, _typed(point, kind), at, Values(price), raw, None

    yield from prices.collect(rows())
    if warnings:
        yield Batch(warnings=warnings)


Row = tuple[str, Any, tuple[str, ...]]
"""The place of a row, the row as it stands, and its cells."""


def _rows(file: BinaryIO, names: Names) -> tuple[Iterator[Row], list[str]]:
    """The rows of a file of either form, and what it lacks."""
    if not begins_json(file):
        return _csv_rows(file, names), []
    document = json_document(file)
    if not isinstance(document, dict) or not isinstance(document.get("data"), list):
        raise InvalidFile("an object with fields and data is expected", "the top level")
    meta = document.get("_meta")
    told = meta.get("totalRecords") if isinstance(meta, dict) else None
    return _json_rows(document, names), of_all_rows(len(document["data"]), told)


def _csv_rows(file: BinaryIO, names: Names) -> Iterator[Row]:
    lines = csv_lines(file)
    header = header_of(lines)
    pick = picker(header, [heading(header, *called) for called in names])
    for line in lines:
        yield line.place, line.cells, pick(whole(line, header).cells)


def _json_rows(document: dict[str, Any], names: Names) -> Iterator[Row]:
    """Rows by position; `fields` says what stands where."""
    fields = document.get("fields")
    if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
        raise InvalidFile("a list of objects is expected", "fields")
    header = Line(0, [str(one.get("name", "")) for one in fields])
    try:
        pick = picker(header, [heading(header, *called) for called in names])
    except InvalidFile as fault:
        raise InvalidFile(fault.reason, "fields") from None
    for number, row in enumerate(document["data"]):
        place = f"data[{number}]"
        if not isinstance(row, list) or len(row) != len(fields):
            raise InvalidFile("a list as long as fields is expected", place)
        yield place, row, pick([_text(one, place) for one in row])


def _text(value: Any, place: str) -> str:
    found = cell(value, place)
    return "" if found is None else str(found)


@lru_cache(maxsize=2**14)
def _hour(day: str, hour: str, flag: str) -> Interval:
    """An hour by its end, `01:00` to `24:00`."""
    number, _, minutes = hour.strip().partition(":")
    if minutes not in ("", "00"):
        raise ValueError(f"{hour} is no end of an hour")
    start = labelled_hour_utc(ZONE, _day(day), whole_number(number), _repeated(flag))
    return interval(ISO, start, 60)


@lru_cache(maxsize=2**14)
def _quarter(day: str, hour: str, part: str, flag: str) -> Interval:
    if part.strip() not in ("1", "2", "3", "4"):
        raise ValueError(f"DeliveryInterval is 1 to 4, not '{part[:20]}'")
    start = labelled_hour_utc(ZONE, _day(day), whole_number(hour), _repeated(flag))
    return interval(ISO, start + timedelta(minutes=15 * (int(part) - 1)), 15)


def _day(text: str) -> date:
    return calendar_day(text) if "-" in text else wall(text.strip(), "%m/%d/%Y").date()


def _repeated(flag: str) -> bool:
    found = FLAGS.get(flag.strip().upper())
    if found is None:
        raise ValueError(f"DSTFlag is Y or N, not '{flag[:20]}'")
    return found


@lru_cache(maxsize=2**14)
def _named(point: str) -> Location:
    point = point.strip()
    kinds = (kind for prefix, kind in PREFIXES.items() if point.startswith(prefix))
    return Location(point, point, next(kinds, None))


@lru_cache(maxsize=2**14)
def _typed(point: str, kind: str) -> Location:
    point = point.strip()
    return Location(point, point, KINDS.get(kind.strip().upper(), "OTHER"))


FEED = Feed(
    name="iso.ercot_lmp",
    title="ERCOT day-ahead settlement point prices, CSV or JSON",
    tables=TABLES,
    patterns=("*DAMSPNP4190*", "*NP4-190*", "*dam_stlmnt_pnt_prices*"),
    read=read,
)
REAL_TIME = Feed(
    name="iso.ercot_rt_lmp",
    title="ERCOT real-time settlement point prices by 15 minutes, CSV or JSON",
    tables=TABLES,
    patterns=("*SPPHLZNP6905*", "*NP6-905*", "*spp_node_zone_hub*"),
    read=read_quarters,
)
FEEDS = (FEED, REAL_TIME)
