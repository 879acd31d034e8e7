"""What may be asked of curves, and how."""

from datetime import date
from typing import Any

from rest_framework import serializers

MAX_LIMIT = 500
MAX_OFFSET = 1_000_000
STRIP_TYPES = ("CALENDAR", "SEASON", "QUARTER")
TENOR_TYPES = ("MONTHLY", "CALENDAR", "SEASON", "QUARTER")
DIMENSIONS = ("curve_key", "asset_class", "iso", "location", "market", "product", "block")
LONGEST_SPAN_DAYS = 365

Validated = dict[str, Any]


class IsoField(serializers.RegexField):  # type: ignore[misc]
    def __init__(self, **more: Any) -> None:
        super().__init__(r"^[A-Za-z]+$", max_length=10, help_text="letters only", **more)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class IsoDateField(serializers.DateField):
    """A date; the query goes on with its ISO 8601 text, which is what stores compare."""

    def to_internal_value(self, value: Any) -> str:  # type: ignore[override]
        day: date = super().to_internal_value(value)
        return day.isoformat()


class CurveDimensions(serializers.Serializer[Any]):
    curve_key = serializers.RegexField(
        r"^[A-Za-z0-9_.-]+$", max_length=128, required=False, help_text="letters, digits, _ . and -"
    )
    asset_class = serializers.CharField(max_length=50, required=False)
    iso = IsoField(required=False)
    location = serializers.CharField(max_length=100, required=False)
    market = serializers.CharField(max_length=50, required=False)
    product = serializers.CharField(max_length=50, required=False)
    block = serializers.CharField(max_length=50, required=False)


class Paged(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=200)
    cursor = serializers.CharField(max_length=4000, required=False)
    since_cursor = serializers.CharField(max_length=4000, required=False)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_OFFSET, required=False)


class PointsQuery(CurveDimensions, Paged):
    """`GET /v1/curves`; without `asof` the newest price of each tenor."""

    asof = IsoDateField(required=False)
    tenor_type = serializers.ChoiceField(TENOR_TYPES, required=False)
    prev_cursor = serializers.CharField(max_length=4000, required=False)
    format = serializers.ChoiceField(("json", "csv"), required=False)


class StripsQuery(CurveDimensions, Paged):
    """`GET /v1/curves/strips`."""

    type = serializers.ChoiceField(STRIP_TYPES)
    asof = IsoDateField(required=False)
    prev_cursor = serializers.CharField(max_length=4000, required=False)


class ChangesQuery(CurveDimensions, Paged):
    """`GET /v1/curves/diff`: two different dates, a year apart at most, and one dimension."""

    asof_a = IsoDateField()
    asof_b = IsoDateField()
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
