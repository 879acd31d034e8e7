"""Reference data over HTTP."""

from rest_framework.request import Request

from aurum.api.representation import Representation
from aurum.api.v1 import V1Listing, V1View
from aurum.api.v2 import V2View
from aurum.stores.tables import Column, Kind
from metadata import listings, policies, serializers, services
from metadata.listings import MAX_AGE, UNITS

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
    query = serializers.NothingQuery
    listing = V1Listing("metadata_calendars", CALENDAR, MAX_AGE)
    successor = "/v2/metadata/calendars"

    async def get(self, request: Request) -> Representation:
        params, ask = self.read(request)
        return self.respond(request, params, ask, services.v1_calendars())


class V1Blocks(V1View):
    """The blocks of a calendar.

    By name, in alphabetical order.
    """

    policy = policies.METADATA
    query = serializers.CalendarQuery
    listing = V1Listing("metadata_blocks", BLOCK, MAX_AGE, shape="values")
    successor = "/v2/metadata/calendars"

    async def get(self, request: Request, name: str) -> Representation:
        params, ask = self.read(request, name=name)
        return self.respond(request, params, ask, services.v1_blocks(ask))


class V1Hours(V1View):
    """The hours of a block on one day.

    Each by its beginning, on the calendar's clock with its offset. A peak block has none on a
    holiday; on the days of a change of the clock there are 23 or 25.
    """

    policy = policies.METADATA
    query = serializers.DayHoursQuery
    listing = V1Listing("metadata_hours", HOUR, MAX_AGE, shape="values")
    successor = "/v2/metadata/calendars/hours"

    async def get(self, request: Request, name: str) -> Representation:
        params, ask = self.read(request, name=name)
        return self.respond(request, params, ask, services.v1_hours(ask))


class V1Expand(V1View):
    """The hours of a block from one day to another.

    Both days count. The range has 366 days at the most.
    """

    policy = policies.METADATA
    query = serializers.ExpandQuery
    listing = V1Listing("metadata_expand", HOUR, MAX_AGE, shape="values")
    successor = "/v2/metadata/calendars/hours"

    async def get(self, request: Request, name: str) -> Representation:
        params, ask = self.read(request, name=name)
        return self.respond(request, params, ask, services.v1_hours(ask))


class V1Units(V1View):
    """Currencies and measures.

    What prices may be in: the words of which units are made.
    """

    policy = policies.METADATA
    query = serializers.PrefixQuery
    listing = V1Listing("metadata_units", UNIT_WORDS, MAX_AGE, shape="lists")
    successor = "/v2/metadata/units"

    async def get(self, request: Request) -> Representation:
        params, ask = self.read(request)
        return self.respond(request, params, ask, services.v1_units(ask))


class V1UnitsMapping(V1View):
    """How sources write units.

    Each text that is understood, with its currency and measure. Pence and cents have the currency
    of their pound and dollar: v2 says which they are.
    """

    policy = policies.METADATA
    query = serializers.PrefixQuery
    listing = V1Listing("metadata_units_mapping", MAPPING, MAX_AGE)
    successor = "/v2/metadata/units"

    async def get(self, request: Request) -> Representation:
        params, ask = self.read(request)
        return self.respond(request, params, ask, services.v1_units_mapping(ask))


class Calendars(V2View):
    """Trading calendars.

    A row each: its clock, the weekdays that have a peak, whose holidays it keeps, its blocks.
    """

    policy = policies.METADATA
    query, listing = serializers.CalendarsQuery, listings.CALENDARS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, services.list_calendars(ask))


class Hours(V2View):
    """The hours of a block.

    A row each, by local clock and in UTC, from `start` to before `end`, 366 days at the most. The
    rows of an hour that comes twice differ in the offset.
    """

    policy = policies.METADATA
    query, listing = serializers.HoursQuery, listings.HOURS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, services.list_hours(ask))


class Holidays(V2View):
    """Holidays of trading calendars.

    On the days on which they are kept: one that falls on a Sunday is kept on the Monday after, one
    on a Saturday stays. A calendar whose peak ignores holidays has none.
    """

    policy = policies.METADATA
    query, listing = serializers.HolidaysQuery, listings.HOLIDAYS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, services.list_holidays(ask))


class Months(V2View):
    """How many hours a block has in each month.

    With holidays, and with the hour that the clock skips or repeats.
    """

    policy = policies.METADATA
    query, listing = serializers.MonthsQuery, listings.MONTHS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, services.list_months(ask))


class Units(V2View):
    """How sources write units of prices.

    Each text that is understood, without blanks and in one of its cases, and what it means.
    """

    policy = policies.METADATA
    query, listing = serializers.UnitsQuery, listings.UNITS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, services.list_units(ask))


class Isos(V2View):
    """Market operators.

    With the clock that each market goes by, and its trading calendar.
    """

    policy = policies.METADATA
    query, listing = serializers.IsosQuery, listings.ISOS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        answer = await services.list_catalogue(ask, self.listing)
        return self.respond(request, params, ask, answer)


class Markets(V2View):
    """Markets of the operators.

    With the interval for which a price holds.
    """

    policy = policies.METADATA
    query, listing = serializers.MarketsQuery, listings.MARKETS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        answer = await services.list_catalogue(ask, self.listing)
        return self.respond(request, params, ask, answer)


class Blocks(V2View):
    """Blocks of hours.

    What each is called, and how many hours a plain week has of it.
    """

    policy = policies.METADATA
    query, listing = serializers.BlocksQuery, listings.BLOCKS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        answer = await services.list_catalogue(ask, self.listing)
        return self.respond(request, params, ask, answer)


class Products(V2View):
    """Products.

    What each is, and what its price is in.
    """

    policy = policies.METADATA
    query, listing = serializers.ProductsQuery, listings.PRODUCTS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        answer = await services.list_catalogue(ask, self.listing)
        return self.respond(request, params, ask, answer)
