"""The routes of curves in v1."""

from aurum.api.routes import route
from curves.v1 import views

ROUTES = (
    route("v1/curves", views.V1Curves, name="v1-curves", example="iso=PJM&limit=2"),
    route(
        "v1/curves/diff",
        views.V1CurveDiff,
        name="v1-curves-diff",
        example="asof_a=2025-09-29&asof_b=2025-09-30&iso=PJM&limit=2",
    ),
    route(
        "v1/curves/strips",
        views.V1CurveStrips,
        name="v1-curves-strips",
        example="type=CALENDAR&iso=PJM&limit=2",
    ),
)
