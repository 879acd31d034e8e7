"""An answer ready to send: its bytes plain and compressed, its tags, its headers.

Made once, at the first request, and kept by the cache. The view and the front send it through the
same function, so that both give the same bytes.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

PUBLIC = "Accept, Accept-Encoding, Authorization, X-API-Key"
_OPAQUE = re.compile(r'(?:W/)?("[^"]*")')
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?=,|$)")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Representation:
    """`zipped` is None for what is too small to gain. `empty` says that nothing was found."""

    headers: Headers
    plain: bytes
    zipped: bytes | None
    opaque: str
    weak: bool
    empty: bool = False

    @property
    def size(self) -> int:
        """The bytes it keeps in memory."""
        return len(self.plain) + len(self.zipped or b"")

    def tag(self, *, coded: bool) -> str:
        """RFC 9110: another coding is another representation, and has another tag."""
        return f'"{self.opaque}-gzip"' if coded else f'"{self.opaque}"'


@dataclass(frozen=True, slots=True)
class Sent:
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
    """`facts` stands for a body that also carries what changes by the request: then the tag is
    weak and made of `facts`; else it is strong and made of the bytes."""
    least = settings.AURUM_API_GZIP_MIN_BYTES
    zipped = gzip.compress(body, compresslevel=1, mtime=0) if 0 < least <= len(body) else None
    return Representation(
        (("Content-Type", content_type), *headers.items(), ("Vary", PUBLIC)),
        body,
        zipped,
        hashlib.sha256(body if facts is None else facts).hexdigest()[:32],
        facts is not None,
        empty,
    )


def sent(
    answer: Representation, accept_encoding: str, if_none_match: str | None, *, head: bool = False
) -> Sent:
    """The body in the coding the caller takes, or 304 where the caller has it already."""
    coded = answer.zipped is not None and accepts_gzip(accept_encoding)
    tag = answer.tag(coded=coded)
    headers = [*answer.headers, ("ETag", f"W/{tag}" if answer.weak else tag)]
    if if_none_match is not None and matches(if_none_match, tag):
        # RFC 9110 §15.4.5: nothing that describes a body there is not.
        return Sent(304, [pair for pair in headers if not pair[0].startswith("Content-")], b"")
    body = answer.zipped if coded and answer.zipped is not None else answer.plain
    if coded:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    return Sent(200, headers, b"" if head else body)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    return _GZIP.search(accept_encoding) is not None


def matches(if_none_match: str, tag: str) -> bool:
    """Weak comparison of RFC 9110 §13.1.2: a list of tags, or `*`."""
    return if_none_match.strip() == "*" or tag in _OPAQUE.findall(if_none_match)
