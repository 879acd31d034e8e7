"""What may be asked of prices and locations in v1, and how."""

from datetime import UTC, date, datetime, time
from typing import Any

from rest_framework import serializers

from aurum.api.fields import Choice, IsoCode, Text, V1Page, WholeNumber, refused
from aurum.api.time_fields import Moment
from iso.serializers import Place, Validated, market_field


class NegativeQuery(serializers.Serializer[Any]):
    """`GET /v1/iso/lmp/negative`."""

    iso_code = IsoCode(required=False, help_text="Market operator.")
    market = market_field(required=False, help_text="Market, as DAY_AHEAD or DA.")
    limit = WholeNumber(
        min_value=1, max_value=500, default=200, help_text="How many rows at the most."
    )
    format = Choice(("json", "csv"), required=False, help_text="Instead of an `Accept` header.")


class LastDayQuery(NegativeQuery):
    """`GET /v1/iso/lmp/last-24h`."""

    location_id = Place(help_text="A location's id or name, in any case.")
    limit = WholeNumber(
        min_value=1, max_value=500, default=500, help_text="How many rows at the most."
    )


class HourlyQuery(LastDayQuery):
    """`GET /v1/iso/lmp/hourly` and `/daily`; both ends count, by the beginning of the interval."""

    start = Moment(required=False, help_text="First beginning; without offset it is UTC.")
    end = Moment(required=False, help_text="Last beginning; without offset it is UTC.")

    def validate(self, attrs: Validated) -> Validated:
        for name in {"start", "end"} & attrs.keys():
            attrs[name] = _in_utc(attrs[name])
        if "start" in attrs and "end" in attrs and attrs["start"] > attrs["end"]:
            raise refused("start", "Must not be after end.", "start_after_end")
        return attrs


class LocationsV1Query(V1Page):
    """`GET /v1/metadata/locations`."""

    iso = IsoCode(required=False, help_text="Market operator.")
    prefix = Place(help_text="How its id or its name begins, in any case.")


class LocationV1Query(serializers.Serializer[Any]):
    """`GET /v1/metadata/locations/{iso}/{location_id}`."""

    iso = IsoCode(help_text="Market operator.")
    location_id = Text(max_length=100, example="51288", help_text="Its id or name, in any case.")


def _in_utc(moment: date) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
