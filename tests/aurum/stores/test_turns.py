"""Who waits for whom: exports for turns of their own, and for the reads of others."""

import asyncio
import time
from typing import Any

import pytest

from aurum.errors import Overloaded
from aurum.stores import turns
from aurum.stores.turns import ExportTurns, Turns
from tests.conftest import Run


def test_a_turn_is_waited_for_in_order_and_not_for_ever(run: Run[Any]) -> None:
    async def three() -> list[str]:
        free, had = Turns(1, seconds=0.05), []

        async def one(name: str) -> None:
            await free.take(patient=True)
            had.append(name)
            await asyncio.sleep(0)
            free.give_back()

        await free.take()
        with pytest.raises(Overloaded) as refused:
            await free.take()
        assert refused.value.headers["Retry-After"] == "5"
        both = asyncio.gather(one("first"), one("second"))
        await asyncio.sleep(0.1)  # longer than who is not patient would wait
        assert (had, free.waiting) == ([], 2)
        free.give_back()
        await both
        return had

    assert run(three()) == ["first", "second"]


def test_who_leaves_the_queue_leaves_no_turn_behind(run: Run[Any]) -> None:
    async def leave() -> None:
        free = Turns(1, seconds=5)
        await free.take()
        waiting = asyncio.ensure_future(free.take())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        free.give_back()
        await free.take()

    run(leave())


def test_a_piece_of_an_export_lets_other_reads_pass_for_a_while(
    run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "GIVE_WAY_SECONDS", 0.2)

    async def waited(read_for: float) -> float:
        exports = ExportTurns(seconds=5)

        async def read() -> None:
            with exports.other():
                await asyncio.sleep(read_for)

        reading = asyncio.ensure_future(read())
        await asyncio.sleep(0)
        began = time.monotonic()
        async with exports.turn(patient=False):
            took = time.monotonic() - began
        await reading
        return took

    assert 0.02 <= run(waited(0.03)) < 0.15
    assert 0.19 <= run(waited(0.6)) < 0.5
