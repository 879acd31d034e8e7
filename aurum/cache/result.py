"""What a look-up brings back, and what is counted of it."""

import math
from typing import Any, Generic, Literal, NamedTuple, TypeVar

V = TypeVar("V")

Status = Literal["hit", "stale", "miss", "shared", "stale-error", "bypass"]


class CacheResult(NamedTuple, Generic[V]):
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


def cache_status(found: CacheResult[Any]) -> str:
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
