"""Loading into engines without transactions: ClickHouse and Trino.

A file is merged in a scratch file beside what the engine has of its keys (`aurum.stores.scratch`).
At its end the engine is told which rows are replaced, and given those that are new: few statements
of many rows, none of which needs another, as no reader sees a load before it is published.
"""

import tempfile
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from aurum.stores.advisory_locks import PLACE, AdvisoryLocks
from aurum.stores.contract import MergeResult, Retracted
from aurum.stores.ddl import NEWEST_LOAD
from aurum.stores.dialects import render
from aurum.stores.locks import FileLocks, Locks
from aurum.stores.scratch import Scratch
from aurum.stores.sql_rows import SqlRows
from aurum.stores.tables import CURRENT, Row, Table

ROWS_AT_ONCE = 100_000


class LocksBesideLog:
    """Of engines that can hold none themselves: in the ops database, which has the log of loads.

    On a PostgreSQL over a connection of its own, that no transaction of Django's is on.
    """

    def __init__(self) -> None:
        self._locks: Locks | None = None

    @contextmanager
    def hold(self, tables: Sequence[str]) -> Iterator[None]:
        ops = connections["default"]
        with ExitStack() as stack:
            if ops.vendor == "postgresql":
                own = stack.enter_context(closing(ops.copy()))
                own.connect()
                self._locks = AdvisoryLocks(own.connection)
            else:
                self._locks = self._files()
            stack.enter_context(self._locks.hold(tables))
            yield

    def place(self) -> str:
        ops = connections["default"]
        if ops.vendor != "postgresql":
            return self._files().place()
        with ops.cursor() as cursor:
            cursor.execute(PLACE)
            (found,) = cursor.fetchone()
        return str(found)

    def _files(self) -> FileLocks:
        return FileLocks(settings.AURUM_HOME / "locks")

    def are_held(self) -> bool:
        return self._locks is not None and self._locks.are_held()


class ColumnWriter(SqlRows):
    database: str
    """Where on its server the tables are."""

    _load: int | None = None
    """The load whose rows are to be written; none of a dry run."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="aurum-load-")
        self._scratch = Scratch(Path(self._folder.name) / "scratch.sqlite3", self._read)
        self._locks = LocksBesideLog()

    @abstractmethod
    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        """Closes the rows of these keys that were current before the load."""

    @staticmethod
    @abstractmethod
    def problem_of(error: Exception) -> Exception | None:
        """What an error of the driver means to the caller; None for a mistake of ours."""

    @abstractmethod
    def stop_statements(self, load: int) -> None:
        """Stops what a load that has died has set going, and waits for it."""

    def remark(self, load: int | None = None) -> str:
        """What a load's statements begin with: by it they are found when the load has died.

        Other installations, in other databases of the server, have loads of the same numbers.
        """
        return f"/* aurum load {load or self._load or 0} of {self.database} */ "

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """A server that is gone is the store's failure; a wrong statement stays a bug."""
        try:
            yield
        except Exception as error:  # which of the driver's it may be, its adapter knows
            if (problem := self.problem_of(error)) is None:
                raise
            raise problem from error

    def prepare(self, tables: Sequence[Table]) -> None:
        super().prepare(tables)
        self._scratch.prepare(tables)

    def note_load(self, load: int, tables: Sequence[Table]) -> None:
        values = ", ".join(f"('{table.name}', {load})" for table in tables)
        self.execute(f"INSERT INTO {NEWEST_LOAD} (table_name, load_id) VALUES {values}", {})

    def undo(self, load: int, tables: Iterable[str]) -> None:
        self.stop_statements(load)
        for name in tables:
            if self.describe(name) is not None:  # else the load died before it made the table
                self.take_back(name, load)

    def take_back(self, table: str, load: int) -> None:
        """Deletes what a load has added, and revives what it has replaced."""
        self.execute(f"DELETE FROM {table} WHERE load_id = {load}", {})
        self.execute(
            f"UPDATE {table} SET superseded_by = {CURRENT} WHERE superseded_by = {load}", {}
        )

    def begin(
        self, load: int, main: Table, *, replaces: bool = False, void: Sequence[int] = ()
    ) -> None:
        self._load = None if self._scratch.is_trying else load
        self._scratch.begin(load, main, replaces=replaces, void=void)

    @contextmanager
    def dry_run(self, dead: Mapping[int, Iterable[str]]) -> Iterator[None]:
        self._scratch.leave_out(dead)
        try:
            with self._scratch.dry_run({}):
                yield
        finally:
            self._scratch.forget()

    def merge(self, table: Table, rows: Sequence[Row]) -> MergeResult:
        return self._scratch.merge(table, rows)

    def insert_if_new(self, table: Table, rows: Sequence[Row]) -> int:
        return self._scratch.insert_if_new(table, rows)

    def close_loads(self, tables: Sequence[Table], loads: Sequence[int]) -> int:
        return self._scratch.close_loads(tables, loads)

    def retract(
        self, table: Table, load: int, void: Sequence[int], rows_need: Table | None
    ) -> Retracted:
        return self._scratch.retract(table, load, void, rows_need)

    def close_missing(
        self, scope: Sequence[str], keep: Sequence[Row], between: str | None = None
    ) -> int:
        return self._scratch.close_missing(scope, keep, between)

    def commit(self) -> None:
        self._scratch.commit()

    def flush(self) -> None:
        """Writes what was merged: here, as a load that fails before it has written nothing."""
        if self._load is None:
            return
        for table in self._scratch.tables:
            for keys in _parts(self._scratch.superseded(table, self._load)):
                self.supersede(table, keys, self._load)
            for rows in _parts(self._scratch.added(table, self._load)):
                self.put(table, rows)
        self._forget()

    def rollback(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._load = None
        self._scratch.forget()

    def close(self) -> None:
        self._scratch.close()
        self._folder.cleanup()

    def newest_loads(self, tables: Sequence[Table]) -> Mapping[str, int]:
        noted: dict[str, int] = {}
        if self.describe(NEWEST_LOAD) is not None:
            noted = dict(
                self.query(
                    f"SELECT table_name, MAX(load_id) FROM {NEWEST_LOAD} GROUP BY table_name", {}
                )
            )
        return {table.name: noted.get(table.name, 0) for table in tables}

    def _read(
        self, columns: str, table: str, condition: str, values: Mapping[str, Any]
    ) -> Iterable[Row]:
        sql = f"SELECT {columns} FROM {table} AS o WHERE {condition}"
        return self.query(render(sql, self.dialect), values)


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, ROWS_AT_ONCE)):
        yield part
