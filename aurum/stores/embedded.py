"""Reading from the embedded engine: one SQLite file in WAL mode, many readers at a time.

A statement lets go of the interpreter at every row. Where the loop's thread and a reader's both
have work, each row costs a wait for the other: a page that takes one millisecond alone takes six.
So each select is first tried in the loop's thread, with a bound on its work that no page by a key
comes near. One that reaches the bound goes on in a thread, and so do its like for a while.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import structlog
from django.conf import settings

from aurum.errors import DeadlineExceeded, StoreBusy, StoreUnavailable
from aurum.stores.contract import TableUnreadable
from aurum.stores.sql import Select, compose
from aurum.stores.tables import BOOLEANS, Row
from aurum.stores.turns import ExportTurns, Turns
from aurum.timings import timed

log = structlog.get_logger("aurum.stores")

BUSY_SECONDS = 1.0
STEPS = 10_000
"""Of SQLite's machine between two looks at how much a select has done: 0.3 ms at the most."""
MOST_LOOKS = 10
"""So that no select holds the loop for longer than three milliseconds of work."""
SLOW_SECONDS = 1.0
"""What took so long within the bound waited for the disk. A busy machine alone does not."""
ELSEWHERE_SECONDS = 10.0
"""For how long selects of one text are then left to the threads."""

MOST_SLOW = 1024
MISSING = "no such table"
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

# No other column has the type INT, here or in Django's tables (see aurum/stores/ddl.py).
sqlite3.register_converter("INT", lambda digits: digits == b"1")


def _problem(error: sqlite3.Error) -> StoreUnavailable:
    if str(error).startswith(MISSING):
        return TableUnreadable()
    locked = getattr(error, "sqlite_errorcode", 0) & 0xFF in LOCKED
    return StoreBusy() if locked else StoreUnavailable()


