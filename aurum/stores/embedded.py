"""The embedded engine: one SQLite file in WAL mode, many readers and one writer at a time."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import structlog

from aurum.errors import DeadlineExceeded, StoreBusy, StoreUnavailable
from aurum.stores.contract import WAITING
from aurum.stores.drift import RealTable
from aurum.stores.sql import Select, compose
from aurum.stores.sql_writer import SqlWriter
from aurum.stores.tables import Row, Table
from aurum.timings import timed

T = TypeVar("T")
log = structlog.get_logger("aurum.stores")

BUSY_SECONDS = 1.0
WRITE_WAIT_SECONDS = 60.0
CACHE_KIB = 65_536
CHECKPOINT_PAGES = 16_000


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
        self._idle: list[sqlite3.Connection] = []
        self._busy = self._waiting = 0

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        sql = compose(select, self.dialect)
        with timed("store"), _told():
            try:
                async with asyncio.timeout(self._deadline), self._connection() as connection:
                    return await self._run(connection, _read, connection, sql, params)
            except TimeoutError as error:
                raise DeadlineExceeded from error

    async def stream(
        self, select: Select, params: Mapping[str, Any], *, rows_at_once: int = 1000
    ) -> AsyncGenerator[list[Row], None]:
        """The deadline is that of each piece."""
        sql = compose(select, self.dialect)
        with _told():
            async with self._connection() as connection:
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
    async def _connection(self) -> AsyncIterator[sqlite3.Connection]:
        """One of the connections; a slot is free when this returns, so its thread is too."""
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            # Connecting reads nothing yet, so it needs no thread, in which a caller who goes away
            # would leave a connection that nobody closes.
            connection = self._idle.pop() if self._idle else self._connect()
            self._busy += 1
            try:
                yield connection
            finally:
                self._busy -= 1
                self._idle.append(connection)
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

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    async def ping(self) -> None:
        try:
            # A connection that is open already would not notice that its file is gone.
            await asyncio.to_thread(self._path.stat)
            await self.fetch(Select("SELECT COUNT(*) AS tables FROM sqlite_schema"), {})
        except (OSError, DeadlineExceeded) as error:
            raise StoreUnavailable from error

    def stats(self) -> Mapping[str, int]:
        open_now = len(self._idle) + self._busy
        return {"open": open_now, "idle": len(self._idle), "waiting": self._waiting}

    async def open(self) -> None:
        """Nothing to do before the first read: a fresh installation has no file yet."""

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown()


def _read(connection: sqlite3.Connection, sql: str, params: Mapping[str, Any]) -> list[Row]:
    return connection.execute(sql, params).fetchall()


class EmbeddedWriter(SqlWriter):
    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._locks = path, path.parent / "locks"
        self._held: list[IO[str]] = []
        with _told():
            self._db = sqlite3.connect(path, timeout=WRITE_WAIT_SECONDS, isolation_level=None)
            try:
                self._configure()
            except sqlite3.Error:
                self._db.close()
                raise

    def _configure(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit on the way need not reach the disk; `flush` sees to all of them before the last.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        # A load touches pages all over its table: with the default of 2 MB they would spill.
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    @contextmanager
    def lock(self, tables: Sequence[Table]) -> Iterator[None]:
        """A file lock per table, taken in name order; the kernel drops it with the process."""
        self._locks.mkdir(exist_ok=True)
        with ExitStack() as stack:
            stack.callback(self._held.clear)
            for name in sorted(table.name for table in tables):
                lock = stack.enter_context((self._locks / name).open("w"))
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    log.warning(WAITING, table=name)
                    fcntl.flock(lock, fcntl.LOCK_EX)
                self._held.append(lock)
            yield

    def holds_lock(self) -> bool:
        return bool(self._held) and all(map(_is_in_place, self._held))

    def describe(self, name: str) -> RealTable | None:
        columns = self.query(f"PRAGMA table_info({name})", {})
        if not columns:
            return None
        key = sorted((place, column) for _, column, *_, place in columns if place)
        indexes = [
            tuple(column for _, _, column in self.query(f"PRAGMA index_info({index})", {}))
            for _, index, _, origin, partial in self.query(f"PRAGMA index_list({name})", {})
            if origin == "c" and not partial
        ]
        return RealTable(
            name,
            {column: (kind, not required) for _, column, kind, required, *_ in columns},
            tuple(column for _, column in key),
            frozenset(indexes),
        )

    def stage(self, table: Table, rows: Iterable[Row]) -> None:
        marks = ", ".join("?" * (len(table.columns) + 1))
        with _told():
            self._begin()
            self._db.executemany(f"INSERT INTO staged_{table.name} VALUES ({marks})", rows)

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        with _told():
            self._begin()
            return self._db.execute(sql, params).rowcount

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with _told():
            return self._db.execute(sql, params).fetchall()

    def _begin(self) -> None:
        if not self._db.in_transaction:
            # Loads of different tables share the one writer: wait for it, but not for ever.
            self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        with _told():
            if self._db.in_transaction:
                self._db.execute("COMMIT")

    def flush(self) -> None:
        """All that was committed is in the log beside the file; the log is written to the disk."""
        log_file = self._path.with_name(f"{self._path.name}-wal")
        if log_file.exists():
            with log_file.open("rb") as written:
                os.fsync(written.fileno())

    def rollback(self) -> None:
        with _told():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        self.rollback()
        self._db.close()


def _is_in_place(lock: IO[str]) -> bool:
    """Whether this is still the file that other loads would lock: its folder may be removed."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), os.stat(lock.name))
    except FileNotFoundError:
        return False


@contextmanager
def _told() -> Iterator[None]:
    """What the file or the disk cannot do is the store's failure; a wrong statement stays a bug."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # SQLITE_ERROR is a statement that cannot be right, as are the other kinds of error.
        if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError) or (
            getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        ):
            raise
        raise _problem(error) from error
