"""ISO New England's web service: hourly and five-minute LMP and locations, as JSON.

See docs/feeds/iso.isone_da_json.md.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, cell, moment
from aurum.loads.documents import json_document
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.stores.tables import Row
from iso.feeds.intervals import interval, resolved
from iso.feeds.isone_locations import ISO, TO_THE_CENT, ZONE, location_of
from iso.feeds.locations import must_be_askable
from iso.feeds.prices import PriceRow, Prices, Values
from iso.tables import ISO_LOCATION, ISO_LOCATION_NAME, TABLES, words_of

PARTS = ("LmpTotal", "EnergyComponent", "CongestionComponent", "LossComponent")


def read_json(file: BinaryIO, *, market: str, status: str = "FINAL") -> Iterator[Batch]:
    """Batches of a web-service answer; InvalidFile when it has another form."""
    inner = "FiveMinLmp" if market == "FIVE_MINUTE" else "HourlyLmp"
    prices = Prices(ISO, market, status=status, check=TO_THE_CENT, by_day=inner == "HourlyLmp")

    def rows() -> Iterator[PriceRow]:
        for number, item in enumerate(_items(json_document(file), f"{inner}s", inner)):
            place = f"{inner}[{number}]"
            where = item.get("Location")
            if not isinstance(where, dict) or "@LocId" not in where:
                raise InvalidFile("there is no Location with an @LocId", place)
            start: datetime = resolved(place, _instant, str(item.get("BeginDate")))
            at = interval(ISO, start, 5 if market == "FIVE_MINUTE" else 60)
            names = (_text(where, key, place) for key in ("@LocId", "$", "@LocType"))
            yield place, location_of(*names), at, Values(*map(item.get, PARTS)), item, None

    return prices.collect(rows())


def _text(item: dict[str, Any], key: str, place: str) -> str:
    """A text, or a whole number as one; empty where there is none."""
    value = cell(item.get(key), f"{place}.{key}")
    if isinstance(value, float):
        raise InvalidFile("a text or a whole number is expected", f"{place}.{key}")
    return str(value or "")


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    start = moment(text)
    if start.tzinfo is None:
        raise ValueError(f"'{text}' has no offset")
    if start.microsecond:
        raise ValueError(f"'{text}' is not to the second")
    return start.astimezone(UTC)


def _items(document: Any, outer: str, inner: str) -> Iterable[dict[str, Any]]:
    """The list within, which may stand alone; a single element may stand for a list of it."""
    within = document.get(outer, document) if isinstance(document, dict) else None
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
        keys = ("LocationID", "LocationName", "LocationType")
        location = location_of(*(_text(item, key, place) for key in keys))
        try:
            must_be_askable(location)
        except InvalidRow as reason:
            batch.rejected.append(RejectedRow(place, str(reason), json.dumps(item)))
            continue
        # The list has no date: it says what holds today.
        rows.append((ISO, *location, ZONE, datetime.now(UTC).date().isoformat()))
        batch.rows[ISO_LOCATION_NAME.name] += words_of(ISO, location.location_id, location.name)
        batch.places[ISO_LOCATION.name].append(place)
    yield batch


def _web_service(name: str, of: str, pattern: str, market: str, status: str = "FINAL") -> Feed:
    return Feed(
        name=f"iso.isone_{name}_json",
        title=f"ISO-NE {of} LMP, web-service JSON",
        tables=TABLES,
        patterns=(pattern,),
        read=partial(read_json, market=market, status=status),
    )


WEB_SERVICE = (
    _web_service("da", "day-ahead hourly", "hourlylmp_da_*.json", "DAY_AHEAD"),
    _web_service("rt", "final real-time hourly", "hourlylmp_rt_final_*.json", "REAL_TIME"),
    _web_service(
        "rt_prelim",
        "preliminary real-time hourly",
        "hourlylmp_rt_prelim_*.json",
        "REAL_TIME",
        "PRELIMINARY",
    ),
    _web_service("five_minute", "final five-minute", "fiveminutelmp_final_*.json", "FIVE_MINUTE"),
    _web_service(
        "five_minute_prelim",
        "preliminary five-minute",
        "fiveminutelmp_prelim_*.json",
        "FIVE_MINUTE",
        "PRELIMINARY",
    ),
)
LOCATIONS = Feed(
    name="iso.isone_locations",
    title="ISO-NE locations, web-service JSON",
    tables=(ISO_LOCATION, ISO_LOCATION_NAME),
    patterns=("locations*.json",),
    read=read_locations,
)
FEEDS = (*WEB_SERVICE, LOCATIONS)
