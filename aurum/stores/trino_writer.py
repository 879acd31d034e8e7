"""Loading into Trino with an Iceberg catalog: few statements of many rows.

Each statement makes files and a snapshot. Rows travel as one JSON text, which costs the parser less
than a list of VALUES.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from aurum.stores.column_writer import ColumnWriter
from aurum.stores.ddl import TYPES
from aurum.stores.drift import RealTable
from aurum.stores.tables import CURRENT, Kind, Row, Table
from aurum.stores.trino_client import connect, problem_of
from aurum.stores.trino_values import bound, shown_rows

MOST_LETTERS = 900_000
"""Of a statement: a server takes a million."""
COLUMNS = """
    SELECT column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = CAST(:schema AS VARCHAR) AND table_name = CAST(:table AS VARCHAR)
    ORDER BY ordinal_position"""
RUNNING = """
    SELECT query_id FROM system.runtime.queries
    WHERE state NOT IN ('FINISHED', 'FAILED') AND starts_with(query, CAST(:begin AS VARCHAR))"""
# It loses rows where it compares nulls as equal in a join.
SESSION = {"enable_dynamic_filtering": "false"}
ANSWER_SECONDS = 60.0


class TrinoWriter(ColumnWriter):
    dialect = "trino"
    problem_of = staticmethod(problem_of)

    def __init__(self, url: str) -> None:
        self.database = urlsplit(url).path.strip("/")
        self._schema = self.database.rpartition("/")[2]
        with self.translated_errors():
            self._db = connect(url, answer_seconds=ANSWER_SECONDS, **SESSION)
        super().__init__()

    @classmethod
    def from_settings(cls) -> Self:
        return cls(settings.AURUM_TRINO_URL)

    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Runs a statement; Trino tells only of some how many rows they touched."""
        self._run(sql, params)
        return 0

    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        cursor, rows = self._run(sql, params)
        return shown_rows(rows, cursor)

    def _run(self, sql: str, params: Mapping[str, Any]) -> tuple[Any, list[list[Any]]]:
        with self.translated_errors():
            cursor = self._db.cursor()
            cursor.execute(*bound(self.remark() + sql, params))
            return cursor, cursor.fetchall()

    def describe(self, name: str) -> RealTable | None:
        columns = self.query(COLUMNS, {"schema": self._schema, "table": name})
        if not columns:
            return None
        return RealTable(
            name,
            {column: (kind, nullable == "YES") for column, kind, nullable in columns},
            (),
            frozenset(),
        )

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        kinds = {column.name: column.kind for column in table.columns}
        kinds |= dict.fromkeys(("load_id", "superseded_by"), Kind.INTEGER)
        for source in _sources(kinds, rows):
            self.execute(f"INSERT INTO {table.name} ({', '.join(kinds)}) {source}", {})

    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        kinds = {name: table.column(name).kind for name in table.key}
        same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
        for source in _sources(kinds, keys):
            self.execute(
                f"MERGE INTO {table.name} AS t USING ({source}) AS s"
                f" ON {same} AND t.superseded_by = {CURRENT} AND t.load_id < {load}"
                f" WHEN MATCHED THEN UPDATE SET superseded_by = {load}",
                {},
            )

    def stop_statements(self, load: int) -> None:
        for (query,) in self.query(RUNNING, {"begin": self.remark(load)}):
            self.execute(
                f"CALL system.runtime.kill_query('{query}', 'its load died')",
                {},
            )

    def close(self) -> None:
        super().close()
        self._db.close()  # type: ignore[no-untyped-call]


def _sources(kinds: Mapping[str, Kind], rows: Sequence[Row]) -> Iterator[str]:
    """Selects of rows that they have in them, no longer than a statement may be."""
    types = {**TYPES["trino"], Kind.DATE: "varchar", Kind.INSTANT: "varchar"}  # text in JSON
    given = ", ".join(f"{name} {types[kind]}" for name, kind in kinds.items())
    columns = ", ".join(_read(name, kind) for name, kind in kinds.items())

    def source(texts: Sequence[str]) -> str:
        rows_of = f"CAST(json_parse('[{','.join(texts)}]') AS array(row({given})))"
        return f"SELECT {columns} FROM UNNEST({rows_of}) AS g ({', '.join(kinds)})"

    texts: list[str] = []
    letters = 0
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":")).replace("'", "''")
        if texts and letters + len(text) > MOST_LETTERS:
            yield source(texts)
            texts, letters = [], 0
        texts.append(text)
        letters += len(text) + 1
    if texts:
        yield source(texts)


def _read(name: str, kind: Kind) -> str:
    match kind:
        case Kind.DATE:
            return f"CAST(g.{name} AS date) AS {name}"
        case Kind.INSTANT:
            return f"CAST(from_iso8601_timestamp(g.{name}) AS {TYPES['trino'][kind]}) AS {name}"
        case _:
            return f"g.{name} AS {name}"
