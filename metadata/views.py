"""Reference data over HTTP."""

from aurum.api.v2 import V2View
from metadata import loads, policies, results, serializers, services


class Calendars(V2View):
    """Trading calendars.

    One row per calendar: its clock, the weekdays that have a peak, whose holidays it keeps, and its
    blocks.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.CalendarsQuery, results.CALENDARS
    service = staticmethod(services.list_calendars)


class Hours(V2View):
    """The hours of a block.

    One row per hour, by local clock and in UTC, from `start` to before `end`, 366 days at the most.
    The rows of an hour that comes twice differ in the offset.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.HoursQuery, results.HOURS
    service = staticmethod(services.list_hours)


class Holidays(V2View):
    """Holidays of trading calendars.

    On the days on which they are kept: one that falls on a Sunday is kept on the Monday after, one
    on a Saturday stays. A calendar whose peak ignores holidays has none.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.HolidaysQuery, results.HOLIDAYS
    service = staticmethod(services.list_holidays)


class Months(V2View):
    """How many hours a block has in each month.

    With holidays, and with the hour that the clock skips or repeats.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.MonthsQuery, results.MONTHS
    service = staticmethod(services.list_months)


class Units(V2View):
    """How sources write units of prices.

    Each text that is understood, without blanks and in one of its cases, and what it means.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.UnitsQuery, results.UNITS
    service = staticmethod(services.list_units)


class Isos(V2View):
    """Market operators.

    With the clock that each market goes by, and its trading calendar.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.IsosQuery, results.ISOS
    service = staticmethod(services.list_catalogue)


class Markets(V2View):
    """Markets of the operators.

    With the interval for which a price holds.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.MarketsQuery, results.MARKETS
    service = staticmethod(services.list_catalogue)


class Blocks(V2View):
    """Blocks of hours.

    What each is called, and how many hours a plain week has of it.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.BlocksQuery, results.BLOCKS
    service = staticmethod(services.list_catalogue)


class Products(V2View):
    """Products.

    What each is, and what its price is in.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.ProductsQuery, results.PRODUCTS
    service = staticmethod(services.list_catalogue)


class Loads(V2View):
    """The loads behind the numbers.

    Which file brought them, its SHA-256, when its rows could first be seen, and what became of
    them. The newest come first. Every row of a list has `load_id` among its columns.
    """

    policy = policies.LOADS
    query_serializer, result_schema = serializers.LoadsQuery, results.LOADS
    service = staticmethod(loads.list_loads)


class Load(V2View):
    """One load.

    `data` is the row itself.
    """

    policy, shape = policies.LOADS, "one"
    query_serializer, result_schema = serializers.LoadQuery, results.LOADS
    service = staticmethod(loads.one_load)
