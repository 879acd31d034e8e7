"""The log of loads: which loads there were and which of them readers may see.

It lives in the ops database on every profile. `ops` registers its implementation at start-up, so
that nothing here imports a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol

from aurum.loads.feeds import RejectedRow
from aurum.snapshot import WATERMARKS, Snapshot, Watermark, register_known_at, register_void
from aurum.stores.paging import PageRequest
from aurum.stores.tables import Row


class LoadRefused(Exception):
    """A load that must not go on, whatever its file says; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class LoadEntry:
    """What the log says of one load."""

    feed: str
    file: str
    state: str
    demo: bool
    tables: tuple[str, ...]
    removed_by: int | None
    retracts: int | None


@dataclass(slots=True)
class Counts:
    """What a load did to its feed's main table, in rows."""

    new: int = 0
    revised: int = 0
    closed: int = 0
    same: int = 0
    older: int = 0
    """Rows of the file of which a newer issue was there: they changed nothing."""
    quarantined: int = 0
    flagged: int = 0
    """Rows kept although they fail a check that their publisher does not guarantee."""

    @property
    def read(self) -> int:
        """The rows of the file: what became of each of them."""
        return self.new + self.revised + self.same + self.older + self.quarantined


LISTED = (
    *("load_id", "feed", "file", "sha256", "state", "ended_at", "demo"),
    *(field.name for field in fields(Counts)),
    *("retracts", "removed_by"),
)
"""What readers may know of a load."""


class LoadLog(Protocol):
    def begin(
        self,
        *,
        feed: str,
        file: str,
        sha256: str,
        tables: Sequence[str],
        demo: bool = False,
        retracts: int | None = None,
    ) -> int:
        """A new load's id, greater than any before; only while the tables' lock is held.

        LoadRefused where the clock is so wrong that the load could not be published.
        """

    def clock_warnings(self) -> Sequence[str]:
        """What is to be said of this machine's clock beside that of the log's database."""

    def knows(self, load: int, table: str) -> bool:
        """Whether this load began on this table."""

    def published(self, tables: Sequence[str]) -> Sequence[int]:
        """All published loads that touched any of these tables, the oldest first."""

    def newest_published(self, table: str, by: datetime | None = None) -> int:
        """The newest load, or the newest of an instant; 0 where none is."""

    def entry(self, load: int) -> LoadEntry | None: ...

    def confirmed_since(self, load: int, table: str) -> Sequence[str]:
        """The other files that were loaded into a table later, by whatever feed, and had rows
        which said what was known, or less than was: the oldest first."""

    def void(self, tables: Sequence[str], until: int | None = None) -> Sequence[int]:
        """Loads of any of these tables that say nothing any more of what is: those that were taken
        out or retracted, and those that retracted one. With `until`, as that load has left it."""

    def unpublished(self, tables: Sequence[str]) -> Mapping[int, Sequence[str]]:
        """Loads that began on any of these tables and neither published nor ended, the oldest
        first, each with all the tables it began on."""

    def quarantine(self, load: int, rows: Sequence[RejectedRow], *, flagged: bool = False) -> None:
        """Keeps rows that were left out, or that were `flagged`, with the reason; in short steps,
        between which others write."""

    def publish(
        self,
        load: int,
        counts: Counts,
        *,
        changed: bool,
        warnings: Sequence[str] = (),
        removed: Sequence[int] = (),
    ) -> None:
        """One UPDATE makes the load visible; raises LookupError when it is no longer running.

        A load that changed nothing ends without moving any watermark. The loads `removed`, of demo
        data or retracted, say nothing any more. The instant is the database's; LoadRefused where
        that would be in the past or in the future.
        """

    def abandon(self, load: int, reason: str) -> None:
        """Ends a load of which nothing is left in any store."""

    def demo_loads(self, tables: Sequence[str]) -> Sequence[int]:
        """Published loads of demo data on any of these tables whose rows are still there."""

    def has_real_data(self, tables: Sequence[str]) -> bool:
        """Whether a load of anything but demo data was ever published on any of these tables."""

    def finished(self, feed: str, file: str) -> bool:
        """Whether a load of this feed and file name has ended well before."""

    def rename_table(self, old: str, new: str) -> None:
        """Loads of the table `old` are loads of `new` from now on; repeating it changes nothing."""

    def listed(
        self,
        names: Sequence[str],
        filters: Mapping[str, Any],
        request: PageRequest,
    ) -> list[Row]:
        """Loads that readers can have met, the newest first, or the oldest where the request reads
        backward: those that ended well, by `load_id`, `feed`, `sha256` and `state`, each one value
        or a choice. `names` are of LISTED; the request's position is a load's id."""

    def watermarks(self) -> Mapping[str, Watermark]:
        """Of every table that has a published load."""

    def known_at(self, tables: Sequence[str], instant: datetime) -> Snapshot:
        """What was published by then; asked of the database, for the poll may be behind.

        HistoryPruned where rows that stood then are not kept any more.
        """

    def pruned(self, tables: Sequence[str]) -> Mapping[str, int]:
        """Of tables that were pruned, the load until which replaced rows are gone."""

    def prune(self, table: str, load: int) -> None:
        """Notes, before they are deleted, that rows which this load or an earlier one has replaced
        are not there any more: what was known before it was published cannot be asked."""


_log: LoadLog | None = None


def register_load_log(log: LoadLog) -> None:
    global _log
    _log = log
    WATERMARKS.register(log.watermarks)
    register_known_at(log.known_at)
    register_void(log.void)


def load_log() -> LoadLog:
    if _log is None:
        raise RuntimeError("no log of loads is registered: is 'ops' in INSTALLED_APPS?")
    return _log
