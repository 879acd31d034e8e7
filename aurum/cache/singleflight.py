"""Loads that are running: one per key, however many wait for it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from aurum.cache.memory import EntryKey
from aurum.cache.tags import TagVersions

V = TypeVar("V")


@dataclass(slots=True, eq=False)
class InFlight(Generic[V]):
    """One load. A background load goes on although nobody waits for it."""

    key: EntryKey
    versions: TagVersions
    task: asyncio.Task[V]
    background: bool
    waiters: int = 0
    traceback: TracebackType | None = None


class SingleFlight:
    """Of one event loop, and touched by its thread alone.

    `failed` is told of every load that ended in an exception, whether or not somebody waits.
    """

    def __init__(self, failed: Callable[[InFlight[Any], BaseException], None]) -> None:
        self._failed = failed
        self._by_key: dict[EntryKey, InFlight[Any]] = {}
        # Also those that are no longer to be joined: the loop itself holds tasks only weakly.
        self._tasks: set[asyncio.Task[Any]] = set()

    def find(self, key: EntryKey) -> InFlight[Any] | None:
        in_flight = self._by_key.get(key)
        return None if in_flight is None or in_flight.task.done() else in_flight

    def start(
        self,
        key: EntryKey,
        versions: TagVersions,
        load: Coroutine[Any, Any, V],
        *,
        background: bool,
    ) -> InFlight[V]:
        """Later callers join this load and no longer one that already runs for the key."""
        task = asyncio.get_running_loop().create_task(load)
        in_flight = self._by_key[key] = InFlight(key, versions, task, background)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._land(in_flight, task))
        return in_flight

    async def wait(self, in_flight: InFlight[V]) -> V:
        """What the load brings. When the last caller that waits is cancelled, so is the load.

        All callers get the same exception object, because one with a constructor of its own cannot
        be copied. Each gets it with the load's own traceback and without the frames of the other
        callers; `Task.result` would give the load's traceback to the first caller only.
        """
        in_flight.waiters += 1
        try:
            await asyncio.wait([in_flight.task])
        finally:
            in_flight.waiters -= 1
            if not (in_flight.waiters or in_flight.background or in_flight.task.done()):
                # Forgotten at once: a caller that comes while it is being stopped needs a new one.
                self._forget(in_flight)
                in_flight.task.cancel()
        error = in_flight.task.exception()
        if error is not None:
            raise error.with_traceback(in_flight.traceback)
        return in_flight.task.result()

    async def close(self) -> None:
        """Stops all loads and waits until they have ended; whoever waits for one is cancelled."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def _land(self, in_flight: InFlight[Any], task: asyncio.Task[Any]) -> None:
        self._forget(in_flight)
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            in_flight.traceback = error.__traceback__
            self._failed(in_flight, error)

    def _forget(self, in_flight: InFlight[Any]) -> None:
        if self._by_key.get(in_flight.key) is in_flight:
            del self._by_key[in_flight.key]
