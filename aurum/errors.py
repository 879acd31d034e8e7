"""Everything that can go wrong on purpose, and the answer each becomes.

    Problem                      500  internal-error
    ├── BadQuery                 400  validation-error      one field or several
    │   ├── BadCursor            400  invalid-cursor
    │   └── KeyInAddress         400  key-in-address
    ├── Unauthorized             401  unauthorized
    ├── Forbidden                403  forbidden
    ├── NotFound                 404  not-found
    ├── MethodNotAllowed         405  method-not-allowed
    ├── NotAcceptable            406  not-acceptable
    ├── ContentTooLarge          413  content-too-large
    ├── UriTooLong               414  uri-too-long
    ├── HeadersTooLarge          431  headers-too-large
    ├── NotReady                 503  not-ready             nothing is known yet
    ├── StoreUnavailable         503  service-unavailable   gone or refusing
    │   ├── StoreBusy            503  service-unavailable   locked
    │   └── Overloaded           503  service-unavailable   too much at once
    └── DeadlineExceeded         504  request-timeout

    InvalidFile                       a file whose structure is wrong; never an HTTP answer

Raised where the thing happens, rendered in `aurum.api.problems` and nowhere else.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nsmallest
from typing import Any, Self

LONGEST_NEAR = 100
"""Characters of a word for which near ones are looked up."""
MOST_COMPARED = 1_000
_HASH = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one input field; `constraint` says what would be right."""

    field: str
    message: str
    code: str = "invalid"
    value: Any = None
    constraint: str | None = None


class Problem(Exception):
    status = 500
    slug = "internal-error"
    title = "Internal Error"
    detail = "Something failed on our side. Quote the request id when you report it."
    retry_after_seconds: int | None = None
    meaning = "Something failed that nobody foresaw. It has been logged with the request id."
    remedy = "Tell an operator the request id. Trying again seldom helps."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        self.detail = detail or self.detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        if self.retry_after_seconds is not None:
            self.headers.setdefault("Retry-After", str(self.retry_after_seconds))
        super().__init__(self.detail)


class BadQuery(Problem):
    status, slug, title = 400, "validation-error", "Validation Error"
    detail = "The query has a parameter that cannot be used."
    meaning = (
        "Part of the query cannot be used. `errors` names each field, what is wrong with it, "
        "the value as it was received and what would be right."
    )
    remedy = (
        "Correct the fields that `errors` names. Unknown parameters are refused rather than "
        "ignored, because a misspelt filter would answer another question."
    )

    @classmethod
    def field(cls, field: str, message: str, **more: Any) -> Self:
        return cls(message, errors=[FieldError(field, message, **more)])


class BadCursor(BadQuery):
    slug, title = "invalid-cursor", "Invalid Cursor"
    meaning = (
        "The cursor cannot be used for this query: it is not one of ours, it was altered, it "
        "belongs to other filters or another endpoint, or it is too old."
    )
    remedy = (
        "Use a cursor only with the very filters it came with, soon after it was issued. Start "
        "again without one otherwise."
    )


class KeyInAddress(BadQuery):
    slug, title = "key-in-address", "Key In Address"
    meaning = (
        "A parameter of the query holds an API key, by its name or by its value. Addresses are "
        "kept in logs and histories and passed on, so a key is never read from one."
    )
    remedy = (
        "Send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`, and have the one that "
        "stood in the address revoked: others may have seen it."
    )

    def __init__(self, parameter: str) -> None:
        header = "'Authorization: Bearer <key>' or 'X-API-Key: <key>'"
        message = f"A key does not belong into an address: send it in a header, as {header}."
        super().__init__(message, errors=[FieldError(parameter, message, "key_in_address")])


class Unauthorized(Problem):
    status, slug, title = 401, "unauthorized", "Unauthorized"
    detail = (
        "This needs an API key: send it as 'Authorization: Bearer <key>' or 'X-API-Key: <key>',"
        " or sign in at /sign-in."
    )
    meaning = "There is no API key in the request, or it is unknown, revoked or expired."
    remedy = (
        "Send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`; an operator issues "
        "keys in the console. Or sign in with an account, at `/sign-in`."
    )

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="aurum"'})


class Forbidden(Problem):
    status, slug, title = 403, "forbidden", "Forbidden"
    detail = "You are known, but this is not allowed to you."
    meaning = "You are known, but what your key or your session allows does not cover this."
    remedy = "Do what `detail` says, or ask an operator for a key with the scope that it names."


class NotFound(Problem):
    status, slug, title = 404, "not-found", "Not Found"
    detail = "There is nothing at this address."
    meaning = (
        "Nothing is at this path. A list that has nothing to show is not an error: it answers "
        "200 with no rows."
    )
    remedy = "Compare the path with the reference."


class MethodNotAllowed(Problem):
    status, slug, title = 405, "method-not-allowed", "Method Not Allowed"
    meaning = "The path exists but does not take this method."
    remedy = "Use one of the methods in the `Allow` header."

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        allow = ", ".join(allowed)
        super().__init__(
            f"{method} is not possible here; allowed are {allow}.", headers={"Allow": allow}
        )


