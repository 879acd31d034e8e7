"""SQLite is read in the loop's thread as long as that takes little, and else in another."""

import asyncio
import threading
import time
from typing import Any

import pytest

from aurum.errors import DeadlineExceeded
from aurum.stores import embedded
from aurum.stores.registry import store_of
from aurum.stores.sql import Select
from tests.conftest import Market, Run
from tests.factories import curve_csv, months

COUNT = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :upto)
    SELECT COUNT(*) FROM n"""
LITTLE, MUCH = 2_000, 200_000


@pytest.fixture(autouse=True)
def _loaded(market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The limits of the counts that were made in threads."""
    made: list[int] = []
    read = embedded._read

    def noted(connection: Any, sql: str, params: Any) -> Any:
        assert threading.current_thread() is not threading.main_thread()
        made.append(params["upto"])
        return read(connection, sql, params)

    monkeypatch.setattr(embedded, "_read", noted)
    monkeypatch.setattr(embedded, "SLOW_SECONDS", 5.0)  # a busy machine is no slow disk
    return made


async def count(upto: int, text: str = COUNT) -> int:
    store = await store_of("curves")
    ((found,),) = await store.fetch(Select(text), {"upto": upto})
    return int(found)


def test_what_takes_little_needs_no_thread_however_often(
    run: Run[Any], in_threads: list[int]
) -> None:
    async def often() -> set[int]:
        return {await count(LITTLE) for _ in range(100)}

    assert run(often()) == {LITTLE}
    assert in_threads == []


@pytest.mark.parametrize(("seconds", "made"), [(60.0, [MUCH, LITTLE]), (0.0, [MUCH])])
def test_what_takes_much_goes_to_a_thread_and_its_like_too_for_a_while(
    run: Run[Any],
    in_threads: list[int],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    made: list[int],
) -> None:
    monkeypatch.setattr(embedded, "ELSEWHERE_SECONDS", seconds)

    async def several() -> None:
        assert await count(MUCH) == MUCH
        assert await count(LITTLE) == LITTLE
        assert await count(LITTLE, COUNT.replace("COUNT(*)", "MAX(i)")) == LITTLE

    run(several())
    assert in_threads == made


def test_what_waited_for_the_disk_is_left_to_threads(
    run: Run[Any], in_threads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def several() -> None:
        monkeypatch.setattr(embedded, "SLOW_SECONDS", 0.0)
        assert await count(LITTLE) == LITTLE
        assert await count(LITTLE) == LITTLE

    run(several())
    assert in_threads == [LITTLE]


def test_pieces_of_exports_and_what_is_asked_beside_a_thread_are_read_in_threads(
    run: Run[Any], in_threads: list[int]
) -> None:
    async def several() -> None:
        store = await store_of("curves")
        async with store.exports.turn(patient=False):
            assert await count(LITTLE) == LITTLE
        assert in_threads == [LITTLE]
        slow = asyncio.create_task(count(MUCH))
        await asyncio.sleep(0)
        assert await count(LITTLE + 1, COUNT.replace("COUNT(*)", "MAX(i)")) == LITTLE + 1
        assert await slow == MUCH
        assert await count(LITTLE + 2, COUNT.replace("COUNT(*)", "MAX(i)")) == LITTLE + 2
        assert sorted(in_threads) == [LITTLE, LITTLE + 1, MUCH]

    run(several())


def test_no_select_holds_the_others(run: Run[Any], settings: Any) -> None:
    settings.AURUM_STORE_DEADLINE_SECONDS = 1

    async def beside() -> float:
        slow = [asyncio.create_task(count(10**12)) for _ in range(3)]
        began, longest = time.monotonic(), 0.0
        while time.monotonic() - began < 0.5:
            last = time.monotonic()
            assert await count(10) == 10
            await asyncio.sleep(0)
            longest = max(longest, time.monotonic() - last)
        for task in slow:
            with pytest.raises(DeadlineExceeded):
                await task
        return longest

    assert run(beside()) < 0.4
