"""What may be asked of prices, and how."""

from typing import Any

from rest_framework import serializers

from aurum.api.fields import (
    Choice,
    IsoCode,
    Many,
    Named,
    SignedNumber,
    Text,
    V2List,
    refused,
)
from aurum.api.time_fields import Instant, PastMoment, ZoneName, time_spans
from aurum.market import names
from aurum.market.calendars import UnknownBlock, calendar_of
from aurum.market.spans import Span
from aurum.market.time import MARKET
from iso.calculations.resampling import ALL, GMT, LENGTHS
from iso.results import AGGREGATES, PRICES, buckets_of
from iso.tables import ISOS, LOCATION_TYPES, MARKETS

NODE = "PJM:DAY_AHEAD:48592"
HUB = "PJM:DAY_AHEAD:51288"
"""Demo series, for examples."""

COMPONENTS = ("price_total", "price_energy", "price_congestion", "price_loss", "price_ghg")
BLOCKS = tuple(dict.fromkeys(name for iso in ISOS for name in calendar_of(iso).block_names))

OF_TIME = ("delivery_date", "interval_start")

NONE = "none"

Validated = dict[str, Any]


def market_field(**more: Any) -> Named:
    return Named(MARKETS, names.MARKETS, **more)


class Place(Text):
    allowed = "text of 1 to 100 characters"

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=100, required=False, example="51288", **more)


class Leg(Text):
    """A series as `ISO:MARKET:place`, the place by its id or its name."""

    allowed = "ISO:MARKET:place, as PJM:DAY_AHEAD:WESTERN HUB"

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=200, **more)

    def to_internal_value(self, data: Any) -> str:
        parts = super().to_internal_value(data).split(":", 2)
        if len(parts) < 3 or not all(part.strip() for part in parts):
            raise serializers.ValidationError(f"A leg is {self.allowed}.", code="invalid")
        iso, market, place = (part.strip() for part in parts)
        return ":".join(
            (IsoCode().run_validation(iso), market_field().run_validation(market), place)
        )


class SeriesFilters(serializers.Serializer[Any]):
    iso = Many(IsoCode(), help_text="Market operators, in any case.")
    market = Many(market_field(), help_text="Markets, as DAY_AHEAD or DA.")
    location_id = Many(
        Text(max_length=100, example="51288"),
        help_text="Locations by the publisher's id or by name, in any case.",
    )
    location_type = Many(
        Choice(LOCATION_TYPES),
        help_text="Kinds of location, as far as the publishers' files say them.",
    )


class Clock(serializers.Serializer[Any]):
    tz = ZoneName(
        help_text="On whose clock `local` is shown and dates are read: each market's own, or a"
        " zone's."
    )
    label = Choice(  # type: ignore[assignment]  # DRF has a property of that name
        ("beginning", "ending"), default="beginning", help_text="Which end of the interval `local`"
        " shows."
    )  # fmt: skip


class Releases(serializers.Serializer[Any]):
    vintage = Instant(
        required=False,
        help_text="Prices as their publisher had released them by this moment: of each interval the"
        " newest issue. What is not known when it was released is not shown.",
    )


class Times(Clock):
    start = PastMoment(required=False, help_text="First time of the range.")
    end = PastMoment(required=False, help_text="End of the range, which does not count.")
    block = Named(
        BLOCKS,
        names.BLOCKS,
        required=False,
        help_text="Only hours of this block of each market's calendar, as ON_PEAK, 5x16 or ATC.",
    )

    def validate(self, attrs: Validated) -> Validated:
        isos = attrs.get("iso", ())
        if {"start", "end"} & attrs.keys():
            zone = calendar_of(isos[0]).market_zone if len(isos) == 1 and isos[0] in ISOS else None
            spans = zip(OF_TIME, time_spans(attrs, lambda: zone), strict=True)
            asked = {name: span for name, span in spans if span != Span(None, None)}
            attrs = {k: v for k, v in attrs.items() if k not in ("start", "end")} | asked
        _must_have_block(isos, attrs.get("block"))
        return attrs


def must_have_range(attrs: Validated) -> None:
    """`resample=all` is of a range that both ends are known of."""
    if attrs.get("resample") == ALL and not {"start", "end"} <= attrs.keys():
        raise refused("resample", "`all` goes with `start` and `end`.", "range_needed")


