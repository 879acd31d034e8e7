"""What may be asked of reference data, and how."""

from datetime import date
from typing import Any, ClassVar

from rest_framework import serializers

from aurum.api.fields import (
    Choice,
    ColumnNames,
    IsoCode,
    Key,
    Many,
    Text,
    V2List,
)
from aurum.api.time_fields import DayOrMonth, IsoDate, MonthRange
from aurum.market.calendars import CALENDARS
from metadata import results
from metadata.tables import MARKETS

EARLIEST, LATEST = "1950-01-01", "2199-12-31"
"""Between these every day of every calendar has whole hours; one of 1948 has not."""
MOST_DAYS = 366
MOST_DAYS_OF_HOLIDAYS = 36_600

Validated = dict[str, Any]


def _block(**more: Any) -> Text:
    return Text(
        max_length=20, initial="ON_PEAK", help_text="Block of the calendar, in any case.", **more
    )


def _refuse_far(attrs: Validated, *names: str) -> None:
    for name in names:
        if not EARLIEST <= attrs[name] <= LATEST:
            raise _wrong(name, f"Calendars reach from {EARLIEST} to {LATEST}.", "out_of_range")


def _refuse_long(attrs: Validated, days: int, most: int) -> None:
    if days < 1:
        raise _wrong("end", "The range is empty: it ends before it starts.", "empty_range")
    if days > most:
        raise _wrong("end", f"The range has {days} days; it may have {most}.", "range_size")


def _days(attrs: Validated) -> int:
    start, end = (date.fromisoformat(attrs[name]) for name in ("start", "end"))
    return (end - start).days


def _wrong(field: str, message: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [message]}, code=code)


# v1


class NothingQuery(serializers.Serializer[Any]):
    """A path that takes no parameters."""


class CalendarQuery(serializers.Serializer[Any]):
    """`GET /v1/metadata/calendars/{name}/blocks`."""

    name = Key(initial="pjm", help_text="The trading calendar.")


class DayHoursQuery(CalendarQuery):
    """`GET /v1/metadata/calendars/{name}/hours`."""

    block = _block()
    date = IsoDate(initial=date(2024, 1, 2), help_text="The local day.")

    def validate(self, attrs: Validated) -> Validated:
        _refuse_far(attrs, "date")
        return attrs


class ExpandQuery(CalendarQuery):
    """`GET /v1/metadata/calendars/{name}/expand`: both days are in the range."""

    block = _block()
    start = IsoDate(initial=date(2024, 1, 1), help_text="The first local day.")
    end = IsoDate(initial=date(2024, 1, 3), help_text="The last local day; it counts.")

    def validate(self, attrs: Validated) -> Validated:
        _refuse_far(attrs, "start", "end")
        _refuse_long(attrs, _days(attrs) + 1, MOST_DAYS)
        return attrs


class PrefixQuery(serializers.Serializer[Any]):
    """`GET /v1/metadata/units` and `GET /v1/metadata/units/mapping`."""

    prefix = Text(
        max_length=20, required=False, initial="US", help_text="How the text begins, in any case."
    )


# v2


class Computed(V2List):
    """A list that follows from rules, which have no history."""

    known_at = None  # type: ignore[assignment]


class CalendarsQuery(Computed):
    """`GET /v2/metadata/calendars`."""

    name = Many(Choice(tuple(CALENDARS)), help_text="Trading calendars.")
    fields = ColumnNames(results.CALENDARS.column_names)  # type: ignore[assignment]


class Span(Computed):
    """From `start` to before `end`, which if absent is where the day or month of `start` ends."""

    most_days: ClassVar[int]
    start = DayOrMonth(initial="2024-03", help_text="The first day, or a whole month.")
    end = DayOrMonth(
        required=False,
        initial="2024-05",
        help_text="The day after the last, or the month; if absent, the range is what `start` is.",
    )

    def validate(self, attrs: Validated) -> Validated:
        start, end = attrs["start"], attrs.get("end")
        attrs = {**attrs, "start": start.start, "end": end.start if end else start.end}
        _refuse_far(attrs, "start", "end")
        _refuse_long(attrs, _days(attrs), self.most_days)
        return attrs


class HoursQuery(Span):
    """`GET /v2/metadata/calendars/hours`."""

    most_days = MOST_DAYS
    calendar = Choice(tuple(CALENDARS), help_text="The trading calendar.")
    block = _block()
    fields = ColumnNames(results.HOURS.column_names)  # type: ignore[assignment]


class HolidaysQuery(Span):
    """`GET /v2/metadata/calendars/holidays`."""

    most_days = MOST_DAYS_OF_HOLIDAYS
    calendar = Many(Choice(tuple(CALENDARS)), help_text="Trading calendars; all if absent.")
    fields = ColumnNames(results.HOLIDAYS.column_names)  # type: ignore[assignment]


class MonthsQuery(Computed):
    """`GET /v2/metadata/calendars/months`."""

    calendar = Choice(tuple(CALENDARS), help_text="The trading calendar.")
    block = Many(_block(), help_text="Blocks of the calendar, in any case; all if absent.")
    months = MonthRange(
        help_text="A month, or a range of months without its end; 120 at most.",
        initial="2024-01..2024-07",
    )
    fields = ColumnNames(results.MONTHS.column_names)  # type: ignore[assignment]

    def validate(self, attrs: Validated) -> Validated:
        for month in attrs["months"]:
            _refuse_far({"months": month.isoformat()}, "months")
        return attrs


class UnitsQuery(Computed):
    """`GET /v2/metadata/units`."""

    prefix = Text(
        max_length=20,
        required=False,
        initial="US",
        help_text="How the source's text begins, in any case.",
    )
    currency = Many(IsoCode(initial="USD"), help_text="Currencies.")
    per_unit = Many(
        Text(max_length=20, initial="MWh"), help_text="What the price is per, exactly: MWh, therm."
    )
    fields = ColumnNames(results.UNITS.column_names)  # type: ignore[assignment]


def _codes(example: str, help_text: str) -> Many:
    return Many(Text(max_length=50, initial=example), help_text=help_text)


class IsosQuery(V2List):
    """`GET /v2/metadata/isos`."""

    iso = Many(IsoCode(), help_text="Market operators.")
    timezone = _codes("America/New_York", "Their clocks, as IANA names.")
    calendar = Many(Choice(tuple(CALENDARS)), help_text="Their trading calendars.")
    fields = ColumnNames(results.ISOS.column_names)  # type: ignore[assignment]


class MarketsQuery(V2List):
    """`GET /v2/metadata/markets`."""

    iso = Many(IsoCode(), help_text="Market operators.")
    market = Many(Choice(MARKETS), help_text="Markets.")
    fields = ColumnNames(results.MARKETS.column_names)  # type: ignore[assignment]


class BlocksQuery(V2List):
    """`GET /v2/metadata/blocks`."""

    block = _codes("ON_PEAK", "Blocks of hours, exactly.")
    fields = ColumnNames(results.BLOCKS.column_names)  # type: ignore[assignment]


class ProductsQuery(V2List):
    """`GET /v2/metadata/products`."""

    product = _codes("POWER_SWAP_DA", "Products, exactly.")
    commodity = _codes("power", "What is delivered: power, gas, renewable.")
    unit = _codes("USD/MWh", "What prices are in, exactly.")
    fields = ColumnNames(results.PRODUCTS.column_names)  # type: ignore[assignment]
