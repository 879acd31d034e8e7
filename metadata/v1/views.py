"""Reference data over HTTP, as v1 has it."""

from aurum.api.v1 import V1View
from metadata import policies
from metadata.v1 import results, serializers, services


class V1Calendars(V1View):
    """Trading calendars.

    All there are, with the clock of each.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.NothingQuery, results.CALENDARS
    service = staticmethod(services.list_calendars)
    successor = "/v2/metadata/calendars"


class V1Blocks(V1View):
    """The blocks of a calendar.

    By name, in alphabetical order.
    """

    policy, shape = policies.METADATA, "values"
    query_serializer, result_schema = serializers.CalendarQuery, results.BLOCKS
    service = staticmethod(services.list_blocks)
    successor = "/v2/metadata/calendars"


class V1Hours(V1View):
    """The hours of a block on one day.

    Each by its beginning, on the calendar's clock with its offset. A peak block has none on a
    holiday; on the days of a change of the clock there are 23 or 25.
    """

    policy, shape = policies.METADATA, "values"
    query_serializer, result_schema = serializers.DayHoursQuery, results.HOURS
    service = staticmethod(services.list_hours)
    successor = "/v2/metadata/calendars/hours"


class V1Expand(V1View):
    """The hours of a block from one day to another.

    Both days count. The range has 366 days at the most.
    """

    policy, shape = policies.METADATA, "values"
    query_serializer, result_schema = serializers.ExpandQuery, results.EXPAND
    service = staticmethod(services.list_hours)
    successor = "/v2/metadata/calendars/hours"


class V1Units(V1View):
    """Currencies and measures.

    What prices may be in: the words of which units are made.
    """

    policy, shape = policies.METADATA, "lists"
    query_serializer, result_schema = serializers.PrefixQuery, results.UNITS
    service = staticmethod(services.list_unit_words)
    successor = "/v2/metadata/units"


class V1UnitsMapping(V1View):
    """How sources write units.

    Each text that is understood, with its currency and measure. Pence and cents have the currency
    of their pound and dollar: v2 says which they are.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.PrefixQuery, results.UNITS_MAPPING
    service = staticmethod(services.list_units)
    successor = "/v2/metadata/units"
