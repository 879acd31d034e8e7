"""Asking the questions that are asked first anyway, before anyone waits for them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from django.conf import settings

from aurum.domains import domains
from aurum.identity import Principal

log = structlog.get_logger("aurum.server.warmup")

ASKER = Principal("warm-up", "warm-up", frozenset({"read"}))


class Warm:
    """Starts a warm-up in the server's loop, from whatever thread the order came."""

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


def questions() -> list[str]:
    """The path and query of every warm-up question, in the order of the domains."""
    return [question for domain in domains() for question in domain.warm]


async def warm(app: Any) -> int:
    """Asks all questions through the application itself; how many were answered well.

    As any client that sends `Accept: */*`. What all tenants see the same is then there for all.
    """
    well = 0
    for question in questions():
        status = await _ask(app, question)
        well += status == 200
        if status != 200:
            log.warning("warmup_failed", question=question, status=status)
    return well


async def _ask(app: Any, question: str) -> int:
    path, _, query = question.partition("?")
    status = 0

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()  # this client has no body and never leaves
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    host = next(iter(settings.ALLOWED_HOSTS), "localhost").lstrip(".").encode()
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", host), (b"accept", b"*/*"), (b"accept-encoding", b"gzip")],
        "aurum.principal": ASKER,
    }
    await app(scope, receive, send)
    return status
