"""What pages of other sites may read: the CORS protocol of the Fetch standard, for the API alone.

django-cors-headers is middleware of Django's, which neither the API's reads nor the frame's
refusals pass; Starlette's speaks for every path, the console's too. So the frame asks here.

An origin counts as it is listed in AURUM_CORS_ORIGINS, letter by letter, and may then send cookies
as well. `*` is everyone else, who may not. `null` is nobody's origin and cannot be listed.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from django.conf import settings
from django.core.handlers.asgi import get_script_prefix

SHARED: Final = ("/v1/", "/v2/", "/openapi/")
"""Where pages of other sites may read. Not in the console: its pages hold the tokens of forms."""
METHODS: Final = "GET, HEAD, OPTIONS"
"""The API has no others."""
REQUEST_HEADERS: Final = (
    "Accept, Authorization, Cache-Control, Content-Type, If-None-Match, X-API-Key, X-Request-Id"
)
EXPOSED: Final = (
    "Allow, Cache-Status, Content-Disposition, Deprecation, ETag, Link, Retry-After, Server-Timing,"
    " Sunset, Vary, WWW-Authenticate, X-Deprecation-Info, X-Has-More, X-Next-Cursor, X-Prev-Cursor,"
    " X-Reason, X-Request-Id, X-Total-Count"
)
KEPT_SECONDS: Final = 600
"""How long a browser need not ask again what is allowed."""

RawHeaders = tuple[tuple[bytes, bytes], ...]
_VARY: Final = (b"vary", b"Origin")


def shared_with(scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> RawHeaders:
    """The headers that tell a browser whether the page that asks may read the answer.

    Also of an answer that nobody may read this way: a cache may have it for another origin.
    """
    path = scope["path"].removeprefix(get_script_prefix(scope).rstrip("/"))
    if not path.startswith(SHARED):
        return ()
    origin, listed = headers.get("origin"), settings.AURUM_CORS_ORIGINS
    if origin is None:
        return (_VARY,)
    if origin in listed and origin != "*":
        allowed: RawHeaders = (
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
        )
    elif "*" in listed:
        allowed = ((b"access-control-allow-origin", b"*"),)
    else:
        return (_VARY,)
    if is_preflight(scope, headers):
        return (
            _VARY,
            *allowed,
            (b"access-control-allow-methods", METHODS.encode()),
            (b"access-control-allow-headers", REQUEST_HEADERS.encode()),
            (b"access-control-max-age", str(KEPT_SECONDS).encode()),
        )
    return (_VARY, *allowed, (b"access-control-expose-headers", EXPOSED.encode()))


def is_preflight(scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether a browser asks what it may ask: then it has no key to show, nor a cookie."""
    return (
        scope["method"] == "OPTIONS"
        and "origin" in headers
        and "access-control-request-method" in headers
    )
