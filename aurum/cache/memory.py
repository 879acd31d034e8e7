"""Entries in this process's memory: bounded by bytes, the least recently used goes first."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from sys import getsizeof
from typing import Any

from aurum.cache.tags import TagVersions

EntryKey = tuple[str, Hashable]
"""A namespace, and the caller's own key in it."""

ENTRY_BYTES = 1_000
"""What an entry is taken to need besides its value and the text in its key: its tags, its place."""


@dataclass(slots=True, eq=False)
class Entry:
    """A value until the latest of its three moments.

    `size` is the bytes of the value; `cost` those of the whole entry.
    """

    key: EntryKey
    value: Any
    size: int
    versions: TagVersions
    expires_at: float
    stale_until: float
    error_until: float
    gone_at: float = field(init=False)
    cost: int = field(init=False)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"the size of {self.key!r} must not be negative")
        self.gone_at = max(self.expires_at, self.stale_until, self.error_until)
        self.cost = self.size + ENTRY_BYTES + _bytes_of(self.key[1])


def _bytes_of(key: Hashable) -> int:
    """The memory of the texts in a key, which callers choose the length of."""
    if isinstance(key, tuple):
        return sum(map(_bytes_of, key))
    return getsizeof(key) if isinstance(key, str) else 0


@dataclass(slots=True)
class Usage:
    """What a namespace takes, and how many of its entries had to make room."""

    entries: int = 0
    bytes: int = 0
    evictions: int = 0


class MemoryLayer:
    """Every operation takes constant time, except the copies `entries`, `usage` and `versions`.

    The event loop's thread reads and writes, other threads count and clear. One lock, held only
    for the steps on the dict and its sums, never while waiting or calling out, is enough: what is
    read of an entry outside it never changes. Uncontended it is a tenth of a look-up's cost.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[EntryKey, Entry] = OrderedDict()
        self._usage: dict[str, Usage] = {}
        self._versions = Counter[TagVersions]()
        self._bytes = 0

    def get(self, key: EntryKey, now: float) -> Entry | None:
        """The entry, which is now the most recently used; one that is past all use is dropped."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if now < entry.gone_at:
                self._entries.move_to_end(key)
                return entry
            self._remove(entry)
            return None

    def put(self, entry: Entry, now: float) -> bool:
        """Whether it is kept: not if it is past all use, or alone more than all may be.

        The key's last entry goes in any case.
        """
        with self._lock:
            last = self._entries.get(entry.key)
            if last is not None:
                self._remove(last)
            if entry.cost > self.max_bytes or now >= entry.gone_at:
                return False
            self._entries[entry.key] = entry
            self._count(entry, 1, entry.cost)
            while self._bytes > self.max_bytes:
                self._evict()
            return True

    def drop(self, entry: Entry) -> None:
        """Removes it unless another has taken its place."""
        with self._lock:
            if self._entries.get(entry.key) is entry:
                self._remove(entry)

    def entries(self) -> list[Entry]:
        """A copy, the least recently used first."""
        with self._lock:
            return list(self._entries.values())

    def usage(self) -> dict[str, Usage]:
        with self._lock:
            return {
                namespace: Usage(usage.entries, usage.bytes, usage.evictions)
                for namespace, usage in self._usage.items()
            }

    def versions(self) -> dict[TagVersions, int]:
        """How many entries have the same tags with the same stamps."""
        with self._lock:
            return dict(self._versions)

    def _evict(self) -> None:
        key = next(iter(self._entries))
        self._remove(self._entries[key])
        self._usage[key[0]].evictions += 1

    def _remove(self, entry: Entry) -> None:
        del self._entries[entry.key]
        self._count(entry, -1, -entry.cost)

    def _count(self, entry: Entry, entries: int, cost: int) -> None:
        usage = self._usage.setdefault(entry.key[0], Usage())
        usage.entries += entries
        usage.bytes += cost
        self._bytes += cost
        self._versions[entry.versions] += entries
        if not self._versions[entry.versions]:
            del self._versions[entry.versions]
