"""The routes of curves in v2."""

from aurum.api.routes import route
from curves import views
from curves.serializers import GAS, POWER

ROUTES = (
    route("v2/curves", views.Curves, name="v2-curves", example="iso=PJM&limit=2"),
    route(
        "v2/curves/dates",
        views.Dates,
        name="v2-curves-dates",
        example="iso=PJM&block=ON_PEAK&limit=2",
    ),
    route(
        "v2/curves/observations",
        views.Observations,
        name="v2-curves-observations",
        example="iso=PJM&block=ON_PEAK&limit=2",
    ),
    route(
        "v2/curves/diff",
        views.Diff,
        name="v2-curves-diff",
        example="asof_date_a=2025-09-29&asof_date_b=2025-09-30&iso=PJM&limit=2",
    ),
    route(
        "v2/curves/strips",
        views.Strips,
        name="v2-curves-strips",
        example="type=CALENDAR&iso=PJM&limit=2",
    ),
    route(
        "v2/curves/spreads",
        views.Spreads,
        name="v2-curves-spreads",
        example=f"leg_a={POWER}&leg_b={GAS}&heat_rate=7.5&limit=2",
    ),
    route(
        "v2/curves/<str:curve_key>",
        views.Curve,
        name="v2-curves-one",
        example="",
        path_example={"curve_key": POWER},
    ),
)
