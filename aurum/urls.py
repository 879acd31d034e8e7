"""Every URL: the console and signing in, the pages for people, and the routes of the domains."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from aurum.api import problems
from aurum.api.moved import moved_patterns
from aurum.api.routes import url_patterns
from aurum.domains import all_routes, moved_streams
from aurum.portal import entrances, guides, pages, search

urlpatterns: list[URLPattern | URLResolver] = [
    path("", entrances.index, name="index"),
    path("favicon.ico", pages.icon, name="icon"),
    path("plots.js", pages.plots_script, name="plots-script"),
    path("problems", pages.problem_index, name="problem-index"),
    path("problems/<slug:slug>", pages.problem_page, name="problem-page"),
    path("deprecations/v1", entrances.version, {"name": "v1"}, name="v1-deprecation"),
    path("v1", entrances.version, {"name": "v1"}, name="v1"),
    path("v2", entrances.version, {"name": "v2"}, name="v2"),
    *(path(name, entrances.without_slash) for name in ("v1/", "v2/", "docs/", "openapi/")),
    path("docs", guides.guide, name="docs"),
    path("docs/reference", guides.reference, name="reference"),
    path("docs/reference/<slug:version>", guides.reference, name="reference-of"),
    path("docs/search", search.search, name="search"),
    path("docs/<path:name>.md", guides.guide_text, name="guide-text"),
    path("docs/<path:name>", guides.guide, name="guide"),
    path("llms.txt", guides.language_models, name="language-models"),
    path("openapi", entrances.openapi, name="openapi-index"),
    path("openapi/<slug:version>.json", guides.document, name="openapi"),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("", include("ops.urls")),
    # Before the routes, one of which may take such a path.
    *moved_patterns(moved_streams()),
    *url_patterns(all_routes()),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = entrances.not_found
handler500 = problems.server_error
