"""The cache as the API uses it: under which key an answer is kept, and for whom.

The key holds all that an answer depends on: path, query, `Accept`, the tenant unless the policy
says that all see the same, and the watermark of every table that is read. A load moves a watermark
and so makes its old answers unreachable; nothing has to be purged for it.
"""

from collections.abc import Hashable, Sequence

from aurum.api.representation import Representation
from aurum.cache.policies import Policy
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
    accept: str,
) -> Hashable:
    marks = WATERMARKS.value
    known = tuple(marks[table.name].load if table.name in marks else 0 for table in tables)
    return path, query, accept, None if policy.shared else principal.tenant, known


def tags_of(policy: Policy, tables: Sequence[Table], principal: Principal) -> list[str]:
    """`table:<name>` of what was read, and `tenant:<name>` of what is one tenant's own."""
    tags = [f"table:{table.name}" for table in tables]
    return tags if policy.shared else [*tags, f"tenant:{principal.tenant}"]


def size_of(answer: Representation) -> int:
    return answer.size


def is_empty(answer: Representation) -> bool:
    return answer.empty
