"""What may be asked of curves, and how."""

from datetime import date
from typing import Any

from rest_framework import serializers

from aurum.api.fields import (
    Choice,
    ColumnNames,
    Cursor,
    IsoCode,
    Key,
    Many,
    Number,
    Text,
    V1Page,
    V2List,
    V2Query,
)
from aurum.api.time_fields import DayRange, Instant, IsoDate, MonthRange
from curves.calculations.changes import STATUSES
from curves.calculations.strips import KINDS
from curves.results import CATALOGUE, CHANGES, OBSERVATIONS, SPREADS, STRIPS
from curves.tables import PRICE_TYPES

TENOR_TYPES = ("MONTHLY", *KINDS)
ALL_TENOR_TYPES = (*TENOR_TYPES, "STRIP", "CUSTOM")
DIMENSIONS = ("curve_key", "asset_class", "iso", "location", "market", "product", "block")
LONGEST_SPAN_DAYS = 365

# Demo curves, for examples: PJM Western Hub day-ahead on-peak power, and Henry Hub gas.
POWER = "626757df92e9adfdb77969a73b4cbef69b6e5cd5831617d3e5636bea00347f2a"
GAS = "84ef28505154b4d2a2aaa0ac29040d34fcfa8992af6bc5c4538c8a1c583fd7a6"

Validated = dict[str, Any]


# v1


def _text(longest: int, example: str, help_text: str) -> Any:
    return Text(max_length=longest, initial=example, required=False, help_text=help_text)


def _texts(longest: int, example: str, help_text: str) -> Many:
    return Many(Text(max_length=longest, initial=example), help_text=help_text)


class CurveDimensions(serializers.Serializer[Any]):
    curve_key = Key(required=False, initial=POWER, help_text="Identity of one curve.")
    asset_class = _text(50, "power", "Asset class: power, gas, renewable, carbon or storage.")
    iso = IsoCode(required=False, help_text="Market operator or hub.")
    location = _text(100, "Western Hub", "Hub, zone or node, exactly as it is written.")
    market = _text(50, "DAY_AHEAD", "Market: day-ahead or real-time.")
    product = _text(50, "power", "What is delivered.")
    block = _text(50, "ON_PEAK", "Hours of delivery.")


class PointsQuery(CurveDimensions, V1Page):
    """`GET /v1/curves`; without `asof` the newest price of each tenor."""

    asof = IsoDate(required=False, help_text="Valuation date; the newest of each tenor if absent.")
    tenor_type = Choice(TENOR_TYPES, required=False, help_text="Kind of delivery period.")
    prev_cursor = Cursor(help_text="`prev_cursor` of a page, to go back.")
    format = Choice(("json", "csv"), required=False, help_text="Instead of an `Accept` header.")


class StripsQuery(CurveDimensions, V1Page):
    """`GET /v1/curves/strips`."""

    type = Choice(KINDS, help_text="Kind of strip.")
    asof = IsoDate(required=False, help_text="Valuation date; each curve's newest if absent.")
    prev_cursor = Cursor(help_text="`prev_cursor` of a page, to go back.")


class ChangesQuery(CurveDimensions, V1Page):
    """`GET /v1/curves/diff`: two different dates, a year apart at most, and one dimension."""

    asof_a = IsoDate(initial=date(2025, 9, 29), help_text="The valuation date to compare from.")
    asof_b = IsoDate(help_text="The one to compare to: another, and at most a year away.")
    tenor_type = Choice(TENOR_TYPES, required=False, help_text="Kind of delivery period.")

    def validate(self, attrs: Validated) -> Validated:
        first, second = (date.fromisoformat(attrs[name]) for name in ("asof_a", "asof_b"))
        if first == second:
            raise serializers.ValidationError(
                {"asof_b": ["Must be another date than asof_a."]}, code="same_date"
            )
        if abs((second - first).days) > LONGEST_SPAN_DAYS:
            raise serializers.ValidationError(
                {"asof_b": [f"At most {LONGEST_SPAN_DAYS} days from asof_a."]}, code="too_far"
            )
        if not any(attrs.get(name) for name in DIMENSIONS):
            names = ", ".join(DIMENSIONS)
            raise serializers.ValidationError(
                {"curve_key": [f"Give at least one of {names}."]}, code="dimension_required"
            )
        return attrs


# v2

ASOF_DATE = (
    "Valuation dates: a date, a month, a range without its end as `2025-09-01..2025-09-15`, `all`,"
    " or `latest`; each curve's newest if absent."
)
MONTHS = "One strip of exactly these months: one, or a range without its end; 120 at most."


class CurveFilters(serializers.Serializer[Any]):
    curve_key = Many(Key(initial=POWER), help_text="Curves, by their keys.")
    asset_class = _texts(50, "power", "Asset classes: power, gas, renewable, carbon, storage.")
    iso = Many(IsoCode(), help_text="Market operators or hubs, in any case.")
    region = Many(IsoCode(initial="US"), help_text="Regions: US, CA, EU or APAC.")
    location = _texts(100, "Western Hub", "Hubs, zones or nodes, exactly as they are written.")
    market = _texts(50, "DAY_AHEAD", "Markets: day-ahead or real-time.")
    product = _texts(50, "power", "What is delivered.")
    block = _texts(50, "ON_PEAK", "Hours of delivery.")
    spark_location = _texts(100, "Henry Hub", "Gas legs of spark spreads.")


class PriceTypes(serializers.Serializer[Any]):
    price_type = Many(Choice(PRICE_TYPES), help_text="What kind of price.")


