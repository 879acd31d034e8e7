"""Prices and locations over HTTP, as v1 has them."""

from aurum.api.v1 import V1View
from iso import policies
from iso.v1 import results, serializers, services


class V1LastDay(V1View):
    """Prices of the last 24 hours.

    Of each market the 24 hours that end with its newest interval, not with the clock: a market
    whose file is late answers with its last day. The newest prices come first.
    """

    policy, file_name = policies.PRICES, "iso-lmp-last-24h.csv"
    query_serializer, result_schema = serializers.LastDayQuery, results.LAST_DAY
    service = staticmethod(services.list_last_day)
    successor = "/v2/iso/lmp"


class V1Hourly(V1View):
    """Prices summed up by hour.

    Mean, extremes, standard deviation and count of the intervals of each hour, the newest first.
    """

    policy, file_name = policies.PRICES, "iso-lmp-hourly.csv"
    query_serializer, result_schema = serializers.HourlyQuery, results.HOURLY
    service = staticmethod(services.list_hours)
    successor = "/v2/iso/lmp"


class V1Daily(V1View):
    """Prices summed up by day.

    Days are those of each market's own clock: 23 and 25 hours long where the clock is changed.
    """

    policy, file_name = policies.PRICES, "iso-lmp-daily.csv"
    query_serializer, result_schema = serializers.HourlyQuery, results.DAILY
    service = staticmethod(services.list_days)
    successor = "/v2/iso/lmp"


class V1Negative(V1View):
    """Prices below zero.

    Of each market the seven days that end with its newest interval; the cheapest first.
    """

    policy, file_name = policies.PRICES, "iso-lmp-negative.csv"
    query_serializer, result_schema = serializers.NegativeQuery, results.NEGATIVE
    service = staticmethod(services.list_negative)
    successor = "/v2/iso/lmp/negative"


class V1Locations(V1View):
    """Locations of market operators.

    What the publishers' own files say of them, by market operator, and there by id.
    """

    policy = policies.LOCATIONS
    query_serializer, result_schema = serializers.LocationsV1Query, results.LOCATIONS
    service = staticmethod(services.list_locations)
    successor = "/v2/iso/locations"


class V1Location(V1View):
    """One location of a market operator.

    By its id or its name, in any case. `data` is the location itself; an unknown one is a 404 that
    offers the nearest.
    """

    policy, shape = policies.LOCATIONS, "one"
    query_serializer, result_schema = serializers.LocationV1Query, results.LOCATION
    service = staticmethod(services.one_location)
    successor = "/v2/iso/locations"
