"""One load a question, however many wait for it, leave, or fail with it."""

import asyncio
import gc
import traceback
import weakref
from typing import Any

import pytest

from aurum.cache.result import CacheResult
from tests.aurum.cache.conftest import Desk, Trouble, settle
from tests.conftest import Run


def test_500_who_ask_at_once_cost_one_load(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        asked = [asyncio.ensure_future(desk.ask()) for _ in range(500)]
        await settle()
        await desk.store.answer("v")
        found = await asyncio.gather(*asked)
        assert found[0] == CacheResult("v", "miss", 100.0, True)
        assert found[1:] == [CacheResult("v", "shared", 100.0, True)] * 499
        assert desk.store.began == 1

    run(scene())


def test_who_leaves_does_not_stop_the_load_of_the_others(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        first, second = await desk.start(), await desk.start()
        first.cancel()
        await settle()
        assert first.cancelled()
        await desk.store.answer("v")
        assert (await second).value == "v"
        assert desk.store.began == 1

    run(scene())


def test_the_last_who_leaves_stops_the_load(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        asked = [await desk.start(), await desk.start()]
        asked[0].cancel()
        await settle()
        assert desk.store.stopped == 0
        asked[1].cancel()
        await settle()
        assert desk.store.stopped == 1
        assert desk.cache.stats()["curves"].errors == 0

    run(scene())


def test_a_load_that_is_stopped_before_it_begins_leaves_nothing(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        asked = asyncio.ensure_future(desk.ask())
        await asyncio.sleep(0)
        await desk.cache.close()
        assert desk.store.began == 0
        await settle()
        assert asked.cancelled()
        assert (await desk.fill("v")).status == "miss"

    run(scene())


def test_a_deadline_of_the_caller_stops_the_load(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await desk.ask()
        await settle()
        assert desk.store.open == []

    run(scene())


def test_who_comes_while_a_load_is_being_stopped_gets_one_of_their_own(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        stopped = asyncio.Event()

        async def slow_to_stop() -> str:
            try:
                return str(await desk.store.load())
            finally:
                await stopped.wait()

        asked = await desk.start(load=slow_to_stop)
        asked.cancel()
        await settle()
        second = await desk.start()
        stopped.set()
        await desk.store.answer("v")
        assert (await second).value == "v"

    run(scene())


def test_a_load_that_renews_goes_on_when_those_who_joined_it_leave(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 129
        assert await desk.status() == "stale"
        desk.clock.now += 1
        asked = await desk.start()
        asked.cancel()
        await settle()
        await desk.store.answer("new")
        assert await desk.status() == "hit"

    run(scene())


def test_an_exception_reaches_all_who_wait_each_with_the_frames_of_the_load(
    desk: Desk, run: Run[Any]
) -> None:
    async def scene() -> None:
        traces: list[list[str]] = []

        async def waits() -> None:
            try:
                await desk.ask()
            except Trouble as error:
                traces.append([frame.name for frame in traceback.extract_tb(error.__traceback__)])

        asked = [asyncio.ensure_future(waits()) for _ in range(50)]
        await settle()
        await desk.store.fail(Trouble())
        await asyncio.gather(*asked)
        assert len(traces) == 50
        assert traces[0][-2:] == ["_load", "load"]
        assert traces == [traces[0]] * 50
        assert desk.cache.stats()["curves"].errors == 1

    run(scene())


def test_a_failed_renewal_is_counted_logged_and_tried_again(
    desk: Desk, run: Run[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 101
        for _ in range(2):
            assert await desk.status() == "stale"
            await desk.store.fail(Trouble("the store is away"))

    run(scene())
    gc.collect()
    assert desk.cache.stats()["curves"].errors == 2
    assert caplog.text.count("the store is away") == 2
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_a_renewal_that_fails_by_a_mistake_leaves_its_traceback_in_the_log(
    desk: Desk, run: Run[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 101
        assert await desk.status() == "stale"
        await desk.store.fail(ZeroDivisionError("a mistake"))

    run(scene())
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "a mistake" in str(record.msg)


def test_a_load_that_fails_while_it_is_being_stopped_is_logged(
    desk: Desk, run: Run[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def fails_to_stop() -> None:
        try:
            await desk.store.load()
        finally:
            raise Trouble("it would not stop")

    async def scene() -> None:
        asked = await desk.start(load=fails_to_stop)
        asked.cancel()
        await settle()
        assert asked.cancelled()

    run(scene())
    gc.collect()
    assert "it would not stop" in caplog.text


def test_what_a_waiter_is_told_is_not_logged_too(
    desk: Desk, run: Run[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        asked = await desk.start()
        await desk.store.fail(Trouble())
        with pytest.raises(Trouble):
            await asked

    run(scene())
    assert not caplog.records


def test_nothing_holds_on_to_a_load_that_has_ended(desk: Desk, run: Run[Any]) -> None:
    class Result:
        """What a weak reference can be had of."""

    async def scene() -> weakref.ref[Result]:
        answer = Result()
        await desk.fill(answer)
        return weakref.ref(answer)

    answer = run(scene())
    assert answer() is not None
    desk.cache.clear("curves")
    gc.collect()
    assert answer() is None


def test_closing_stops_every_load_and_waits_for_its_end(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        await desk.fill("old")
        desk.clock.now += 101
        assert await desk.status() == "stale"
        asked = await desk.start("another")
        await desk.cache.close()
        assert desk.store.stopped == 2
        with pytest.raises(asyncio.CancelledError):
            await asked

    run(scene())


def test_closing_stops_also_what_a_purge_has_made_useless(desk: Desk, run: Run[Any]) -> None:
    async def scene() -> None:
        first = await desk.start()
        desk.cache.purge("table:curve")
        second = await desk.start()
        await desk.cache.close()
        assert desk.store.stopped == desk.store.began == 2
        await asyncio.wait([first, second])

    run(scene())
