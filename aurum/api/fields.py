"""Fields of a query that DRF reads more freely than we may: one value has one spelling."""

import re
from datetime import date
from typing import Any

from rest_framework import serializers

_WHOLE = re.compile(r"-?[0-9]{1,18}")


class WholeNumber(serializers.IntegerField):
    """ASCII digits and nothing else: no `1e2`, `1_0`, ` 5` or digits of other scripts."""

    def to_internal_value(self, data: Any) -> int:
        if not _WHOLE.fullmatch(str(data)):
            self.fail("invalid")
        return int(data)


class IsoDate(serializers.DateField):
    """A date; the query goes on with its ISO 8601 text, which is what stores compare."""

    def to_internal_value(self, value: Any) -> str:  # type: ignore[override]
        day: date = super().to_internal_value(value)
        if day.isoformat() != value:
            self.fail("invalid", format="YYYY-MM-DD")
        return day.isoformat()


class IsoCode(serializers.RegexField):
    """A market operator's code, in capitals whatever the caller wrote."""

    def __init__(self, **more: Any) -> None:
        super().__init__(r"^[A-Za-z]+$", max_length=10, help_text="letters only", **more)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class V1Page(serializers.Serializer[Any]):
    """Which page of a v1 list; routes that page backward add `prev_cursor`."""

    limit = WholeNumber(min_value=1, max_value=500, default=200)
    cursor = serializers.CharField(max_length=4000, required=False)
    since_cursor = serializers.CharField(max_length=4000, required=False)
    offset = WholeNumber(min_value=0, max_value=1_000_000, required=False)
