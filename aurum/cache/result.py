"""What a look-up brings back, and what is counted of it."""

from typing import Generic, Literal, NamedTuple, TypeVar

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
