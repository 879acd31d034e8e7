"""What a look-up brings back, and what is counted of it."""

import math
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

V = TypeVar("V")

Status = Literal["hit", "stale", "miss", "shared", "stale-error", "bypass"]


class Found(NamedTuple, Generic[V]):
    """`status` is how the value came about.

    hit          it was there
    stale        it was there and has expired; a load renews it
    miss         this caller's load brought it
    shared       a load that was already running brought it
    stale-error  it was there and has expired, and the load failed
    bypass       the policy keeps nothing

    `ttl` is the seconds until it expires, less than 0 once it has, 0 for what is not `stored`.
    """

    value: V
    status: Status
    ttl: float
    stored: bool


def cache_status(found: Found[Any]) -> str:
    """The `Cache-Status` of RFC 9211, where `hit` is only what was answered without a load."""
    ttl = math.floor(found.ttl)
    stored = "; stored" if found.stored else ""
    match found.status:
        case "hit":
            return f"aurum; hit; ttl={ttl}"
        case "stale":
            return f"aurum; hit; ttl={ttl}; detail=stale-while-revalidate"
        case "miss":
            return f"aurum; fwd=miss{stored}"
        case "shared":
            return f"aurum; fwd=miss{stored}; collapsed"
        case "stale-error":
            return f"aurum; fwd=stale; ttl={ttl}; detail=stale-if-error"
        case "bypass":
            return "aurum; fwd=bypass"


@dataclass(slots=True)
class Stats:
    """Of one namespace. Each question counts once, as hit, stale, miss, shared or bypass.

    `stale_errors` are those of misses and shared that got the expired value for an answer,
    `errors` are loads that failed, without those of a bypass, `negative` those of the stores that
    said there is nothing. `entries` and `bytes` are what is held: what has expired or was purged is
    in them until it is next asked for, or is the least recently used.
    """

    hits: int = 0
    stale: int = 0
    misses: int = 0
    shared: int = 0
    bypassed: int = 0
    stale_errors: int = 0
    errors: int = 0
    stores: int = 0
    negative: int = 0
    evictions: int = 0
    entries: int = 0
    bytes: int = 0
