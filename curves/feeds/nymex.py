"""`curves.nymex`: the natural-gas strip as a quote page shows it, one file per valuation date.

The prices are last trades with a delay, not settlements. See docs/feeds/curves.nymex.md.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, calendar_day, moment, price
from aurum.loads.documents import json_document
from aurum.loads.feeds import Batch, Feed
from aurum.market.time import zone_info
from curves.calculations.identity import curve_key
from curves.feeds.rows import Rows
from curves.tables import CURVE, CURVE_OBSERVATION, CURVE_TENOR

EXCHANGE = zone_info("America/New_York")
HENRY_HUB = {
    "asset_class": "gas",
    "region": "US",
    "location": "Henry Hub",
    "market": "NYMEX",
    "product": "NG",
}
KEY = curve_key(HENRY_HUB)
PRICE_TYPE = "LAST"
MONTH_CODES = "FGHJKMNQUVXZ"
TYPES = {"contract": str, "month": int, "year": int, "cmeCode": str}


def read(file: BinaryIO) -> Iterator[Batch]:
    """One batch; InvalidFile when the file is no whole snapshot."""
    document = _document(file)
    asof = _valuation_date(document)
    rows = Rows()
    rows.curve(KEY, HENRY_HUB)
    for number, quote in enumerate(_quotes(document)):
        _add(rows, f"data[{number}]", quote, asof)
    yield rows.take()


def _document(file: BinaryIO) -> dict[str, Any]:
    document = json_document(file)
    if not isinstance(document, dict):
        raise InvalidFile("an object with lastUpdated and data is expected", "the top level")
    return document


def _valuation_date(document: dict[str, Any]) -> str:
    """The exchange's date at the instant of the snapshot."""
    stamp = document.get("lastUpdated")
    try:
        instant = moment(stamp) if isinstance(stamp, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidFile("an ISO 8601 instant with its offset is expected", "lastUpdated")
    return instant.astimezone(EXCHANGE).date().isoformat()


def _quotes(document: dict[str, Any]) -> list[dict[str, Any]]:
    quotes = document.get("data")
    if not isinstance(quotes, list) or not quotes:
        raise InvalidFile("a list of at least one contract is expected", "data")
    for number, quote in enumerate(quotes):
        if not isinstance(quote, dict):
            raise InvalidFile("an object is expected", f"data[{number}]")
        for name, kind in TYPES.items():
            if type(quote.get(name)) is not kind:
                raise InvalidFile(f"a {kind.__name__} is expected", f"data[{number}].{name}")
        if "price" not in quote:
            raise InvalidFile("there is no price", f"data[{number}]")
        if not _names_its_month(quote):
            raise InvalidFile("cmeCode, month and year disagree", f"data[{number}]")
        if not _is_day(quote.get("expiryDate")):
            raise InvalidFile("a date as YYYY-MM-DD is expected", f"data[{number}].expiryDate")
    return quotes


def _names_its_month(quote: dict[str, Any]) -> bool:
    month, year = quote["month"], quote["year"]
    if not (1 <= month <= 12 and 1990 <= year < 2100):
        return False
    return str(quote["cmeCode"]) == f"NG{MONTH_CODES[month - 1]}{year % 100:02}"


def _is_day(value: Any) -> bool:
    """Whether a contract's last day is one; a file may leave it out."""
    if value is None:
        return True
    try:
        return bool(calendar_day(value).isoformat() == value)
    except (TypeError, ValueError):
        return False


def _add(rows: Rows, place: str, quote: dict[str, Any], asof: str) -> None:
    label = f"{quote['year']}-{quote['month']:02}"
    try:
        rows.must_be_by_now(asof)
        mid = _last_trade(quote["price"])
    except InvalidRow as reason:
        key = (KEY, asof, label, PRICE_TYPE)
        rows.reject(place, str(reason), json.dumps(quote), key)
        return
    values = {
        "curve_key": KEY,
        "tenor_label": label,
        "price_type": PRICE_TYPE,
        "asof_date": asof,
        "tenor_type": "MONTHLY",
        "contract_month": f"{label}-01",
        "mid": mid,
        "unit": "USD/MMBtu",
        "units_raw": "$/MMBtu",
        "currency": "USD",
        "per_unit": "MMBtu",
        "expiry_date": quote.get("expiryDate"),
    }
    rows.observation(place, tuple(values.get(name) for name in CURVE_OBSERVATION.names))


def _last_trade(value: Any) -> float:
    if isinstance(value, str):
        raise InvalidRow("invalid_price")
    number = price(value)
    if number is None:
        raise InvalidRow("missing_measurement")
    if number <= 0:
        # The page shows 0 where nothing has traded.
        raise InvalidRow("out_of_range")
    return number


FEED = Feed(
    name="curves.nymex",
    title="NYMEX Henry Hub natural gas, last trades of a quote page, one file per valuation date",
    tables=(CURVE_OBSERVATION, CURVE, CURVE_TENOR),
    patterns=("forward-curve_*.json",),
    read=read,
    mode="replace",
    scope=("curve_key", "price_type", "asof_date"),
)
