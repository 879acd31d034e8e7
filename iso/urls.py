"""The routes of market operators' prices in v2."""

from aurum.api.routes import route
from iso import views
from iso.serializers import HUB, NODE

ROUTES = (
    route(
        "v2/iso/lmp",
        views.Lmp,
        name="v2-iso-lmp",
        example="iso=PJM&location_id=51288&start=2025-09-29&limit=2",
    ),
    route(
        "v2/iso/lmp/latest",
        views.Newest,
        name="v2-iso-lmp-latest",
        example="iso=PJM&limit=2",
    ),
    route(
        "v2/iso/lmp/negative",
        views.Negative,
        name="v2-iso-lmp-negative",
        example="iso=ERCOT&limit=2",
    ),
    route(
        "v2/iso/locations",
        views.Locations,
        name="v2-iso-locations",
        example="iso=PJM&limit=2",
    ),
    route(
        "v2/iso/series",
        views.Series,
        name="v2-iso-series",
        example="iso=PJM&limit=2",
    ),
    route(
        "v2/iso/spreads",
        views.Spreads,
        name="v2-iso-spreads",
        example=f"leg_a={NODE}&leg_b={HUB}&limit=2",
    ),
)
