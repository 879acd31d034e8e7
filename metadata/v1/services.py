"""Reference data as the frozen v1 has it: whole answers, without pages."""

from datetime import date, timedelta
from itertools import zip_longest

from aurum.errors import FieldError, NotFound
from aurum.market.calendars import CALENDARS, Calendar, UnknownCalendar, calendar_of
from aurum.query import Query
from aurum.stores.paging import Page
from metadata.services import all_units, begins, block_of

ONE_DAY = timedelta(days=1)


async def list_calendars(query: Query) -> Page:
    """Every calendar with its time zone."""
    made = ({"name": name, "timezone": CALENDARS[name].zone} for name in sorted(CALENDARS))
    return Page.of(query.columns, made)


async def list_blocks(query: Query) -> Page:
    """The names of a calendar's blocks; NotFound where there is no such calendar."""
    return Page(query.columns, [(name,) for name in sorted(_calendar(query).block_names)])


async def list_hours(query: Query) -> Page:
    """The beginnings of a block's hours, local with offset, on `date` or from `start` to `end`.

    Both days are in the range.
    """
    first, last = (query.filters.get("date") or query.filters[name] for name in ("start", "end"))
    calendar = _calendar(query)
    block = block_of(calendar, query.filters["block"])
    end = date.fromisoformat(last) + ONE_DAY
    hours = calendar.hours(block, date.fromisoformat(first), end)
    return Page(query.columns, [(hour.isoformat(),) for hour in hours])


async def list_unit_words(query: Query) -> Page:
    """Currencies and measures side by side, the shorter of the two filled up with None."""
    currencies, measures = (
        sorted({text for row in all_units() if begins(text := row[name], query)})
        for name in ("currency", "per_unit")
    )
    return Page(query.columns, list(zip_longest(currencies, measures)))


async def list_units(query: Query) -> Page:
    """How sources write units, with currency and measure."""
    return Page.of(query.columns, (row for row in all_units() if begins(row["units_raw"], query)))


def _calendar(query: Query) -> Calendar:
    name = query.filters["name"]
    try:
        return calendar_of(name)
    except UnknownCalendar:
        known = ", ".join(sorted(CALENDARS))
        message = f"There is no calendar '{name}'. There are {known}."
        error = FieldError("name", message, "unknown_calendar", name, f"one of {known}")
        raise NotFound(message, errors=[error]) from None
