"""What the loader needs of an engine. Writers are synchronous: only commands and tasks load.

Each method raises StoreUnavailable when the engine is gone.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from aurum.stores.tables import Row, Table

WAITING = "waiting_for_turn"
"""What an engine logs, with the table, when another load has its turn."""


class Writer(Protocol):
    dialect: str

    def lock(self, tables: Sequence[Table]) -> AbstractContextManager[None]:
        """Waits for these tables' turn and keeps it; it ends with the block or the process."""

    def holds_lock(self) -> bool:
        """Whether the turn is still ours: a lost connection loses it."""

    def prepare(self, tables: Sequence[Table]) -> None:
        """Makes the tables, their indexes and this writer's scratch tables where missing."""

    def stage(self, table: Table, rows: Iterable[Row]) -> None:
        """Puts rows, each led by its line number, into the table's scratch table."""

    def execute(self, sql: str, params: dict[str, Any]) -> int:
        """Runs one statement of the engine's dialect; how many rows it touched."""

    def fetch(self, sql: str, params: dict[str, Any]) -> list[Row]: ...

    def commit(self) -> None: ...

    def flush(self) -> None:
        """All that was committed is on disk when this returns."""

    def rollback(self) -> None: ...

    def close(self) -> None: ...
