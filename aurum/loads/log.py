"""The log of loads: which loads there were and which of them readers may see.

It lives in the ops database on every profile. `ops` registers its implementation at start-up, so
that nothing here imports a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aurum.loads.feeds import RejectedRow
from aurum.snapshot import WATERMARKS, Snapshot, Watermark, register_known_at


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


class LoadLog(Protocol):
    def begin(
        self, *, feed: str, file: str, sha256: str, tables: Sequence[str], demo: bool = False
    ) -> int:
        """A new load's id, greater than any before; only while the tables' lock is held."""

    def unpublished(self, tables: Sequence[str]) -> Mapping[int, Sequence[str]]:
        """Loads that began on any of these tables and neither published nor ended, the oldest
        first, each with all the tables it began on."""

    def quarantine(self, load: int, rows: Sequence[RejectedRow], *, flagged: bool = False) -> None:
        """Keeps rows that were left out, or that were `flagged`, with the reason."""

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

        A load that changed nothing ends without moving any watermark. Of the loads `removed`,
        which were of demo data, the load has taken out all rows.
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

    def watermarks(self) -> Mapping[str, Watermark]:
        """Of every table that has a published load."""

    def known_at(self, tables: Sequence[str], instant: datetime) -> Snapshot:
        """What was published by then; asked of the database, for the poll may be behind."""


_log: LoadLog | None = None


def register_load_log(log: LoadLog) -> None:
    global _log
    _log = log
    WATERMARKS.register(log.watermarks)
    register_known_at(log.known_at)


def load_log() -> LoadLog:
    if _log is None:
        raise RuntimeError("no log of loads is registered: is 'ops' in INSTALLED_APPS?")
    return _log
