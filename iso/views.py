"""Prices over HTTP."""

from collections.abc import Mapping
from typing import Any

from aurum.api.v2 import V2View
from aurum.results import ResultSchema
from iso import policies, results, serializers
from iso.services import catalogue, prices, spreads


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
    service = staticmethod(prices.list_prices)

    @classmethod
    def result_schema_of(cls, params: Mapping[str, Any]) -> ResultSchema:
        if "resample" not in params:
            return results.PRICES
        return results.buckets_of(params.get("agg", ("mean",)), of_some="below" in params)


class Newest(V2View):
    """The newest price of each series.

    A series is a location in one of its market's runs: day-ahead, real-time. One that is priced no
    more keeps its last price.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.NewestQuery, results.NEWEST
    service = staticmethod(prices.list_newest)


class Negative(V2View):
    """Prices below zero, the cheapest first.

    Without a range those of the seven days that end with the newest interval of each market, not
    with the clock.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.BelowZeroQuery, results.NEGATIVE
    rows_of_piece = 10_000  # each piece has to sort all that match
    service = staticmethod(prices.list_negative)


class Locations(V2View):
    """Locations of market operators: hubs, zones, nodes, interfaces.

    What the publishers' own files say of them. Start here to find the ids of the locations you
    need.
    """

    policy = policies.LOCATIONS
    query_serializer, result_schema = serializers.LocationsQuery, results.LOCATIONS
    service = staticmethod(prices.list_locations)


class Series(V2View):
    """Series of prices, with their ends.

    What is priced, of which place and in which market, since when and until when, and by which load
    the newest price came.
    """

    policy = policies.SERIES
    query_serializer, result_schema = serializers.SeriesQuery, results.SERIES
    service = staticmethod(catalogue.list_series)


class Spreads(V2View):
    """Differences of two series, as one series.

    Leg a less leg b wherever both have prices: a node less its hub, day-ahead less real-time. Both
    are summed up by the same buckets first, so that hourly and five-minute prices meet.
    """

    policy = policies.PRICES
    query_serializer, result_schema = serializers.SpreadsQuery, results.SPREADS
    service = staticmethod(spreads.list_spreads)
