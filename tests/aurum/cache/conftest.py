"""A cache whose time, luck and store are the test's."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from aurum.cache.manager import CacheManager
from aurum.cache.memory import Entry, EntryKey, MemoryLayer
from aurum.cache.policies import Policy
from aurum.cache.result import CacheResult
from tests.conftest import Run

POLICY = Policy(
    namespace="curves",
    ttl_seconds=100,
    stale_seconds=30,
    error_seconds=60,
    negative_ttl_seconds=10,
)


class Trouble(Exception):
    """What a load raises when its store is in trouble."""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Answers when the test says so; `began` counts the loads, `stopped` those cancelled."""

    def __init__(self) -> None:
        self.began = self.stopped = 0
        self.open: list[asyncio.Future[Any]] = []

    async def load(self) -> Any:
        self.began += 1
        answer = asyncio.get_running_loop().create_future()
        self.open.append(answer)
        try:
            return await answer
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        finally:
            self.open.remove(answer)

    async def answer(self, value: Any) -> None:
        """The oldest load that runs brings this."""
        self.open[0].set_result(value)
        await settle()

    async def fail(self, error: Exception) -> None:
        self.open[0].set_exception(error)
        await settle()


async def settle() -> None:
    """Until everything that can go on without the test has."""
    for _ in range(8):
        await asyncio.sleep(0)


class CountingLayer(MemoryLayer):
    """`looked_up` counts the entries that were looked for."""

    looked_up = 0

    def get(self, key: EntryKey, now: float) -> Entry | None:
        self.looked_up += 1
        return super().get(key, now)


class Desk:
    """A cache with a clock and a store to play with."""

    def __init__(self, max_bytes: int = 100_000) -> None:
        self.clock, self.store, self.luck = Clock(), Store(), 0.5
        self.memory = CountingLayer(max_bytes)
        self.cache = CacheManager(
            self.memory,
            failures=(Trouble,),
            now=self.clock,
            jitter=lambda: self.luck,
        )

    async def ask(
        self,
        key: str = "k",
        *,
        tags: tuple[str, ...] = (),
        policy: Policy = POLICY,
        load: Callable[[], Awaitable[Any]] | None = None,
    ) -> CacheResult[Any]:
        return await self.cache.get(
            policy,
            key,
            tags if isinstance(tags, str) else ("table:curve", *tags),
            load or self.store.load,
            size=lambda value: len(str(value)),
            is_negative=lambda value: value == "nothing",
        )

    async def fill(self, value: Any, key: str = "k", **more: Any) -> CacheResult[Any]:
        """Asks and lets the store answer."""
        asked = await self.start(key, **more)
        await self.store.answer(value)
        return await asked

    async def start(self, key: str = "k", **more: Any) -> asyncio.Task[CacheResult[Any]]:
        """Asks, and goes on while the answer is not there."""
        asked = asyncio.get_running_loop().create_task(self.ask(key, **more))
        await settle()
        return asked

    async def status(self, key: str = "k", **more: Any) -> str:
        """How a question is answered that nobody has to wait for."""
        asked = await self.start(key, **more)
        assert asked.done(), "it waits for the store"
        return (await asked).status


@pytest.fixture
def run(run: Run[Any]) -> Run[Any]:
    """A scene that waits for ever fails instead."""
    return lambda scene: run(asyncio.wait_for(scene, 10))


@pytest.fixture
def desk(loop: asyncio.AbstractEventLoop, run: Run[Any]) -> Iterator[Desk]:
    """Afterwards no task is left, and nothing was told to the loop's last resort."""
    told: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: told.append(context))
    yield Desk()
    run(settle())
    left = asyncio.all_tasks(loop)
    loop.set_exception_handler(None)
    assert not left
    assert not told
