"""Sending the requests that come first anyway, before anyone waits for their answers."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from django.conf import settings

from aurum.domains import domains
from aurum.identity import CALLER, Principal

log = structlog.get_logger("aurum.server.warmup")

CLIENT = Principal("warm-up", "warm-up", frozenset({"read"}))


class Warm:
    """Starts a warm-up in the server's loop, whichever thread the command comes from."""

    def __init__(self) -> None:
        self._start: Callable[[], object] = lambda: None

    def begin(
        self, loop: asyncio.AbstractEventLoop, run: Callable[[], Coroutine[Any, Any, int]]
    ) -> None:
        self._start = lambda: asyncio.run_coroutine_threadsafe(run(), loop)

    def __call__(self) -> None:
        """Without a server in this process there is nothing to warm."""
        self._start()


WARM = Warm()


def targets() -> list[str]:
    """The path and query of every warm-up request, in the order of the domains."""
    return [target for domain in domains() for target in domain.warm]


async def warm(app: Any) -> int:
    """Sends all of them through the application itself; how many were answered with 200.

    As any client with `Accept: */*` would. What is the same for all tenants is then kept for all.
    """
    succeeded = 0
    for target in targets():
        status, _ = await request(app, target, caller=CLIENT)
        succeeded += status == 200
        if status != 200:
            log.warning("warmup_failed", target=target, status=status)
    return succeeded


async def request(
    app: Any, target: str, *, caller: Principal, accept: str = "*/*", encoding: str = "gzip"
) -> tuple[int, bytes]:
    """Status and body of what the process asks its own API; `target` is path and query."""
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
