"""Reading from TimescaleDB or plain PostgreSQL, through an async pool."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.string import TextLoader
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from aurum.errors import DeadlineExceeded, StoreBusy, StoreUnavailable
from aurum.stores.sql import Select, compose
from aurum.stores.tables import Row
from aurum.timings import timed

LOCK_WAIT_MS = 1000


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
        text = bytes(data).decode()
        return f"{text[:10]}T{text[11:19]}Z"


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Dates and instants travel as the ISO 8601 text the answers carry; nobody waits long for a
    lock."""
    connection.adapters.register_loader("date", TextLoader)
    connection.adapters.register_loader("timestamptz", InstantLoader)
    await connection.execute(f"SET lock_timeout = {LOCK_WAIT_MS}; SET timezone = 'UTC'")


class TimescaleStore:
    dialect = "postgres"

    def __init__(self, dsn: str, *, pool: PoolSize, deadline_seconds: float) -> None:
        self._deadline = deadline_seconds
        self._pool = AsyncConnectionPool(
            dsn,
            min_size=pool.at_least,
            max_size=pool.at_most,
            max_idle=pool.idle_seconds,
            timeout=pool.acquire_seconds,
            kwargs={"autocommit": True, "application_name": "aurum"},
            configure=_configure,
            open=False,
        )

    async def open(self) -> None:
        """Starts the pool without waiting: a store that is down answers 503, it stops nothing."""
        await self._pool.open()

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        sql = compose(select, self.dialect)
        with timed("store"), _read_problems():
            async with asyncio.timeout(self._deadline):
                # Leaving this block early cancels the statement on the server.
                async with self._pool.connection() as connection:
                    cursor = await connection.execute(sql, params)
                    return await cursor.fetchall()

    async def stream(
        self, select: Select, params: Mapping[str, Any], *, rows_at_once: int = 1000
    ) -> AsyncGenerator[list[Row], None]:
        """Through a cursor on the server; the deadline is that of each piece."""
        sql = compose(select, self.dialect)
        with _read_problems():
            async with (
                self._pool.connection() as connection,
                connection.transaction(),
                connection.cursor(name="aurum_stream") as cursor,
            ):
                async with asyncio.timeout(self._deadline):
                    await cursor.execute(sql, params)
                while True:
                    async with asyncio.timeout(self._deadline):
                        rows = await cursor.fetchmany(rows_at_once)
                    if not rows:
                        return
                    yield rows

    async def ping(self) -> None:
        try:
            await self.fetch(Select("SELECT 1 AS one"), {})
        except DeadlineExceeded as error:
            raise StoreUnavailable from error

    def stats(self) -> Mapping[str, int]:
        found = self._pool.get_stats()
        names = {"open": "pool_size", "idle": "pool_available", "waiting": "requests_waiting"}
        return {name: found.get(counter, 0) for name, counter in names.items()}

    async def close(self) -> None:
        await self._pool.close()


@contextmanager
def _read_problems() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise DeadlineExceeded from error
    except PoolTimeout as error:
        raise StoreUnavailable from error
    except psycopg.errors.LockNotAvailable as error:
        raise StoreBusy from error
    except psycopg.errors.NumericValueOutOfRange as error:
        raise OverflowError from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable from error
