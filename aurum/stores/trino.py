"""Reading from Trino, through its client."""

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

import trino
from django.conf import settings
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

    def __init__(
        self, url: str, *, workers: int, acquire_seconds: float, deadline_seconds: float
    ) -> None:
        super().__init__(
            workers=workers, acquire_seconds=acquire_seconds, deadline_seconds=deadline_seconds
        )
        trino_client.check(url)
        self._url = url
        # For a caller whose process has died: in whole seconds, and later than the deadline here.
        self._server_seconds = math.ceil(deadline_seconds) + 1

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            settings.AURUM_TRINO_URL,
            workers=settings.AURUM_STORE_WORKERS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
            deadline_seconds=settings.AURUM_STORE_DEADLINE_SECONDS,
        )

    def connect(self) -> Session:
        return Session(
            trino_client.connect(
                self._url,
                answer_seconds=self._server_seconds + 1,
                query_max_run_time=f"{self._server_seconds}s",
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
