"""`curves.csv`: Aurum's own CSV of curves. See docs/feeds/curves.csv.md."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, is_name, price
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, known_names, whole
from aurum.market.names import operator_code
from aurum.market.tenors import (
    TenorType,
    month_named,
    month_of,
    parse_strip_label,
    tenor_type_of,
)
from aurum.market.units import UnknownUnit, parse_unit
from aurum.stores.tables import Row
from curves.calculations.identity import curve_key, region_of
from curves.feeds.rows import Rows, iso_text, middle
from curves.tables import CURVE, CURVE_OBSERVATION, CURVE_TENOR, IDENTITY, LONGEST, PRICE_TYPES

EARLIEST = "1900-01-01"
UNIT = ("units_raw", "currency", "per_unit")
LINEAGE = ("source_file", "sheet_name", "lineage_tags")
KNOWN = (
    *("asof_date", "contract_month", "tenor_label", "tenor_type", "price_type"),
    *("mid", "value", "bid", "ask", "curve_key", *IDENTITY, *UNIT, *LINEAGE),
    *("expiry_date", "version_hash", "_ingest_ts"),
)
_CURVE_KEY = re.compile(r"[A-Za-z0-9_.-]{1,128}")
ONE_OF = (("asof_date",), ("contract_month", "tenor_label"), ("mid", "value"))

Cells = Mapping[str, str]
Identity = tuple[str | None, ...]


def read(file: BinaryIO) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the header or a line is not what it must be."""
    lines = csv_lines(file)
    header = next(lines, Line(1, []))
    names = _names(header)
    rows = Rows()
    for line in lines:
        _add(rows, line.place, dict(zip(names, whole(line, header).cells, strict=True)))
        if rows.full:
            yield rows.take()
    yield rows.take()


def _names(header: Line) -> list[str]:
    """The columns a file has, in its order; InvalidFile for others, and where one is missing."""
    names = known_names(header, KNOWN)
    if not names:
        raise InvalidFile("a header is expected", header.place)
    for group in ONE_OF:
        if not any(name in names for name in group):
            raise InvalidFile(f"column {' or '.join(group)} is missing", header.place)
    if "curve_key" not in names and not any(name in names for name in IDENTITY):
        raise InvalidFile(f"curve_key or some of {', '.join(IDENTITY)} must be there", header.place)
    return names


def _add(rows: Rows, place: str, cells: Cells) -> None:
    expiry = cells.get("expiry_date", "").strip()
    try:
        parts = tuple(cells.get(name, "").strip() or None for name in IDENTITY)
        key, parts = _identity(cells.get("curve_key", "").strip(), parts)
        kind, label, month = _tenor(
            cells.get("tenor_label", "").strip(),
            cells.get("contract_month", "").strip(),
            cells.get("tenor_type", "").strip().upper(),
        )
        row: Row = (
            key,
            label,
            _price_type(cells),
            _day(cells["asof_date"].strip(), "invalid_asof_date"),
            kind,
            month,
            *_prices(cells),
            *_unit(*(cells.get(name, "").strip() for name in UNIT)),
            *(cells.get(name, "").strip() or None for name in LINEAGE),
            _day(expiry, "invalid_expiry_date") if expiry else None,
        )
        rows.must_be_by_now(row[3])
    except InvalidRow as reason:
        rows.reject(place, str(reason), json.dumps(cells))
        return
    rows.curve(key, dict(zip(IDENTITY, parts, strict=True)))
    rows.observation(place, row)


@lru_cache(maxsize=4096)
def _identity(given: str, parts: Identity) -> tuple[str, Identity]:
    """The curve's key and its identity: with the region, which follows from the ISO, and codes in
    capitals."""
    if given and not _CURVE_KEY.fullmatch(given):
        raise InvalidRow("invalid_curve_key")
    if not given and not any(parts):
        raise InvalidRow("missing_curve_key")
    named = dict(zip(IDENTITY, parts, strict=True))
    if not all(is_name(text, LONGEST[name]) for name, text in named.items()):
        raise InvalidRow("invalid_identity")
    named["iso"] = operator_code(named["iso"]) if named["iso"] else None
    named["region"] = named["region"] or region_of(named["iso"])
    return given or curve_key(named), tuple(named.values())


@lru_cache(maxsize=16384)
def _tenor(label: str, month: str, kind: str) -> tuple[str, str, str | None]:
    """(type, label, first day of the period) of what the cells say of the delivery period."""
    first = month_of(month[:7]) if month else None
    if month and (first is None or month[7:] not in ("", "-01")):
        raise InvalidRow("invalid_contract_month")
    if not label and first is None:
        raise InvalidRow("missing_tenor")
    label = label or month[:7]
    if not is_name(label):
        raise InvalidRow("invalid_tenor_label")
    named = month_named(label)
    if named is not None and first is not None and named != first:
        raise InvalidRow("contract_month_contradicts_label")
    if named is not None:
        label = f"{named:%Y-%m}"
    strip = parse_strip_label(label)
    start = first or named or (strip.months[0] if strip else None)
    if kind and kind not in TenorType.__members__:
        raise InvalidRow("invalid_tenor_type")
    return kind or tenor_type_of(label).value, label, iso_text(start)


def _price_type(cells: Cells) -> str:
    word = cells.get("price_type", "").strip().upper() or "MID"
    if word not in PRICE_TYPES:
        raise InvalidRow("invalid_price_type")
    return word


@lru_cache(maxsize=4096)
def _day(text: str, reason: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidRow(reason) from None
    if len(text) != 10 or text < EARLIEST:
        raise InvalidRow(reason)
    return day.isoformat()


def _prices(cells: Cells) -> tuple[float | None, float | None, float | None]:
    given = cells.get("mid", "").strip() or cells.get("value", "").strip()
    bid, ask = price(cells.get("bid", "").strip()), price(cells.get("ask", "").strip())
    return middle(price(given), bid, ask), bid, ask


@lru_cache(maxsize=1024)
def _unit(raw: str, currency: str, per_unit: str) -> tuple[str | None, ...]:
    """Unit, raw text, currency, measure: the vendor's text counts, else currency and measure."""
    try:
        known = parse_unit(raw or f"{currency}/{per_unit}") if raw or currency or per_unit else None
    except UnknownUnit:
        if not (raw and currency and per_unit):
            raise InvalidRow("unknown_units") from None
        known = None
    if known is None:
        made = f"{currency}/{per_unit}" if currency and per_unit else None
        return made, raw or None, currency or None, per_unit or None
    said = currency or known.currency, per_unit or known.per_unit
    if said != (known.currency, known.per_unit):
        raise InvalidRow("units_contradict")
    return str(known), raw or None, *said


FEED = Feed(
    name="curves.csv",
    title="Curves in Aurum's own CSV; rows that a file leaves out stay",
    tables=(CURVE_OBSERVATION, CURVE, CURVE_TENOR),
    patterns=("*.csv",),
    read=read,
    priority=-2,
)
