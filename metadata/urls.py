"""The routes of reference data in v2."""

from aurum.api.routes import route
from metadata import views

ROUTES = (
    route(
        "v2/metadata/calendars", views.Calendars, name="v2-metadata-calendars", example="limit=2"
    ),
    route(
        "v2/metadata/calendars/hours",
        views.Hours,
        name="v2-metadata-calendars-hours",
        example="calendar=pjm&block=ON_PEAK&start=2024-03&limit=2",
    ),
    route(
        "v2/metadata/calendars/holidays",
        views.Holidays,
        name="v2-metadata-calendars-holidays",
        example="start=2024-01&end=2026-01&limit=2",
    ),
    route(
        "v2/metadata/calendars/months",
        views.Months,
        name="v2-metadata-calendars-months",
        example="calendar=pjm&months=2024-01..2024-07&limit=2",
    ),
    route("v2/metadata/units", views.Units, name="v2-metadata-units", example="prefix=USD&limit=2"),
    route("v2/metadata/isos", views.Isos, name="v2-metadata-isos", example="limit=2"),
    route("v2/metadata/markets", views.Markets, name="v2-metadata-markets", example="limit=2"),
    route("v2/metadata/blocks", views.Blocks, name="v2-metadata-blocks", example="limit=2"),
    route("v2/loads", views.Loads, name="v2-loads", example="limit=2"),
    route(
        "v2/loads/<str:load_id>",
        views.Load,
        name="v2-loads-one",
        example="",
        path_example={"load_id": "1"},
    ),
    route("v2/metadata/products", views.Products, name="v2-metadata-products", example="limit=2"),
)
