"""What Aurum needs of an engine: a `Store` to read from and a `Writer` to load through.

A new engine implements both and joins the table of engines in `registry.py`. Neither protocol asks
for SQL, temporary tables or transactions: how a verb is carried out is the engine's own affair.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from aurum.errors import StoreUnavailable
from aurum.stores.drift import Difference
from aurum.stores.spans import KeySpan
from aurum.stores.sql import Select
from aurum.stores.tables import Row, Table
from aurum.stores.turns import ExportTurns

WAITING = "waiting_for_lock"
"""What an engine logs, with the table, when another load holds its lock."""


class Store(Protocol):
    """Reads. Every call ends within the store's deadline, or stops when its caller leaves.

    `exports` is where the pieces of exports take turns.
    """

    exports: ExportTurns

    async def open(self) -> None:
        """Makes ready without waiting for the engine: one that is down stops nothing."""

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        """All rows of the result: dates and instants as ISO 8601 text, truth values as bool.

        Raises DeadlineExceeded or StoreUnavailable, and OverflowError where whole numbers grow
        beyond 64 bits; SQLite makes a float of a product that does (`aurum.stores.sums.total`).
        """

    async def ping(self) -> None:
        """Returns once the engine has answered; StoreUnavailable if not within the deadline."""

    def stats(self) -> Mapping[str, int]:
        """Connections `open` and `idle`, and calls `waiting` for one, in this process now."""

    async def close(self) -> None: ...


class TableUnreadable(StoreUnavailable):
    """A table is missing or not open to us. The engine answers, so other tables can be read."""


class TableDiffers(Exception):
    """A real table is not as it is declared, so nothing may be loaded into it."""

    def __init__(self, table: str, differences: Sequence[Difference]) -> None:
        found = "; ".join(difference.text for difference in differences)
        super().__init__(
            f"table {table} is not as declared ({found}): run `manage.py stores migrate` first"
        )


class LockLost(Exception):
    """The lock of a load's tables ended before the load did, so it must not be published."""


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What became of the rows of one `merge`.

    `kept` counts those of `same` and `older` that were added for questions by vintage.
    `older` counts rows of which the table has a newer issue: they changed nothing.
    `contradictions` are the indexes of rows that repeat a key of the file and say something else
    than the first row that had it; they are counted nowhere else.
    """

    new: int = 0
    revised: int = 0
    same: int = 0
    older: int = 0
    contradictions: tuple[int, ...] = ()
    kept: int = 0

    @property
    def changed(self) -> int:
        return self.new + self.revised


@dataclass(frozen=True, slots=True)
class Retracted:
    """What became of the keys that a load had touched, when it was taken back.

    `new` and `revised` stand again as before the load, of which `new` were closed by it; `closed`
    have nothing to stand again; `left` are as later loads, or other needs, have them.
    """

    new: int = 0
    revised: int = 0
    closed: int = 0
    left: int = 0

    @property
    def changed(self) -> int:
        return self.new + self.revised + self.closed

    def __add__(self, other: "Retracted") -> "Retracted":
        return Retracted(
            self.new + other.new,
            self.revised + other.revised,
            self.closed + other.closed,
            self.left + other.left,
        )


class Writer(Protocol):
    """One load's way into the tables of one engine.

        lock -> prepare -> undo dead loads -> note_load -> begin
             -> merge, insert_if_new, commit, ... -> close_missing
             -> commit -> flush -> holds_lock

    Writers are synchronous: only commands and tasks load. Rows are tuples in the order of their
    table's columns. Every method raises StoreUnavailable when the engine is gone. A load's rows are
    invisible until the loader publishes it, so no verb needs to be atomic; each can be repeated.
    """

    def version(self) -> str:
        """The engine's product and version, asked of it."""

    def lock_place(self) -> str:
        """Where its locks are kept: two writers with one place share the lock of a table."""

    def lock(self, tables: Sequence[Table]) -> AbstractContextManager[None]:
        """Waits until no other load has these tables; held until the block or the process ends."""

    def holds_lock(self) -> bool:
        """Whether the lock is still held: a lost connection or a removed lock file loses it."""

    def differences(self, table: Table) -> Sequence[Difference] | None:
        """How the real table differs from its declaration; None while there is no such table."""

    def creation(self, tables: Sequence[Table]) -> Sequence[str]:
        """The statements that make those of the tables that are missing, and what the store notes
        its loads in."""

    def migrate(self, differences: Sequence[Difference]) -> None:
        """Applies the remedies of these differences, all of which must have one."""

    def prepare(self, tables: Sequence[Table]) -> None:
        """Makes tables that are missing; TableDiffers where one is not as declared."""

    def newest_loads(self, tables: Sequence[Table]) -> Mapping[str, int]:
        """Of each table the greatest load that ever began to write to it, 0 if none did."""

    def loads_in(self, table: Table) -> set[int]:
        """The loads that brought or replaced any row of the table, which is read as a whole."""

    def note_load(self, load: int, tables: Sequence[Table]) -> None:
        """Notes, durably, that a load begins to write to these tables."""

    def undo(self, load: int, tables: Iterable[str]) -> None:
        """Takes back whatever a load has written to these tables; repeating it changes nothing.

        Works in short steps, between which loads of other tables pass, each whole by itself.

        Whoever holds the lock of one table of a dead load may undo it in all of them: it held all
        their locks, and whoever loaded any of them since has undone it before.
        """

    def begin(
        self, load: int, main: Table, *, replaces: bool = False, void: Sequence[int] = ()
    ) -> None:
        """Starts a file. What follows is written under `load`; keys of `main` are remembered.

        `replaces` says that `close_missing` follows; `void` are the loads of tables with a vintage
        that say nothing any more.
        """

    def dry_run(self, dead: Mapping[int, Iterable[str]]) -> AbstractContextManager[None]:
        """Within the block, verbs count what they would do, and no table is different after it.

        Rows of the `dead` loads, each given with its tables, count as undone. An engine with
        transactions may write and roll back; one without reads only, and leaves those rows out.
        """

    def merge(self, table: Table, rows: Sequence[Row]) -> MergeResult:
        """Adds rows that are new, and supersedes current rows that differ from the one given.

        Of rows with one key the first of the file counts, unless a later one is a newer issue by
        the columns of the table's `version`. An older issue than the current row changes nothing.
        Of a table with a vintage all releases are kept (`aurum.stores.releases`); of rows of one
        file with one key and different vintages the second contradicts the first.
        """

    def insert_if_new(self, table: Table, rows: Sequence[Row]) -> int:
        """Adds those rows whose key has no current row, whatever that says; how many."""

    def close_loads(self, tables: Sequence[Table], loads: Sequence[int]) -> int:
        """Closes all current rows of these tables that earlier loads brought; how many."""

    def retract(
        self, table: Table, load: int, void: Sequence[int], rows_need: Table | None
    ) -> Retracted:
        """Brings the table to the state it would have had the published `load` never been.

        `void` are the loads that say nothing any more, `load` and the one at work among them. Rows
        that rows of the table `rows_need` need stay: a place, as long as it has a price. Works in
        short steps, between which loads of other tables pass.
        """

    def close_missing(
        self, scope: Sequence[str], keep: Sequence[Row], between: str | None = None
    ) -> int:
        """Closes current rows of the main table that the file has left out; how many.

        Only rows that agree with some row of the file in the columns `scope` (none: all rows), that
        lie between its first and last there in the key's column `between`, and none of the keys
        `keep`, whose rows were in the file but could not be read.
        """

    def counts(
        self, table: Table, column: str, lead: Any = None, since: int = 0
    ) -> Mapping[Any, int]:
        """How many rows there are, history included, of each value of a column.

        `lead` is the only value of the key's first column that counts, `since` as of `rows`.
        """

    def rows(self, table: Table, span: KeySpan, since: int = 0) -> Sequence[Row]:
        """All rows there, history included, in no order: the table's columns, the load, and what
        has replaced them; with `since` those that loads from that one on added or closed."""

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Adds rows as they are, each like one of `rows`."""

    def remove(self, table: Table, span: KeySpan) -> None:
        """Deletes all rows there, history included."""

    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        """Closes the rows of these keys that were current before the load, in its name."""

    def reopen(self, table: Table, since: int) -> None:
        """Deletes what loads from that one on have added, and revives what they have closed."""

    def replaced(self, table: Table, until: int) -> tuple[int, int]:
        """How many rows loads up to that one have replaced, and the greatest such load, or 0."""

    def prune(self, table: Table, until: int) -> None:
        """Deletes the rows that loads up to that one have replaced, in short steps."""

    def commit(self) -> None:
        """What was written so far outlives this process; lets loads of other tables pass."""

    def flush(self) -> None:
        """Returns once all that was committed would survive a loss of power."""

    def rollback(self) -> None:
        """Drops what was not committed, where the engine can."""

    def close(self) -> None: ...
