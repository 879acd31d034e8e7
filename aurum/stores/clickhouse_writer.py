"""Loading into ClickHouse: rows are replaced in place by lightweight updates.

Every read sees these at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self
from uuid import uuid4

from django.conf import settings

from aurum.stores.clickhouse_client import connect, problem_of
from aurum.stores.clickhouse_values import columns_to_insert, select
from aurum.stores.column_writer import ColumnWriter
from aurum.stores.ddl import TYPES
from aurum.stores.drift import RealTable
from aurum.stores.tables import CURRENT, Kind, Row, Table

COLUMNS = """
    SELECT name, type FROM system.columns
    WHERE database = currentDatabase() AND table = {table: String} ORDER BY position"""
KEY = """
    SELECT sorting_key FROM system.tables
    WHERE database = currentDatabase() AND name = {table: String}"""


class ClickHouseWriter(ColumnWriter):
    dialect = "clickhouse"
    problem_of = staticmethod(problem_of)

    def __init__(self, url: str) -> None:
        with self.translated_errors():
            self._client = connect(url)
        self.database = self._client.connection.database
        super().__init__()

    @classmethod
    def from_settings(cls) -> Self:
        return cls(settings.AURUM_CLICKHOUSE_URL)

    @property
    def _query_id(self) -> str:
        return f"aurum-load-{self._load or 0}-{uuid4()}"

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Runs a statement; ClickHouse does not say how many rows it touched."""
        with self.translated_errors():
            self._client.execute(self.remark() + sql, dict(params), query_id=self._query_id)
        return 0

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with self.translated_errors():
            return select(self._client, self.remark() + sql, params, self._query_id)

    def describe(self, name: str) -> RealTable | None:
        columns = self.query(COLUMNS, {"table": name})
        if not columns:
            return None
        ((key,),) = self.query(KEY, {"table": name})
        return RealTable(
            name,
            {column: (_bare(kind), kind.startswith("Nullable(")) for column, kind in columns},
            tuple(part.strip() for part in key.split(",")),
            frozenset(),
        )

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        kinds = (*(column.kind for column in table.columns), Kind.INTEGER, Kind.INTEGER)
        self._insert(table.name, (*table.names, "load_id", "superseded_by"), kinds, rows)

    def _insert(
        self, target: str, names: Sequence[str], kinds: Sequence[Kind], rows: Sequence[Row]
    ) -> None:
        with self.translated_errors():
            self._client.execute(
                f"{self.remark()}INSERT INTO {target} ({', '.join(names)}) VALUES",
                columns_to_insert(kinds, rows),
                columnar=True,
                query_id=self._query_id,
            )

    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        kinds = [table.column(name).kind for name in table.key]
        names = ", ".join(table.key)
        with self._closing(table, kinds) as closing:
            self._insert(closing, table.key, kinds, keys)
            self.execute(
                f"UPDATE {table.name} SET superseded_by = {load} WHERE superseded_by = {CURRENT}"
                f" AND load_id < {load} AND ({names}) IN (SELECT {names} FROM {closing})",
                {},
            )

    @contextmanager
    def _closing(self, table: Table, kinds: Sequence[Kind]) -> Iterator[str]:
        """A table for the keys to close: an update sees no temporary one."""
        name = f"closing_{table.name}"
        columns = ", ".join(
            f"{column} {TYPES[self.dialect][kind]}"
            for column, kind in zip(table.key, kinds, strict=True)
        )
        order = ", ".join(table.key)
        # One that a dead load has left is replaced: only the holder of the lock is here.
        self.execute(
            f"CREATE OR REPLACE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY ({order})", {}
        )
        yield name
        self.execute(f"DROP TABLE {name} SYNC", {})

    def stop_statements(self, load: int) -> None:
        begin = self.remark(load).replace("\\", "\\\\").replace("'", "\\'")
        self.execute(f"KILL QUERY WHERE startsWith(query, '{begin}') SYNC", {})

    def close(self) -> None:
        super().close()
        self._client.disconnect()


def _bare(kind: str) -> str:
    return kind[len("Nullable(") : -1] if kind.startswith("Nullable(") else kind
