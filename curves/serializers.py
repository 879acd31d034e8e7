"""What may be asked of curves, and how."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from aurum.api.day_fields import OneOfDays
from aurum.api.fields import (
    Choice,
    IsoCode,
    Key,
    Many,
    Number,
    Text,
    V2List,
    V2Query,
    refused,
)
from aurum.api.time_fields import LATEST, DayRange, Instant, MonthRange
from aurum.market.tenors import month_named
from curves.calculations.changes import STATUSES
from curves.calculations.fronts import FRONT
from curves.calculations.strips import KINDS
from curves.tables import PRICE_TYPES

TENOR_TYPES = ("MONTHLY", *KINDS)
ALL_TENOR_TYPES = (*TENOR_TYPES, "STRIP", "CUSTOM")

# Demo curves, for examples: PJM Western Hub day-ahead on-peak power, and Henry Hub gas.
POWER = "626757df92e9adfdb77969a73b4cbef69b6e5cd5831617d3e5636bea00347f2a"
GAS = "84ef28505154b4d2a2aaa0ac29040d34fcfa8992af6bc5c4538c8a1c583fd7a6"

Validated = dict[str, Any]


def text(longest: int, example: str, help_text: str) -> Any:
    return Text(max_length=longest, example=example, required=False, help_text=help_text)


def texts(longest: int, example: str, help_text: str) -> Many:
    return Many(Text(max_length=longest, example=example), help_text=help_text)


ASOF_DATE = (
    "Valuation dates: a date or several, a month, a range without its end as"
    " `2025-09-01..2025-09-15`, `all`,"
    " `latest`, or `nearest:2025-09-27`, the newest on or before that date; each curve's newest if"
    " absent."
)
MONTHS = "One strip of exactly these months: one, or a range without its end; 120 at most."


class CurveFilters(serializers.Serializer[Any]):
    curve_key = Many(Key(example=POWER), help_text="Curves, by their keys.")
    asset_class = texts(
        50, "power", "Asset classes: power, gas, renewable, carbon, storage; in any case."
    )
    iso = Many(IsoCode(), help_text="Market operators or hubs, in any case.")
    region = Many(IsoCode(example="US"), help_text="Regions: US, CA, EU or APAC.")
    location = texts(100, "Western Hub", "Hubs, zones or nodes, in any case.")
    market = texts(50, "DAY_AHEAD", "Markets, as DA or DAY_AHEAD.")
    product = texts(50, "power", "What is delivered, in any case.")
    block = texts(50, "ON_PEAK", "Hours of delivery, by any name: ON_PEAK, 5x16, ATC.")
    spark_location = texts(100, "Henry Hub", "Gas legs of spark spreads, in any case.")


class TenorLabel(Text):
    """A label of a delivery period; a month in any of its spellings is `YYYY-MM`."""

    def run_validation(self, data: Any = empty) -> str:
        label = super().run_validation(data)
        month = month_named(label)
        return f"{month:%Y-%m}" if month else label


class PriceTypes(serializers.Serializer[Any]):
    price_type = Many(Choice(PRICE_TYPES), help_text="What kind of price.")


class Tenors(serializers.Serializer[Any]):
    tenor_type = Many(Choice(ALL_TENOR_TYPES), help_text="Kinds of delivery period.")
    tenor_label = Many(
        TenorLabel(max_length=100, example="2026-01"),
        help_text="Delivery periods, as 2026-01, Oct-26 or Q1 2026.",
    )
    contract_month = DayRange(
        example="2026-01..2026-04",
        help_text="First days of the delivery periods: a date, a month, a range without its end.",
    )


class TenorsAndFront(Tenors):
    contract_month = DayRange(
        FRONT,
        example="2026-01..2026-04",
        help_text="First days of the delivery periods: a date, a month, a range without its end,"
        " `all`, or `front`: the first month listed whose contract has not expired.",
    )


class CatalogueQuery(CurveFilters, V2List):
    """`GET /v2/curves`."""


class CurveQuery(V2Query):
    """`GET /v2/curves/{curve_key}`."""

    curve_key = Key(example=POWER, help_text="The key of the curve, as the catalogue has it.")
    shape = None  # type: ignore[assignment]  # a single row has but one


class DatesQuery(CurveFilters, V2List):
    """`GET /v2/curves/dates`."""

    asof_date = DayRange(help_text="Valuation dates: a date, a month, or a range without its end.")


class ObservationsQuery(CurveFilters, PriceTypes, TenorsAndFront, V2List):
    """`GET /v2/curves/observations`."""

    asof_date = DayRange(LATEST, help_text=ASOF_DATE)


class DiffQuery(CurveFilters, PriceTypes, Tenors, V2List):
    """`GET /v2/curves/diff`: two valuation dates, or one date at two moments."""

    asof_date_a = OneOfDays(
        required=False,
        example="2025-09-29",
        help_text="Valuation date of the first look; `latest` and `nearest:` are the newest of all"
        " the curves asked for.",
    )
    asof_date_b = OneOfDays(required=False, help_text="Valuation date of the second look.")
    asof_date = OneOfDays(required=False, help_text="One valuation date, looked at twice.")
    known_at_a = Instant(required=False, help_text="What the first look knew; now if absent.")
    known_at_b = Instant(required=False, help_text="What the second look knew; now if absent.")
    status = Many(Choice(STATUSES), help_text="Added, removed and changed if absent.")

    def validate(self, attrs: Validated) -> Validated:
        dates = [name for name in ("asof_date_a", "asof_date_b") if name in attrs]
        if "asof_date" in attrs and dates:
            raise refused(dates[0], "Give either asof_date or asof_date_a and asof_date_b.")
        if "asof_date" not in attrs and len(dates) < 2:
            missing = "asof_date_a" if "asof_date_a" not in attrs else "asof_date_b"
            raise refused(missing, "Give asof_date_a and asof_date_b, or asof_date.", "required")
        first, second = (attrs.get(f"known_at_{side}") for side in "ab")
        if "asof_date" in attrs and first == second:
            raise refused("known_at_a", "One date at one moment has no difference.", "same_moment")
        if "asof_date" not in attrs and attrs["asof_date_a"] == attrs["asof_date_b"]:
            raise refused("asof_date_b", "Must be another date than asof_date_a.", "same_date")
        return attrs


class StripsOfMonthsQuery(CurveFilters, PriceTypes, V2List):
    """`GET /v2/curves/strips`: strips of some types, or of exactly these months."""

    type = Many(Choice(KINDS), help_text="Kinds of strip; all three if absent.")
    months = MonthRange(required=False, help_text=MONTHS)
    weighting = Choice(
        ("simple", "days", "hours"), default="simple", help_text="How much a month counts."
    )
    asof_date = DayRange(LATEST, help_text=ASOF_DATE)

    def validate(self, attrs: Validated) -> Validated:
        if "type" in attrs and "months" in attrs:
            raise refused("months", "Give either type or months.")
        return attrs


class SpreadsQuery(Tenors, V2List):
    """`GET /v2/curves/spreads`."""

    leg_a = Key(example=POWER, help_text="The curve to take from: for a spark spread, power.")
    leg_b = Key(example=GAS, help_text="The curve that is taken: for a spark spread, gas.")
    asof_date = DayRange(
        LATEST, help_text=ASOF_DATE.replace("each curve's newest", "the newest of both")
    )
    price_type_a = Many(Choice(PRICE_TYPES), help_text="Price types of leg a.")
    price_type_b = Many(Choice(PRICE_TYPES), help_text="Price types of leg b.")
    heat_rate = Number(
        required=False, help_text="Fuel burnt for power made: leg b is multiplied by it."
    )
    heat_rate_unit = Text(
        max_length=20, default="MMBtu/MWh", help_text="As MMBtu/MWh, GJ/MWh or MWh/MWh."
    )
    unit = text(20, "USD/MWh", "Unit of the answer, as money per a measure; leg a's if absent.")
    fx_rate = Number(
        required=False,
        example=1.25,
        help_text="What one of leg b's currency costs in the answer's.",
    )
