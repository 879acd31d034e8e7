"""The PostgreSQL engine: an async pool for reading, one connection per load for writing.

With the timescaledb extension, tables that have a time column become hypertables; without it, the
same code serves plain PostgreSQL.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.string import TextLoader
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from aurum.errors import DeadlineExceeded, StoreBusy, StoreUnavailable
from aurum.stores.contract import WAITING
from aurum.stores.drift import RealTable
from aurum.stores.sql import Select, compose
from aurum.stores.sql_writer import SqlWriter
from aurum.stores.tables import Row, Table
from aurum.timings import timed

CHUNK = "90 days"
LOCK_WAIT_MS = 1000
KEEPALIVE = """
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"""
"""A minute after the host of a load has lost its power, the server drops its lock."""
COLUMNS = """
    SELECT a.attname,
        format_type(a.atttypid, a.atttypmod)
            || CASE WHEN c.collname <> 'default' THEN ' COLLATE "' || c.collname || '"' ELSE '' END,
        NOT a.attnotnull
    FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
    WHERE a.attrelid = to_regclass(%(table)s) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum"""
INDEXES = """
    SELECT i.indisprimary, array_agg(a.attname::text ORDER BY k.place)
    FROM pg_index AS i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = to_regclass(%(table)s)
    AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
    GROUP BY i.indexrelid, i.indisprimary"""

log = structlog.get_logger("aurum.stores")


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
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable from error


class TimescaleWriter(SqlWriter):
    dialect = "postgres"

    def __init__(self, dsn: str) -> None:
        try:
            self._db = psycopg.connect(dsn, application_name="aurum load")
            self._db.execute(KEEPALIVE)
            self._db.commit()
        except psycopg.OperationalError as error:
            raise StoreUnavailable from error
        self._held: tuple[str, ...] = ()

    @contextmanager
    def lock(self, tables: Sequence[Table]) -> Iterator[None]:
        """Advisory locks on this very connection, in name order: they end with its session.

        As the load's statements run in that session too, a free lock means none is running.
        """
        names = tuple(sorted(table.name for table in tables))
        with _told():
            for name in names:
                self._lock(name)
            self._db.commit()
        self._held = names
        try:
            yield
        finally:
            self._held = ()
            if not self._db.closed:
                self._db.rollback()
                self._db.execute("SELECT pg_advisory_unlock_all()")
                self._db.commit()

    def _lock(self, name: str) -> None:
        key = [f"aurum:{name}"]
        tried = self._db.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        if tried.fetchone() != (True,):
            log.warning(WAITING, table=name)
            self._db.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)

    def holds_lock(self) -> bool:
        with _told():
            held = self._db.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
            ).fetchone()
        return bool(self._held) and held == (len(self._held),)

    def create(self, table: Table) -> None:
        super().create(table)
        if table.time is not None and self._has_timescaledb():
            self.execute(
                f"SELECT create_hypertable('{table.name}',"
                f" by_range('{table.time}', INTERVAL '{CHUNK}'))",
                {},
            )

    def _has_timescaledb(self) -> bool:
        return bool(self.query("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", {}))

    def describe(self, name: str) -> RealTable | None:
        columns = self.query(COLUMNS, {"table": name})
        if not columns:
            return None
        keys = self.query(INDEXES, {"table": name})
        return RealTable(
            name,
            {column: (kind, nullable) for column, kind, nullable in columns},
            next((tuple(found) for is_key, found in keys if is_key), ()),
            frozenset(tuple(found) for is_key, found in keys if not is_key),
        )

    def stage(self, table: Table, rows: Iterable[Row]) -> None:
        with _told(), self._db.cursor() as cursor:
            with cursor.copy(f"COPY staged_{table.name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            # The planner knows nothing of a temporary table until it is told.
            cursor.execute(f"ANALYZE staged_{table.name}")

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        with _told():
            return self._db.execute(sql, params).rowcount

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with _told():
            return self._db.execute(sql, params).fetchall()

    def commit(self) -> None:
        with _told():
            self._db.commit()

    def flush(self) -> None:
        """Nothing to do: the server's commit is durable."""

    def rollback(self) -> None:
        with _told():
            self._db.rollback()

    def close(self) -> None:
        self._db.close()


@contextmanager
def _told() -> Iterator[None]:
    """A server that is gone is the store's failure; a wrong statement stays a bug."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error
