"""What may be asked of reference data in v1, and how."""

from typing import Any

from rest_framework import serializers

from aurum.api.fields import Key, Text
from aurum.api.time_fields import IsoDate
from metadata.serializers import (
    MOST_DAYS,
    Validated,
    block_field,
    days_of,
    refuse_far,
    refuse_long,
)


class NothingQuery(serializers.Serializer[Any]):
    """A path that takes no parameters."""


class CalendarQuery(serializers.Serializer[Any]):
    """`GET /v1/metadata/calendars/{name}/blocks`."""

    name = Key(example="pjm", help_text="The trading calendar.")


class DayHoursQuery(CalendarQuery):
    """`GET /v1/metadata/calendars/{name}/hours`."""

    block = block_field()
    date = IsoDate(example="2024-01-02", help_text="The local day.")

    def validate(self, attrs: Validated) -> Validated:
        refuse_far(attrs, "date")
        return attrs


class ExpandQuery(CalendarQuery):
    """`GET /v1/metadata/calendars/{name}/expand`: both days are in the range."""

    block = block_field()
    start = IsoDate(example="2024-01-01", help_text="The first local day.")
    end = IsoDate(example="2024-01-03", help_text="The last local day; it counts.")

    def validate(self, attrs: Validated) -> Validated:
        refuse_far(attrs, "start", "end")
        refuse_long(attrs, days_of(attrs) + 1, MOST_DAYS)
        return attrs


class PrefixQuery(serializers.Serializer[Any]):
    """`GET /v1/metadata/units` and `GET /v1/metadata/units/mapping`."""

    prefix = Text(
        max_length=20, required=False, example="US", help_text="How the text begins, in any case."
    )
