"""The cache as the API uses it: under which key an answer is kept, and for whom.

The key holds all that an answer depends on: path, query, the format that `Accept` leads to, the
tenant unless the policy says that all see the same, and the watermark of every table that is read.
A load moves a watermark and so makes its old answers unreachable; nothing has to be purged for it.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Any

from aurum import polling
from aurum.cache.policies import Policy
from aurum.cache.result import CacheResult
from aurum.identity import Principal
from aurum.snapshot import WATERMARKS
from aurum.stores.tables import Table

CACHE_KEY = "aurum.cache_key"
"""Where the gateway puts the key of a read into the scope, for the view to use the same."""


def key_of(
    policy: Policy,
    tables: Sequence[Table],
    principal: Principal,
    path: str,
    query: str,
    accepted: str | None,
) -> Hashable:
    """`accepted` is the format that `Accept` leads to, None where none is acceptable: the header
    itself has as many spellings as there are callers, and each would be an answer of its own."""
    marks = WATERMARKS.value
    known = tuple(marks[table.name].load if table.name in marks else 0 for table in tables)
    return path, query, accepted, None if policy.shared else principal.tenant, known


def tags_of(policy: Policy, tables: Sequence[Table], principal: Principal) -> list[str]:
    """`table:<name>` of what was read, and `tenant:<name>` of what is one tenant's own."""
    tags = [f"table:{table.name}" for table in tables]
    return tags if policy.shared else [*tags, f"tenant:{principal.tenant}"]


def cache_status(found: CacheResult[Any]) -> str:
    """The `Cache-Status` of RFC 9211, where `hit` is only what was answered without a load."""
    ttl = math.floor(found.ttl)
    stored = "; stored" if found.stored else ""
    match found.status:
        case "hit":
            return f"aurum; hit; ttl={ttl}{_detail()}"
        case "stale":
            return f"aurum; hit; ttl={ttl}{_detail('stale-while-revalidate')}"
        case "miss":
            return f"aurum; fwd=miss{stored}{_detail()}"
        case "shared":
            return f"aurum; fwd=miss{stored}; collapsed{_detail()}"
        case "stale-error":
            return f"aurum; fwd=stale; ttl={ttl}{_detail('stale-if-error')}"
        case "bypass":
            return f"aurum; fwd=bypass{_detail()}"


def _detail(word: str = "") -> str:
    """The word, and how old the state of the loads is that the answer was made from."""
    seconds = polling.age()
    if seconds > polling.STALE_SECONDS:
        return f'; detail="{word}{word and ", "}state of {seconds:.0f} s ago"'
    return f"; detail={word}" if word else ""


def uncached_status() -> str | None:
    """The `Cache-Status` of what is never kept: needed only to say how old its state is."""
    return f"aurum; fwd=bypass{_detail()}" if polling.age() > polling.STALE_SECONDS else None
