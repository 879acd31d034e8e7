"""What a purge reaches: all that was loaded, or only begun, before it."""

import dataclasses
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from aurum.cache.memory import ENTRY_BYTES
from aurum.cache.result import CacheResult
from tests.aurum.cache.conftest import POLICY, Desk, Trouble
from tests.conftest import Run

ENTRY = ENTRY_BYTES + sys.getsizeof("a")
"""Of an entry whose key is a single letter."""

REACHED = ["iso:PJM", "table:curve", "namespace:curves"]


@pytest.mark.parametrize("tag", REACHED)
def test_a_purge_reaches_what_carries_the_tag(desk: Desk, run: Run[Any], tag: str) -> None:
    async def scene() -> None:
        await desk.fill("old", tags=("iso:PJM",))
        assert desk.cache.tags()[tag] == 1
        desk.cache.purge(tag)
        assert desk.cache.tags() == {}
        assert desk.cache.peek("curves", "k") is None
        assert (await desk.fill("new", tags=("iso:PJM",))).status == "miss"
        assert desk.cache.peek("curves", "k") == CacheResult("new", "hit", 100.0, True)

    run(scene())


def test_a_purge_spares_what_does_not_carry_the_tag(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("v", tags=("iso:PJM",))
        desk.cache.purge("iso:MISO")
        assert await desk.status() == "hit"

    run(scene())


def test_what_a_purge_reached_is_not_served_stale(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 101
        desk.cache.purge("table:curve")
        assert (await desk.fill("new")).status == "miss"

    run(scene())


def test_what_a_purge_reached_does_not_stand_in_for_a_failed_load(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 140
        asked = await desk.start()
        desk.cache.purge("table:curve")
        await desk.store.fail(Trouble())
        with pytest.raises(Trouble):
            await asked

    run(scene())


def test_a_load_that_began_before_the_purge_leaves_nothing_behind(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        asked = await desk.start()
        desk.cache.purge("table:curve")
        await desk.store.answer("old")
        assert await asked == CacheResult("old", "miss", 0.0, False)
        assert (await desk.fill("new")).status == "miss"

    run(scene())


def test_who_asks_after_the_purge_does_not_join_a_load_from_before_it(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        before = await desk.start()
        desk.cache.purge("table:curve")
        after = await desk.start()
        await desk.store.answer("old")
        assert (await before).value == "old"
        assert not after.done()
        await desk.store.answer("new")
        assert (await after).value == "new"
        assert (await desk.ask()).value == "new"

    run(scene())


def test_a_load_from_before_the_purge_does_not_undo_one_from_after_it(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        before = await desk.start()
        desk.cache.purge("table:curve")
        after = await desk.start()
        desk.store.open.reverse()
        await desk.store.answer("new")
        await desk.store.answer("old")
        assert [(await before).value, (await after).value] == ["old", "new"]
        assert (await desk.ask()).value == "new"

    run(scene())


def test_when_a_load_from_before_the_purge_ends_the_one_from_after_it_is_still_joined(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        before = await desk.start()
        desk.cache.purge("table:curve")
        after = await desk.start()
        await desk.store.answer("old")
        joined = await desk.start()
        assert desk.store.began == 2
        await desk.store.answer("new")
        assert [(await asked).status for asked in (before, after, joined)] == [
            "miss",
            "miss",
            "shared",
        ]

    run(scene())


@pytest.mark.parametrize("later", ["iso:MISO", "iso:PJM"])
def test_no_later_purge_brings_back_what_an_earlier_one_reached(
    desk: Desk, run: Run[Any], later: str
) -> None:
    async def scene() -> None:
        desk.cache.purge("iso:PJM")
        await desk.fill("old", tags=("iso:PJM",))
        for tag in ("iso:PJM", later, later):
            desk.cache.purge(tag)
        assert desk.cache.peek("curves", "k") is None

    run(scene())


def test_each_tag_is_counted_without_what_a_purge_has_reached(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("v", "a", tags=("iso:PJM",))
        await desk.fill("v", "b", tags=("iso:MISO",))
        both = {"table:curve": 2, "namespace:curves": 2}
        assert desk.cache.tags() == {"iso:PJM": 1, "iso:MISO": 1, **both}
        desk.cache.purge("iso:MISO")
        assert desk.cache.tags() == {"iso:PJM": 1, "table:curve": 1, "namespace:curves": 1}
        await desk.fill("w", "b", tags=("iso:MISO",))
        assert desk.cache.tags() == {"iso:PJM": 1, "iso:MISO": 1, **both}

    run(scene())


def test_what_is_dropped_or_replaced_is_not_counted(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("v", tags=("iso:PJM",))
        desk.clock.now += 160
        await desk.fill("w", tags=("iso:MISO",))
        assert desk.cache.tags() == {"iso:MISO": 1, "table:curve": 1, "namespace:curves": 1}
        desk.cache.clear("curves")
        assert desk.cache.tags() == {}

    run(scene())


def test_clearing_a_namespace_gives_its_memory_back(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        iso = dataclasses.replace(POLICY, namespace="iso")
        await desk.fill("v", "a")
        await desk.fill("v", "b", policy=iso)
        running = await desk.start("c")
        desk.cache.clear("curves")
        await desk.store.answer("old")
        assert (await running).stored is False
        stats = desk.cache.stats()
        assert (stats["curves"].entries, stats["curves"].bytes) == (0, 0)
        assert (stats["iso"].entries, stats["iso"].bytes) == (1, ENTRY + 1)

    run(scene())


def test_a_string_in_place_of_several_tags_is_refused(desk: Desk, run: Run[Any]) -> None:
    wrong: Any = "iso:PJM"
    with pytest.raises(TypeError, match="must be several"):
        run(desk.ask(tags=wrong))


def test_a_purge_from_another_thread_is_seen_by_who_asks_after_it(
    desk: Desk, run: Run[Any], busy_threads: Callable[[Callable[[], None]], None]
) -> None:
    """The other threads also count, clear and read the figures all the while."""
    truth = purged = 0

    def purge() -> None:
        nonlocal truth, purged
        truth += 1
        desk.cache.purge("iso:PJM")
        purged = truth

    async def load() -> int:
        return truth

    async def scene() -> int:
        served = 0
        while purged < 200 or served < 2000:
            least = purged
            key = f"k{served % 5}"
            # Ever more namespaces, so that the figures are read while one is being added.
            policy = dataclasses.replace(POLICY, namespace=f"n{served // 10}")
            for of in (POLICY, policy):
                found = await desk.ask(key, tags=("iso:PJM",), load=load, policy=of)
                assert found.value >= least
            served += 1
        return served

    busy_threads(purge)
    busy_threads(lambda: assert_in_bounds(desk))
    busy_threads(lambda: desk.cache.clear("curves"))
    assert run(scene()) >= 2000


def assert_in_bounds(desk: Desk) -> None:
    desk.cache.tags()
    for stats in desk.cache.stats().values():
        assert 0 <= stats.entries <= 5
        assert ENTRY * stats.entries <= stats.bytes <= 2 * ENTRY * stats.entries


@pytest.fixture
def busy_threads() -> Any:
    """Repeats a call in a thread of its own until the test ends; what it raises fails the test."""
    ended, threads = threading.Event(), []

    def repeat(call: Callable[[], None]) -> None:
        while not ended.is_set():
            call()

    def start(call: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=repeat, args=[call]))
        threads[-1].start()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield start
    ended.set()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
