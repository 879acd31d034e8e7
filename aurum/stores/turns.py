"""Taking turns: so many at a time, the others wait in the order they came."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

from aurum.errors import Overloaded

GIVE_WAY_SECONDS: Final = 0.1


class Turns:
    """`seconds` is how long one waits for a turn before it is told to come back later."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._free, self._seconds = asyncio.Semaphore(at_once), seconds
        self.waiting = 0

    @property
    def all_taken(self) -> bool:
        return self._free.locked()

    async def take(self, *, patient: bool = False) -> None:
        """Overloaded when none comes in time; who is `patient` waits until one comes."""
        self.waiting += 1
        try:
            async with asyncio.timeout(None if patient else self._seconds):
                await self._free.acquire()
        except TimeoutError as error:
            raise Overloaded from error
        finally:
            self.waiting -= 1

    def give_back(self) -> None:
        self._free.release()


class ExportTurns(Turns):
    """Turns of the pieces of exports, one at a time: two read no faster, and pages come later.

    A piece begins when no other read is under way, or has given way for GIVE_WAY_SECONDS: who asks
    for a page waits for its answer, who exports for the end.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(1, seconds)
        self._others, self._none = 0, asyncio.Event()

    @contextmanager
    def other(self) -> Iterator[None]:
        """Around every other read."""
        self._others += 1
        self._none.clear()
        try:
            yield
        finally:
            self._others -= 1
            if not self._others:
                self._none.set()

    @asynccontextmanager
    async def turn(self, *, patient: bool) -> AsyncIterator[None]:
        await self.take(patient=patient)
        try:
            if self._others:
                with suppress(TimeoutError):
                    async with asyncio.timeout(GIVE_WAY_SECONDS):
                        await self._none.wait()
            yield
        finally:
            self.give_back()
