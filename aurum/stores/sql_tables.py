"""The tables themselves, for the SQL engines: made, compared, changed; whose loads are in them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from aurum.stores.contract import TableDiffers
from aurum.stores.ddl import NEWEST_LOAD, create_newest_load, create_scratch, create_table
from aurum.stores.dialects import render
from aurum.stores.drift import Difference, RealTable, differences_of
from aurum.stores.locks import Locks
from aurum.stores.tables import CURRENT, Row, Table

VERSIONS = {
    "sqlite": "SELECT 'SQLite ' || sqlite_version()",
    "postgres": """
        SELECT 'PostgreSQL ' || current_setting('server_version') || COALESCE((
            SELECT ' with timescaledb ' || extversion FROM pg_extension
            WHERE extname = 'timescaledb'), '')""",
    "clickhouse": "SELECT 'ClickHouse ' || version()",
    "trino": "SELECT 'Trino ' || node_version FROM system.runtime.nodes WHERE coordinator",
}


class SqlTables(ABC):
    dialect: str
    _locks: Locks

    def lock_place(self) -> str:
        return self._locks.place()

    def lock(self, tables: Sequence[Table]) -> AbstractContextManager[None]:
        return self._locks.hold([table.name for table in tables])

    def holds_lock(self) -> bool:
        return self._locks.are_held()

    @abstractmethod
    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Runs one statement of the engine's dialect in a transaction; how many rows it touched."""

    @abstractmethod
    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]: ...

    @abstractmethod
    def describe(self, name: str) -> RealTable | None:
        """The real table of this name, None if there is none."""

    @abstractmethod
    def commit(self) -> None: ...

    def version(self) -> str:
        return str(self.query(VERSIONS[self.dialect], {})[0][0])

    def creation(self, tables: Sequence[Table]) -> list[str]:
        missing = [table for table in tables if self.differences(table) is None]
        noted = self.describe(NEWEST_LOAD) is not None
        own = [] if noted else [create_newest_load(self.dialect)]
        return [*own, *(text for table in missing for text in self.statements(table))]

    def statements(self, table: Table) -> list[str]:
        """The statements that make a table."""
        return create_table(table, self.dialect)

    def create(self, table: Table) -> None:
        """Makes a table that is missing."""
        for statement in self.statements(table):
            self.execute(statement, {})

    def differences(self, table: Table) -> list[Difference] | None:
        real = self.describe(table.name)
        old = self.describe(table.renamed_from) if table.renamed_from else None
        if real is not None and old is not None:
            # Which of the two has the rows is for a person to see.
            text = f"there is {old.name}, its former name, beside it: one of the two must go"
            return [Difference(text), *differences_of(table, real, self.dialect)]
        found = real or old
        return None if found is None else differences_of(table, found, self.dialect)

    def migrate(self, differences: Sequence[Difference]) -> None:
        for difference in differences:
            if difference.remedy is None:
                raise ValueError(f"nothing can be done by itself: {difference.text}")
            self.execute(difference.remedy, {})
        self.commit()

    def prepare(self, tables: Sequence[Table]) -> None:
        if self.describe(NEWEST_LOAD) is None:
            self.execute(create_newest_load(self.dialect), {})
        for table in tables:
            differences = self.differences(table)
            if differences is None:
                self.create(table)
            elif differences:
                raise TableDiffers(table.name, differences)
            for statement in create_scratch(table, self.dialect):
                self.execute(statement, {})
        self.commit()

    def newest_loads(self, tables: Sequence[Table]) -> Mapping[str, int]:
        noted: dict[str, int] = {}
        if self.describe(NEWEST_LOAD) is not None:
            noted = dict(self.query(f"SELECT table_name, load_id FROM {NEWEST_LOAD}", {}))
        # Where none is noted, an earlier release has loaded the table: it is read once.
        return {
            table.name: noted.get(table.name) or max(self.loads_in(table), default=0)
            for table in tables
        }

    def loads_in(self, table: Table) -> set[int]:
        if self.describe(table.name) is None:
            return set()
        loads = (
            f"SELECT load_id FROM {table.name} UNION"
            f" SELECT superseded_by FROM {table.name} WHERE superseded_by < {CURRENT}"
        )
        found = self.query(render(loads, self.dialect), {})
        return {load for (load,) in found}

    def note_load(self, load: int, tables: Sequence[Table]) -> None:
        for table in tables:
            self.execute(
                render(
                    f"INSERT INTO {NEWEST_LOAD} (table_name, load_id) VALUES (:name, :load)"
                    " ON CONFLICT (table_name) DO UPDATE SET load_id = excluded.load_id",
                    self.dialect,
                ),
                {"name": table.name, "load": load},
            )
        self.commit()
