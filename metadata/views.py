"""Reference data over HTTP."""

from rest_framework.request import Request

from aurum.api.representation import Representation
from aurum.api.v1 import V1ResultSchema, V1View
from aurum.api.v2 import V2View
from aurum.stores.tables import Column, Kind
from metadata import policies, results, serializers, services
from metadata.results import MAX_AGE, UNITS

CALENDAR = (
    Column("name", Kind.TEXT, "The trading calendar."),
    Column("timezone", Kind.TEXT, "IANA name of its clock."),
)
BLOCK = (Column("block", Kind.TEXT, "A block of the calendar."),)
HOUR = (Column("hour", Kind.TEXT, "An hour's beginning, local with its offset."),)
UNIT_WORDS = (
    Column("currencies", Kind.TEXT, "ISO 4217 codes."),
    Column("units", Kind.TEXT, "What a price may be per."),
)
MAPPING = tuple(UNITS.by_name[name] for name in ("units_raw", "currency", "per_unit"))


class V1Calendars(V1View):
    """Trading calendars.

    All there are, with the clock of each.
    """

    policy = policies.METADATA
    query_serializer = serializers.NothingQuery
    result_schema = V1ResultSchema("metadata_calendars", CALENDAR, MAX_AGE)
    successor = "/v2/metadata/calendars"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, services.v1_calendars())


class V1Blocks(V1View):
    """The blocks of a calendar.

    By name, in alphabetical order.
    """

    policy = policies.METADATA
    query_serializer = serializers.CalendarQuery
    result_schema = V1ResultSchema("metadata_blocks", BLOCK, MAX_AGE, shape="values")
    successor = "/v2/metadata/calendars"

    async def get(self, request: Request, name: str) -> Representation:
        params, query = self.read(request, name=name)
        return self.respond(request, params, query, services.v1_blocks(query))


class V1Hours(V1View):
    """The hours of a block on one day.

    Each by its beginning, on the calendar's clock with its offset. A peak block has none on a
    holiday; on the days of a change of the clock there are 23 or 25.
    """

    policy = policies.METADATA
    query_serializer = serializers.DayHoursQuery
    result_schema = V1ResultSchema("metadata_hours", HOUR, MAX_AGE, shape="values")
    successor = "/v2/metadata/calendars/hours"

    async def get(self, request: Request, name: str) -> Representation:
        params, query = self.read(request, name=name)
        return self.respond(request, params, query, services.v1_hours(query))


class V1Expand(V1View):
    """The hours of a block from one day to another.

    Both days count. The range has 366 days at the most.
    """

    policy = policies.METADATA
    query_serializer = serializers.ExpandQuery
    result_schema = V1ResultSchema("metadata_expand", HOUR, MAX_AGE, shape="values")
    successor = "/v2/metadata/calendars/hours"

    async def get(self, request: Request, name: str) -> Representation:
        params, query = self.read(request, name=name)
        return self.respond(request, params, query, services.v1_hours(query))


class V1Units(V1View):
    """Currencies and measures.

    What prices may be in: the words of which units are made.
    """

    policy = policies.METADATA
    query_serializer = serializers.PrefixQuery
    result_schema = V1ResultSchema("metadata_units", UNIT_WORDS, MAX_AGE, shape="lists")
    successor = "/v2/metadata/units"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, services.v1_units(query))


class V1UnitsMapping(V1View):
    """How sources write units.

    Each text that is understood, with its currency and measure. Pence and cents have the currency
    of their pound and dollar: v2 says which they are.
    """

    policy = policies.METADATA
    query_serializer = serializers.PrefixQuery
    result_schema = V1ResultSchema("metadata_units_mapping", MAPPING, MAX_AGE)
    successor = "/v2/metadata/units"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, services.v1_units_mapping(query))


class Calendars(V2View):
    """Trading calendars.

    A row each: its clock, the weekdays that have a peak, whose holidays it keeps, its blocks.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.CalendarsQuery, results.CALENDARS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, services.list_calendars(query))


class Hours(V2View):
    """The hours of a block.

    A row each, by local clock and in UTC, from `start` to before `end`, 366 days at the most. The
    rows of an hour that comes twice differ in the offset.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.HoursQuery, results.HOURS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, services.list_hours(query))


class Holidays(V2View):
    """Holidays of trading calendars.

    On the days on which they are kept: one that falls on a Sunday is kept on the Monday after, one
    on a Saturday stays. A calendar whose peak ignores holidays has none.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.HolidaysQuery, results.HOLIDAYS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, services.list_holidays(query))


class Months(V2View):
    """How many hours a block has in each month.

    With holidays, and with the hour that the clock skips or repeats.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.MonthsQuery, results.MONTHS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, services.list_months(query))


class Units(V2View):
    """How sources write units of prices.

    Each text that is understood, without blanks and in one of its cases, and what it means.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.UnitsQuery, results.UNITS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, services.list_units(query))


class Isos(V2View):
    """Market operators.

    With the clock that each market goes by, and its trading calendar.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.IsosQuery, results.ISOS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        answer = await services.list_catalogue(query, self.result_schema)
        return self.respond(request, params, query, answer)


class Markets(V2View):
    """Markets of the operators.

    With the interval for which a price holds.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.MarketsQuery, results.MARKETS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        answer = await services.list_catalogue(query, self.result_schema)
        return self.respond(request, params, query, answer)


class Blocks(V2View):
    """Blocks of hours.

    What each is called, and how many hours a plain week has of it.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.BlocksQuery, results.BLOCKS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        answer = await services.list_catalogue(query, self.result_schema)
        return self.respond(request, params, query, answer)


class Products(V2View):
    """Products.

    What each is, and what its price is in.
    """

    policy = policies.METADATA
    query_serializer, result_schema = serializers.ProductsQuery, results.PRODUCTS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        answer = await services.list_catalogue(query, self.result_schema)
        return self.respond(request, params, query, answer)