class EmbeddedStore:
    """Reads. Each call has a connection and a thread to itself, and can be interrupted."""

    dialect = "sqlite"

    def __init__(
        self, path: Path, *, workers: int, acquire_seconds: float, deadline_seconds: float
    ) -> None:
        self._path, self._deadline = path, deadline_seconds
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="aurum-sqlite")
        self._turns = Turns(workers, acquire_seconds)
        self.exports = ExportTurns(acquire_seconds)
        self._idle: dict[bool, list[sqlite3.Connection]] = {False: [], True: []}
        self._here: dict[bool, sqlite3.Connection] = {}
        self._looks, self._slow = 0, dict[str, float]()
        self._file: tuple[int, int] | None = None
        self._busy = 0
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            settings.AURUM_HOME / "market.sqlite3",
            workers=settings.AURUM_STORE_WORKERS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
            deadline_seconds=settings.AURUM_STORE_DEADLINE_SECONDS,
        )

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        sql = compose(select, self.dialect)
        with timed("store"), translated_errors():
            self._look_at_the_file()
            rows = self._fetch_here(sql, params)
            return await self._fetch_in_thread(sql, params) if rows is None else rows

    def _fetch_here(self, sql: str, params: Mapping[str, Any]) -> list[Row] | None:
        """The rows, or None where that is too much for the loop's thread, or has to wait."""
        began = time.monotonic()
        # Beside a thread that reads, each row would wait for the interpreter, and with it the loop;
        # and an export whose pieces need no thread would never let go of it.
        if self._busy or self.exports.all_taken or began < self._slow.get(sql, 0.0):
            return None
        # Here a select is stopped by its work and not by the clock.
        if self._deadline < SLOW_SECONDS:
            return None
        truths = _may_have_truth_values(sql)
        if truths not in self._here:
            self._here[truths] = self._connect(truths=truths, wait_seconds=0.0)
            self._here[truths].set_progress_handler(self._look, STEPS)
        self._looks = 0
        try:
            rows: list[Row] | None = self._here[truths].execute(sql, params).fetchall()
        except sqlite3.OperationalError as error:
            code = error.sqlite_errorcode & 0xFF
            if code not in (sqlite3.SQLITE_INTERRUPT, *LOCKED):
                raise
            rows = None
        ended = time.monotonic()
        if rows is None or ended - began > SLOW_SECONDS:
            if len(self._slow) >= MOST_SLOW:
                self._slow.clear()
            self._slow[sql] = ended + ELSEWHERE_SECONDS
        return rows

    def _look(self) -> bool:
        """Whether the select in the loop's thread has done enough and is to be stopped."""
        self._looks += 1
        return self._looks > MOST_LOOKS

    async def _fetch_in_thread(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        truths = _may_have_truth_values(sql)
        try:
            async with asyncio.timeout(self._deadline):
                await self._turns.take()  # so one of the threads is free
                idle = self._idle[truths]
                connection = self._begin(idle, truths=truths)
                work = asyncio.get_running_loop().run_in_executor(
                    self._threads, _read, connection, sql, params
                )
                try:
                    return await asyncio.shield(work)
                finally:
                    self._end(work, connection, idle)
        except TimeoutError as error:
            raise DeadlineExceeded from error

    def _look_at_the_file(self) -> None:
        """Closes idle connections to a file that is no longer the one of that name: SQLite would
        go on reading it."""
        found = self._path.stat()
        if self._file != (found.st_dev, found.st_ino):
            self._close_idle()
            self._file = found.st_dev, found.st_ino

    def _close_idle(self) -> None:
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
        while self._here:
            self._here.popitem()[1].close()
        self._idle = {False: [], True: []}

    def _begin(self, idle: list[sqlite3.Connection], *, truths: bool) -> sqlite3.Connection:
        """A connection for the turn that was taken. Connecting reads nothing yet, so it needs no
        thread, in which a caller who goes away would leave a connection that nobody closes."""
        try:
            connection = idle.pop() if idle else self._connect(truths=truths)
        except BaseException:
            self._turns.give_back()
            raise
        self._busy += 1
        return connection

    def _end(
        self,
        work: asyncio.Future[list[Row]],
        connection: sqlite3.Connection,
        idle: list[sqlite3.Connection],
    ) -> None:
        """Gives connection and turn back: at once, or when a thread that is still reading for a
        caller who has gone has been stopped. The caller does not wait for that."""
        if work.done():
            self._give_back(connection, idle)
            return
        ending = asyncio.create_task(self._stop(work, connection, idle))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _stop(
        self,
        work: asyncio.Future[list[Row]],
        connection: sqlite3.Connection,
        idle: list[sqlite3.Connection],
    ) -> None:
        # An interrupt that comes before the statement began is lost, hence the repetition.
        while not work.done():
            connection.interrupt()
            await asyncio.wait([work], timeout=0.005)
        if not work.cancelled():
            work.exception()  # of interest to nobody any more, and asyncio would say so
        self._give_back(connection, idle)

    def _give_back(self, connection: sqlite3.Connection, idle: list[sqlite3.Connection]) -> None:
        self._busy -= 1
        if any(idle is kept for kept in self._idle.values()):
            idle.append(connection)
        else:  # the file was exchanged meanwhile
            connection.close()
        self._turns.give_back()

    def _connect(self, *, truths: bool, wait_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
        # Looking at the declared type of each column costs a query 3 µs to 10 %: only those that
        # may have a truth value pay for it, on connections of their own.
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=wait_seconds,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES if truths else 0,
        )

    async def ping(self) -> None:
        """By way of a thread, which is what is missing first."""
        try:
            with translated_errors():
                self._look_at_the_file()
                await self._fetch_in_thread("SELECT COUNT(*) FROM sqlite_schema", {})
        except DeadlineExceeded as error:
            raise StoreUnavailable from error

    def stats(self) -> Mapping[str, int]:
        idle = sum(map(len, self._idle.values())) + len(self._here)
        return {"open": idle + self._busy, "idle": idle, "waiting": self._turns.waiting}

    async def open(self) -> None:
        """Nothing to do before the first read: a fresh installation has no file yet."""

    async def close(self) -> None:
        await asyncio.gather(*self._ending)
        self._close_idle()
        self._threads.shutdown()


@lru_cache(maxsize=1024)
def _may_have_truth_values(sql: str) -> bool:
    return any(name in sql for name in BOOLEANS)


def _read(connection: sqlite3.Connection, sql: str, params: Mapping[str, Any]) -> list[Row]:
    return connection.execute(sql, params).fetchall()


@contextmanager
def translated_errors() -> Iterator[None]:
    """What the file or the disk cannot do is the store's failure; a wrong statement stays a bug.

    OverflowError where 64 bits cannot hold a sum.
    """
    try:
        yield
    except FileNotFoundError as error:
        log.warning("store_failed", engine="embedded", error=str(error))
        raise StoreUnavailable from error
    except sqlite3.DatabaseError as error:
        if error.args == ("integer overflow",):
            raise OverflowError from error
        # SQLITE_ERROR is a statement that cannot be right, as are the other kinds of error. But
        # tables are missing where a file is empty: what was never loaded is not asked for.
        wrong = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError) or (
            wrong and not str(error).startswith(MISSING)
        ):
            raise
        problem = _problem(error)
        log.warning("store_failed", engine="embedded", error=str(error))
        raise problem from error