class NotAcceptable(Problem):
    status, slug, title = 406, "not-acceptable", "Not Acceptable"
    meaning = "None of the formats in the `Accept` header is available here."
    remedy = "Ask for one of the formats that `detail` lists."


class ContentTooLarge(Problem):
    status, slug, title = 413, "content-too-large", "Content Too Large"
    meaning = "The request has a body where none is taken, or a longer one than this server reads."
    remedy = (
        "Send no body to read: filters belong into the query. Elsewhere send less; `detail` says "
        "how much is read."
    )


class UriTooLong(Problem):
    status, slug, title = 414, "uri-too-long", "URI Too Long"
    meaning = "The URL is longer than this server reads."
    remedy = "Ask with fewer or shorter parameters, in several requests if need be."


class NotReady(Problem):
    status, slug, title = 503, "not-ready", "Not Ready"
    detail = "This server does not know yet what it may show and to whom. Try again shortly."
    retry_after_seconds = 2
    meaning = (
        "The server has started but could not yet read which data may be seen and which keys are "
        "in force. It answers as soon as it has."
    )
    remedy = (
        "Try again after the seconds in `Retry-After`. If it lasts, tell an operator: the "
        "operations database does not answer."
    )


class HeadersTooLarge(Problem):
    status, slug, title = 431, "headers-too-large", "Request Header Fields Too Large"
    meaning = "The headers of the request are more, or longer, than this server reads."
    remedy = "Send fewer or shorter headers. In a browser, delete the cookies of this site."


class StoreUnavailable(Problem):
    status, slug, title = 503, "service-unavailable", "Service Unavailable"
    detail = "The data store does not answer. Try again shortly."
    retry_after_seconds = 5
    meaning = (
        "The store that holds the data does not answer or is locked by other work, or more is "
        "asked at once than can be answered."
    )
    remedy = (
        "Try again after the seconds in `Retry-After`. If it lasts, tell an operator the "
        "request id."
    )


class StoreBusy(StoreUnavailable):
    detail = "The data store is locked by other work. Try again shortly."
    retry_after_seconds = 1


class Overloaded(StoreUnavailable):
    detail = "More is asked at once than can be answered. Try again shortly."


class DeadlineExceeded(Problem):
    status, slug, title = 504, "request-timeout", "Request Timeout"
    detail = "The answer took longer than allowed. Ask for less: fewer rows or a narrower filter."
    retry_after_seconds = 10
    meaning = "The answer took longer than a request is allowed to take, and was given up."
    remedy = "Ask for less at a time: a narrower filter or fewer rows."


class InvalidFile(Exception):
    """A file that is not what its feed expects: nothing of it is loaded.

    `place` is where in the file, as a person would look for it ("line 7", "data[3].price").
    """

    def __init__(self, reason: str, place: str | None = None) -> None:
        self.reason, self.place = reason, place
        super().__init__(f"{place}: {reason}" if place else reason)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What a kind of problem means and what to do about it."""

    slug: str
    title: str
    statuses: tuple[int, ...]
    meaning: str
    remedy: str


def _kinds(kind: type[Problem] = Problem) -> list[type[Problem]]:
    return [kind, *(found for sub in kind.__subclasses__() for found in _kinds(sub))]


def catalogue() -> dict[str, CatalogueEntry]:
    """Every problem this server can answer, by slug, in order of status."""
    entries: dict[str, CatalogueEntry] = {}
    for kind in sorted(_kinds(), key=lambda kind: kind.status):
        known = entries.get(kind.slug)
        statuses = known.statuses if known else ()
        if kind.status not in statuses:
            entries[kind.slug] = CatalogueEntry(
                kind.slug, kind.title, (*statuses, kind.status), kind.meaning, kind.remedy
            )
    return entries


def near_words(given: str, allowed: Iterable[str]) -> list[str]:
    """Up to three allowed words that look like the given one, the nearest first.

    Hashes have no near ones, only those that begin so: nobody mistypes them, and to compare one
    with thousands takes seconds. Of many thousands of words those are compared that have the most
    letters in common, which takes a tenth of a second.
    """
    if len(given) > LONGEST_NEAR or _HASH.fullmatch(given):
        return []
    words = {word.lower(): word for word in allowed}
    # A word much longer or shorter than the given one is not near it: difflib's least ratio is 0.6.
    least, most = 3 * len(given) / 7, 7 * len(given) / 3
    alike = [w for w in words if least <= len(w) <= most and not _HASH.fullmatch(w)]
    if len(alike) > MOST_COMPARED:
        letters = {*given.lower()}
        alike = nsmallest(MOST_COMPARED, alike, key=lambda word: len(letters ^ {*word}))
    found = get_close_matches(given.lower(), alike, n=3)
    begun = sorted(w for w in words if len(given) > 3 and w.startswith(given.lower()))[:3]
    return [words[word] for word in dict.fromkeys((*found, *begun))][:3]


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """` (did you mean 'iso'?)`, or nothing where no allowed word is near."""
    near = near_words(given, allowed)
    return f" (did you mean '{near[0]}'?)" if near else ""
