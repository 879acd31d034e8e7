"""The load book: which loads there were and which of them readers may see.

It lives in the ops database on every profile. `ops` registers its implementation at start-up, so
that nothing here imports a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from asgiref.sync import sync_to_async

from aurum.snapshots import Snapshot
from aurum.stores.feeds import Rejected
from aurum.stores.tables import Table


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load did to its feed's main table, in rows."""

    new: int = 0
    revised: int = 0
    closed: int = 0
    same: int = 0
    quarantined: int = 0
    flagged: int = 0
    """Rows kept although they fail a check that their publisher does not guarantee."""


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
class Known:
    """What a reader goes by: a load for each table, and when the newest of them was published."""

    loads: Mapping[str, int]
    at: datetime | None

    @property
    def nothing(self) -> bool:
        """Whether some table has no published load yet."""
        return not all(self.loads.values())


class LoadBook(Protocol):
    def begin(self, *, feed: str, file: str, sha256: str, tables: Sequence[str]) -> int:
        """A new load's id, greater than any before; only while the tables' turn is held."""

    def unpublished(self, tables: Sequence[str]) -> Mapping[int, Sequence[str]]:
        """Loads that began on any of these tables and neither published nor ended, the oldest
        first, each with all the tables it began on."""

    def quarantine(self, load: int, rows: Sequence[Rejected]) -> None:
        """Keeps rejected rows with the reason."""

    def publish(self, load: int, counts: Counts, *, changed: bool) -> None:
        """One UPDATE makes the load visible; raises LookupError when it is no longer running.

        A load that changed nothing ends without moving any watermark.
        """

    def abandon(self, load: int, reason: str) -> None:
        """Ends a load of which nothing is left in any store."""

    def finished(self, feed: str, file: str) -> bool:
        """Whether a load of this feed and file name has ended well before."""

    def watermarks(self) -> Mapping[str, Watermark]:
        """Of every table that has a published load."""

    def known_at(self, tables: Sequence[str], instant: datetime) -> Known:
        """What was published by then; asked of the database, for the poll may be behind."""


_book: LoadBook | None = None

WATERMARKS: Snapshot[Mapping[str, Watermark]] = Snapshot("watermarks", {})


def known_now(tables: Sequence[Table]) -> Known:
    """The newest published load of each table, 0 for a table that has none."""
    marks = {table.name: WATERMARKS.value.get(table.name) for table in tables}
    return Known(
        {name: mark.load if mark else 0 for name, mark in marks.items()},
        max((mark.published_at for mark in marks.values() if mark), default=None),
    )


async def known_by(instant: datetime | None, tables: Sequence[Table]) -> Known:
    """What was known at an instant, asked of the load book in a thread; now if None."""
    if instant is None:
        return known_now(tables)
    names = [table.name for table in tables]
    return await sync_to_async(load_book().known_at, thread_sensitive=False)(names, instant)


def register_book(book: LoadBook) -> None:
    global _book
    _book = book
    WATERMARKS.register(book.watermarks)


def load_book() -> LoadBook:
    if _book is None:
        raise RuntimeError("no load book is registered: is 'ops' in INSTALLED_APPS?")
    return _book
