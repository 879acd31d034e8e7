"""The frame of every request but those for static files: its id, the refusals that come before
everything else, its timings, its security headers, its line in the access log.

It is ASGI middleware around the gateway and Django, so that each of these is done once, whoever
answers. What it knows of a request is in the scope, for all who come after it:

    aurum.request_id  the caller's own id where it can be one, else a new one
    aurum.headers     the request's headers as text, by name in lower case

The gateway adds `aurum.caller` and, for what may be kept, `aurum.cache_key`.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.encoding import escape_uri_path, iri_to_uri

from aurum.api.problems import problem_document, problem_headers
from aurum.errors import (
    BadQuery,
    ContentTooLarge,
    HeadersTooLarge,
    KeyInAddress,
    Problem,
    UriTooLong,
)
from aurum.redaction import key_parameter
from aurum.server.cors import is_preflight, shared_with
from aurum.timings import TIMINGS

log = structlog.get_logger("aurum.access")
_level = logging.getLogger("aurum.access")

REQUEST_ID, HEADERS = "aurum.request_id", "aurum.headers"
FAILED, CLIENT_GONE = 500, 499
MOST_HEADERS = 100
LONGEST_HOST = 262
"""Characters: a host name has at most 253, and a port comes after it."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

Scope = MutableMapping[str, Any]
RawHeaders = Sequence[tuple[bytes, bytes]]


class Frame:
    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = scope[HEADERS] = _text_of(scope["headers"])
        given = headers.get("x-request-id", "")
        request_id = scope[REQUEST_ID] = given if _ID.fullmatch(given) else os.urandom(16).hex()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        TIMINGS.set({})
        shared = shared_with(scope, headers) if settings.AURUM_CORS_ORIGINS else ()
        answer = _Answer(send, request_id, shared)
        status = FAILED  # what the server makes of an exception that nobody has caught
        try:
            if problem := _refusal(scope, headers):
                await _refuse(problem, scope, answer)
            elif len(shared) > 1 and is_preflight(scope, headers):
                await answer.send({"type": "http.response.start", "status": 204, "headers": []})
                await answer.send({"type": "http.response.body", "body": b""})
            else:
                chunks = _Chunks(receive) if "transfer-encoding" in headers else None
                await self._app(scope, chunks.receive if chunks else receive, answer.send)
                if chunks and chunks.left < 0 and not answer.status:
                    raise _too_large()
            # Handlers return without a word, or in the middle of a stream, when the client leaves.
            status = answer.status if answer.complete else CLIENT_GONE
        except ContentTooLarge as problem:
            if answer.status:
                raise
            await _refuse(problem, scope, answer)
            status = answer.status
        except asyncio.CancelledError:
            status = CLIENT_GONE
            raise
        finally:
            _log(scope, status, answer)


class _Chunks:
    """A body of unknown length, as far as it may be long: then its client is said to have left, so
    that its reader gives up what it has."""

    __slots__ = ("_receive", "left")

    def __init__(self, receive: Any) -> None:
        self._receive, self.left = receive, settings.AURUM_API_MAX_REQUEST_BODY_BYTES

    async def receive(self) -> Any:
        message = await self._receive()
        self.left -= len(message.get("body", b""))
        return message if self.left >= 0 else {"type": "http.disconnect"}


class _Answer:
    """Passes the answer on with the frame's headers, and notes what the access line says of it."""

    __slots__ = ("_request_id", "_send", "_shared", "began", "complete", "size", "status")

    def __init__(self, send: Any, request_id: str, shared: RawHeaders) -> None:
        self._send, self._request_id, self._shared = send, request_id, shared
        self.began = time.perf_counter()
        self.status, self.size, self.complete = 0, 0, False

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._framed(message.get("headers", ()))
            await self._send(message)
        else:
            await self._send(message)
            self.size += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)

    def _framed(self, headers: RawHeaders) -> list[tuple[bytes, bytes]]:
        total = (time.perf_counter() - self.began) * 1000
        timings = f"total;dur={total:.1f}"
        if parts := TIMINGS.get():
            timings = ", ".join(
                [*(f"{name};dur={took:.1f}" for name, took in parts.items()), timings]
            )
        names = {name.lower() for name, _ in headers}
        return [
            *headers,
            *[pair for pair in security_headers() if pair[0] not in names],
            *self._shared,
            (b"x-request-id", self._request_id.encode()),
            (b"server-timing", timings.encode()),
        ]


