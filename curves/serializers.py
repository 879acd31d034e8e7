"""What may be asked of curves, and how."""

from datetime import date
from typing import Any

from rest_framework import serializers

from aurum.api.fields import IsoCode, IsoDate, V1Page

STRIP_TYPES = ("CALENDAR", "SEASON", "QUARTER")
TENOR_TYPES = ("MONTHLY", "CALENDAR", "SEASON", "QUARTER")
DIMENSIONS = ("curve_key", "asset_class", "iso", "location", "market", "product", "block")
LONGEST_SPAN_DAYS = 365

Validated = dict[str, Any]


class CurveDimensions(serializers.Serializer[Any]):
    curve_key = serializers.RegexField(
        r"^[A-Za-z0-9_.-]+$", max_length=128, required=False, help_text="letters, digits, _ . and -"
    )
    asset_class = serializers.CharField(max_length=50, required=False)
    iso = IsoCode(required=False)
    location = serializers.CharField(max_length=100, required=False)
    market = serializers.CharField(max_length=50, required=False)
    product = serializers.CharField(max_length=50, required=False)
    block = serializers.CharField(max_length=50, required=False)


class PointsQuery(CurveDimensions, V1Page):
    """`GET /v1/curves`; without `asof` the newest price of each tenor."""

    asof = IsoDate(required=False)
    tenor_type = serializers.ChoiceField(TENOR_TYPES, required=False)
    prev_cursor = serializers.CharField(max_length=4000, required=False)
    format = serializers.ChoiceField(("json", "csv"), required=False)


class StripsQuery(CurveDimensions, V1Page):
    """`GET /v1/curves/strips`."""

    type = serializers.ChoiceField(STRIP_TYPES)
    asof = IsoDate(required=False)
    prev_cursor = serializers.CharField(max_length=4000, required=False)


class ChangesQuery(CurveDimensions, V1Page):
    """`GET /v1/curves/diff`: two different dates, a year apart at most, and one dimension."""

    asof_a = IsoDate()
    asof_b = IsoDate()
    tenor_type = serializers.ChoiceField(TENOR_TYPES, required=False)

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
