"""Reading from ClickHouse, through its native protocol."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from clickhouse_driver import Client

from aurum.stores import clickhouse_client
from aurum.stores.clickhouse_values import select
from aurum.stores.tables import Row
from aurum.stores.threaded import ThreadedStore


class ClickHouseStore(ThreadedStore[Client]):
    engine = dialect = "clickhouse"
    address = "AURUM_CLICKHOUSE_URL"

    def connect(self) -> Client:
        return clickhouse_client.connect(
            self.url,
            answer_seconds=self.server_seconds + 1,
            max_execution_time=self.server_seconds,
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
