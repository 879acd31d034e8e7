"""What is known of calendars, units and the reference catalogues."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from typing import Any

from aurum.errors import BadQuery
from aurum.market.calendars import CALENDARS, Calendar, UnknownBlock, no_holidays
from aurum.market.time import instant_text
from aurum.market.units import price_units
from aurum.query import Query, explain
from aurum.results import Result
from aurum.stores.paging import Page, PageRequest, page_of
from metadata import dao


def block_of(calendar: Calendar, name: str) -> str:
    """What the calendar calls the block; BadQuery where it has none of that name."""
    try:
        return calendar.block_name(name)
    except UnknownBlock:
        known = ", ".join(sorted(calendar.block_names))
        raise BadQuery.field(
            "block",
            f"The calendar '{calendar.name}' has no block '{name}'.",
            code="unknown_block",
            value=name,
            constraint=f"one of {known}",
        ) from None


async def list_calendars(query: Query) -> Result:
    """One row per calendar."""
    chosen = query.filters.get("name") or tuple(CALENDARS)
    return _computed(query, map(_described, chosen))


def _described(name: str) -> dict[str, Any]:
    calendar = CALENDARS[name]
    return {
        "name": name,
        "timezone": calendar.zone,
        "peak_weekdays": ",".join(map(str, sorted(calendar.weekdays))),
        "holidays": None if calendar.holidays is no_holidays else "NERC",
        "blocks": ",".join(sorted(calendar.block_names)),
        "convention": calendar.convention,
        "source": calendar.source,
    }


async def list_hours(query: Query) -> Result:
    """One row per hour of a block, from `start` to before `end`."""
    calendar = CALENDARS[query.filters["calendar"]]
    block = block_of(calendar, query.filters["block"])
    start, end = (date.fromisoformat(query.filters[name]) for name in ("start", "end"))
    made = (
        {
            "calendar": calendar.name,
            "block": block,
            "hour_beginning": hour.isoformat(),
            "interval_start": instant_text(hour),
            "delivery_date": hour.date().isoformat(),
            "hour_ending": hour.hour + 1,
        }
        for hour in _about_the_page(list(calendar.hours(block, start, end)), query.page)
    )
    return _computed(query, made)


def _about_the_page(hours: list[datetime], request: PageRequest) -> list[datetime]:
    """The hours that a page can have, and those next to them, which tell whether there is more.

    Only for these are rows made, which is what takes the time.
    """
    if request.limit is None:
        return hours
    if request.position is None:
        return hours[: request.limit + 1]
    place = bisect_left(hours, datetime.fromisoformat(request.position.values[0]))
    if request.backward:
        return hours[max(0, place - request.limit - 1) : place]
    return hours[place : place + request.limit + 2]


async def list_holidays(query: Query) -> Result:
    """One row per calendar and holiday kept in the range."""
    start, end = query.filters["start"], query.filters["end"]
    made = (
        {"calendar": name, "date": day.isoformat(), "name": holiday}
        for name in query.filters.get("calendar") or tuple(CALENDARS)
        for year in range(int(start[:4]), int(end[:4]) + 1)
        for day, holiday in CALENDARS[name].holidays(year).items()
        if start <= day.isoformat() < end
    )
    return _computed(query, made)


async def list_months(query: Query) -> Result:
    """One row per block and month, with the number of its hours."""
    calendar = CALENDARS[query.filters["calendar"]]
    asked = query.filters.get("block") or calendar.block_names
    made = (
        {
            "calendar": calendar.name,
            "block": block,
            "month": month.isoformat(),
            "hours": calendar.hours_in_month(block, month),
        }
        for block in {block_of(calendar, name) for name in asked}
        for month in query.filters["months"]
    )
    return _computed(query, made)


async def list_units(query: Query) -> Result:
    """One row per text that a source may write."""
    names = ("currency", "per_unit")
    asked = {name: query.filters[name] for name in names if name in query.filters}
    made = (
        row
        for row in all_units()
        if begins(row["units_raw"], query)
        and all(row[name] in values for name, values in asked.items())
    )
    return _computed(query, made)


@cache
def all_units() -> Sequence[dict[str, Any]]:
    """Every text of a unit that is understood, by the columns of `/v2/metadata/units`."""
    made = (
        {
            "units_raw": text,
            "unit": str(unit),
            "currency": unit.currency,
            "per_unit": unit.per_unit,
        }
        for text, unit in price_units()
    )
    return sorted(made, key=lambda row: row["units_raw"])


def begins(text: str, query: Query) -> bool:
    """Whether the text begins with the query's prefix, in any case."""
    return text.lower().startswith((query.filters.get("prefix") or "").lower())


def _computed(query: Query, made: Iterable[Mapping[str, Any]]) -> Result:
    rows = Page.of(query.columns_needed, made)
    page = page_of(rows, query.page, query.schema.order)
    return Result(page, reason=None if page.rows else "no_match")


async def list_catalogue(query: Query) -> Result:
    """A page of a catalogue; an empty one with the reason, and codes that are near."""
    page, codes = await dao.catalogue(query), partial(dao.codes, query)
    return await explain(query, page, names=query.schema.column_names, values_of=codes)
