"""What may be asked of reference data, and how."""

from datetime import date
from typing import Any, ClassVar

from rest_framework.fields import empty

from aurum.api.fields import (
    Choice,
    IsoCode,
    Key,
    Many,
    Named,
    Text,
    V2List,
    V2Query,
    WholeNumber,
    refused,
)
from aurum.api.time_fields import DayOrMonth, MonthRange
from aurum.market import names
from aurum.market.calendars import CALENDARS
from metadata.tables import MARKETS

EARLIEST, LATEST = "1950-01-01", "2199-12-31"
"""Between these every day of every calendar has whole hours; one of 1948 has not."""
MOST_DAYS = 366
MOST_DAYS_OF_HOLIDAYS = 36_600

BLOCK_NAMES = tuple(dict.fromkeys(n for one in CALENDARS.values() for n in one.block_names))

NO_FILE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The SHA-256 of nothing, for examples."""

Validated = dict[str, Any]


def block_field(**more: Any) -> Text:
    return Text(
        max_length=20,
        example="ON_PEAK",
        help_text="Block of the calendar, by any name that it goes by.",
        **more,
    )


class BlockName(Text):
    """A block, as calendars call it whatever name it was given by."""

    def run_validation(self, data: Any = empty) -> str:
        name = super().run_validation(data)
        return names.named(name, BLOCK_NAMES, names.BLOCKS) or name


def refuse_far(attrs: Validated, *names: str) -> None:
    for name in names:
        if not EARLIEST <= attrs[name] <= LATEST:
            raise refused(name, f"Calendars reach from {EARLIEST} to {LATEST}.", "out_of_range")


def refuse_long(attrs: Validated, days: int, most: int) -> None:
    if days < 1:
        raise refused("end", "The range is empty: it ends before it starts.", "empty_range")
    if days > most:
        raise refused("end", f"The range has {days} days; it may have {most}.", "range_size")


def days_of(attrs: Validated) -> int:
    start, end = (date.fromisoformat(attrs[name]) for name in ("start", "end"))
    return (end - start).days


class Computed(V2List):
    """A list that follows from rules, which have no history."""

    known_at = None  # type: ignore[assignment]


class CalendarsQuery(Computed):
    """`GET /v2/metadata/calendars`."""

    name = Many(Choice(tuple(CALENDARS)), help_text="Trading calendars.")


class Span(Computed):
    """From `start` to before `end`, which if absent is where the day or month of `start` ends."""

    most_days: ClassVar[int]
    start = DayOrMonth(example="2024-03", help_text="The first day, or a whole month.")
    end = DayOrMonth(
        required=False,
        example="2024-05",
        help_text="The day after the last, or the month; if absent, the range is what `start` is.",
    )

    def validate(self, attrs: Validated) -> Validated:
        start, end = attrs["start"], attrs.get("end")
        after = end.start if end else start.end or start.start  # the calendar's end is too far
        attrs = {**attrs, "start": start.start, "end": after}
        refuse_far(attrs, "start", "end")
        refuse_long(attrs, days_of(attrs), self.most_days)
        return attrs


class HoursQuery(Span):
    """`GET /v2/metadata/calendars/hours`."""

    most_days = MOST_DAYS
    calendar = Choice(tuple(CALENDARS), help_text="The trading calendar.")
    block = block_field()


class HolidaysQuery(Span):
    """`GET /v2/metadata/calendars/holidays`."""

    most_days = MOST_DAYS_OF_HOLIDAYS
    calendar = Many(Choice(tuple(CALENDARS)), help_text="Trading calendars; all if absent.")


class MonthsQuery(Computed):
    """`GET /v2/metadata/calendars/months`."""

    calendar = Choice(tuple(CALENDARS), help_text="The trading calendar.")
    block = Many(block_field(), help_text="Blocks of the calendar, by any name; all if absent.")
    months = MonthRange(
        help_text="A month, or a range of months without its end; 120 at most.",
        example="2024-01..2024-07",
    )

    def validate(self, attrs: Validated) -> Validated:
        for month in attrs["months"]:
            refuse_far({"months": month.isoformat()}, "months")
        return attrs


class UnitsQuery(Computed):
    """`GET /v2/metadata/units`."""

    prefix = Text(
        max_length=20,
        required=False,
        example="US",
        help_text="How the source's text begins, in any case.",
    )
    currency = Many(IsoCode(example="USD"), help_text="Currencies.")
    per_unit = Many(
        Text(max_length=20, example="MWh"), help_text="What the price is per, exactly: MWh, therm."
    )


def _codes(example: str, help_text: str) -> Many:
    return Many(Text(max_length=50, example=example), help_text=help_text)


class IsosQuery(V2List):
    """`GET /v2/metadata/isos`."""

    iso = Many(IsoCode(), help_text="Market operators.")
    timezone = _codes("America/New_York", "Their clocks, as IANA names.")
    calendar = Many(Choice(tuple(CALENDARS)), help_text="Their trading calendars.")


class MarketsQuery(V2List):
    """`GET /v2/metadata/markets`."""

    iso = Many(IsoCode(), help_text="Market operators.")
    market = Many(Named(MARKETS, names.MARKETS), help_text="Markets, as DAY_AHEAD or DA.")


class BlocksQuery(V2List):
    """`GET /v2/metadata/blocks`."""

    block = Many(
        BlockName(max_length=50, example="ON_PEAK"),
        help_text="Blocks of hours, by any name that they go by.",
    )


class ProductsQuery(V2List):
    """`GET /v2/metadata/products`."""

    product = _codes("POWER_SWAP_DA", "Products, exactly.")
    commodity = _codes("power", "What is delivered: power, gas, renewable.")
    unit = _codes("USD/MWh", "What prices are in, exactly.")


class LoadsQuery(Computed):
    """`GET /v2/loads`."""

    feed = _codes("curves.csv", "What read the files, exactly: curves.csv, iso.pjm_lmp.")
    sha256 = Many(Key(example=NO_FILE), help_text="SHA-256 of the files, as `sha256sum` prints it.")
    state = Many(Choice(("published", "unchanged")), help_text="Whether they said anything new.")


class LoadQuery(V2Query):
    """`GET /v2/loads/{load_id}`."""

    load_id = WholeNumber(
        min_value=1, max_value=2**53, example=1, help_text="The load, as rows name it in `load_id`."
    )
    shape = known_at = None  # type: ignore[assignment]  # a single row has but one, and no history
