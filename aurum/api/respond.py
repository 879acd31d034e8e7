"""Answering: the format asked for, cache headers, conditional requests."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from aurum.api.representation import Representation, represent, sent
from aurum.errors import NotAcceptable

ANY = "*/*"


def cache_control(max_age: int) -> str:
    """The freshness of public data, in seconds; 0 or less is never stored."""
    if max_age <= 0:
        return "no-store"
    stale = min(max(max_age // 2, 1), 600)
    on_error = min(3 * max_age, 86_400)
    return f"public, max-age={max_age}, stale-while-revalidate={stale}, stale-if-error={on_error}"


def negotiate(request: HttpRequest | Request, asked: str | None, formats: Mapping[str, str]) -> str:
    """The format to answer in: `format=` where it is given, else by `Accept`."""
    if asked is not None and asked in formats:
        return asked
    if asked is None:
        if request.headers.get("Accept", ANY) == ANY:
            return next(iter(formats))
        preferred = request.get_preferred_type(list(formats.values()))
        for name, media_type in formats.items():
            if media_type == preferred:
                return name
    raise NotAcceptable(f"Available are {', '.join(formats.values())}.")


def deliver(request: HttpRequest | Request, answer: Representation) -> HttpResponse:
    """The answer for this request: in its coding, or as 304."""
    given = request.headers
    out = sent(answer, given.get("Accept-Encoding", ""), given.get("If-None-Match"))
    response = HttpResponse(out.body, status=out.status, headers=dict(out.headers))
    if out.status == 304:
        del response["Content-Type"]
    return response


def respond_with_etag(
    request: HttpRequest,
    body: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str],
    facts: bytes | None = None,
) -> HttpResponse:
    """The body, or 304 where the caller has it already; see `represent` for `facts`."""
    answer = represent(body, content_type=content_type, headers=headers, facts=facts)
    return deliver(request, answer)
