"""The routes of market operators' prices."""

from aurum.api.routes import route
from iso import views
from iso.serializers import HUB, NODE

V1 = (
    route(
        "v1/iso/lmp/last-24h",
        views.V1LastDay,
        name="v1-iso-lmp-last-24h",
        example="iso_code=PJM&limit=2",
    ),
    route(
        "v1/iso/lmp/hourly",
        views.V1Hourly,
        name="v1-iso-lmp-hourly",
        example="iso_code=PJM&market=DAY_AHEAD&limit=2",
    ),
    route(
        "v1/iso/lmp/daily",
        views.V1Daily,
        name="v1-iso-lmp-daily",
        example="iso_code=PJM&market=DAY_AHEAD&limit=2",
    ),
    route(
        "v1/iso/lmp/negative",
        views.V1Negative,
        name="v1-iso-lmp-negative",
        example="iso_code=ERCOT&limit=2",
    ),
    route(
        "v1/metadata/locations",
        views.V1Locations,
        name="v1-metadata-locations",
        example="iso=PJM&limit=2",
    ),
    route(
        "v1/metadata/locations/<str:iso>/<str:location_id>",
        views.V1Location,
        name="v1-metadata-location",
        example="",
        path_example={"iso": "PJM", "location_id": "51217"},
    ),
)

V2 = (
    route(
        "v2/iso/lmp",
        views.Lmp,
        name="v2-iso-lmp",
        example="iso=PJM&location_id=51217&start=2025-09-29&limit=2",
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
        "v2/iso/spreads",
        views.Spreads,
        name="v2-iso-spreads",
        example=f"leg_a={NODE}&leg_b={HUB}&limit=2",
    ),
)
