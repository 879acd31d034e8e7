"""What may be asked of curves in v1, and how."""

from datetime import date
from typing import Any

from rest_framework import serializers

from aurum.api.fields import Choice, Cursor, IsoCode, Key, V1Page, refused
from aurum.api.time_fields import IsoDate
from curves.calculations.strips import KINDS
from curves.serializers import POWER, TENOR_TYPES, Validated, text

DIMENSIONS = ("curve_key", "asset_class", "iso", "location", "market", "product", "block")
LONGEST_SPAN_DAYS = 365


class CurveDimensions(serializers.Serializer[Any]):
    curve_key = Key(required=False, example=POWER, help_text="Identity of one curve.")
    asset_class = text(50, "power", "Asset class: power, gas, renewable, carbon or storage.")
    iso = IsoCode(required=False, help_text="Market operator or hub.")
    location = text(100, "Western Hub", "Hub, zone or node, in any case.")
    market = text(50, "DAY_AHEAD", "Market, as DA or DAY_AHEAD.")
    product = text(50, "power", "What is delivered.")
    block = text(50, "ON_PEAK", "Hours of delivery, by any name: ON_PEAK, 5x16, ATC.")


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

    asof_a = IsoDate(example="2025-09-29", help_text="The valuation date to compare from.")
    asof_b = IsoDate(help_text="The one to compare to: another, and at most a year away.")
    tenor_type = Choice(TENOR_TYPES, required=False, help_text="Kind of delivery period.")

    def validate(self, attrs: Validated) -> Validated:
        first, second = (date.fromisoformat(attrs[name]) for name in ("asof_a", "asof_b"))
        if first == second:
            raise refused("asof_b", "Must be another date than asof_a.", "same_date")
        if abs((second - first).days) > LONGEST_SPAN_DAYS:
            raise refused("asof_b", f"At most {LONGEST_SPAN_DAYS} days from asof_a.", "too_far")
        if not any(attrs.get(name) for name in DIMENSIONS):
            names = ", ".join(DIMENSIONS)
            raise refused("curve_key", f"Give at least one of {names}.", "dimension_required")
        return attrs
