"""The routes of curves."""

from aurum.api.routes import route
from curves import views

V1 = (
    route("v1/curves", views.Curves, name="v1-curves"),
    route("v1/curves/diff", views.CurveDiff, name="v1-curves-diff"),
    route("v1/curves/strips", views.CurveStrips, name="v1-curves-strips"),
)
