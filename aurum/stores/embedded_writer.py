"""Loading into the embedded engine: one writer at a time, of whichever tables."""

import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from aurum.errors import StoreBusy
from aurum.stores.drift import RealTable
from aurum.stores.embedded import translated_errors
from aurum.stores.locks import FileLocks
from aurum.stores.sql_writer import SqlWriter
from aurum.stores.tables import CURRENT, Row, Table

WRITE_WAIT_SECONDS = 60.0
TURN_SECONDS = 0.002
"""How often a load asks whether it is its turn to write."""
CACHE_KIB = 65_536
CHECKPOINT_PAGES, PAGE_BYTES = 16_000, 4096


class EmbeddedWriter(SqlWriter):
    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._locks = path, FileLocks(path.parent / "locks")
        with translated_errors():
            self._db = sqlite3.connect(path, timeout=WRITE_WAIT_SECONDS, isolation_level=None)
            try:
                self._configure()
            except sqlite3.Error:
                self._db.close()
                raise

    @classmethod
    def from_settings(cls) -> Self:
        return cls(settings.AURUM_HOME / "market.sqlite3")

    def _configure(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit on the way need not reach the disk; `flush` sees to all of them before the last.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        # A log that grew beyond that, behind a reader, is cut back when it begins anew.
        self._db.execute(f"PRAGMA journal_size_limit = {CHECKPOINT_PAGES * PAGE_BYTES}")
        # A load touches pages all over its table: with the default of 2 MB they would spill.
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

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
        with translated_errors():
            self._begin()
            self._db.executemany(f"INSERT INTO staged_{table.name} VALUES ({marks})", rows)

    def add(self, table: Table, rows: Sequence[Row], load: int) -> bool:
        names = ", ".join((*table.names, "load_id", "superseded_by"))
        marks = ", ".join("?" * len(table.columns))
        with translated_errors():
            self._begin()
            try:
                self._db.executemany(
                    f"INSERT INTO {table.name} ({names}) VALUES ({marks}, {load}, {CURRENT})", rows
                )
            except sqlite3.IntegrityError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                    raise
                return False
        return True

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        names = (*table.names, "load_id", "superseded_by")
        marks = ", ".join("?" * len(names))
        with translated_errors():
            self._begin()
            self._db.executemany(
                f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", rows
            )

    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        same = " AND ".join(f"{name} = ?" for name in table.key)
        with translated_errors():
            self._begin()
            self._db.executemany(
                f"UPDATE {table.name} SET superseded_by = {load} WHERE {same}"
                f" AND superseded_by = {CURRENT} AND load_id < {load}",
                keys,
            )

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        with translated_errors():
            self._begin()
            return self._db.execute(sql, params).rowcount

    def prepare_scratch(self, sql: str, params: Mapping[str, Any]) -> int:
        """Scratch tables are in a file of their own: without BEGIN the market's is only read."""
        with translated_errors():
            return self._db.execute(sql, params).rowcount

    def analyze(self, scratch: str) -> None:
        """Nothing to do: without statistics the planner goes by the keys."""

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with translated_errors():
            return self._db.execute(sql, params).fetchall()

    def _begin(self) -> None:
        if self._db.in_transaction:
            return
        # Loads of different tables share the one writer: wait for it, but not for ever. SQLite's
        # own wait sleeps for up to 0.1 s, and so misses the moments between another's steps.
        deadline = time.monotonic() + WRITE_WAIT_SECONDS
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._begins() and time.monotonic() < deadline:
                time.sleep(TURN_SECONDS)
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {WRITE_WAIT_SECONDS * 1000:.0f}")
        if not self._db.in_transaction:
            raise StoreBusy

    def _begins(self) -> bool:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def commit(self) -> None:
        with translated_errors():
            if self._db.in_transaction:
                self._db.execute("COMMIT")

    def flush(self) -> None:
        """All that was committed is in the log beside the file; the log is written to the disk."""
        log_file = self._path.with_name(f"{self._path.name}-wal")
        if log_file.exists():
            with log_file.open("rb") as written:
                os.fsync(written.fileno())

    def rollback(self) -> None:
        with translated_errors():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        self.rollback()
        self._db.close()
