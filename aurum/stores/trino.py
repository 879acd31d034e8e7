"""Reading from Trino, through its client."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import trino
from trino.exceptions import Error, HttpError

from aurum.stores import trino_client
from aurum.stores.tables import Row
from aurum.stores.threaded import Stopped, ThreadedStore
from aurum.stores.trino_values import bound, shown_rows

ROWS_AT_ONCE = 1000


class Session:
    """A connection, and what runs there; once `stopped` it runs nothing more."""

    def __init__(self, connection: trino.dbapi.Connection) -> None:
        self.connection, self.stopped = connection, False
        self.cursor: trino.dbapi.Cursor | None = None


class TrinoStore(ThreadedStore[Session]):
    engine = dialect = "trino"
    address = "AURUM_TRINO_URL"

    def connect(self) -> Session:
        return Session(
            trino_client.connect(
                self.url,
                answer_seconds=self.server_seconds + 1,
                query_max_run_time=f"{self.server_seconds}s",
            )
        )

    def run(self, connection: Session, name: str, sql: str, params: Mapping[str, Any]) -> list[Row]:
        cursor = connection.cursor = connection.connection.cursor()
        cursor.execute(*bound(sql, params))
        rows: list[list[Any]] = []
        # The client goes on asking for a query that was cancelled.
        while not connection.stopped and (more := cursor.fetchmany(ROWS_AT_ONCE)):
            rows += more
        if connection.stopped:
            raise Stopped
        return shown_rows(rows, cursor)

    def stop(self, connection: Session) -> None:
        """Without an effect before the first answer, which says what there is to cancel."""
        connection.stopped = True
        if connection.cursor is not None:
            with suppress(Error, HttpError):  # it may be ending by itself
                connection.cursor.cancel()  # type: ignore[no-untyped-call]

    def close_connection(self, connection: Session) -> None:
        connection.connection.close()  # type: ignore[no-untyped-call]

    def problem_of(self, error: Exception) -> Exception | None:
        return trino_client.problem_of(error)
