"""Every URL: the console, the pages for people, and the routes the domains declare."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from aurum.api import problems
from aurum.api.moved import moved_patterns
from aurum.api.routes import url_patterns
from aurum.domains import all_routes, moved_streams
from aurum.portal import guides, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.index, name="index"),
    path("favicon.ico", pages.icon, name="icon"),
    path("problems", pages.problem_index, name="problem-index"),
    path("problems/<slug:slug>", pages.problem_page, name="problem-page"),
    path("deprecations/v1", pages.v1_deprecation, name="v1-deprecation"),
    path("docs", guides.guide, name="docs"),
    path("docs/reference", guides.reference, name="reference"),
    path("docs/reference/<slug:version>", guides.reference, name="reference-of"),
    path("docs/<slug:name>", guides.guide, name="guide"),
    path("openapi/<slug:version>.json", guides.document, name="openapi"),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    # Before the routes, one of which may take such a path.
    *moved_patterns(moved_streams()),
    *url_patterns(all_routes()),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.page_not_found
handler500 = problems.server_error
