"""From stored rows to what an answer shows: column by column, so that a page costs little."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from aurum.market.calendars import calendar_of
from aurum.market.time import MARKET, zone_info
from aurum.query import Query
from aurum.snapshot import Snapshot
from aurum.stores.paging import Page
from iso.dao import series
from iso.tables import ISO_LMP

STORED = (*ISO_LMP.names, "load_id")
PARTS = ("iso", "market", "location_id")
PLACE = ("location_name", "location_type", "zone", "hub")


def columns_to_read(names: Sequence[str], order: Iterable[str]) -> tuple[str, ...]:
    """The columns of iso_lmp to be read for showing these, the order's among them."""
    times = ("interval_start", "interval_end") if "local" in names else ()
    length = ("interval_seconds",) if "interval_minutes" in names else ()
    stored = (name for name in names if name in STORED)
    return tuple(dict.fromkeys((*stored, "series_key", *times, *length, *order)))


async def display_rows(query: Query, page: Page, names: Sequence[str]) -> Page:
    """The page with the columns `names`, which it has or which follow from what it has."""
    if not page.rows:
        return replace(page, columns=tuple(names))
    if all(name in page.columns for name in names):
        return replace(page, columns=tuple(names), rows=page.select(names))
    columns = page.by_name()
    await add_derived_columns(query.snapshot, query.filters, columns, names)
    rows = list(zip(*(columns[name] for name in names), strict=True))
    return replace(page, columns=tuple(names), rows=rows)


async def add_derived_columns(
    snapshot: Snapshot,
    filters: Mapping[str, Any],
    columns: dict[str, Sequence[Any]],
    names: Sequence[str],
) -> None:
    """Adds the columns that follow from a series' key, its place and the caller's clock."""
    keys = columns["series_key"]
    parts = {key: tuple(key.split(":", 2)) for key in set(keys)}
    for index, name in enumerate(PARTS):
        if name in names:
            columns[name] = [parts[key][index] for key in keys]
    if "interval_minutes" in names:
        columns["interval_minutes"] = [
            None if seconds % 60 else seconds // 60 for seconds in columns["interval_seconds"]
        ]
    if "local" in names:
        tz, is_end = filters.get("tz", MARKET), filters.get("label") == "ending"
        instants = columns["interval_end" if is_end else "interval_start"]
        zones = {
            key: calendar_of(iso).market_zone if tz == MARKET else tz
            for key, (iso, *_) in parts.items()
        }
        columns["local"] = [
            local_text(zones[key], text) for key, text in zip(keys, instants, strict=True)
        ]
    if any(name in names for name in PLACE):
        pairs = [(iso, place) for iso, _, place in parts.values()]
        known = await series.places(snapshot, pairs)
        found = {key: known.get((part[0], part[2]), (None,) * 4) for key, part in parts.items()}
        for index, name in enumerate(PLACE):
            columns[name] = [found[key][index] for key in keys]


# The series of a market share their intervals, and so do its pages.
@lru_cache(maxsize=2**16)
def local_text(zone: str, instant: str) -> str:
    """An instant on a zone's clock, ISO 8601 with its offset."""
    return datetime.fromisoformat(instant).astimezone(zone_info(zone)).isoformat()
