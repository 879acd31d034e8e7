"""Reading from ClickHouse, through its native protocol."""

import math
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from clickhouse_driver import Client
from django.conf import settings

from aurum.stores import clickhouse_client
from aurum.stores.clickhouse_values import select
from aurum.stores.tables import Row
from aurum.stores.threaded import ThreadedStore


class ClickHouseStore(ThreadedStore[Client]):
    engine = dialect = "clickhouse"

    def __init__(
        self, url: str, *, workers: int, acquire_seconds: float, deadline_seconds: float
    ) -> None:
        super().__init__(
            workers=workers, acquire_seconds=acquire_seconds, deadline_seconds=deadline_seconds
        )
        clickhouse_client.check(url)
        self._url = url
        # For a caller whose process has died: in whole seconds, and later than the deadline here.
        self._server_seconds = math.ceil(deadline_seconds) + 1

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            settings.AURUM_CLICKHOUSE_URL,
            workers=settings.AURUM_STORE_WORKERS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
            deadline_seconds=settings.AURUM_STORE_DEADLINE_SECONDS,
        )

    def connect(self) -> Client:
        return clickhouse_client.connect(
            self._url,
            answer_seconds=self._server_seconds + 1,
            max_execution_time=self._server_seconds,
        )

    def run(self, connection: Client, name: str, sql: str, params: Mapping[str, Any]) -> list[Row]:
        return select(connection, sql, params, f"aurum-read-{name}-{uuid.uuid4().hex}")

    def stop(self, connection: Client) -> None:
        """The read then ends as if it had no rows; nobody waits for them."""
        with suppress(OSError, EOFError, AttributeError):  # it may be ending by itself
            if connection.connection.connected:
                connection.connection.send_cancel()

    def close_connection(self, connection: Client) -> None:
        with suppress(AttributeError):  # the thread that reads on it closes it at the same time
            connection.disconnect()

    def problem_of(self, error: Exception) -> Exception | None:
        return clickhouse_client.problem_of(error)
