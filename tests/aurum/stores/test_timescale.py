"""Connections to a server that is there: lost ones, which no reader notices, and none left."""

import asyncio
from typing import Any

import psycopg
import pytest

from aurum.errors import Overloaded
from aurum.stores.registry import store_of
from aurum.stores.sql import Select
from tests.conftest import Market, Run

pytestmark = pytest.mark.parametrize(
    "engine", [pytest.param("timescale", marks=pytest.mark.timescale)], indirect=True
)
PID = Select("SELECT pg_backend_pid() AS pid FROM (SELECT pg_sleep(0.2) AS a) AS s")


@pytest.mark.parametrize("readers", [1, 6])
def test_the_first_readers_after_a_restart_are_answered(
    market: Market, run: Run[Any], settings: Any, readers: int
) -> None:
    """All connections in the pool are dead, and the pool does not know."""

    async def pids(readers: int) -> set[int]:
        store = await store_of("curves")
        found = await asyncio.gather(*(store.fetch(PID, {}) for _ in range(readers)))
        return {pid for ((pid,),) in found}

    before = run(pids(6))
    assert len(before) > 1
    with psycopg.connect(settings.AURUM_TIMESCALE_DSN) as database:
        for pid in before:
            database.execute("SELECT pg_terminate_backend(%s, 1000)", [pid])
    after = run(pids(readers))
    assert after
    assert not before & after


def test_a_statement_whose_connection_is_cut_is_repeated(
    market: Market, run: Run[Any], settings: Any
) -> None:
    async def cut() -> list[Any]:
        store = await store_of("curves")
        ((pid,),) = await store.fetch(PID, {})
        reading = asyncio.create_task(store.fetch(PID, {}))
        await asyncio.sleep(0.1)
        async with await psycopg.AsyncConnection.connect(settings.AURUM_TIMESCALE_DSN) as database:
            await database.execute("SELECT pg_terminate_backend(%s, 1000)", [pid])
        ((again,),) = await reading
        return [pid, again]

    pid, again = run(cut())
    assert pid != again


def test_who_waits_in_vain_for_others_says_nothing_of_the_server(
    market: Market, run: Run[Any], settings: Any
) -> None:
    settings.AURUM_POOL_MAX_SIZE = 1
    settings.AURUM_POOL_ACQUIRE_SECONDS = 0.1
    slow = Select("SELECT pg_sleep(1) AS slept")

    async def crowd() -> list[Any]:
        store = await store_of("curves")
        await store.fetch(PID, {})
        asked = (store.fetch(slow, {}) for _ in range(10))
        found = await asyncio.gather(*asked, return_exceptions=True)
        await store.fetch(PID, {})
        return found

    answered, *refused = sorted(run(crowd()), key=lambda found: isinstance(found, Exception))
    assert len(answered) == 1
    assert {type(problem) for problem in refused} == {Overloaded}
