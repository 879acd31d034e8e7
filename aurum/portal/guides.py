"""The documentation as pages: guides, the reference, and the documents behind it."""

from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from aurum.api.problems import read_only
from aurum.api.representation import Representation, deliver, represent
from aurum.openapi import VERSIONS, document_of
from aurum.portal import markdown

GUIDES = (
    *("index", "trader", "quant"),
    *("access", "grammar", "time", "cursors", "formats", "units", "errors", "caching"),
)
FOLDER = settings.BASE_DIR / "docs" / "portal"
MAX_AGE = 300

# A page of ours loads nothing from another host. Redoc makes its styles and a worker as it runs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class Guide(NamedTuple):
    path: str
    title: str
    body: SafeString


@cache
def guides() -> dict[str, Guide]:
    """Every guide by its name, in the order of reading."""
    found = {}
    for name in GUIDES:
        text = (FOLDER / f"{name}.md").read_text()
        title = text.partition("\n")[0].removeprefix("# ")
        path = "/docs" if name == "index" else f"/docs/{name}"
        found[name] = Guide(path, title, markdown.render(text, at="/docs"))
    return found


@read_only
def guide(request: HttpRequest, name: str = "index") -> HttpResponse:
    here = guides().get(name)
    if here is None:
        raise Http404
    return _page(request, "pages/guide.html", {"here": here, "guides": guides().values()})


@read_only
def reference(request: HttpRequest, version: str = "v2") -> HttpResponse:
    if version not in VERSIONS:
        raise Http404
    return _page(request, "pages/reference.html", {"version": version})


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, template, context)
    response["Content-Security-Policy"] = POLICY
    return response


@read_only
def document(request: HttpRequest, version: str) -> HttpResponse:
    """The OpenAPI document of a version, as `manage.py openapi` has written it."""
    if version not in VERSIONS:
        raise Http404
    return deliver(request, _document(version), private=False)


@cache
def _document(version: str) -> Representation:
    return represent(
        document_of(version).read_bytes(),
        content_type="application/json",
        max_age=MAX_AGE,
    )
