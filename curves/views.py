"""v1 of curves over HTTP."""

from django.http import HttpResponse
from rest_framework.request import Request

from aurum.api.query import read_query
from aurum.api.v1 import Answer, V1View, fields_of, read_page, respond
from aurum.stores.tables import Kind
from curves import dao, services
from curves.serializers import ChangesQuery, PointsQuery, StripsQuery
from curves.tables import CURVE_OBSERVATION, TABLES

MAX_AGE = 120
POINT = fields_of(CURVE_OBSERVATION, dao.POINT)
CHANGE = (
    *fields_of(CURVE_OBSERVATION, dao.CHANGE[:4]),
    ("asof_a", Kind.DATE),
    ("mid_a", Kind.REAL),
    ("asof_b", Kind.DATE),
    ("mid_b", Kind.REAL),
    ("diff_abs", Kind.REAL),
    ("diff_pct", Kind.REAL),
)


class Curves(V1View):
    successor = "/v2/curves/observations"

    async def get(self, request: Request) -> HttpResponse:
        params = read_query(request, PointsQuery)
        ask = read_page(self.principal, params, "curves", TABLES)
        page = await services.list_points(ask)
        return respond(request, params, ask, Answer("curves", POINT, page, MAX_AGE, "curves.csv"))


class CurveDiff(V1View):
    successor = "/v2/curves/diff"

    async def get(self, request: Request) -> HttpResponse:
        params = read_query(request, ChangesQuery)
        ask = read_page(self.principal, params, "curve_diff", TABLES)
        page = await services.list_changes(ask)
        return respond(request, params, ask, Answer("curve_diff", CHANGE, page, MAX_AGE))


class CurveStrips(V1View):
    successor = "/v2/curves/strips"

    async def get(self, request: Request) -> HttpResponse:
        params = read_query(request, StripsQuery)
        ask = read_page(self.principal, params, "curve_strips", TABLES)
        page = await services.list_strips(ask)
        return respond(request, params, ask, Answer("curve_strips", POINT, page, MAX_AGE))
