"""An answer ready to send: its bytes plain and compressed, its tags, its headers.

Made once, each part at the first request that wants it, and kept by the cache. The view and the
gateway send it through the same function, so that both give the same bytes.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import xxhash
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from aurum.api.accept import LONGEST, accepts_gzip, preferred
from aurum.errors import NotAcceptable

VARY = "Accept, Accept-Encoding, Authorization, Cookie, X-API-Key"
_OPAQUE = re.compile(r'(?:W/)?("[^"]*")')
FOR_EVER = 31_536_000
"""Seconds for which an answer that can never change is kept: a year, as caches understand it."""

Headers = tuple[tuple[str, str], ...]
RawHeaders = tuple[tuple[bytes, bytes], ...]


class Head(NamedTuple):
    """The headers of an answer as it goes out, as text and as ASGI wants them."""

    text: Headers
    raw: RawHeaders


@dataclass(slots=True)
class Representation:
    """`zips` says whether it is large enough to be worth compressing; `empty` that nothing was
    found; `max_age` for how many seconds it may be kept outside."""

    headers: Headers
    plain: bytes
    zips: bool
    opaque: str
    weak: bool
    max_age: int
    empty: bool = False
    _zipped: bytes | None = None
    _heads: dict[tuple[bool, bool, bool], Head] = field(default_factory=dict)

    @property
    def zipped(self) -> bytes:
        """Compressed when the first caller wants it so, and kept."""
        if self._zipped is None:
            self._zipped = gzip.compress(self.plain, compresslevel=1, mtime=0)
        return self._zipped

    @property
    def size(self) -> int:
        """The bytes it may come to hold in memory, for the cache to count: the plain ones, half as
        many for the compressed ones, which are seldom more, and the headers as they go out: plain,
        compressed, and as 304."""
        heads = 4 * sum(len(name) + len(value) for name, value in self.headers)
        return len(self.plain) + len(self.plain) // 2 + heads

    def tag(self, *, coded: bool) -> str:
        """RFC 9110: another coding is another representation, and has another tag."""
        return f'"{self.opaque}-gzip"' if coded else f'"{self.opaque}"'

    def head(self, *, coded: bool, known: bool, private: bool) -> Head:
        """The headers of the answer, or of the 304 that says that the caller has it already."""
        key = (coded, known, private)
        if key not in self._heads:
            self._heads[key] = self._made_head(coded, known, private)
        return self._heads[key]

    def _made_head(self, coded: bool, known: bool, private: bool) -> Head:
        tag = self.tag(coded=coded)
        kept = cache_control(self.max_age, private=private)
        text = [*self.headers, ("Cache-Control", kept), ("ETag", f"W/{tag}" if self.weak else tag)]
        if known:
            # RFC 9110 §15.4.5: no headers that describe a body, as there is none.
            text = [pair for pair in text if not pair[0].startswith("Content-")]
        else:
            body = self.zipped if coded else self.plain
            text += [("Content-Encoding", "gzip")] if coded else []
            text.append(("Content-Length", str(len(body))))
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in text]
        return Head(tuple(text), tuple(raw))


class ConditionalResponse(NamedTuple):
    """What goes out for one request."""

    status: int
    head: Head
    body: bytes


def represent(
    body: bytes,
    *,
    content_type: str,
    max_age: int,
    headers: Mapping[str, str] | None = None,
    facts: bytes | None = None,
    empty: bool = False,
) -> Representation:
    """The tag is strong and made of the bytes. A body with parts that differ by request comes with
    `facts`, the same without them: then the tag is weak and made of `facts`."""
    least = settings.AURUM_API_GZIP_MIN_BYTES
    return Representation(
        (("Content-Type", content_type), *(headers or {}).items(), ("Vary", VARY)),
        body,
        0 < least <= len(body),
        xxhash.xxh3_128_hexdigest(body if facts is None else facts),
        facts is not None,
        max_age,
        empty,
    )


def conditional_response(
    answer: Representation,
    accept_encoding: str,
    if_none_match: str | None,
    *,
    private: bool,
    body: bool = True,
) -> ConditionalResponse:
    """The body in the coding the caller takes, or 304 where the caller has it already.

    `private` says that the answer needed a credential.
    """
    coded = answer.zips and accepts_gzip(accept_encoding)
    known = if_none_match is not None and matches(if_none_match, answer.tag(coded=coded))
    head = answer.head(coded=coded, known=known, private=private)
    if known:
        return ConditionalResponse(304, head, b"")
    content = (answer.zipped if coded else answer.plain) if body else b""
    return ConditionalResponse(200, head, content)


def matches(if_none_match: str, tag: str) -> bool:
    """Weak comparison of RFC 9110 §13.1.2: a list of tags, or `*`."""
    return if_none_match.strip() == "*" or tag in _OPAQUE.findall(if_none_match)


@lru_cache(maxsize=64)
def cache_control(max_age: int, *, private: bool) -> str:
    """For how long an answer may be kept, in seconds; 0 or less is never stored.

    What needed a credential is `private`: a cache that callers share would go on giving it when
    the credential has been revoked.
    """
    if max_age <= 0:
        return "no-store"
    whose = "private" if private else "public"
    if max_age >= FOR_EVER:
        return f"{whose}, max-age={FOR_EVER}, immutable"
    stale = min(max(max_age // 2, 1), 600)
    on_error = min(3 * max_age, 86_400)
    return f"{whose}, max-age={max_age}, stale-while-revalidate={stale}, stale-if-error={on_error}"


def negotiate(request: HttpRequest | Request, asked: str | None, formats: Mapping[str, str]) -> str:
    """The format to answer in: `format=` where it is given, else by `Accept`."""
    if asked is None:
        asked = accepted_format(request, formats)
        if len(request.headers.get("Accept", "")) > LONGEST:
            raise _none_of(formats, f"`Accept` is longer than {LONGEST:,} characters. ")
    if asked is None or asked not in formats:
        raise _none_of(formats)
    return asked


def accepted_format(request: HttpRequest | Request, formats: Mapping[str, str]) -> str | None:
    """The format that `Accept` leads to, if there is one."""
    return preferred(request.headers.get("Accept", ""), formats)


def _none_of(formats: Mapping[str, str], why: str = "") -> NotAcceptable:
    offered = ", ".join(f"{media_type} (format={name})" for name, media_type in formats.items())
    return NotAcceptable(f"{why}Available are {offered}.")


def deliver(
    request: HttpRequest | Request, answer: Representation, *, private: bool
) -> HttpResponse:
    """The answer for this request: in its coding, or as 304."""
    given = request.headers
    out = conditional_response(
        answer, given.get("Accept-Encoding", ""), given.get("If-None-Match"), private=private
    )
    response = HttpResponse(out.body, status=out.status, headers=dict(out.head.text))
    if out.status == 304:
        del response["Content-Type"]
    return response
