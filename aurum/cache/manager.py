"""The cache as everyone calls it.

One event loop calls `get` and `peek`; any thread may `purge`, `clear` and read `tags` and `stats`.
What those share with the loop are the stamps of the tags and the layer of entries, each of which
is thread-safe alone (their modules say why), and counters that only the loop's thread adds to. No
two of them have to change together, because an entry is served only if its stamps are right at
that moment: no lock spans them.
"""

import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog

from aurum.cache.memory import Entry, EntryKey, MemoryLayer, Usage
from aurum.cache.policies import Policy
from aurum.cache.result import CacheResult
from aurum.cache.singleflight import InFlight, SingleFlight
from aurum.cache.stats import Stats
from aurum.cache.tags import Tags, TagVersions, namespace_tag

V = TypeVar("V")
log = structlog.get_logger("aurum.cache")

JITTER = 0.1
"""Entries that were stored together expire apart: up to this part sooner or later."""


@dataclass(frozen=True, slots=True)
class _Lookup(Generic[V]):
    policy: Policy
    key: EntryKey
    tags: Iterable[str]
    load: Callable[[], Awaitable[V]]
    size: Callable[[V], int]
    is_negative: Callable[[V], bool]


class CacheManager:
    """`failures` are what a load raises when its store is in trouble.

    Only these are answered with an expired value; any other exception says that something is
    wrong with the question or with the code, which an old answer would hide.
    """

    def __init__(
        self,
        memory: MemoryLayer,
        *,
        failures: tuple[type[Exception], ...],
        now: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._memory, self._failures = memory, failures
        self._now, self._jitter = now, jitter
        self._tags = Tags()
        self._single_flight = SingleFlight(self._failed)
        self._stats: dict[str, Stats] = {}

    async def get(
        self,
        policy: Policy,
        key: Hashable,
        tags: Iterable[str],
        load: Callable[[], Awaitable[V]],
        *,
        size: Callable[[V], int],
        is_negative: Callable[[V], bool],
    ) -> CacheResult[V]:
        """The value kept for the key, or what `load` brings.

        The key must hold all that the value depends on, and it alone decides the tags: they are
        read only when a load begins.
        """
        if not policy.ttl_seconds:
            self._stats_of(policy.namespace).bypassed += 1
            return CacheResult(await load(), "bypass", 0.0, False)
        lookup = _Lookup(policy, (policy.namespace, key), tags, load, size, is_negative)
        # Looked up once: what is decided from here to the first wait is about the same entry.
        now = self._now()
        entry = self._live(lookup.key, now)
        if entry is not None and now < entry.expires_at:
            return self._hit(policy.namespace, entry, now)
        if entry is not None and now < entry.stale_until:
            return self._stale(lookup, entry, now)
        return await self._wait(lookup, entry)

    def peek(self, namespace: str, key: Hashable) -> CacheResult[Any] | None:
        """The value kept for the key if it is fresh; only then is the look-up counted."""
        now = self._now()
        entry = self._live((namespace, key), now)
        if entry is None or now >= entry.expires_at:
            return None
        return self._hit(namespace, entry, now)

    def purge(self, tag: str) -> None:
        """From now on, nothing that carries the tag is served, nor what is being loaded now.

        It takes constant time; the memory of what it reached is given back later.
        """
        self._tags.purge(tag)

    def tags(self) -> dict[str, int]:
        """How many of the entries that are held carry each tag, without those a purge has reached.

        It takes a moment for each different set of tags, not for each entry.
        """
        found = Counter[str]()
        for versions, entries in self._memory.versions().items():
            if self._tags.current(versions):
                found.update(dict.fromkeys(versions.tags, entries))
        return dict(found)

    def clear(self, namespace: str) -> None:
        """Purges all entries of a namespace and gives their memory back."""
        self.purge(namespace_tag(namespace))
        for entry in self._memory.entries():
            if entry.key[0] == namespace:
                self._memory.drop(entry)

    def stats(self) -> dict[str, Stats]:
        """By namespace; a copy."""
        usage = self._memory.usage()
        # Copied in one step, as the loop may be adding a namespace.
        counted = self._stats.copy()
        return {name: _with_usage(stats, usage.get(name)) for name, stats in counted.items()}

    async def close(self) -> None:
        """Stops what is loading; the loop calls it before it ends."""
        await self._single_flight.close()

    def _live(self, key: EntryKey, now: float) -> Entry | None:
        """An entry that is of some use: fresh, or in one of its windows."""
        entry = self._memory.get(key, now)
        if entry is None or self._tags.current(entry.versions):
            return entry
        self._memory.drop(entry)
        return None

    def _running(self, key: EntryKey) -> InFlight[Any] | None:
        """A load that may be joined: one that began after the last purge of its tags."""
        in_flight = self._single_flight.find(key)
        return (
            in_flight if in_flight is not None and self._tags.current(in_flight.versions) else None
        )

    def _hit(self, namespace: str, entry: Entry, now: float) -> CacheResult[Any]:
        self._stats_of(namespace).hits += 1
        return CacheResult(entry.value, "hit", entry.expires_at - now, True)

    def _stale(self, lookup: _Lookup[V], entry: Entry, now: float) -> CacheResult[V]:
        """The expired value, while one load renews it."""
        if self._running(lookup.key) is None:
            self._start(lookup, background=True)
        self._stats_of(lookup.policy.namespace).stale += 1
        return CacheResult(entry.value, "stale", entry.expires_at - now, True)

    async def _wait(self, lookup: _Lookup[V], old: Entry | None) -> CacheResult[V]:
        """What a load brings; the old value where the store fails and it may still be served."""
        stats = self._stats_of(lookup.policy.namespace)
        in_flight = self._running(lookup.key)
        joined = in_flight is not None
        if in_flight is None:
            stats.misses += 1
            in_flight = self._start(lookup, background=False)
        else:
            stats.shared += 1
        try:
            found: CacheResult[V] = await self._single_flight.wait(in_flight)
        except self._failures:
            now = self._now()
            if old is None or now >= old.error_until or not self._tags.current(old.versions):
                raise
            stats.stale_errors += 1
            return CacheResult(old.value, "stale-error", old.expires_at - now, True)
        return found._replace(status="shared") if joined else found

    def _start(self, lookup: _Lookup[V], *, background: bool) -> InFlight[CacheResult[V]]:
        if isinstance(lookup.tags, str):
            raise TypeError(f"tags must be several, not the string {lookup.tags!r}")
        policy = lookup.policy
        tags = namespace_tag(policy.namespace), *lookup.tags
        # Before the load begins, so that a purge from here on reaches what it brings.
        versions = self._tags.versions_of(tags)
        load = self._load(lookup, versions)
        return self._single_flight.start(lookup.key, versions, load, background=background)

    async def _load(self, lookup: _Lookup[V], versions: TagVersions) -> CacheResult[V]:
        value = await lookup.load()
        if not self._tags.current(versions):
            return CacheResult(value, "miss", 0.0, False)
        negative = lookup.is_negative(value)
        now = self._now()
        entry = self._entry(lookup, versions, value, now, negative=negative)
        if not self._memory.put(entry, now):
            return CacheResult(value, "miss", 0.0, False)
        stats = self._stats_of(lookup.policy.namespace)
        stats.stores += 1
        stats.negative += negative
        return CacheResult(value, "miss", entry.expires_at - now, True)

    def _entry(
        self, lookup: _Lookup[V], versions: TagVersions, value: V, now: float, *, negative: bool
    ) -> Entry:
        policy = lookup.policy
        ttl = policy.negative_ttl_seconds if negative else policy.ttl_seconds
        expires_at = now + ttl * (1 - JITTER + 2 * JITTER * self._jitter())
        return Entry(
            lookup.key,
            value,
            lookup.size(value),
            versions,
            expires_at,
            expires_at if negative else expires_at + policy.stale_seconds,
            expires_at if negative else expires_at + policy.error_seconds,
        )

    def _failed(self, in_flight: InFlight[Any], error: BaseException) -> None:
        """Counts a failed load; logs it if nobody waits for it, who would be told."""
        namespace = in_flight.key[0]
        self._stats_of(namespace).errors += 1
        if in_flight.waiters:
            return
        if isinstance(error, self._failures):
            log.warning("cache_load_failed", namespace=namespace, error=repr(error))
        else:
            log.error("cache_load_failed", namespace=namespace, exc_info=error)

    def _stats_of(self, namespace: str) -> Stats:
        stats = self._stats.get(namespace)
        if stats is None:
            stats = self._stats[namespace] = Stats()
        return stats


def _with_usage(stats: Stats, usage: Usage | None) -> Stats:
    usage = usage or Usage()
    return replace(stats, entries=usage.entries, bytes=usage.bytes, evictions=usage.evictions)
