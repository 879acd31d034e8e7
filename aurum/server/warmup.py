"""Sending the requests that come first anyway, before anyone waits for their answers."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from aurum.domains import domains
from aurum.identity import Principal
from aurum.server.client import get

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
        status, _ = await get(app, target, caller=CLIENT)
        succeeded += status == 200
        if status != 200:
            log.warning("warmup_failed", target=target, status=status)
    return succeeded
