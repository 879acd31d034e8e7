"""Pages for people: the error catalogue; and what pages of data load."""

import os
from functools import cache
from importlib.metadata import version

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from aurum.api.pages.drawing import DRAWER, SCRIPT
from aurum.api.problems import read_only
from aurum.api.representation import Representation, deliver, represent
from aurum.errors import catalogue
from aurum.portal.markdown import render_inline

DAY = 86_400
ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    b'<path d="M2 13 8 2l6 11z" fill="#b8860b"/></svg>'
)


@read_only
def icon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for beside every page, the console's and the API's too."""
    return HttpResponse(ICON, "image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


@read_only
def plots_script(request: HttpRequest) -> HttpResponse:
    """What a browser needs to draw plots itself: a megabyte, for pages on which someone asks."""
    return deliver(request, _plots_script(), private=False)


@cache
def _plots_script() -> Representation:
    """Made of the plotting library's own files, which takes seconds, and kept beside the data."""
    kept = settings.AURUM_HOME / f"plots-{version('vl-convert-python')}.js"
    if not kept.exists():
        aside = kept.with_suffix(f".{os.getpid()}")
        aside.write_bytes(DRAWER.drawn({}, SCRIPT))
        aside.replace(kept)
    return represent(kept.read_bytes(), content_type="text/javascript", max_age=DAY)


@read_only
def problem_index(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/problems.html", {"entries": catalogue().values()})


@read_only
def problem_page(request: HttpRequest, slug: str) -> HttpResponse:
    entry = catalogue().get(slug)
    if entry is None:
        raise Http404
    words = {"meaning": render_inline(entry.meaning), "remedy": render_inline(entry.remedy)}
    return render(request, "pages/problem.html", {"entry": entry, **words})
