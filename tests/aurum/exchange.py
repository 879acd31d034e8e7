"""One request over ASGI by hand, with the client's side of it in the test's hands."""

import asyncio
import re
from typing import Any

# The length follows from the milliseconds in a body of v1: nine are shorter than ten.
OWN_TO_EACH_REQUEST = {"x-request-id", "server-timing", "cache-status", "content-length"}
_OWN_IN_BODIES = re.compile(rb'"(request_id|timestamp|query_time_ms)":("[^"]*"|\d+)')


class Exchange:
    """A client that takes so many messages, and goes away when `left` is set.

    What else is given is put into the scope, where views find it.
    """

    def __init__(
        self, target: str, method: str = "GET", body: bytes = b"", takes: int = 100, **more: Any
    ) -> None:
        where, _, query = target.partition("?")
        headers = {"host": "localhost", **more.pop("headers", {})}
        self.scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
            "method": method, "path": where, "raw_path": where.encode(), "root_path": "",
            "query_string": query.encode("latin-1"), "client": ("127.0.0.1", 9), "server": None,
            "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        } | more  # fmt: skip
        self._body, self._takes = body, takes
        self.asked = 0
        self.sent: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    async def through(self, handler: Any) -> "Exchange":
        await handler(self.scope, self._receive, self._send)
        return self

    async def _receive(self) -> dict[str, Any]:
        self.asked += 1
        if self.asked == 1:
            return {"type": "http.request", "body": self._body, "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if len(self.sent) == self._takes:
            await asyncio.Event().wait()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    def answer(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body, without what differs from request to request."""
        start, *parts = self.sent
        assert start["type"] == "http.response.start"
        assert [part.get("more_body", False) for part in parts] == [True] * len(parts[1:]) + [False]
        headers = [
            (name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]
        ]
        lengths = [int(value) for name, value in headers if name == "content-length"]
        assert not self.body or lengths in ([], [len(self.body)])
        kept = sorted(header for header in headers if header[0] not in OWN_TO_EACH_REQUEST)
        return start["status"], kept, _OWN_IN_BODIES.sub(rb'"\1":0', self.body)
