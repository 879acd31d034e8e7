"""The routes of reference data in v1."""

from aurum.api.routes import route
from metadata.v1 import views

PJM = {"name": "pjm"}

ROUTES = (
    route("v1/metadata/calendars", views.V1Calendars, name="v1-metadata-calendars", example=""),
    route(
        "v1/metadata/calendars/<str:name>/blocks",
        views.V1Blocks,
        name="v1-metadata-calendar-blocks",
        example="",
        path_example=PJM,
    ),
    route(
        "v1/metadata/calendars/<str:name>/hours",
        views.V1Hours,
        name="v1-metadata-calendar-hours",
        example="block=ON_PEAK&date=2024-01-02",
        path_example=PJM,
    ),
    route(
        "v1/metadata/calendars/<str:name>/expand",
        views.V1Expand,
        name="v1-metadata-calendar-expand",
        example="block=ON_PEAK&start=2024-01-01&end=2024-01-02",
        path_example=PJM,
    ),
    route("v1/metadata/units", views.V1Units, name="v1-metadata-units", example=""),
    route(
        "v1/metadata/units/mapping",
        views.V1UnitsMapping,
        name="v1-metadata-units-mapping",
        example="prefix=USD/M",
    ),
)
