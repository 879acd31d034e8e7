"""Pages for people: the error catalogue."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from aurum.api.problems import read_only
from aurum.errors import catalogue
from aurum.portal.markdown import render_inline

ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    b'<path d="M2 13 8 2l6 11z" fill="#b8860b"/></svg>'
)


@read_only
def icon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for beside every page, the console's and the API's too."""
    return HttpResponse(ICON, "image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


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
