"""This process's cache."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from django.conf import settings

from aurum.cache.manager import CacheManager
from aurum.cache.memory import MemoryLayer
from aurum.cache.policies import Policy
from aurum.errors import DeadlineExceeded, StoreUnavailable
from aurum.snapshot import Snapshot

V = TypeVar("V")

CACHE = CacheManager(
    MemoryLayer(settings.AURUM_CACHE_MEMORY_BYTES), failures=(StoreUnavailable, DeadlineExceeded)
)


async def cached_per_snapshot(
    policy: Policy,
    snapshot: Snapshot,
    load: Callable[[], Awaitable[V]],
    *,
    size: int,
    is_negative: Callable[[V], bool],
) -> V:
    """A value that depends on the snapshot alone; it has about `size` bytes."""
    key = tuple(sorted(snapshot.loads.items()))
    tags = [f"table:{name}" for name in snapshot.loads]
    found = await CACHE.get(
        policy, key, tags, load, size=lambda value: size, is_negative=is_negative
    )
    return found.value
