"""The documentation as pages: articles, the reference, and the documents behind it."""

from collections.abc import Mapping
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import mark_safe

from aurum.api.problems import read_only
from aurum.api.representation import Representation, deliver, represent
from aurum.openapi import EXAMPLE_ORIGIN, VERSIONS, document_of
from aurum.portal.articles import Article, articles, body_of, navigation, text_of

MAX_AGE = 300

# A page of ours loads nothing from another host. Redoc makes its styles and a worker as it runs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)


@read_only
def guide(request: HttpRequest, name: str = "index") -> HttpResponse:
    here = _article(name)
    body = body_of(name).replace(EXAMPLE_ORIGIN, escape(origin_of(request)))
    context = {
        "here": here,
        "body": mark_safe(body),  # noqa: S308 - of our own files, and an escaped origin
        "navigation": navigation(),
        "current": "feeds" if here.group == "Feeds" else name,
    }
    return page(request, "pages/guide.html", context)


@read_only
def guide_text(request: HttpRequest, name: str) -> HttpResponse:
    """The same as the Markdown it is written in."""
    _article(name)
    text = text_of(name).replace(EXAMPLE_ORIGIN, origin_of(request))
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


def _article(name: str) -> Article:
    if name not in articles():
        raise Http404
    return articles()[name]


@read_only
def language_models(request: HttpRequest) -> HttpResponse:
    """`/llms.txt`: what there is to read, for programs that read."""
    context = {
        "origin": origin_of(request),
        "articles": articles().values(),
        "versions": reversed(VERSIONS),
    }
    return render(request, "pages/llms.txt", context, content_type="text/plain; charset=utf-8")


@read_only
def reference(request: HttpRequest, version: str = "v2") -> HttpResponse:
    if version not in VERSIONS:
        raise Http404
    return page(request, "pages/reference.html", {"version": version})


def page(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """A page of the documentation, under its policy."""
    response = render(request, template, {**context})
    response["Content-Security-Policy"] = POLICY
    return response


def origin_of(request: HttpRequest) -> str:
    """The server as its caller names it; the frame has checked the host."""
    return f"{request.scheme}://{request.get_host()}"


@read_only
def document(request: HttpRequest, version: str) -> HttpResponse:
    """The OpenAPI document of a version, as `manage.py openapi` has written it, with its samples
    for this server."""
    if version not in VERSIONS:
        raise Http404
    return deliver(request, _document(version, origin_of(request)), private=False)


@lru_cache(maxsize=8)
def _document(version: str, origin: str) -> Representation:
    kept = document_of(version).read_bytes()
    return represent(
        kept.replace(EXAMPLE_ORIGIN.encode(), origin.encode()),
        content_type="application/json",
        max_age=MAX_AGE,
    )
