"""What the process asks its own API, without a socket."""

import asyncio
from typing import Any

from django.conf import settings

from aurum.identity import CALLER, Principal


async def get(
    app: Any, target: str, *, caller: Principal, accept: str = "*/*", encoding: str = "gzip"
) -> tuple[int, bytes]:
    """Status and body of the answer; `target` is path and query."""
    path, _, query = target.partition("?")
    status, body = 0, bytearray()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()  # this client has no body and never leaves
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        body.extend(message.get("body", b""))

    host = next(iter(settings.ALLOWED_HOSTS), "localhost").lstrip(".")
    headers = {"host": host, "accept": accept, "accept-encoding": encoding}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        CALLER: caller,
    }
    await app(scope, receive, send)
    return status, bytes(body)
