"""What a reader sees: of each table the newest load that was published when the snapshot was taken.

A reader at watermark `w` sees rows with `load_id <= w < superseded_by`, so that pages, cursors and
cache keys of one snapshot agree however many loads are published meanwhile.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from aurum.database import READS
from aurum.errors import BadQuery, NotReady
from aurum.polling import Polled

SETTLED = timedelta(seconds=10)
"""A moment older than this is the past: no load can still be published into it."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """A table's newest published load, and the newest one old enough to expire cursors.

    A cursor issued under load `w` has expired when `w < horizon`: the load after it was published
    longer ago than cursors live.
    """

    load: int
    horizon: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a reader goes by: a load for each table, and when the newest of them was published."""

    loads: Mapping[str, int]
    at: datetime | None

    @property
    def parameters(self) -> dict[str, int]:
        """What the texts' `@snapshot` is bound to."""
        return {f"w_{table}": load for table, load in self.loads.items()}

    @property
    def is_empty(self) -> bool:
        """Whether some table has no published load yet."""
        return not all(self.loads.values())


WATERMARKS: Polled[Mapping[str, Watermark]] = Polled("watermarks", {})


def current_snapshot(tables: Sequence[str]) -> Snapshot:
    """The newest published load of each table, 0 for a table that has none.

    NotReady before they were read: what is not known is not nothing.
    """
    if WATERMARKS.read_at == -math.inf:
        raise NotReady
    marks = {name: WATERMARKS.value.get(name) for name in tables}
    return Snapshot(
        {name: mark.load if mark else 0 for name, mark in marks.items()},
        max((mark.published_at for mark in marks.values() if mark), default=None),
    )


class HistoryPruned(Exception):
    """What was known then is not kept any more, but from `since` on it is."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        super().__init__(since.isoformat())


async def snapshot_at(
    instant: datetime | None, tables: Sequence[str], *, field: str = "known_at"
) -> Snapshot:
    """What was known at an instant, asked of the log of loads; now if None.

    BadQuery, which names the parameter `field`, where that is not kept any more.
    """
    if instant is None:
        return current_snapshot(tables)
    if _known_at is None:
        raise RuntimeError("no log of loads is registered: is 'ops' in INSTALLED_APPS?")
    try:
        return await READS.ask(partial(_known_at, tables, instant))
    except HistoryPruned as pruned:
        since = pruned.since.isoformat().replace("+00:00", "Z")
        message = f"What was known then is not kept any more: ask for {since} or later."
        raise BadQuery.field(
            field, message, code="min_value", value=instant.isoformat(), constraint=f">= {since}"
        ) from pruned


async def void_loads(snapshot: Snapshot, table: str) -> tuple[int, ...]:
    """The loads of a table that said nothing any more at the snapshot, asked of the log of loads:
    retracted ones, and those that retracted one and so only repeated others."""
    if _void is None:
        raise RuntimeError("no log of loads is registered: is 'ops' in INSTALLED_APPS?")
    return tuple(await READS.ask(partial(_void, [table], snapshot.loads[table])))


Void = Callable[[Sequence[str], int | None], Sequence[int]]

_void: Void | None = None


def register_void(void: Void) -> None:
    """`void` answers from the log of loads, in a thread."""
    global _void
    _void = void


KnownAt = Callable[[Sequence[str], datetime], Snapshot]

_known_at: KnownAt | None = None


def register_known_at(known_at: KnownAt) -> None:
    """`known_at` answers from the log of loads, in a thread: what was published by an instant."""
    global _known_at
    _known_at = known_at
