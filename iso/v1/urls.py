"""The routes of prices and locations in v1."""

from aurum.api.routes import route
from iso.v1 import views

ROUTES = (
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
        path_example={"iso": "PJM", "location_id": "51288"},
    ),
)
