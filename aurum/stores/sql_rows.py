"""Rows as they are, history and all, for the SQL engines: read, copied and deleted in pieces."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from aurum.stores.dialects import render
from aurum.stores.spans import KeySpan
from aurum.stores.sql import Expression
from aurum.stores.sql_tables import SqlTables
from aurum.stores.tables import CURRENT, Row, Table

ALL = "1 = 1"


class SqlRows(SqlTables):
    @abstractmethod
    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Adds rows: the table's columns, the load, and what has replaced them."""

    def read(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """As `query`, with dates and instants as ISO 8601 text."""
        return self.query(sql, params)

    def counts(
        self, table: Table, column: str, lead: Any = None, since: int = 0
    ) -> Mapping[Any, int]:
        condition, values = _of_lead(table, lead)
        sql = (
            f"SELECT {column}, COUNT(*) FROM {table.name}"
            f" WHERE {condition} AND {_since(since)} GROUP BY {column}"
        )
        return dict(self.read(render(sql, self.dialect), values))

    def rows(self, table: Table, span: KeySpan, since: int = 0) -> list[Row]:
        condition, values = _within(table, span)
        names = ", ".join((*table.names, "load_id", "superseded_by"))
        sql = f"SELECT {names} FROM {table.name} WHERE {condition} AND {_since(since)}"
        return self.read(render(sql, self.dialect), values)

    def remove(self, table: Table, span: KeySpan, only: str = ALL) -> None:
        condition, values = _within(table, span)
        sql = f"DELETE FROM {table.name} WHERE {condition} AND {only}"
        self.execute(render(sql, self.dialect), values)

    def reopen(self, table: Table, since: int) -> None:
        self.execute(f"DELETE FROM {table.name} WHERE load_id >= {since}", {})
        self.execute(
            f"UPDATE {table.name} SET superseded_by = {CURRENT}"
            f" WHERE superseded_by >= {since} AND superseded_by < {CURRENT}",
            {},
        )

    def replaced(self, table: Table, until: int) -> tuple[int, int]:
        sql = (
            f"SELECT COUNT(*), MAX(superseded_by) FROM {table.name} WHERE superseded_by <= {until}"
        )
        ((rows, newest),) = self.query(sql, {})
        return rows, (newest or 0) if rows else 0

    def prune(self, table: Table, until: int) -> None:
        self.execute(f"DELETE FROM {table.name} WHERE superseded_by <= {until}", {})
        self.commit()


def _since(load: int) -> str:
    """Of rows that loads from this one on added or closed; of all rows, for 0."""
    if not load:
        return ALL
    return f"(load_id >= {load} OR (superseded_by >= {load} AND superseded_by < {CURRENT}))"


def _of_lead(table: Table, lead: Any) -> tuple[str, dict[str, Any]]:
    if lead is None:
        return ALL, {}
    return f"{table.key[0]} = {_column(table, table.key[0]).bind('lead')}", {"lead": lead}


def _within(table: Table, span: KeySpan) -> tuple[str, dict[str, Any]]:
    condition, values = _of_lead(table, span.lead)
    column = _column(table, span.column)
    if span.after is not None:
        condition += f" AND {span.column} > {column.bind('after')}"
        values["after"] = span.after
    return f"{condition} AND {span.column} <= {column.bind('until')}", values | {
        "until": span.until
    }


def _column(table: Table, name: str) -> Expression:
    return Expression(name, table.column(name).kind)
