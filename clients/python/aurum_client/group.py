"""What the groups of routes are made of."""

from collections.abc import Mapping
from typing import Any

from aurum_client.parameters import query_of
from aurum_client.rows import ARROW, Rows, read_row
from aurum_client.transport import Transport


class Group:
    """Routes that belong together. Nothing is asked before rows are read."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _rows(self, path: str, params: Mapping[str, Any], limit: int | None = None) -> Rows:
        return Rows(self._transport, path, params, limit)

    def _row(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        accept = f"{ARROW}, application/json;q=0.5"  # there are documents that are no table
        return self._transport.get(path, query_of(params), accept, read_row)
