"""What is served, for how long, and what is counted."""

import asyncio
import dataclasses
from sys import getsizeof
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.cache.memory import ENTRY_BYTES
from aurum.cache.result import CacheResult
from aurum.cache.stats import Stats
from tests.aurum.cache.conftest import POLICY, Desk, Trouble, settle
from tests.conftest import Run

ENTRY = ENTRY_BYTES + getsizeof("a")
"""Of an entry whose key is a single letter."""


def test_a_value_is_loaded_once_and_served_until_it_expires(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        assert await desk.fill("v") == CacheResult("v", "miss", 100.0, True)
        desk.clock.now += 60
        assert await desk.ask() == CacheResult("v", "hit", 40.0, True)
        assert desk.store.began == 1

    run(scene())


def test_keys_and_namespaces_are_kept_apart(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        iso = dataclasses.replace(POLICY, namespace="iso")
        await desk.fill("a", "k")
        await desk.fill("b", "l")
        await desk.fill("c", "k", policy=iso)
        asked = [await desk.ask("k"), await desk.ask("l"), await desk.ask("k", policy=iso)]
        assert [found.value for found in asked] == ["a", "b", "c"]

    run(scene())


def test_peek_finds_what_is_fresh_and_nothing_else(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        assert desk.cache.peek("curves", "k") is None
        assert not desk.cache.stats()
        await desk.fill("v")
        desk.clock.now += 99
        assert desk.cache.peek("curves", "k") == CacheResult("v", "hit", 1.0, True)
        desk.clock.now += 1
        assert desk.cache.peek("curves", "k") is None
        assert desk.cache.stats()["curves"].hits == 1

    run(scene())


@pytest.mark.parametrize("age", [0, 100, 130], ids=["fresh", "stale", "past the stale window"])
def test_an_entry_is_looked_up_once(desk: Desk, run: Run[Any], age: float) -> None:
    async def scene() -> None:
        await desk.fill("v")
        desk.clock.now += age
        before = desk.memory.looked_up
        asked = await desk.start()
        assert desk.memory.looked_up == before + 1
        if desk.store.open:
            await desk.store.answer("w")
        await asked

    run(scene())


def test_the_policy_may_keep_nothing(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        off = dataclasses.replace(POLICY, ttl_seconds=0)
        assert await desk.fill("v", policy=off) == CacheResult("v", "bypass", 0.0, False)
        assert await desk.fill("w", policy=off) == CacheResult("w", "bypass", 0.0, False)
        assert desk.cache.stats()["curves"] == Stats(bypassed=2)

    run(scene())


def test_what_is_too_large_is_served_but_not_kept(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        assert await desk.fill("v" * 100_000) == CacheResult("v" * 100_000, "miss", 0.0, False)
        assert desk.cache.peek("curves", "k") is None

    run(scene())


def test_a_negative_answer_lives_shorter_and_has_no_second_life(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        assert await desk.fill("nothing") == CacheResult("nothing", "miss", 10.0, True)
        desk.clock.now += 9
        assert await desk.status() == "hit"
        desk.clock.now += 1
        assert (await desk.fill("v")).status == "miss"
        assert desk.cache.stats()["curves"].negative == 1

    run(scene())


def test_a_negative_answer_that_is_not_kept_ends_what_was_there(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        policy = dataclasses.replace(POLICY, negative_ttl_seconds=0)
        await desk.fill("v", policy=policy)
        desk.clock.now += 101
        assert await desk.status(policy=policy) == "stale"
        await desk.store.answer("nothing")
        assert await desk.fill("nothing", policy=policy) == CacheResult(
            "nothing", "miss", 0.0, False
        )
        assert desk.cache.stats()["curves"].entries == 0

    run(scene())


def test_an_expired_value_is_served_while_one_load_renews_it(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 100
        assert await desk.ask() == CacheResult("old", "stale", 0.0, True)
        desk.clock.now += 29.5
        assert await desk.ask() == CacheResult("old", "stale", -29.5, True)
        await settle()
        assert desk.store.began == 2
        await desk.store.answer("new")
        assert await desk.ask() == CacheResult("new", "hit", 100.0, True)

    run(scene())


def test_past_the_stale_window_it_is_waited_for(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 130
        assert await desk.fill("new") == CacheResult("new", "miss", 100.0, True)

    run(scene())


def test_who_comes_after_the_stale_window_joins_the_load_that_renews(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 129
        assert await desk.status() == "stale"
        desk.clock.now += 1
        asked = await desk.start()
        await desk.store.answer("new")
        assert (await asked).status == "shared"

    run(scene())


def test_an_expired_value_is_served_when_the_store_is_in_trouble(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 140
        asked = [await desk.start(), await desk.start()]
        await desk.store.fail(Trouble())
        for one in asked:
            assert await one == CacheResult("old", "stale-error", -40.0, True)
        assert desk.cache.stats()["curves"].stale_errors == 2

    run(scene())


def test_trouble_outside_the_error_window_is_raised(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 159
        asked = await desk.start()
        desk.clock.now += 1  # the window ends while the load runs
        await desk.store.fail(Trouble())
        with pytest.raises(Trouble):
            await asked

    run(scene())


def test_an_error_that_is_not_the_stores_is_never_hidden(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 140
        asked = await desk.start()
        await desk.store.fail(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            await asked

    run(scene())


def test_an_exception_is_not_kept(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        asked = await desk.start()
        await desk.store.fail(Trouble())
        with pytest.raises(Trouble):
            await asked
        assert (await desk.fill("v")).status == "miss"

    run(scene())


@given(st.floats(0, 1, exclude_max=True))
def test_a_life_is_at_most_a_tenth_longer_or_shorter(
    loop: asyncio.AbstractEventLoop, luck: float
) -> None:
    desk = Desk()
    desk.luck = luck
    found = loop.run_until_complete(desk.fill("v"))
    assert 90.0 <= found.ttl <= 110.0
    assert found.ttl == pytest.approx(90 + 20 * luck)


def test_every_question_is_counted_once(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        asked = [await desk.start(), await desk.start()]
        await desk.store.answer("v")
        assert [(await one).status for one in asked] == ["miss", "shared"]
        await desk.ask()
        desk.clock.now += 101
        await desk.ask()
        await settle()
        await desk.store.fail(Trouble())
        assert desk.cache.stats() == {
            "curves": Stats(
                hits=1,
                stale=1,
                misses=1,
                shared=1,
                errors=1,
                stores=1,
                entries=1,
                bytes=ENTRY + 1,
            )
        }

    run(scene())


def test_evictions_are_among_the_figures(run: Run[Any]) -> None:
    async def scene() -> None:
        desk = Desk(max_bytes=2 * ENTRY)
        await desk.fill("v", "a")
        await desk.fill("v", "b")
        stats = desk.cache.stats()["curves"]
        assert (stats.evictions, stats.entries, stats.stores) == (1, 1, 2)

    run(scene())
