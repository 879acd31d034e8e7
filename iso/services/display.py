"""From stored rows to what an answer shows: column by column, so that a page costs little."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.market.calendars import calendar_of
from aurum.market.time import MARKET, zone_info
from aurum.query import Query
from aurum.results import Result, suggest
from aurum.stores.filters import Span
from aurum.stores.paging import Page
from iso.dao import series
from iso.dao.series import Covered
from iso.policies import COVERAGE
from iso.tables import ISO_LMP, in_capitals

EMPTY = Page([], None, None)
OWN = (*ISO_LMP.names, "load_id")
PARTS = ("iso", "market", "location_id")
PLACE = ("location_name", "location_type", "zone", "hub")


def columns_to_read(names: Sequence[str], order: Iterable[str]) -> tuple[str, ...]:
    """The columns of iso_lmp to be read for showing these, the order's among them."""
    times = ("interval_start", "interval_end") if "local" in names else ()
    return tuple(dict.fromkeys((*(n for n in names if n in OWN), "series_key", *times, *order)))


async def display_rows(query: Query, page: Page, read: Sequence[str], names: Sequence[str]) -> Page:
    """The page, whose rows have the columns `read`, with the columns `names`."""
    if not page.rows:
        return page
    columns = dict(zip(read, zip(*page.rows, strict=True), strict=True))
    await add_derived_columns(query, columns, names)
    return replace(page, rows=list(zip(*(columns[name] for name in names), strict=True)))


async def add_derived_columns(query: Query, columns: dict[str, Any], names: Sequence[str]) -> None:
    """Adds the columns that follow from a series' key, its place and the caller's clock."""
    keys = columns["series_key"]
    parts = {key: tuple(key.split(":", 2)) for key in set(keys)}
    for index, name in enumerate(PARTS):
        if name in names:
            columns[name] = [parts[key][index] for key in keys]
    if "local" in names:
        tz, is_end = query.filters.get("tz", MARKET), query.filters.get("label") == "ending"
        instants = columns["interval_end" if is_end else "interval_start"]
        zones = {key: zone_of(part[0], tz) for key, part in parts.items()}
        columns["local"] = [
            local_text(zones[key], text) for key, text in zip(keys, instants, strict=True)
        ]
    if any(name in names for name in PLACE):
        known = await series.places(query, [(iso, place) for iso, _, place in parts.values()])
        found = {k: known.get((part[0], part[2]), (None,) * 4) for k, part in parts.items()}
        for index, name in enumerate(PLACE):
            columns[name] = [found[key][index] for key in keys]


def zone_of(iso: str, tz: str) -> str:
    return calendar_of(iso).zone if tz == MARKET else tz


@lru_cache(maxsize=2**16)
def local_text(zone: str, instant: str) -> str:
    """An instant on a zone's clock, ISO 8601 with its offset."""
    return datetime.fromisoformat(instant).astimezone(zone_info(zone)).isoformat()


async def covered(query: Query) -> list[Covered]:
    """From when to when each market is priced that the question is about."""
    load = partial(series.coverage, query)
    known = await cached_per_snapshot(
        COVERAGE, query.watermarks, load, size=10_000, is_negative=lambda markets: not markets
    )
    return [
        one
        for one in known
        if _names(query.filters, "iso", one.iso) and _names(query.filters, "market", one.market)
    ]


def _names(filters: Mapping[str, Any], name: str, value: str) -> bool:
    asked = filters.get(name)
    return not asked or value in ((asked,) if isinstance(asked, str) else asked)


async def explain(query: Query, page: Page) -> Result:
    """The page, with what is newest; an empty one with the reason."""
    if query.before_first_load:
        return Result(page, reason="no_data_yet")
    known = await covered(query)
    latest = max((one.last_start for one in known), default=None)
    if page.rows:
        return Result(page, latest)
    near = await suggest(query.filters, PARTS, partial(series.codes, query), in_capitals)
    outside = bool(known) and not near and _outside(query.filters, known)
    return Result(page, latest, "outside_coverage" if outside else "no_match", near)


def _outside(filters: Mapping[str, Any], known: Sequence[Covered]) -> bool:
    days = filters.get("delivery_date")
    if not isinstance(days, Span):
        return False
    first, last = min(one.first_date for one in known), max(one.last_date for one in known)
    return bool((days.start and days.start > last) or (days.end and days.end <= first))
