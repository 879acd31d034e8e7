"""Every error as RFC 9457 `application/problem+json`, from wherever it was raised."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from msgspec import Meta as Doc

from aurum.api.accept import preferred
from aurum.database import problem_of
from aurum.errors import BadQuery, FieldError, Forbidden, MethodNotAllowed, NotFound, Problem
from aurum.redaction import redacted

CONTENT_TYPE = "application/problem+json"
KINDS = {"document": CONTENT_TYPE, "json": "application/json", "page": "text/html"}
PAGE_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Of pages about data: they load nothing from elsewhere, and run no script but ours."""
Page = Callable[..., HttpResponse]
DATE_TIME = {"format": "date-time"}
CONSOLE_UNAVAILABLE = (
    '<!doctype html><html lang="en"><title>Service Unavailable</title>'
    "<h1>Service Unavailable (503)</h1><p>{detail}</p></html>"
)


class ProblemField(msgspec.Struct, omit_defaults=True):
    """What is wrong with one parameter."""

    field: Annotated[str, Doc(description="Its name.")]
    message: Annotated[str, Doc(description="What is wrong, for a person.")]
    code: Annotated[str, Doc(description="What is wrong, for a program; it stays the same.")]
    value: Annotated[Any, Doc(description="The value as it was received.")] = None
    constraint: Annotated[str | None, Doc(description="What would be right.")] = None


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """The body of every error; nulls are left out."""

    type: Annotated[str, Doc(description="Which problem: the address of a page about it.")]
    title: Annotated[str, Doc(description="The name of the problem.")]
    status: Annotated[int, Doc(description="The status of the answer.")]
    detail: Annotated[str, Doc(description="What went wrong this time.")]
    instance: Annotated[str, Doc(description="The path and query that were asked.")]
    request_id: Annotated[str, Doc(description="What finds the request in the log.")]
    timestamp: Annotated[str, Doc(description="When, UTC.", extra_json_schema=DATE_TIME)]
    errors: Annotated[
        list[ProblemField] | None, Doc(description="Each parameter that cannot be used.")
    ] = None


def problem_document(problem: Problem, instance: str, request_id: str) -> bytes:
    """The body; nothing of the exception but its own words reaches the client.

    `instance` is the path and query, encoded as in a URL. A key that a caller has put there is
    blanked: a problem is what people copy into a ticket.
    """
    document = ProblemDocument(
        type=f"{settings.AURUM_PROBLEM_BASE}/problems/{problem.slug}",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        instance=instance[:2000],
        request_id=request_id,
        timestamp=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        errors=[_field(error) for error in problem.errors] or None,
    )
    return redacted(msgspec.json.encode(document).decode()).encode()


def problem_headers(problem: Problem, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": CONTENT_TYPE,
        "Cache-Control": "no-store",
        "Content-Length": str(len(body)),
        **problem.headers,
    }


def problem_response(problem: Problem, request: HttpRequest) -> HttpResponse:
    """The problem as a document, or as a page for who prefers one: a browser."""
    request_id = getattr(request, "request_id", "")  # of Django's test client there is none
    if _prefers_page(request):
        return _page(problem, request, request_id)
    body = problem_document(problem, request.get_full_path(), request_id)
    return HttpResponse(body, status=problem.status, headers=problem_headers(problem, body))


def _prefers_page(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "")
    return "text/html" in accept and preferred(accept, KINDS) == "page"


def _page(problem: Problem, request: HttpRequest, request_id: str) -> HttpResponse:
    context = {
        "problem": problem,
        "errors": [_field(error) for error in problem.errors],
        "path": request.path,
        "request_id": request_id,
    }
    text = redacted(render_to_string("pages/refusal.html", context))
    headers = problem_headers(problem, text.encode()) | {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": PAGE_POLICY,
        "Vary": "Accept",
    }
    return HttpResponse(text, status=problem.status, headers=headers)


def _field(error: FieldError) -> ProblemField:
    value = error.value
    if isinstance(value, str) and len(value) > 200:
        value = f"{value[:200]}…"
    return ProblemField(error.field, error.message, error.code, value, error.constraint)


def _is_console(request: HttpRequest) -> bool:
    """Whether people look at it who are to see a page."""
    return request.path.startswith("/admin/") or request.path in ("/sign-in", "/sign-out")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(BadQuery("The request is malformed."), request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_console(request):
        return defaults.permission_denied(request, exception)
    return problem_response(Forbidden(), request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_console(request):
        return defaults.page_not_found(request, exception)
    return problem_response(NotFound(f"There is nothing at {request.path[:200]}."), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to an exception nobody caught; to one of the ops database, 503."""
    if problem := problem_of(sys.exception()):
        if not _is_console(request):
            return problem_response(problem, request)
        page = CONSOLE_UNAVAILABLE.format(detail=problem.detail)
        return HttpResponse(page, status=problem.status, headers=problem.headers)
    if _is_console(request):
        return defaults.server_error(request)
    return problem_response(Problem(), request)


def read_only(page: Page) -> Page:
    """Django's `require_safe`, but its refusal is a problem as everywhere else."""

    @csrf_exempt  # or the refusal would be about a cookie
    @wraps(page)
    def answered(request: HttpRequest, **path: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return problem_response(
                MethodNotAllowed(request.method or "", ("GET", "HEAD")), request
            )
        return page(request, **path)

    return answered
