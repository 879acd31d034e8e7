"""What may be asked of curves, and how."""

from datetime import date
from typing import Any

from rest_framework import serializers

from aurum.api.fields import (
    Choice,
    ColumnNames,
    DayRange,
    Instant,
    IsoCode,
    IsoDate,
    Key,
    Many,
    MonthRange,
    Number,
    Text,
    V1Page,
    V2List,
    V2Query,
)
from curves.changes import STATUSES
from curves.listings import CATALOGUE, CHANGES, OBSERVATIONS, SPREADS, STRIPS
from curves.tables import PRICE_TYPES

STRIP_TYPES = ("CALENDAR", "SEASON", "QUARTER")
TENOR_TYPES = ("MONTHLY", *STRIP_TYPES)
ALL_TENOR_TYPES = (*TENOR_TYPES, "STRIP", "CUSTOM")
DIMENSIONS = ("curve_key", "asset_class", "iso", "location", "market", "product", "block")
LONGEST_SPAN_DAYS = 365

Validated = dict[str, Any]


# v1


class CurveDimensions(serializers.Serializer[Any]):
    curve_key = Key(required=False, help_text="Identity of one curve.")
    asset_class = Text(max_length=50, required=False, help_text="power, gas, renewable, carbon.")
    iso = IsoCode(required=False, help_text="Market operator or hub, as PJM.")
    location = Text(max_length=100, required=False, help_text="Hub, zone or node, exactly.")
    market = Text(max_length=50, required=False, help_text="As DAY_AHEAD.")
    product = Text(max_length=50, required=False, help_text="What is delivered.")
    block = Text(max_length=50, required=False, help_text="Hours of delivery, as ON_PEAK.")


class PointsQuery(CurveDimensions, V1Page):
    """`GET /v1/curves`; without `asof` the newest price of each tenor."""

    asof = IsoDate(required=False, help_text="Valuation date; the newest of each tenor if absent.")
    tenor_type = Choice(TENOR_TYPES, required=False, help_text="Kind of delivery period.")
    prev_cursor = Text(
        max_length=4000, required=False, help_text="`prev_cursor` of a page, to go back."
    )
    format = Choice(("json", "csv"), required=False, help_text="Instead of an `Accept` header.")


class StripsQuery(CurveDimensions, V1Page):
    """`GET /v1/curves/strips`."""

    type = Choice(STRIP_TYPES, help_text="Kind of strip.")
    asof = IsoDate(required=False, help_text="Valuation date; each curve's newest if absent.")
    prev_cursor = Text(
        max_length=4000, required=False, help_text="`prev_cursor` of a page, to go back."
    )


class ChangesQuery(CurveDimensions, V1Page):
    """`GET /v1/curves/diff`: two different dates, a year apart at most, and one dimension."""

    asof_a = IsoDate(help_text="The earlier look: a valuation date.")
    asof_b = IsoDate(help_text="The later look: another valuation date, a year away at most.")
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


class CurveFilters(serializers.Serializer[Any]):
    curve_key = Many(Key(), help_text="Curves by their keys.")
    asset_class = Many(Text(max_length=50), help_text="power, gas, renewable, carbon.")
    iso = Many(IsoCode(), help_text="Market operators or hubs, as PJM,ERCOT.")
    region = Many(IsoCode(), help_text="US, CA, EU or APAC.")
    location = Many(Text(max_length=100), help_text="Hubs, zones or nodes, exactly.")
    market = Many(Text(max_length=50), help_text="As DAY_AHEAD.")
    product = Many(Text(max_length=50), help_text="What is delivered.")
    block = Many(Text(max_length=50), help_text="Hours of delivery, as ON_PEAK.")
    spark_location = Many(Text(max_length=100), help_text="Gas legs of spark spreads.")


class PriceTypes(serializers.Serializer[Any]):
    price_type = Many(Choice(PRICE_TYPES), help_text="What kind of price.")


class Tenors(PriceTypes):
    tenor_type = Many(Choice(ALL_TENOR_TYPES), help_text="Kinds of delivery period.")
    tenor_label = Many(Text(max_length=100), help_text="Delivery periods, as 2026-01.")
    contract_month = DayRange(help_text="First days of the delivery periods.")


class CatalogueQuery(CurveFilters, V2List):
    """`GET /v2/curves`."""

    fields = ColumnNames(CATALOGUE.column_names)  # type: ignore[assignment]


class CurveQuery(V2Query):
    """`GET /v2/curves/{curve_key}`."""

    curve_key = Key(help_text="The curve.")
    fields = ColumnNames(CATALOGUE.column_names)  # type: ignore[assignment]


class ObservationsQuery(CurveFilters, Tenors, V2List):
    """`GET /v2/curves/observations`."""

    asof_date = DayRange(latest=True, help_text="Valuation dates; each curve's newest if absent.")
    fields = ColumnNames(OBSERVATIONS.column_names)  # type: ignore[assignment]


class ExportQuery(CurveFilters, Tenors):
    """`GET /v2/curves/export`."""

    known_at = Instant(required=False, help_text="Answer with what was known at this instant.")
    asof_date = DayRange(latest=True, help_text="Valuation dates; each curve's newest if absent.")
    format = Choice(("ndjson", "csv"), required=False, help_text="Instead of an `Accept` header.")
    fields = ColumnNames(OBSERVATIONS.column_names)  # type: ignore[assignment]


class DiffQuery(CurveFilters, PriceTypes, V2List):
    """`GET /v2/curves/diff`: two valuation dates, or one date at two moments."""

    asof_date_a = IsoDate(required=False, help_text="Valuation date of the first look.")
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

    type = Many(Choice(STRIP_TYPES), help_text="Kinds of strip; all three if absent.")
    months = MonthRange(required=False, help_text="One strip of exactly these months.")
    weighting = Choice(
        ("simple", "days", "hours"), default="simple", help_text="How much a month counts."
    )
    asof_date = DayRange(latest=True, help_text="Valuation dates; each curve's newest if absent.")
    fields = ColumnNames(STRIPS.column_names)  # type: ignore[assignment]

    def validate(self, attrs: Validated) -> Validated:
        if "type" in attrs and "months" in attrs:
            raise _wrong("months", "Give either type or months.")
        return attrs


class SpreadsQuery(V2List):
    """`GET /v2/curves/spreads`."""

    leg_a = Key(help_text="The curve to take from: for a spark spread, power.")
    leg_b = Key(help_text="The curve that is taken: for a spark spread, gas.")
    asof_date = DayRange(latest=True, help_text="Valuation dates; the newest of both if absent.")
    price_type_a = Many(Choice(PRICE_TYPES), help_text="Price types of leg a.")
    price_type_b = Many(Choice(PRICE_TYPES), help_text="Price types of leg b.")
    heat_rate = Number(required=False, help_text="Fuel burnt per power made.")
    heat_rate_unit = Text(
        max_length=20, default="MMBtu/MWh", help_text="As MMBtu/MWh, GJ/MWh or MWh/MWh."
    )
    unit = Text(max_length=20, required=False, help_text="Unit of the answer; leg a's if absent.")
    fx_rate = Number(
        required=False, help_text="What one of leg b's currency costs in the answer's."
    )
    fields = ColumnNames(SPREADS.column_names)  # type: ignore[assignment]


def _wrong(field: str, message: str, code: str = "conflict") -> serializers.ValidationError:
    return serializers.ValidationError({field: [message]}, code=code)
