"""Loading into engines without transactions: ClickHouse and Trino.

A file is merged in a scratch file beside what the engine has of its keys (`aurum.stores.scratch`).
At its end the engine is told which rows are replaced, and given those that are new: few statements
of many rows, none of which needs another, as no reader sees a load before it is published.
"""

import tempfile
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from aurum.stores.advisory_locks import PLACE, AdvisoryLocks
from aurum.stores.contract import MergeResult, Retracted, TableDiffers
from aurum.stores.ddl import NEWEST_LOAD, create_newest_load
from aurum.stores.dialects import render
from aurum.stores.locks import FileLocks, Locks
from aurum.stores.scratch import Scratch
from aurum.stores.sql_rows import SqlRows
from aurum.stores.tables import Row, Table

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

    @abstractmethod
    def take_back(self, table: str, load: int) -> None:
        """Deletes what a load has added, and revives what it has replaced."""

    @abstractmethod
    def stop_statements(self, load: int) -> None:
        """Stops what a load that has died has set going, and waits for it."""

    def remark(self, load: int | None = None) -> str:
        """What a load's statements begin with: by it they are found when the load has died.

        Other installations, in other databases of the server, have loads of the same numbers.
        """
        return f"/* aurum load {load or self._load or 0} of {self.database} */ "

    def lock_place(self) -> str:
        return self._locks.place()

    def lock(self, tables: Sequence[Table]) -> AbstractContextManager[None]:
        return self._locks.hold([table.name for table in tables])

    def holds_lock(self) -> bool:
        return self._locks.are_held()

    def prepare(self, tables: Sequence[Table]) -> None:
        if self.describe(NEWEST_LOAD) is None:
            self.execute(create_newest_load(self.dialect), {})
        for table in tables:
            differences = self.differences(table)
            if differences is None:
                self.create(table)
            elif differences:
                raise TableDiffers(table.name, differences)
        self._scratch.prepare(tables)

    def note_load(self, load: int, tables: Sequence[Table]) -> None:
        values = ", ".join(f"('{table.name}', {load})" for table in tables)
        self.execute(f"INSERT INTO {NEWEST_LOAD} (table_name, load_id) VALUES {values}", {})

    def undo(self, load: int, tables: Iterable[str]) -> None:
        self.stop_statements(load)
        for name in tables:
            if self.describe(name) is not None:  # else the load died before it made the table
                self.take_back(name, load)

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