def _must_have_block(isos: tuple[str, ...], block: str | None) -> None:
    try:
        for iso in {*isos} & {*ISOS} if block else ():
            calendar_of(iso).block(str(block))
    except UnknownBlock as error:
        raise refused("block", f"{error}.", "unknown_block") from None


class LmpQuery(SeriesFilters, Times, Releases, V2List):
    """`GET /v2/iso/lmp`: prices, or with `resample` their aggregates."""

    resample = Choice(
        (*LENGTHS, ALL, NONE),
        required=False,
        help_text="Sum up by the market's own hours, days…; `all` makes one number of the range"
        " from `start` to `end`, `none` is as if it were absent.",
    )
    below = SignedNumber(required=False, example=0, help_text="Only prices below this one.")
    agg = Many(
        Choice([column.name for column in AGGREGATES]),
        help_text="With `resample`: which aggregates; the mean if absent.",
    )
    price = Choice(
        COMPONENTS,
        required=False,
        help_text="With `resample`: of which price; else the total.",
    )
    fill = Choice(
        ("null",), required=False, help_text="With `resample`: show empty buckets as nulls."
    )

    def validate(self, attrs: Validated) -> Validated:
        if attrs.get("resample") == NONE:
            attrs = {name: value for name, value in attrs.items() if name != "resample"}
        must_have_range(attrs)
        if "resample" not in attrs:
            for name in {"agg", "price", "fill"} & attrs.keys():
                raise refused(name, "Goes with resample.", "conflict")
        elif attrs["tz"] not in (MARKET, GMT):
            raise refused("tz", "Buckets are of the market's days, or of UTC.", "bucket_zone")
        form = buckets_of((), of_some="below" in attrs) if "resample" in attrs else PRICES
        for name in attrs.get("fields", ()):
            if name != "*" and name not in form.by_name:
                kind = "with" if "resample" in attrs else "without"
                raise refused(
                    "fields", f"There is no column '{name}' {kind} resample.", "no_column"
                )
        return super().validate(attrs)


class NewestQuery(SeriesFilters, Clock, Releases, V2List):
    """`GET /v2/iso/lmp/latest`."""


class BelowZeroQuery(SeriesFilters, Times, Releases, V2List):
    """`GET /v2/iso/lmp/negative`."""

    def validate(self, attrs: Validated) -> Validated:
        if "vintage" in attrs and not {"start", "end"} & attrs.keys():
            # The last seven days end with the newest interval, of whichever release.
            raise refused("vintage", "Goes with `start` or `end`.", "range_needed")
        return super().validate(attrs)


class SeriesQuery(SeriesFilters, V2List):
    """`GET /v2/iso/series`."""

    zone = Many(
        Text(max_length=100, example="PECO"), help_text="Zones, exactly as they are written."
    )


class LocationsQuery(V2List):
    """`GET /v2/iso/locations`."""

    iso = Many(IsoCode(), help_text="Market operators, in any case.")
    prefix = Place(help_text="How its id or its name begins, in any case.")
    location_type = Many(Choice(LOCATION_TYPES), help_text="Kinds of location.")
    zone = Many(
        Text(max_length=100, example="PECO"), help_text="Zones, exactly as they are written."
    )


class SpreadsQuery(Times, Releases, V2List):
    """`GET /v2/iso/spreads`."""

    leg_a = Leg(example=NODE, help_text="The series to take from: operator, market and place.")
    leg_b = Leg(example=HUB, help_text="The series that is taken: operator, market and place.")
    resample = Choice(
        (*LENGTHS, ALL),
        default="hour",
        help_text="By the market's own hours, days…; `all` is one number of `start` to `end`.",
    )
    price = Choice(COMPONENTS, required=False, help_text="Of which price; the total if absent.")

    def validate(self, attrs: Validated) -> Validated:
        must_have_range(attrs)
        isos = tuple(dict.fromkeys(attrs[leg].partition(":")[0] for leg in ("leg_a", "leg_b")))
        if attrs["tz"] not in (MARKET, GMT):
            raise refused("tz", "Buckets are of the market's days, or of UTC.", "bucket_zone")
        found = super().validate({**attrs, "iso": isos})
        return {name: value for name, value in found.items() if name != "iso"}
