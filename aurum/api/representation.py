"""An answer ready to send: its bytes plain and compressed, its tags, its headers.

Made once, each part at the first request that wants it, and kept by the cache. The view and the
gateway send it through the same function, so that both give the same bytes.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from aurum.errors import NotAcceptable

VARY = "Accept, Accept-Encoding, Authorization, X-API-Key"
_OPAQUE = re.compile(r'(?:W/)?("[^"]*")')
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?=,|$)")

ANY = "*/*"

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Representation:
    """`zips` says whether it is large enough to be worth compressing; `empty` that nothing was
    found."""

    headers: Headers
    plain: bytes
    zips: bool
    opaque: str
    weak: bool
    empty: bool = False
    _zipped: bytes | None = None

    @property
    def zipped(self) -> bytes:
        """Compressed when the first caller wants it so, and kept."""
        if self._zipped is None:
            self._zipped = gzip.compress(self.plain, compresslevel=1, mtime=0)
        return self._zipped

    @property
    def size(self) -> int:
        """The bytes it may come to hold in memory, for the cache to count: the plain ones, and half
        as many for the compressed ones, which are seldom more."""
        return len(self.plain) + len(self.plain) // 2

    def tag(self, *, coded: bool) -> str:
        """RFC 9110: another coding is another representation, and has another tag."""
        return f'"{self.opaque}-gzip"' if coded else f'"{self.opaque}"'


@dataclass(frozen=True, slots=True)
class ConditionalResponse:
    """What goes out for one request."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def represent(
    body: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str],
    facts: bytes | None = None,
    empty: bool = False,
) -> Representation:
    """The tag is strong and made of the bytes. A body with parts that differ by request comes with
    `facts`, the same without them: then the tag is weak and made of `facts`."""
    least = settings.AURUM_API_GZIP_MIN_BYTES
    return Representation(
        (("Content-Type", content_type), *headers.items(), ("Vary", VARY)),
        body,
        0 < least <= len(body),
        hashlib.sha256(body if facts is None else facts).hexdigest()[:32],
        facts is not None,
        empty,
    )


def conditional_response(
    answer: Representation, accept_encoding: str, if_none_match: str | None, *, head: bool = False
) -> ConditionalResponse:
    """The body in the coding the caller takes, or 304 where the caller has it already."""
    coded = answer.zips and accepts_gzip(accept_encoding)
    tag = answer.tag(coded=coded)
    headers = [*answer.headers, ("ETag", f"W/{tag}" if answer.weak else tag)]
    if if_none_match is not None and matches(if_none_match, tag):
        # RFC 9110 §15.4.5: no headers that describe a body, as there is none.
        return ConditionalResponse(
            304, [pair for pair in headers if not pair[0].startswith("Content-")], b""
        )
    body = answer.zipped if coded else answer.plain
    if coded:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    return ConditionalResponse(200, headers, b"" if head else body)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    return _GZIP.search(accept_encoding) is not None


def matches(if_none_match: str, tag: str) -> bool:
    """Weak comparison of RFC 9110 §13.1.2: a list of tags, or `*`."""
    return if_none_match.strip() == "*" or tag in _OPAQUE.findall(if_none_match)


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
    out = conditional_response(answer, given.get("Accept-Encoding", ""), given.get("If-None-Match"))
    response = HttpResponse(out.body, status=out.status, headers=dict(out.headers))
    if out.status == 304:
        del response["Content-Type"]
    return response
