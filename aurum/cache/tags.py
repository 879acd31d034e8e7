"""Which entries a purge has reached.

An entry keeps the stamps its tags had before its load began. A purge gives its tag another stamp,
so whatever was loaded, or only begun, before the purge no longer fits: no entry is looked for and
no load is waited for.

Called from several threads without a lock. A stamp is random, not counted up, so a purge is a
single assignment to a dict and reads nothing first; a reader that meets a purge half-way sees the
old stamp or the new one, and an old one only makes its entry useless.
"""

import secrets
from collections.abc import Iterable
from typing import NamedTuple


def namespace_tag(namespace: str) -> str:
    """The tag that every entry of a namespace carries without being told to."""
    return f"namespace:{namespace}"


class TagVersions(NamedTuple):
    """Tags with the stamps they had at a moment; None is a tag that was never purged."""

    tags: tuple[str, ...]
    stamps: tuple[bytes | None, ...]


class Tags:
    def __init__(self) -> None:
        # Grows by one for each different tag that is ever purged: people do that, not requests.
        self._stamps: dict[str, bytes] = {}

    def versions_of(self, tags: Iterable[str]) -> TagVersions:
        unique = tuple(dict.fromkeys(tags))
        return TagVersions(unique, tuple(map(self._stamps.get, unique)))

    def current(self, versions: TagVersions) -> bool:
        """Whether none of the tags was purged since."""
        return tuple(map(self._stamps.get, versions.tags)) == versions.stamps

    def purge(self, tag: str) -> None:
        self._stamps[tag] = secrets.token_bytes(8)
