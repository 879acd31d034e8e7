"""The way to a server: who asks, how often, and what for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import pyarrow as pa
import stamina

from aurum_client.errors import Busy, CutOff, raise_for
from aurum_client.routes import Groups

ATTEMPTS, LONGEST_PAUSE, LONGEST_SECONDS = 6, 30.0, 300.0
T = TypeVar("T")

Value = str | int | float | bool | date | datetime | Sequence[Any] | None


def text_of(value: Any) -> str:
    """A parameter as it stands in an address: several values as a comma list."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value)
    return ",".join(f'"{text}"' if "," in text else text for text in map(text_of, value))


class Client(Groups):
    """Asks one Aurum server; `key` is an API key, where the server wants one.

        with Client("http://127.0.0.1:8000") as aurum:
            prices = aurum.iso.lmp(location_id="51288", start="-7d").to_pandas()

    A list is read in pages of one snapshot. A page that fails, as the connection was lost or the
    server is busy, is asked again, after the seconds that the server says or ever longer pauses, so
    that no row comes twice or is left out. What the server refuses is an ApiError.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"X-API-Key": key} if key else {}
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=timeout, transport=transport
        )
        super().__init__(self)

    def __repr__(self) -> str:
        return f"Client({str(self._http.base_url)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def row(self, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The only row of a single thing."""

        def read(answer: httpx.Response) -> dict[str, Any]:
            found: dict[str, Any] = answer.json()["data"]
            return found

        return self._ask(path, asked, "application/json", read)[0]

    def page(self, path: str, asked: Mapping[str, Any]) -> tuple[pa.Table, str | None]:
        """A page of a list, and where the next one is."""
        kind = "application/vnd.apache.arrow.stream"
        return self._ask(path, asked, kind, _table)

    def _ask(
        self,
        path: str,
        asked: Mapping[str, Any],
        kind: str,
        read: Callable[[httpx.Response], T],
    ) -> tuple[T, str | None]:
        given = {name: text_of(value) for name, value in asked.items() if value is not None}
        for attempt in stamina.retry_context(
            on=_pause_before_again,
            attempts=ATTEMPTS,
            timeout=LONGEST_SECONDS,
            wait_initial=0.2,
            wait_max=LONGEST_PAUSE,
        ):
            with attempt:
                answer = self._http.get(path, params=given or None, headers={"Accept": kind})
                raise_for(answer)
                next_page = answer.links.get("next", {}).get("url")
                return read(answer), next_page
        raise AssertionError("stamina raises the last error")


def _pause_before_again(error: Exception) -> bool | float:
    """Whether to ask again, and after how many seconds where the server says so."""
    if isinstance(error, Busy) and error.seconds is not None:
        return min(error.seconds, LONGEST_PAUSE)
    return isinstance(error, Busy | CutOff | httpx.TransportError)


def _table(answer: httpx.Response) -> pa.Table:
    try:
        return pa.ipc.open_stream(answer.content).read_all()
    except pa.ArrowInvalid as error:
        raise CutOff(str(error)) from error
