"""`Accept` and `Accept-Encoding` as RFC 9110 §12.5 reads them.

Django parses the parts, with their parameters and weights; but it takes a range of weight 0 for one
that is not there, while it forbids what it names.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from urllib.request import parse_http_list

from django.http.request import MediaType

LONGEST = 1_000
"""Characters of a header that are read; browsers send a fifth of it."""


def preferred(accept: str, formats: Mapping[str, str]) -> str | None:
    """The format that the caller likes best, of two alike the first; None where none will do."""
    if accept in ("", "*/*"):
        return next(iter(formats), None)
    ranges = _parts(accept)
    weights = {name: _weight(media_type, ranges) for name, media_type in formats.items()}
    best = max(weights, key=lambda name: weights[name], default=None)
    return best if best is not None and weights[best] > 0 else None


def _weight(media_type: str, ranges: Iterable[MediaType]) -> float:
    """The weight of the most specific range that the type is in; 0 is not acceptable."""
    offered = _offered(media_type)
    fits = [each for each in ranges if offered.match(each)]  # type: ignore[arg-type]
    return max(fits, key=lambda each: each.specificity).quality if fits else 0.0


@cache
def _offered(media_type: str) -> MediaType:
    """All text is UTF-8 here, so a caller may say so."""
    return MediaType(f"{media_type}; charset=utf-8")


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the caller takes gzip; a header beyond all measure is not read."""
    return len(accept_encoding) <= LONGEST and _accepts_gzip(accept_encoding)


@lru_cache(maxsize=256)
def _accepts_gzip(accept_encoding: str) -> bool:
    weights = {part.main_type: part.quality for part in _parts(accept_encoding)}
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _parts(header: str) -> list[MediaType]:
    """The parts of a list, in any case; none where the header is longer than what is read."""
    if len(header) > LONGEST:
        return []
    return [MediaType(part) for part in parse_http_list(header.lower())]
