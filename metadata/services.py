"""What is known of calendars, units and the reference catalogues."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import zip_longest
from typing import Any

from aurum.ask import Ask
from aurum.errors import BadQuery, FieldError, NotFound
from aurum.listing import Answer, Listing, near_values
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
from aurum.stores.paging import Page, Wanted, page_of
from aurum.stores.tables import Row
from metadata import dao, listings

ONE_DAY = timedelta(days=1)

Made = dict[str, Any]


# v1: whole answers, without pages


def v1_calendars() -> Page:
    """Rows of name and time zone."""
    return _whole((name, CALENDARS[name].zone) for name in sorted(CALENDARS))


def v1_blocks(ask: Ask) -> Page:
    """The names of a calendar's blocks; NotFound where there is no such calendar."""
    return _whole((name,) for name in sorted(_calendar(ask).block_names))


def v1_hours(ask: Ask) -> Page:
    """The beginnings of a block's hours, local with offset, on `date` or from `start` to `end`.

    Both days are in the range.
    """
    first, last = (ask.filters.get("date") or ask.filters[name] for name in ("start", "end"))
    calendar = _calendar(ask)
    block = _block(calendar, ask.filters["block"])
    end = date.fromisoformat(last) + ONE_DAY
    hours = calendar.hours(block, date.fromisoformat(first), end)
    return _whole((hour.isoformat(),) for hour in hours)


def v1_units(ask: Ask) -> Page:
    """Currencies and measures side by side, the shorter of the two filled up with None."""
    currencies, measures = (
        sorted({text for row in _units() if _begins(text := row[name], ask)})
        for name in ("currency", "per_unit")
    )
    return _whole(zip_longest(currencies, measures))


def v1_units_mapping(ask: Ask) -> Page:
    """Rows of a source's text, currency and measure."""
    names = ("units_raw", "currency", "per_unit")
    return _whole(tuple(row[name] for name in names) for row in _units_that_begin(ask))


def _whole(rows: Iterable[Row]) -> Page:
    return Page(list(rows), None, None)


def _calendar(ask: Ask) -> Calendar:
    name = ask.filters["name"]
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


def list_calendars(ask: Ask) -> Answer:
    """A row a calendar."""
    chosen = ask.filters.get("name") or tuple(CALENDARS)
    return _computed(ask, listings.CALENDARS, map(_described, chosen))


def _described(name: str) -> Made:
    calendar = CALENDARS[name]
    return {
        "name": name,
        "timezone": calendar.zone,
        "peak_weekdays": ",".join(map(str, sorted(calendar.weekdays))),
        "holidays": None if calendar.holidays is no_holidays else "NERC",
        "blocks": ",".join(sorted(calendar.block_names)),
    }


def list_hours(ask: Ask) -> Answer:
    """A row an hour of a block, from `start` to before `end`."""
    calendar = CALENDARS[ask.filters["calendar"]]
    block = _block(calendar, ask.filters["block"])
    start, end = (date.fromisoformat(ask.filters[name]) for name in ("start", "end"))
    made = (
        {
            "calendar": calendar.name,
            "block": block,
            "hour_beginning": hour.isoformat(),
            "interval_start": instant_text(hour),
            "delivery_date": hour.date().isoformat(),
            "hour_ending": hour.hour + 1,
        }
        for hour in _about_the_page(list(calendar.hours(block, start, end)), ask.wanted)
    )
    return _computed(ask, listings.HOURS, made)


def _about_the_page(hours: list[datetime], wanted: Wanted) -> list[datetime]:
    """The hours that a page can have, and one more: it is the rows that take time to make."""
    if wanted.position is None:
        return hours[: wanted.limit + 1]
    place = bisect_left(hours, datetime.fromisoformat(wanted.position.values[0]))
    if wanted.position.backward:
        return hours[max(0, place - wanted.limit - 1) : place]
    return hours[place : place + wanted.limit + 2]


def list_holidays(ask: Ask) -> Answer:
    """A row a calendar and holiday kept in the range."""
    start, end = ask.filters["start"], ask.filters["end"]
    made = (
        {"calendar": name, "date": day.isoformat(), "name": holiday}
        for name in ask.filters.get("calendar") or tuple(CALENDARS)
        for year in range(int(start[:4]), int(end[:4]) + 1)
        for day, holiday in CALENDARS[name].holidays(year).items()
        if start <= day.isoformat() < end
    )
    return _computed(ask, listings.HOLIDAYS, made)


def list_months(ask: Ask) -> Answer:
    """A row a block and month, with the number of its hours."""
    calendar = CALENDARS[ask.filters["calendar"]]
    asked = ask.filters.get("block") or calendar.block_names
    made = (
        {
            "calendar": calendar.name,
            "block": block,
            "month": month.isoformat(),
            "hours": calendar.hours_in_month(block, month),
        }
        for block in {_block(calendar, name) for name in asked}
        for month in ask.filters["months"]
    )
    return _computed(ask, listings.MONTHS, made)


def list_units(ask: Ask) -> Answer:
    """A row a text that a source may write."""
    asked = {name: ask.filters[name] for name in ("currency", "per_unit") if name in ask.filters}
    made = (
        row
        for row in _units_that_begin(ask)
        if all(row[name] in values for name, values in asked.items())
    )
    return _computed(ask, listings.UNITS, made)


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


def _units_that_begin(ask: Ask) -> Iterator[Made]:
    return (row for row in _units() if _begins(row["units_raw"], ask))


def _begins(text: str, ask: Ask) -> bool:
    return text.lower().startswith((ask.filters.get("prefix") or "").lower())


def _computed(ask: Ask, listing: Listing, made: Iterable[Made]) -> Answer:
    names = listing.ordered(ask.columns)
    rows = [tuple(row[name] for name in names) for row in made]
    page = page_of(rows, ask.wanted, names, listing.order)
    return Answer(page, reason=None if page.rows else "no_match")


# v2: the catalogues


async def list_catalogue(ask: Ask, listing: Listing) -> Answer:
    """A page of a catalogue; an empty one with the reason, and codes that are near."""
    if ask.before_first_load:
        return Answer(Page([], None, None), reason="no_data_yet")
    page = await dao.catalogue(ask, listing)
    if page.rows:
        return Answer(page)
    near = await near_values(ask.filters, listing.column_names, partial(dao.codes, ask, listing))
    return Answer(page, reason="no_match", near=near)
