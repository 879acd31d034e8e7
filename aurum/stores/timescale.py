"""Reading from TimescaleDB or plain PostgreSQL, through an async pool."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import psycopg
import structlog
from django.conf import settings
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.string import TextLoader
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from aurum.errors import DeadlineExceeded, Overloaded, StoreBusy, StoreUnavailable
from aurum.stores.contract import TableUnreadable
from aurum.stores.sql import Select, compose
from aurum.stores.tables import Row
from aurum.stores.threaded import ConnectionLost
from aurum.stores.turns import ExportTurns
from aurum.timings import timed

log = structlog.get_logger("aurum.stores")

LOCK_WAIT_MS = 1000
_CONNECTION: Mapping[str, Any] = {"autocommit": True, "application_name": "aurum"}
_IN_TIME: Mapping[str, Any] = {"connect_timeout": 5}
_FAILED = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
)
# What was never loaded is not asked for, so tables must be there and open to us.
_UNREADABLE = (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege)
_ENDED = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown)


@dataclass(frozen=True, slots=True)
class PoolSize:
    at_least: int
    at_most: int
    idle_seconds: float
    acquire_seconds: float


class InstantLoader(Loader):
    """`2026-03-08 07:00:00+00`, as a session in UTC shows it, as `2026-03-08T07:00:00Z`."""

    format = Format.TEXT

    def load(self, data: Buffer) -> str:
        return _iso_text(bytes(data))


@lru_cache(maxsize=2**16)
def _iso_text(shown: bytes) -> str:
    """The series of a market share their intervals, and so do its pages."""
    text = shown.decode()
    return f"{text[:10]}T{text[11:19]}Z"


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Dates and instants travel as the ISO 8601 text the answers carry; nobody waits long for a
    lock."""
    connection.adapters.register_loader("date", TextLoader)
    connection.adapters.register_loader("timestamptz", InstantLoader)
    await connection.execute(
        f"SET lock_timeout = {LOCK_WAIT_MS}; SET timezone = 'UTC'; SET datestyle = 'ISO'"
    )


class TimescaleStore:
    dialect = "postgres"

    def __init__(self, dsn: str, *, pool: PoolSize, deadline_seconds: float) -> None:
        self._deadline = deadline_seconds
        self.exports = ExportTurns(pool.acquire_seconds)
        self._ending: set[asyncio.Task[list[Row]]] = set()
        self._at_most, self._busy, self._drained_at = pool.at_most, 0, 0.0
        self._pool = AsyncConnectionPool(
            dsn,
            min_size=pool.at_least,
            max_size=pool.at_most,
            max_idle=pool.idle_seconds,
            timeout=pool.acquire_seconds,
            # A pool that waits ever longer between attempts would come back long after its engine:
            # it gives up early, and the next query makes it try again.
            reconnect_timeout=pool.acquire_seconds,
            kwargs={**_CONNECTION, **({} if "connect_timeout" in dsn else _IN_TIME)},
            configure=_configure,
            open=False,
        )

    @classmethod
    def from_settings(cls) -> Self:
        pool = PoolSize(
            at_least=settings.AURUM_POOL_MIN_SIZE,
            at_most=settings.AURUM_POOL_MAX_SIZE,
            idle_seconds=settings.AURUM_POOL_MAX_IDLE_SECONDS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
        )
        deadline = settings.AURUM_STORE_DEADLINE_SECONDS
        return cls(settings.AURUM_TIMESCALE_DSN, pool=pool, deadline_seconds=deadline)

    async def open(self) -> None:
        """Starts the pool without waiting: a store that is down answers 503, it stops nothing."""
        await self._pool.open()

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        sql = compose(select, self.dialect)
        with timed("store"), _read_problems():
            query = asyncio.create_task(self._query(sql, params))
            try:
                await asyncio.wait([query], timeout=self._deadline)
            finally:
                if not query.done():
                    self._leave(query)
            if not query.done():
                raise TimeoutError
            return query.result()

    async def _query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        began = time.monotonic()
        try:
            return await self._read(sql, params)
        except ConnectionLost:
            if asyncio.current_task() in self._ending:
                raise  # nobody waits for it any more
            # The others were open to the same server, which has gone or was restarted. Who began
            # before they were exchanged would do it to the new ones.
            if began > self._drained_at:
                self._drained_at = time.monotonic()
                await self._pool.drain()
            return await self._read(sql, params)

    async def _read(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        try:
            async with self._pool.connection() as connection:
                self._busy += 1
                try:
                    cursor = await connection.execute(sql, params)
                    return await cursor.fetchall()
                except psycopg.Error as error:
                    if connection.closed or isinstance(error, _ENDED):
                        log.warning("store_failed", engine="timescale", error=str(error))
                        raise ConnectionLost from error
                    raise
                finally:
                    self._busy -= 1
        except PoolTimeout as error:
            # Where all are at work it is not the server that fails.
            raise (Overloaded if self._busy >= self._at_most else StoreUnavailable) from error

    def _leave(self, query: asyncio.Task[list[Row]]) -> None:
        """Has a query cancelled on the server without waiting for it: a server that hangs takes as
        long again. Its connection goes back to the pool when it is clean, or closed."""
        query.cancel()
        self._ending.add(query)
        query.add_done_callback(self._ended)

    def _ended(self, query: asyncio.Task[list[Row]]) -> None:
        self._ending.discard(query)
        if not query.cancelled():
            query.exception()  # of interest to nobody any more, and asyncio would say so

    async def ping(self) -> None:
        try:
            await self.fetch(Select("SELECT 1 AS one", name="ping"), {})
        except DeadlineExceeded as error:
            raise StoreUnavailable from error

    def stats(self) -> Mapping[str, int]:
        found = self._pool.get_stats()
        names = {"open": "pool_size", "idle": "pool_available", "waiting": "requests_waiting"}
        return {name: found.get(counter, 0) for name, counter in names.items()}

    async def close(self) -> None:
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._pool.close()


@contextmanager
def _read_problems() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise DeadlineExceeded from error
    except psycopg.errors.LockNotAvailable as error:
        raise StoreBusy from error
    except psycopg.errors.NumericValueOutOfRange as error:
        raise OverflowError from error
    except _UNREADABLE as error:
        log.warning("store_failed", engine="timescale", error=str(error))
        raise TableUnreadable from error
    except _FAILED as error:
        log.warning("store_failed", engine="timescale", error=str(error))
        raise StoreUnavailable from error
