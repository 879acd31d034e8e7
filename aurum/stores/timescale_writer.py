"""Loading into TimescaleDB or plain PostgreSQL: one connection per load.

With the timescaledb extension, tables that have a time column are made hypertables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import psycopg
from django.conf import settings
from psycopg.types.string import TextLoader

from aurum.errors import StoreUnavailable
from aurum.stores.advisory_locks import AdvisoryLocks
from aurum.stores.copying import copied
from aurum.stores.drift import RealTable
from aurum.stores.sql_writer import SqlWriter
from aurum.stores.tables import CURRENT, Kind, Row, Table
from aurum.stores.timescale import InstantLoader

CHUNK = "90 days"
SESSION = """
    SET timezone = 'UTC'; SET datestyle = 'ISO';
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


class TimescaleWriter(SqlWriter):
    dialect = "postgres"

    def __init__(self, dsn: str) -> None:
        try:
            self._db = psycopg.connect(dsn, application_name="aurum load")
            self._db.execute(SESSION)
            self._db.commit()
        except psycopg.OperationalError as error:
            raise StoreUnavailable from error
        self._locks = AdvisoryLocks(self._db)

    @classmethod
    def from_settings(cls) -> Self:
        return cls(settings.AURUM_TIMESCALE_DSN)

    def lock_place(self) -> str:
        with _translated_errors():
            return self._locks.place()

    @contextmanager
    def lock(self, tables: Sequence[Table]) -> Iterator[None]:
        """As the load's statements run in the session that has the locks, a free lock means that
        none is running."""
        with ExitStack() as stack:
            with _translated_errors():
                stack.enter_context(self._locks.hold([table.name for table in tables]))
            yield

    def holds_lock(self) -> bool:
        with _translated_errors():
            return self._locks.are_held()

    def prepare(self, tables: Sequence[Table]) -> None:
        # Two loads of different tables may both make what an empty database lacks.
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended('aurum:newest_load', 0))", {})
        super().prepare(tables)

    def statements(self, table: Table) -> list[str]:
        made = super().statements(table)
        if table.time is not None and self._has_timescaledb():
            by_range = f"by_range('{table.time}', INTERVAL '{CHUNK}')"
            made.append(f"SELECT create_hypertable('{table.name}', {by_range})")
        return made

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
        with _translated_errors():
            self._copy(
                f"staged_{table.name}", (Kind.INTEGER, *_kinds(table)), zip(*rows, strict=True)
            )
        self.analyze(f"staged_{table.name}")

    def add(self, table: Table, rows: Sequence[Row], load: int) -> bool:
        names = ", ".join((*table.names, "load_id", "superseded_by"))
        kinds = (*_kinds(table), Kind.INTEGER, Kind.INTEGER)
        columns = (*zip(*rows, strict=True), (load,) * len(rows), (CURRENT,) * len(rows))
        with _translated_errors():
            try:
                self._copy(f"{table.name} ({names})", kinds, columns)
            except psycopg.errors.UniqueViolation:
                return False
        return True

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        names = ", ".join((*table.names, "load_id", "superseded_by"))
        kinds = (*_kinds(table), Kind.INTEGER, Kind.INTEGER)
        with _translated_errors():
            self._copy(f"{table.name} ({names})", kinds, zip(*rows, strict=True))

    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        same = " AND ".join(f"{name} = %s" for name in table.key)
        with _translated_errors(), self._db.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table.name} SET superseded_by = {load} WHERE {same}"
                f" AND superseded_by = {CURRENT} AND load_id < {load}",
                keys,
            )

    def _copy(self, target: str, kinds: Sequence[Kind], columns: Iterable[Sequence[Any]]) -> None:
        columns = [*columns]
        if not columns:
            return
        with (
            self._db.cursor() as cursor,
            cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.write(copied(zip(kinds, columns, strict=True)))

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        with _translated_errors():
            return self._db.execute(sql, params).rowcount

    def prepare_scratch(self, sql: str, params: Mapping[str, Any]) -> int:
        return self.execute(sql, params)

    def analyze(self, scratch: str) -> None:
        """The planner knows nothing of a temporary table until it is told."""
        self.execute(f"ANALYZE {scratch}", {})

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with _translated_errors():
            return self._db.execute(sql, params).fetchall()

    def read(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with _translated_errors(), self._db.cursor() as cursor:
            cursor.adapters.register_loader("date", TextLoader)
            cursor.adapters.register_loader("timestamptz", InstantLoader)
            return cursor.execute(sql, params).fetchall()

    def commit(self) -> None:
        with _translated_errors():
            self._db.commit()

    def flush(self) -> None:
        """Nothing to do: the server's commit is durable."""

    def rollback(self) -> None:
        with _translated_errors():
            self._db.rollback()

    def close(self) -> None:
        self._db.close()


def _kinds(table: Table) -> tuple[Kind, ...]:
    return tuple(column.kind for column in table.columns)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """A server that is gone is the store's failure; a wrong statement stays a bug."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error
