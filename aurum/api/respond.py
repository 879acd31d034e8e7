"""Answering: conditional requests, cache headers, compression, JSON and CSV."""

import gzip
import hashlib
import re
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from aurum.errors import NotAcceptable

VARY = ("Accept", "Accept-Encoding", "Authorization", "X-API-Key")
_OPAQUE = re.compile(r'(?:W/)?("[^"]*")')
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?=,|$)")


def cache_control(max_age: int) -> str:
    """The freshness of public data, in seconds; 0 or less is never stored."""
    if max_age <= 0:
        return "no-store"
    stale = min(max(max_age // 2, 1), 600)
    on_error = min(3 * max_age, 86_400)
    return f"public, max-age={max_age}, stale-while-revalidate={stale}, stale-if-error={on_error}"


def negotiate(request: HttpRequest, asked: str | None, formats: Mapping[str, str]) -> str:
    """The format to answer in: `format=` where it is given, else by `Accept`."""
    if asked is not None:
        return asked
    preferred = request.get_preferred_type(list(formats.values()))
    for name, media_type in formats.items():
        if media_type == preferred:
            return name
    raise NotAcceptable(f"Available are {', '.join(formats.values())}.")


def respond_with_etag(
    request: HttpRequest,
    body: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str],
    facts: bytes | None = None,
) -> HttpResponse:
    """The body, or 304 where the caller has it already.

    The ETag is strong and made of the bytes, with the coding in its suffix. `facts` stands for a
    body that also carries what changes by the request: then the ETag is weak and made of `facts`.
    """
    coding = "gzip" if _compresses(request, body) else None
    digest = hashlib.sha256(body if facts is None else facts).hexdigest()[:32]
    opaque = f'"{digest}-{coding}"' if coding else f'"{digest}"'
    response = HttpResponse(content_type=content_type, headers=dict(headers))
    response["ETag"] = opaque if facts is None else f"W/{opaque}"
    patch_vary_headers(response, VARY)
    if _matches(request.headers.get("If-None-Match"), opaque):
        response.status_code = 304
        del response["Content-Type"]
        return response
    if coding:
        body = gzip.compress(body, compresslevel=1, mtime=0)
        response["Content-Encoding"] = coding
    response.content = body
    response["Content-Length"] = str(len(body))
    return response


def _compresses(request: HttpRequest, body: bytes) -> bool:
    least = settings.AURUM_API_GZIP_MIN_BYTES
    accepted = request.headers.get("Accept-Encoding", "")
    return 0 < least <= len(body) and _GZIP.search(accepted) is not None


def _matches(if_none_match: str | None, opaque: str) -> bool:
    """Weak comparison of RFC 9110 §13.1.2: a list of tags, or `*`."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or opaque in _OPAQUE.findall(if_none_match)
