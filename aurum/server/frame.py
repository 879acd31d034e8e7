"""The frame of every request: its id, its size limit, its timings, its line in the access log."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import cache, lru_cache
from typing import cast

import structlog
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.utils.decorators import async_only_middleware, sync_and_async_middleware

from aurum.api.problems import problem_response
from aurum.errors import BadQuery, UriTooLong
from aurum.timings import TIMINGS

log = structlog.get_logger("aurum.access")
_level = logging.getLogger("aurum.access")

CLIENT_GONE = 499
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

Respond = Callable[[HttpRequest], HttpResponseBase]
RespondLater = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def request_frame(get_response: Respond | RespondLater) -> Respond | RespondLater:
    if not iscoroutinefunction(get_response):
        respond_now = cast(Respond, get_response)

        def framed(request: HttpRequest) -> HttpResponseBase:
            began = _enter(request)
            return _leave(request, _refused(request) or respond_now(request), began)

        return framed

    respond = cast(RespondLater, get_response)

    async def framed_later(request: HttpRequest) -> HttpResponseBase:
        began = _enter(request)
        try:
            response = _refused(request) or await respond(request)
        except asyncio.CancelledError:
            _log(request, CLIENT_GONE, began, 0)
            raise
        return _leave(request, response, began)

    return framed_later


def request_id_of(given: str) -> str:
    """The caller's own id where it can be one, else a new one."""
    return given if _ID.fullmatch(given) else secrets.token_hex(16)


def _enter(request: HttpRequest) -> float:
    request.request_id = request_id_of(request.META.get("HTTP_X_REQUEST_ID", ""))  # type: ignore[attr-defined]
    structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
    TIMINGS.set([])
    return time.perf_counter()


def _refused(request: HttpRequest) -> HttpResponseBase | None:
    """What is turned away before anything looks at it: a foreign host, a URL out of all measure."""
    given = request.META
    if not is_served(given.get("HTTP_HOST") or given["SERVER_NAME"]):
        return problem_response(BadQuery("This host name is not served here."), request)
    if is_too_long(request.path, given.get("QUERY_STRING", "")):
        limit = settings.AURUM_API_MAX_URL_BYTES
        return problem_response(UriTooLong(f"The URL is longer than {limit} bytes."), request)
    return None


def is_too_long(path: str, query: str) -> bool:
    """Of a path and query without the `?` between them, the path decoded."""
    return len(path) + len(query) >= settings.AURUM_API_MAX_URL_BYTES


def is_served(host: str) -> bool:
    """What `HttpRequest.get_host` decides anew for each request, from a few hosts in fact."""
    return _is_served(host, tuple(settings.ALLOWED_HOSTS))


@lru_cache(maxsize=256)
def _is_served(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


def _leave(request: HttpRequest, response: HttpResponseBase, began: float) -> HttpResponseBase:
    response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
    total = (time.perf_counter() - began) * 1000
    parts = [*(TIMINGS.get() or ()), ("total", total)]
    response["Server-Timing"] = ", ".join(f"{name};dur={took:.1f}" for name, took in parts)
    _log(request, response.status_code, began, 0 if response.streaming else len(response.content))  # type: ignore[attr-defined]
    return response


def _log(request: HttpRequest, status: int, began: float, size: int) -> None:
    access_line(
        method=request.method or "",
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        status=status,
        began=began,
        size=size,
        client=request.META.get("REMOTE_ADDR", ""),
        request_id=request.request_id,  # type: ignore[attr-defined]
        caller=getattr(request, "caller", None),
    )


def access_line(
    *,
    method: str,
    path: str,
    query: str,
    status: int,
    began: float,
    size: int,
    client: str,
    request_id: str,
    caller: str | None,
) -> None:
    """One line a request, whoever answered it."""
    if not _level.isEnabledFor(logging.INFO):
        return
    log.info(
        "http_request",
        method=method,
        path=path,
        query=query[:500],
        status=status,
        duration_ms=round((time.perf_counter() - began) * 1000, 1),
        response_bytes=size,
        client=client,
        request_id=request_id,
        caller=caller,
    )


@cache
def security_headers_of() -> tuple[tuple[str, str], ...]:
    """What Django's SecurityMiddleware and XFrameOptionsMiddleware add."""
    return (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
    )


@async_only_middleware
def security_headers(get_response: RespondLater) -> RespondLater:
    """Adds them without the threads that Django's own middleware takes."""
    missing = {name.lower(): (name, value) for name, value in security_headers_of()}

    async def secured(request: HttpRequest) -> HttpResponseBase:
        response = await get_response(request)
        # In one step: set one by one, each is checked again for every request.
        response.headers._store = {**missing, **response.headers._store}
        return response

    return secured
