"""Loads that are running: each question's once, however many wait for it."""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Generic, TypeVar

from aurum.cache.memory import EntryKey
from aurum.cache.tags import Seen

V = TypeVar("V")


class Flight(Generic[V]):
    """One load. In the background it goes on though nobody waits for it."""

    __slots__ = ("background", "key", "seen", "task", "traceback", "waiters")

    def __init__(
        self, key: EntryKey, seen: Seen, task: asyncio.Task[V], *, background: bool
    ) -> None:
        self.key, self.seen, self.task, self.background = key, seen, task, background
        self.waiters = 0
        self.traceback: TracebackType | None = None


class Flights:
    """Of one event loop, and touched by its thread alone.

    `failed` is told of every load that ended in an exception, whether or not somebody waits.
    """

    def __init__(self, failed: Callable[[Flight[Any], BaseException], None]) -> None:
        self._failed = failed
        self._by_key: dict[EntryKey, Flight[Any]] = {}
        # Also those that are no longer to be joined: the loop itself holds tasks only weakly.
        self._tasks: set[asyncio.Task[Any]] = set()

    def find(self, key: EntryKey) -> Flight[Any] | None:
        flight = self._by_key.get(key)
        return None if flight is None or flight.task.done() else flight

    def start(
        self, key: EntryKey, seen: Seen, load: Coroutine[Any, Any, V], *, background: bool
    ) -> Flight[V]:
        """Whoever asks next joins this load, not one that already runs for the key."""
        task = asyncio.get_running_loop().create_task(load)
        flight = self._by_key[key] = Flight(key, seen, task, background=background)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._land(flight, task))
        return flight

    async def wait(self, flight: Flight[V]) -> V:
        """What the load brings; the last who stops waiting for it stops it.

        An exception is the same object for all who wait, for one with a constructor of its own
        cannot be copied. Each of them has it with the frames of the load, to which `Task.result`
        would treat only the first, and without those of the others.
        """
        flight.waiters += 1
        try:
            await asyncio.wait([flight.task])
        finally:
            flight.waiters -= 1
            if not (flight.waiters or flight.background or flight.task.done()):
                # Forgotten at once: who comes while it is still being stopped needs a new one.
                self._forget(flight)
                flight.task.cancel()
        error = flight.task.exception()
        if error is not None:
            raise error.with_traceback(flight.traceback)
        return flight.task.result()

    async def close(self) -> None:
        """Stops all loads and waits until they have ended; whoever waits for one is cancelled."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def _land(self, flight: Flight[Any], task: asyncio.Task[Any]) -> None:
        self._forget(flight)
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            flight.traceback = error.__traceback__
            self._failed(flight, error)

    def _forget(self, flight: Flight[Any]) -> None:
        if self._by_key.get(flight.key) is flight:
            del self._by_key[flight.key]