class Tenors(PriceTypes):
    tenor_type = Many(Choice(ALL_TENOR_TYPES), help_text="Kinds of delivery period.")
    tenor_label = _texts(100, "2026-01", "Delivery periods, as 2026-01 or Q1 2026.")
    contract_month = DayRange(
        initial="2026-01..2026-04",
        help_text="First days of the delivery periods: a date, a month, a range without its end,"
        " or `all`.",
    )


class CatalogueQuery(CurveFilters, V2List):
    """`GET /v2/curves`."""

    fields = ColumnNames(CATALOGUE.column_names)  # type: ignore[assignment]


class CurveQuery(V2Query):
    """`GET /v2/curves/{curve_key}`."""

    curve_key = Key(initial=POWER, help_text="The key of the curve, as the catalogue has it.")
    shape = None  # type: ignore[assignment]  # a single row has but one
    fields = ColumnNames(CATALOGUE.column_names)  # type: ignore[assignment]


class ObservationsQuery(CurveFilters, Tenors, V2List):
    """`GET /v2/curves/observations`."""

    asof_date = DayRange(latest=True, help_text=ASOF_DATE)
    fields = ColumnNames(OBSERVATIONS.column_names)  # type: ignore[assignment]


class ExportQuery(CurveFilters, Tenors):
    """`GET /v2/curves/export`."""

    known_at = Instant(required=False, help_text="Answer with what was known at this instant.")
    asof_date = DayRange(latest=True, help_text=ASOF_DATE)
    format = Choice(("ndjson", "csv"), required=False, help_text="Instead of an `Accept` header.")
    fields = ColumnNames(OBSERVATIONS.column_names)  # type: ignore[assignment]


class DiffQuery(CurveFilters, PriceTypes, V2List):
    """`GET /v2/curves/diff`: two valuation dates, or one date at two moments."""

    asof_date_a = IsoDate(
        required=False,
        initial=date(2025, 9, 29),
        help_text="Valuation date of the first look.",
    )
    asof_date_b = IsoDate(required=False, help_text="Valuation date of the second look.")
    asof_date = IsoDate(required=False, help_text="One valuation date, looked at twice.")
    known_at_a = Instant(required=False, help_text="What the first look knew; now if absent.")
    known_at_b = Instant(required=False, help_text="What the second look knew; now if absent.")
    status = Many(Choice(STATUSES), help_text="Added, removed and changed if absent.")
    tenor_type = Many(Choice(ALL_TENOR_TYPES), help_text="Kinds of delivery period.")
    fields = ColumnNames(CHANGES.column_names)  # type: ignore[assignment]

    def validate(self, attrs: Validated) -> Validated:
        dates = [name for name in ("asof_date_a", "asof_date_b") if name in attrs]
        if "asof_date" in attrs and dates:
            raise _wrong(dates[0], "Give either asof_date or asof_date_a and asof_date_b.")
        if "asof_date" not in attrs and len(dates) < 2:
            missing = "asof_date_a" if "asof_date_a" not in attrs else "asof_date_b"
            raise _wrong(missing, "Give asof_date_a and asof_date_b, or asof_date.", "required")
        first, second = (attrs.get(f"known_at_{side}") for side in "ab")
        if "asof_date" in attrs and first == second:
            raise _wrong("known_at_a", "One date at one moment has no difference.", "same_moment")
        if "asof_date" not in attrs and attrs["asof_date_a"] == attrs["asof_date_b"]:
            raise _wrong("asof_date_b", "Must be another date than asof_date_a.", "same_date")
        return attrs


class StripsOfMonthsQuery(CurveFilters, PriceTypes, V2List):
    """`GET /v2/curves/strips`: strips of some types, or of exactly these months."""

    type = Many(Choice(KINDS), help_text="Kinds of strip; all three if absent.")
    months = MonthRange(required=False, help_text=MONTHS)
    weighting = Choice(
        ("simple", "days", "hours"), default="simple", help_text="How much a month counts."
    )
    asof_date = DayRange(latest=True, help_text=ASOF_DATE)
    fields = ColumnNames(STRIPS.column_names)  # type: ignore[assignment]

    def validate(self, attrs: Validated) -> Validated:
        if "type" in attrs and "months" in attrs:
            raise _wrong("months", "Give either type or months.")
        return attrs


class SpreadsQuery(V2List):
    """`GET /v2/curves/spreads`."""

    leg_a = Key(initial=POWER, help_text="The curve to take from: for a spark spread, power.")
    leg_b = Key(initial=GAS, help_text="The curve that is taken: for a spark spread, gas.")
    asof_date = DayRange(
        latest=True, help_text=ASOF_DATE.replace("each curve's newest", "the newest of both")
    )
    price_type_a = Many(Choice(PRICE_TYPES), help_text="Price types of leg a.")
    price_type_b = Many(Choice(PRICE_TYPES), help_text="Price types of leg b.")
    heat_rate = Number(
        required=False, help_text="Fuel burnt for power made: leg b is multiplied by it."
    )
    heat_rate_unit = Text(
        max_length=20, default="MMBtu/MWh", help_text="As MMBtu/MWh, GJ/MWh or MWh/MWh."
    )
    unit = _text(20, "USD/MWh", "Unit of the answer, as money per a measure; leg a's if absent.")
    fx_rate = Number(
        required=False,
        initial=1.25,
        help_text="What one of leg b's currency costs in the answer's.",
    )
    fields = ColumnNames(SPREADS.column_names)  # type: ignore[assignment]


def _wrong(field: str, message: str, code: str = "conflict") -> serializers.ValidationError:
    return serializers.ValidationError({field: [message]}, code=code)
