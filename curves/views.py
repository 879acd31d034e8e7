"""Curves over HTTP."""

from dataclasses import replace

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from aurum.api import export
from aurum.api.representation import Representation
from aurum.api.v1 import V1ResultSchema, V1View, columns_of
from aurum.api.v2 import V2View, respond_one
from aurum.stores.tables import Column, Kind
from curves import policies, results, serializers, services
from curves.tables import CURVE_OBSERVATION, TABLES, UNIT
from curves.v1 import dao as v1

MAX_AGE = 120
POINT = columns_of(CURVE_OBSERVATION, v1.POINT)
CHANGE = (
    *columns_of(CURVE_OBSERVATION, v1.CHANGE[:4]),
    Column("asof_a", Kind.DATE, "First valuation date."),
    Column("mid_a", Kind.REAL, "Middle price of the first.", UNIT, nullable=True),
    Column("asof_b", Kind.DATE, "Second valuation date."),
    Column("mid_b", Kind.REAL, "Middle price of the second.", UNIT, nullable=True),
    Column("diff_abs", Kind.REAL, "mid_b less mid_a.", UNIT, nullable=True),
    Column("diff_pct", Kind.REAL, "diff_abs as a fraction of mid_a.", "fraction", nullable=True),
)


class V1Curves(V1View):
    """Prices of curves.

    Those of one valuation date, or the newest price of each tenor. Without `asof` every tenor and
    price type answers with its newest price, so that the rows of one answer can differ in
    `asof_date`, and a month that is quoted no more keeps its last price. Prices are in the curve's
    own unit, which v1 does not show.
    """

    policy, tables = policies.CURVES, TABLES
    query_serializer = serializers.PointsQuery
    result_schema = V1ResultSchema("curves", POINT, MAX_AGE, "curves.csv")
    successor = "/v2/curves/observations"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await services.list_points(query))


class V1CurveDiff(V1View):
    """What curves have moved between two dates.

    A row is a tenor that was quoted on both dates in the same price type. At least one of the
    curve's dimensions has to be given. `diff_pct` is a fraction of `mid_a`: where that is
    negative, its sign is the opposite of the change's.
    """

    policy, tables = policies.DIFF, TABLES
    query_serializer = serializers.ChangesQuery
    result_schema = V1ResultSchema("curve_diff", CHANGE, MAX_AGE)
    successor = "/v2/curves/diff"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await services.list_changes(query))


class V1CurveStrips(V1View):
    """Calendar years, seasons and quarters.

    As quoted, or the plain mean of their months. A strip is left out when a month that is still to
    be delivered is not quoted.
    """

    policy, tables = policies.STRIPS, TABLES
    query_serializer = serializers.StripsQuery
    result_schema = V1ResultSchema("curve_strips", POINT, MAX_AGE)
    successor = "/v2/curves/strips"

    async def get(self, request: Request) -> Representation:
        params, query = self.read(request)
        return self.respond(request, params, query, await services.list_whole_strips(query))


class Curves(V2View):
    """The catalogue of curves.

    What each curve is, its unit, and the valuation dates it has. Every filter takes several
    values. Start here to find the keys of the curves you need.
    """

    policy = policies.CATALOGUE
    query_serializer, result_schema = serializers.CatalogueQuery, results.CATALOGUE

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await services.list_curves(query))


class Curve(V2View):
    """One curve of the catalogue.

    `data` is the row itself. An unknown key is a 404 that offers the nearest ones.
    """

    policy = policies.CATALOGUE
    query_serializer, result_schema = serializers.CurveQuery, results.CATALOGUE

    async def get(self, request: Request, curve_key: str) -> Representation:
        params, query = await self.read(request, curve_key=curve_key)
        answer = await services.one_curve(query)
        return respond_one(request, params, query, self.result_schema, answer)


class Observations(V2View):
    """Prices of curves.

    Of many curves, tenors and valuation dates, each with its unit. Without `asof_date`, or with
    `latest`, each curve answers with its newest valuation date. With `known_at` the answer is what
    it would have been at that moment, before later corrections.
    """

    policy = policies.CURVES
    query_serializer, result_schema = serializers.ObservationsQuery, results.OBSERVATIONS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await services.list_observations(query))


class Diff(V2View):
    """What was added, removed or changed.

    Between two looks at the same curves. Give `asof_date_a` and `asof_date_b` to compare two
    valuation dates. Give one `asof_date` with `known_at_a` or `known_at_b`, or both, to see what a
    correction has changed. `change_fraction` has the sign of the change, with negative prices too.
    """

    policy = policies.DIFF
    query_serializer, result_schema = serializers.DiffQuery, results.CHANGES

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await services.list_diff(query))


class Strips(V2View):
    """Strips of months.

    Calendar years, seasons, quarters, or any run of months: as quoted, and derived. A strip with
    months missing is shown and says so in `months_covered`, `months_missing` and `partial`. Months
    count alike, by their days, or by the hours of the curve's block.
    """

    policy = policies.STRIPS
    query_serializer, result_schema = serializers.StripsOfMonthsQuery, results.STRIPS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await services.list_strips(query))


class Spreads(V2View):
    """Spreads of two curves.

    Leg a less leg b on the tenors that both have, in one unit. Any two curves whose units have an
    exact factor between them. For a spark spread leg b is the fuel and `heat_rate` says how much
    of it is burnt. What cannot be converted is refused.
    """

    policy = policies.CURVES
    query_serializer, result_schema = serializers.SpreadsQuery, results.SPREADS

    async def get(self, request: Request) -> Representation:
        params, query = await self.read(request)
        return self.respond(request, params, query, await services.list_spreads(query))


class Export(V2View):
    """All prices that match, as a stream.

    Without pages. The last record has the number of rows and the SHA-256 of every byte before it:
    an answer without it was cut off.
    """

    query_serializer, result_schema = serializers.ExportQuery, results.OBSERVATIONS

    async def get(self, request: Request) -> HttpResponseBase:
        params, query = await self.read(request)
        query = replace(query, columns=self.result_schema.asked(params))
        pieces = services.export_observations(query)
        return await export.stream(request, params, self.result_schema, pieces)
