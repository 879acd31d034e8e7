"""What is known of calendars, units and the reference catalogues."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import zip_longest
from typing import Any

from aurum.errors import BadQuery, FieldError, NotFound
from aurum.market.calendars import (
    CALENDARS,
    Calendar,
    UnknownBlock,
    UnknownCalendar,
    calendar_of,
    no_holidays,
)
from aurum.market.time import instant_text
from aurum.market.units import price_units
from aurum.query import Query
from aurum.results import Result, ResultSchema, suggest
from aurum.stores.paging import Page, PageRequest, page_of
from aurum.stores.tables import Row
from metadata import dao, results

ONE_DAY = timedelta(days=1)

Made = dict[str, Any]


# v1: whole answers, without pages


def v1_calendars() -> Page:
    """Rows of name and time zone."""
    return _whole((name, CALENDARS[name].zone) for name in sorted(CALENDARS))


def v1_blocks(query: Query) -> Page:
    """The names of a calendar's blocks; NotFound where there is no such calendar."""
    return _whole((name,) for name in sorted(_calendar(query).block_names))


def v1_hours(query: Query) -> Page:
    """The beginnings of a block's hours, local with offset, on `date` or from `start` to `end`.

    Both days are in the range.
    """
    first, last = (query.filters.get("date") or query.filters[name] for name in ("start", "end"))
    calendar = _calendar(query)
    block = _block(calendar, query.filters["block"])
    end = date.fromisoformat(last) + ONE_DAY
    hours = calendar.hours(block, date.fromisoformat(first), end)
    return _whole((hour.isoformat(),) for hour in hours)


def v1_units(query: Query) -> Page:
    """Currencies and measures side by side, the shorter of the two filled up with None."""
    currencies, measures = (
        sorted({text for row in _units() if _begins(text := row[name], query)})
        for name in ("currency", "per_unit")
    )
    return _whole(zip_longest(currencies, measures))


def v1_units_mapping(query: Query) -> Page:
    """Rows of a source's text, currency and measure."""
    names = ("units_raw", "currency", "per_unit")
    return _whole(tuple(row[name] for name in names) for row in _units_that_begin(query))


def _whole(rows: Iterable[Row]) -> Page:
    return Page(list(rows), None, None)


def _calendar(query: Query) -> Calendar:
    name = query.filters["name"]
    try:
        return calendar_of(name)
    except UnknownCalendar:
        known = ", ".join(sorted(CALENDARS))
        message = f"There is no calendar '{name}'. There are {known}."
        error = FieldError("name", message, "unknown_calendar", name, f"one of {known}")
        raise NotFound(message, errors=[error]) from None


def _block(calendar: Calendar, name: str) -> str:
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


# v2: computed from rules


def list_calendars(query: Query) -> Result:
    """A row a calendar."""
    chosen = query.filters.get("name") or tuple(CALENDARS)
    return _computed(query, results.CALENDARS, map(_described, chosen))


def _described(name: str) -> Made:
    calendar = CALENDARS[name]
    return {
        "name": name,
        "timezone": calendar.zone,
        "peak_weekdays": ",".join(map(str, sorted(calendar.weekdays))),
        "holidays": None if calendar.holidays is no_holidays else "NERC",
        "blocks": ",".join(sorted(calendar.block_names)),
    }


def list_hours(query: Query) -> Result:
    """A row an hour of a block, from `start` to before `end`."""
    calendar = CALENDARS[query.filters["calendar"]]
    block = _block(calendar, query.filters["block"])
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
    return _computed(query, results.HOURS, made)


def _about_the_page(hours: list[datetime], wanted: PageRequest) -> list[datetime]:
    """The hours that a page can have, and one more: it is the rows that take time to make."""
    if wanted.position is None:
        return hours[: wanted.limit + 1]
    place = bisect_left(hours, datetime.fromisoformat(wanted.position.values[0]))
    if wanted.position.backward:
        return hours[max(0, place - wanted.limit - 1) : place]
    return hours[place : place + wanted.limit + 2]


def list_holidays(query: Query) -> Result:
    """A row a calendar and holiday kept in the range."""
    start, end = query.filters["start"], query.filters["end"]
    made = (
        {"calendar": name, "date": day.isoformat(), "name": holiday}
        for name in query.filters.get("calendar") or tuple(CALENDARS)
        for year in range(int(start[:4]), int(end[:4]) + 1)
        for day, holiday in CALENDARS[name].holidays(year).items()
        if start <= day.isoformat() < end
    )
    return _computed(query, results.HOLIDAYS, made)


def list_months(query: Query) -> Result:
    """A row a block and month, with the number of its hours."""
    calendar = CALENDARS[query.filters["calendar"]]
    asked = query.filters.get("block") or calendar.block_names
    made = (
        {
            "calendar": calendar.name,
            "block": block,
            "month": month.isoformat(),
            "hours": calendar.hours_in_month(block, month),
        }
        for block in {_block(calendar, name) for name in asked}
        for month in query.filters["months"]
    )
    return _computed(query, results.MONTHS, made)


def list_units(query: Query) -> Result:
    """A row a text that a source may write."""
    asked = {
        name: query.filters[name] for name in ("currency", "per_unit") if name in query.filters
    }
    made = (
        row
        for row in _units_that_begin(query)
        if all(row[name] in values for name, values in asked.items())
    )
    return _computed(query, results.UNITS, made)


@cache
def _units() -> Sequence[Made]:
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


def _units_that_begin(query: Query) -> Iterator[Made]:
    return (row for row in _units() if _begins(row["units_raw"], query))


def _begins(text: str, query: Query) -> bool:
    return text.lower().startswith((query.filters.get("prefix") or "").lower())


def _computed(query: Query, result_schema: ResultSchema, made: Iterable[Made]) -> Result:
    names = result_schema.ordered(query.columns)
    rows = [tuple(row[name] for name in names) for row in made]
    page = page_of(rows, query.page, names, result_schema.order)
    return Result(page, reason=None if page.rows else "no_match")


# v2: the catalogues


async def list_catalogue(query: Query, result_schema: ResultSchema) -> Result:
    """A page of a catalogue; an empty one with the reason, and codes that are near."""
    if query.before_first_load:
        return Result(Page([], None, None), reason="no_data_yet")
    page = await dao.catalogue(query, result_schema)
    if page.rows:
        return Result(page)
    near = await suggest(
        query.filters, result_schema.column_names, partial(dao.codes, query, result_schema)
    )
    return Result(page, reason="no_match", near=near)
