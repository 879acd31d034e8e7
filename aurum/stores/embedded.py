"""Reading from the embedded engine: one SQLite file in WAL mode, many readers at a time."""

import asyncio
import sqlite3
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterator,
    Mapping,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from aurum.errors import DeadlineExceeded, StoreBusy, StoreUnavailable
from aurum.stores.sql import Select, compose
from aurum.stores.tables import BOOLEANS, Row
from aurum.timings import timed

T = TypeVar("T")

BUSY_SECONDS = 1.0

# No other column has the type INT, here or in Django's tables (see aurum/stores/ddl.py).
sqlite3.register_converter("INT", lambda digits: digits == b"1")


def _problem(error: sqlite3.Error) -> StoreUnavailable:
    locked = getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )
    return StoreBusy() if locked else StoreUnavailable()


class EmbeddedStore:
    """Reads. Each call has a connection and a thread to itself, and can be interrupted."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, workers: int, deadline_seconds: float) -> None:
        self._path, self._deadline = path, deadline_seconds
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="aurum-sqlite")
        self._slots = asyncio.Semaphore(workers)
        self._idle: dict[bool, list[sqlite3.Connection]] = {False: [], True: []}
        self._busy = self._waiting = 0

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        sql = compose(select, self.dialect)
        with timed("store"), translated_errors():
            try:
                async with asyncio.timeout(self._deadline), self._connection(sql) as connection:
                    return await self._run(connection, _read, connection, sql, params)
            except TimeoutError as error:
                raise DeadlineExceeded from error

    async def stream(
        self, select: Select, params: Mapping[str, Any], *, rows_at_once: int = 1000
    ) -> AsyncGenerator[list[Row], None]:
        """The deadline is that of each piece."""
        sql = compose(select, self.dialect)
        with translated_errors():
            async with self._connection(sql) as connection:
                cursor = connection.cursor()
                try:
                    await self._in_time(connection, cursor.execute, sql, params)
                    while rows := await self._in_time(connection, cursor.fetchmany, rows_at_once):
                        yield rows
                finally:
                    cursor.close()

    async def _in_time(
        self, connection: sqlite3.Connection, call: Callable[..., T], *args: Any
    ) -> T:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._run(connection, call, *args)
        except TimeoutError as error:
            raise DeadlineExceeded from error

    @asynccontextmanager
    async def _connection(self, sql: str) -> AsyncIterator[sqlite3.Connection]:
        """One of the connections; a slot is free when this returns, so its thread is too."""
        # Looking at the declared type of each column costs a query 3 µs to 10 %: only those that
        # may have a truth value pay for it, on connections of their own.
        truths = _may_have_truth_values(sql)
        idle = self._idle[truths]
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            # Connecting reads nothing yet, so it needs no thread, in which a caller who goes away
            # would leave a connection that nobody closes.
            connection = idle.pop() if idle else self._connect(truths=truths)
            self._busy += 1
            try:
                yield connection
            finally:
                self._busy -= 1
                idle.append(connection)
        finally:
            self._slots.release()

    async def _run(self, connection: sqlite3.Connection, call: Callable[..., T], *args: Any) -> T:
        """Runs a call in a thread and does not leave before it has ended."""
        work = asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
        try:
            return await asyncio.shield(work)
        finally:
            # The thread may still be reading for a caller who has gone. An interrupt that comes
            # before the statement began is lost, hence the repetition.
            while not work.done():
                connection.interrupt()
                await asyncio.wait([work], timeout=0.005)
            if not work.cancelled():
                work.exception()  # of interest to nobody any more, and asyncio would say so

    def _connect(self, *, truths: bool) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES if truths else 0,
        )

    async def ping(self) -> None:
        try:
            # A connection that is open already would not notice that its file is gone.
            await asyncio.to_thread(self._path.stat)
            await self.fetch(Select("SELECT COUNT(*) AS tables FROM sqlite_schema"), {})
        except (OSError, DeadlineExceeded) as error:
            raise StoreUnavailable from error

    def stats(self) -> Mapping[str, int]:
        idle = sum(map(len, self._idle.values()))
        return {"open": idle + self._busy, "idle": idle, "waiting": self._waiting}

    async def open(self) -> None:
        """Nothing to do before the first read: a fresh installation has no file yet."""

    async def close(self) -> None:
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
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
    except sqlite3.DatabaseError as error:
        if error.args == ("integer overflow",):
            raise OverflowError from error
        # SQLITE_ERROR is a statement that cannot be right, as are the other kinds of error.
        if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError) or (
            getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        ):
            raise
        raise _problem(error) from error
