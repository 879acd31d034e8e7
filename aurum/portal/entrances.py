"""Where one comes in: the roots of the API for people and for programs, and what is near a miss."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from aurum.api import problems
from aurum.api.accept import preferred
from aurum.api.problems import problem_response, read_only
from aurum.domains import all_routes, domains
from aurum.errors import NotFound, near_words
from aurum.openapi import VERSIONS
from aurum.portal.articles import articles

FORMATS = {"json": "application/json", "html": "text/html"}
DESCRIPTION = "Energy market data over a REST API, with its history."
PAGES = (
    *("/", "/docs", "/docs/reference", "/docs/search", "/llms.txt", "/openapi", "/problems"),
    *("/admin/", "/v1", "/v2"),
)


def _answer(
    request: HttpRequest, template: str, found: Mapping[str, Any], more: Mapping[str, Any]
) -> HttpResponse:
    """The same facts as a page for people or as JSON for programs."""
    if preferred(request.headers.get("Accept", ""), FORMATS) == "html":
        response = render(request, template, {**found, **more})
    else:
        response = HttpResponse(msgspec.json.encode(found), content_type="application/json")
    response["Vary"] = "Accept"
    return response


@read_only
def index(request: HttpRequest) -> HttpResponse:
    found = {
        "name": "Aurum",
        "description": DESCRIPTION,
        "links": {"api": "/v2", "openapi": "/openapi/v2.json", "docs": "/docs"},
        "examples": [
            {"what": what, "href": where} for domain in domains() for what, where in domain.look_at
        ],
    }
    return _answer(request, "pages/index.html", found, {})


@read_only
def version(request: HttpRequest, name: str) -> HttpResponse:
    """Every route of a version, with its example."""
    found = [
        {
            "path": f"/{route.path}".replace("<str:", "{").replace(">", "}"),
            "what": inspect.cleandoc(route.view.__doc__ or "").partition("\n")[0].removesuffix("."),
            "example": f"{route.example_path}?{route.example}".rstrip("?"),
            "successor": getattr(route.view, "successor", None),
        }
        for route in all_routes()
        if route.path.startswith(f"{name}/")
    ]
    body = {"version": name, "openapi": f"/openapi/{name}.json", "routes": found}
    return _answer(request, f"pages/{name}.html", body, _more(name))


def _more(name: str) -> dict[str, Any]:
    if name != "v1":
        return {}
    return {"since": settings.AURUM_V1_DEPRECATED_AT, "sunset": settings.AURUM_V1_SUNSET_AT}


@read_only
def openapi(request: HttpRequest) -> HttpResponse:
    """Where the documents are."""
    found = {"documents": {name: f"/openapi/{name}.json" for name in VERSIONS}}
    return _answer(request, "pages/openapi.html", found, {})


@read_only
def without_slash(request: HttpRequest) -> HttpResponse:
    """A page asked for with a slash behind it."""
    return HttpResponsePermanentRedirect(request.get_full_path().replace("/?", "?").rstrip("/"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with what is near; the console has its own."""
    if request.path.startswith("/admin/"):
        return problems.page_not_found(request, exception)
    paths = [f"/{route.path}" for route in all_routes() if "<" not in route.path]
    written = (article.path for article in articles().values())
    near = near_words(request.path[:200], [*paths, *PAGES, *written])
    offered = f" Near it are {', '.join(near)}." if near else ""
    problem = NotFound(f"There is nothing at {request.path[:200]}.{offered}")
    return problem_response(problem, request)