def _text_of(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers as Django reads them: those given twice are one, joined by a comma."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) < len(raw):
        headers = {}
        for name, value in raw:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def _refusal(scope: Scope, headers: Mapping[str, str]) -> Problem | None:
    """What is turned away before anything looks at it: a key in the query, a foreign host, a body
    or URL beyond all measure, a query that is no text."""
    if (query := scope["query_string"]) and (name := key_parameter(query)) is not None:
        scope["query_string"] = b""  # nor is it to be in the log, or in what is said of the rest
        return KeyInAddress(name)
    if "host" not in headers and scope["http_version"] != "1.0":
        return BadQuery("A request needs a Host header.")
    host = headers.get("host") or (scope.get("server") or ("unknown",))[0]
    if len(host) > LONGEST_HOST or not _is_served(host, tuple(settings.ALLOWED_HOSTS)):
        return BadQuery("This host name is not served here.")
    if "content-length" in headers and not _is_taken(headers["content-length"]):
        return _too_large()
    limit = settings.AURUM_API_MAX_URL_BYTES
    if len(scope["path"]) + len(query) >= limit:
        return UriTooLong(f"The URL is longer than {limit} bytes.")
    sent = scope["headers"]
    if len(sent) > MOST_HEADERS or (
        sum(map(len, chain.from_iterable(sent))) > settings.AURUM_API_MAX_HEADER_BYTES
    ):
        return headers_too_large()
    try:
        query.decode()
    except UnicodeDecodeError:
        return BadQuery("The query is not UTF-8.")
    return None


def headers_too_large() -> HeadersTooLarge:
    """What is said where the names and values of all header lines are more than are read."""
    limit = settings.AURUM_API_MAX_HEADER_BYTES
    return HeadersTooLarge(f"The headers have more than {limit} bytes or {MOST_HEADERS} lines.")


def has_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_taken(length: str) -> bool:
    limit = settings.AURUM_API_MAX_REQUEST_BODY_BYTES
    return length.isdecimal() and len(length) <= 20 and int(length) <= limit


def _too_large() -> ContentTooLarge:
    limit = settings.AURUM_API_MAX_REQUEST_BODY_BYTES
    return ContentTooLarge(f"No body of more than {limit} bytes is read anywhere.")


@lru_cache(maxsize=256)
def _is_served(host: str, allowed: tuple[str, ...]) -> bool:
    """What `HttpRequest.get_host` decides anew for each request, from a few hosts in fact."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


async def _refuse(problem: Problem, scope: Scope, answer: _Answer) -> None:
    query = scope["query_string"].decode(errors="replace")
    instance = escape_uri_path(scope["path"]) + (f"?{iri_to_uri(query)}" if query else "")
    body = problem_document(problem, instance, scope[REQUEST_ID])
    headers = [
        (name.encode(), value.encode("latin-1"))
        for name, value in problem_headers(problem, body).items()
    ]
    if has_body(scope[HEADERS]):
        headers.append((b"connection", b"close"))  # or the rest of it would have to be read
    await answer.send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await answer.send({"type": "http.response.body", "body": body})


@cache
def security_headers() -> tuple[tuple[bytes, bytes], ...]:
    """What Django's SecurityMiddleware and XFrameOptionsMiddleware add."""
    return (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", settings.SECURE_REFERRER_POLICY.encode()),
        (b"cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY.encode()),
        (b"x-frame-options", settings.X_FRAME_OPTIONS.encode()),
    )


def _log(scope: Scope, status: int, answer: _Answer) -> None:
    """The request's only access line."""
    if not _level.isEnabledFor(logging.INFO):
        return
    client, caller = scope.get("client"), scope.get("aurum.caller")
    log.info(
        "http_request",
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode(errors="replace")[:500],
        status=status,
        duration_ms=round((time.perf_counter() - answer.began) * 1000, 1),
        response_bytes=0 if scope["method"] == "HEAD" else answer.size,
        client=client[0] if client else "",
        request_id=scope[REQUEST_ID],
        caller=getattr(caller, "subject", None),
    )
