"""A server, as an object with a method for each of its routes."""

from types import TracebackType
from typing import Any, Self

from aurum_client.routes import Groups
from aurum_client.rows import Rows
from aurum_client.transport import Transport


class Client(Groups):
    """An Aurum server.

    `key` is sent in the header `X-API-Key`, and is shown by nothing here. A page that fails for a
    reason that may pass (connection lost, answer cut off, 429, 502, 503, 504) is asked for again,
    up to `attempts` times within `patience` seconds, after the seconds that the server says or
    after twice as many as before. `timeout` are the seconds without a byte that count as lost.

    ValueError for an address or a key that cannot be one. Methods raise ApiError or TransferError.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        timeout: float = 60.0,
        attempts: int = 8,
        patience: float = 120.0,
    ) -> None:
        transport = Transport(url, key, timeout=timeout, attempts=attempts, patience=patience)
        super().__init__(transport)
        self._transport = transport

    def rows(self, path: str, *, limit: int | None = None, **params: Any) -> Rows:
        """The rows of any list of v2 by its path, for one that this version has no method for."""
        return Rows(self._transport, path, params, limit)

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._transport.url!r})"
