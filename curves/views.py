"""Curves over HTTP."""

from dataclasses import replace

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from aurum.api import export
from aurum.api.query import read_query
from aurum.api.representation import Representation
from aurum.api.v1 import Answer, V1View, columns_of, read_page, respond
from aurum.api.v2 import V2View, respond_one
from aurum.stores.tables import Column, Kind
from curves import listings, policies, serializers, services
from curves.dao import v1
from curves.tables import CURVE_OBSERVATION, TABLES, UNIT

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
    policy, tables = policies.CURVES, TABLES
    successor = "/v2/curves/observations"

    async def get(self, request: Request) -> Representation:
        params = read_query(request, serializers.PointsQuery)
        ask = read_page(self.principal, params, "curves", TABLES)
        page = await services.list_points(ask)
        return respond(request, params, ask, Answer("curves", POINT, page, MAX_AGE, "curves.csv"))


class V1CurveDiff(V1View):
    policy, tables = policies.DIFF, TABLES
    successor = "/v2/curves/diff"

    async def get(self, request: Request) -> Representation:
        params = read_query(request, serializers.ChangesQuery)
        ask = read_page(self.principal, params, "curve_diff", TABLES)
        page = await services.list_changes(ask)
        return respond(request, params, ask, Answer("curve_diff", CHANGE, page, MAX_AGE))


class V1CurveStrips(V1View):
    policy, tables = policies.STRIPS, TABLES
    successor = "/v2/curves/strips"

    async def get(self, request: Request) -> Representation:
        params = read_query(request, serializers.StripsQuery)
        ask = read_page(self.principal, params, "curve_strips", TABLES)
        page = await services.list_whole_strips(ask)
        return respond(request, params, ask, Answer("curve_strips", POINT, page, MAX_AGE))


class Curves(V2View):
    policy = policies.CATALOGUE
    query, listing = serializers.CatalogueQuery, listings.CATALOGUE

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, await services.list_curves(ask))


class Curve(V2View):
    policy = policies.CATALOGUE
    query, listing = serializers.CurveQuery, listings.CATALOGUE

    async def get(self, request: Request, curve_key: str) -> Representation:
        params, ask = await self.read(request, curve_key=curve_key)
        answer = await services.one_curve(ask)
        return respond_one(request, params, ask, self.listing, answer)


class Observations(V2View):
    policy = policies.CURVES
    query, listing = serializers.ObservationsQuery, listings.OBSERVATIONS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, await services.list_observations(ask))


class Diff(V2View):
    policy = policies.DIFF
    query, listing = serializers.DiffQuery, listings.CHANGES

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, await services.list_diff(ask))


class Strips(V2View):
    policy = policies.STRIPS
    query, listing = serializers.StripsOfMonthsQuery, listings.STRIPS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, await services.list_strips(ask))


class Spreads(V2View):
    policy = policies.CURVES
    query, listing = serializers.SpreadsQuery, listings.SPREADS

    async def get(self, request: Request) -> Representation:
        params, ask = await self.read(request)
        return self.respond(request, params, ask, await services.list_spreads(ask))


class Export(V2View):
    query, listing = serializers.ExportQuery, listings.OBSERVATIONS

    async def get(self, request: Request) -> HttpResponseBase:
        params, ask = await self.read(request)
        ask = replace(ask, columns=self.listing.asked(params))
        pieces = services.export_observations(ask)
        return await export.stream(request, params, self.listing, pieces)
