"""The error catalogue: what each kind of problem means and what to do about it."""

from dataclasses import dataclass

from aurum.errors import Problem


@dataclass(frozen=True, slots=True)
class Entry:
    slug: str
    title: str
    statuses: tuple[int, ...]
    meaning: str
    remedy: str


_WORDS = {
    "validation-error": (
        "Part of the query cannot be used. `errors` names each field, what is wrong with it, the"
        " value as it was received and what would be right.",
        "Correct the fields that `errors` names. Unknown parameters are refused rather than"
        " ignored, because a misspelt filter would answer another question.",
    ),
    "invalid-cursor": (
        "The cursor cannot be used for this query: it is not one of ours, it was altered, it"
        " belongs to other filters or another endpoint, or it is too old.",
        "Use a cursor only with the very filters it came with, soon after it was issued. Start"
        " again without one otherwise.",
    ),
    "unauthorized": (
        "There is no API key in the request, or the key is unknown, revoked or expired.",
        "Send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`. An operator issues"
        " keys in the console.",
    ),
    "forbidden": (
        "The key is good, but its scopes do not cover what was asked.",
        "Ask an operator for a key with the scope that `detail` names.",
    ),
    "not-found": (
        "Nothing is at this path. A list that has nothing to show is not an error: it answers 200"
        " with no rows.",
        "Compare the path with the reference.",
    ),
    "method-not-allowed": (
        "The path exists but does not take this method.",
        "Use one of the methods in the `Allow` header.",
    ),
    "not-acceptable": (
        "None of the formats in the `Accept` header is available here.",
        "Ask for one of the formats that `detail` lists.",
    ),
    "uri-too-long": (
        "The URL is longer than this server reads.",
        "Ask with fewer or shorter parameters, in several requests if need be.",
    ),
    "service-unavailable": (
        "The store that holds the data does not answer or is locked by other work.",
        "Try again after the seconds in `Retry-After`. If it lasts, tell an operator the request"
        " id.",
    ),
    "request-timeout": (
        "The store took longer than a request is allowed to take, and the query was stopped.",
        "Ask for less at a time: a narrower filter or fewer rows.",
    ),
    "internal-error": (
        "Something failed that nobody foresaw. It has been logged with the request id.",
        "Tell an operator the request id. Trying again seldom helps.",
    ),
}


def _kinds(kind: type[Problem] = Problem) -> list[type[Problem]]:
    return [kind, *(found for sub in kind.__subclasses__() for found in _kinds(sub))]


def catalogue() -> dict[str, Entry]:
    """Every problem this server can answer, by slug, in order of status."""
    entries: dict[str, Entry] = {}
    for kind in sorted(_kinds(), key=lambda kind: kind.status):
        known = entries.get(kind.slug)
        statuses = known.statuses if known else ()
        if kind.status not in statuses:
            meaning, remedy = _WORDS[kind.slug]
            entries[kind.slug] = Entry(
                kind.slug, kind.title, (*statuses, kind.status), meaning, remedy
            )
    return entries
