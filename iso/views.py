"""Prices over HTTP."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from aurum.api.representation import Representation
from aurum.api.v1 import V1ResultSchema, V1View
from aurum.api.v2 import V2View
from aurum.results import ResultSchema
from iso import policies, results, serializers
from iso.services import prices, spreads
from iso.tables import TABLES
from iso.v1 import services as v1

MAX_AGE = results.MAX_AGE


class V1LastDay(V1View):
    """Prices of the last 24 hours.

    Of each market the 24 hours that end with its newest interval, not with the clock: a market
    whose file is late answers with its last day. The newest prices come first.
    """

    policy, tables = policies.PRICES, TABLES
    query_serializer = serializers.LastDayQuery
    result_schema = V1ResultSchema(
        "iso_lmp_last_24h", results.V1_POINT, MAX_AGE, "iso-lmp-last-24h.csv"
    )
    successor = "/v2/iso/lmp"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await v1.list_last_day(query))


class V1Hourly(V1View):
    """Prices summed up by hour.

    Mean, extremes, standard deviation and count of the intervals of each hour, the newest first.
    """

    policy, tables = policies.PRICES, TABLES
    query_serializer = serializers.HourlyQuery
    result_schema = V1ResultSchema(
        "iso_lmp_hourly", results.V1_AGGREGATE, MAX_AGE, "iso-lmp-hourly.csv"
    )
    successor = "/v2/iso/lmp"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await v1.list_aggregates(query, "hour"))


class V1Daily(V1View):
    """Prices summed up by day.

    Days are those of each market's own clock: 23 and 25 hours long where the clock is changed.
    """

    policy, tables = policies.PRICES, TABLES
    query_serializer = serializers.HourlyQuery
    result_schema = V1ResultSchema(
        "iso_lmp_daily", results.V1_AGGREGATE, MAX_AGE, "iso-lmp-daily.csv"
    )
    successor = "/v2/iso/lmp"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await v1.list_aggregates(query, "day"))


class V1Negative(V1View):
    """Prices below zero.

    Of each market the seven days that end with its newest interval; the cheapest first.
    """

    policy, tables = policies.PRICES, TABLES
    query_serializer = serializers.NegativeQuery
    result_schema = V1ResultSchema(
        "iso_lmp_negative", results.V1_POINT, MAX_AGE, "iso-lmp-negative.csv"
    )
    successor = "/v2/iso/lmp/negative"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await v1.list_negative(query))


class V1Locations(V1View):
    """Locations of market operators.

    What the publishers' own files say of them, by market operator, and there by id.
    """

    policy, tables = policies.LOCATIONS, TABLES
    query_serializer = serializers.LocationsV1Query
    result_schema = V1ResultSchema("locations", results.V1_LOCATION, MAX_AGE)
    successor = "/v2/iso/locations"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await v1.list_locations(query))


class V1Location(V1View):
    """One location of a market operator.

    By its id or its name, in any case. `data` is the location itself; an unknown one is a 404 that
    offers the nearest.
    """

    policy, tables = policies.LOCATIONS, TABLES
    query_serializer = serializers.LocationV1Query
    result_schema = V1ResultSchema("location", results.V1_LOCATION, MAX_AGE, shape="one")
    successor = "/v2/iso/locations"

    async def get(self, request: Request, iso: str, location_id: str) -> Representation:
        params, query = self.read(request, iso=iso, location_id=location_id)
        return self.respond(request, params, query, await v1.one_location(query))


class Lmp(V2View):
    """Locational marginal prices.

    Of many locations, over any range. Without `resample` the prices as they were published, each
    with its interval in UTC and on the market's own clock. With `resample` and `agg` their
    aggregates by hour, day, week, month or year of the market's clock, with the number of intervals
    there are and how many were to be expected. `block` keeps the hours of a block, by the calendar
    of each market.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.LmpQuery, results.EITHER

    @classmethod
    def result_schema_of(cls, params: Mapping[str, Any]) -> ResultSchema:
        if "resample" not in params:
            return results.PRICES
        return results.buckets_of(params.get("agg", ("mean",)))

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await prices.list_prices(query))


class Newest(V2View):
    """The newest price of each series.

    A series is a location in one of its market's runs: day-ahead, real-time. One that is priced no
    more keeps its last price.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.NewestQuery, results.NEWEST

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await prices.list_newest(query))


class Negative(V2View):
    """Prices below zero, the cheapest first.

    Without a range those of the seven days that end with the newest interval of each market, not
    with the clock.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.BelowZeroQuery, results.NEGATIVE

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await prices.list_negative(query))


class Locations(V2View):
    """Locations of market operators: hubs, zones, nodes, interfaces.

    What the publishers' own files say of them. Start here to find the ids of the locations you
    need.
    """

    policy = policies.LOCATIONS
    query_serializer, result_schema = serializers.LocationsQuery, results.LOCATIONS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await prices.list_locations(query))


class Spreads(V2View):
    """Differences of two series, as one series.

    Leg a less leg b wherever both have prices: a node less its hub, day-ahead less real-time. Both
    are summed up by the same buckets first, so that hourly and five-minute prices meet.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.SpreadsQuery, results.SPREADS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await spreads.list_spreads(query))
