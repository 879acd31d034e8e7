"""Near words: offered for slips of the pen, and never at the price of other requests."""

import asyncio
import hashlib
import time

import pytest

from aurum.errors import near_words
from aurum.query import MOST_LOOKED_UP, near_all
from tests.conftest import Run

HASHES = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(5_000)]
PLACES = [f"{word}.{number}" for number in range(2_500) for word in ("NODE", "HUB")]


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("hub.77", ["HUB.77"]), ("NDOE.1234", ["NODE.1234"]), ("qqqq", [])],
)
def test_the_nearest_comes_first(given: str, nearest: list[str]) -> None:
    assert near_words(given, PLACES)[:1] == nearest


def test_a_hash_has_no_near_ones_but_its_beginning_has() -> None:
    assert near_words("0" + HASHES[0][1:], HASHES) == []
    assert near_words(HASHES[0][:9], HASHES) == [HASHES[0]]


def test_fifty_unknown_hashes_among_thousands_take_no_time(run: Run[list[str]]) -> None:
    unknown = [hashlib.sha256(word.encode()).hexdigest() for word in map(chr, range(50))]
    began = time.perf_counter()
    assert run(near_all(unknown, HASHES)) == []
    assert time.perf_counter() - began < 0.5  # it was half a second for each


def test_a_long_text_is_compared_with_nothing() -> None:
    assert near_words("HUB.77" + "7" * 100, PLACES) == []


def test_the_loop_goes_on_while_words_are_compared(run: Run[float]) -> None:
    async def longest_wait() -> float:
        looking = asyncio.create_task(near_all(["HBU.1"] * 50, PLACES))
        waits = []
        while not looking.done():
            began = time.perf_counter()
            await asyncio.sleep(0)
            waits.append(time.perf_counter() - began)
        assert len(looking.result()) <= 3 * MOST_LOOKED_UP
        return sorted(waits)[len(waits) // 2]

    assert run(longest_wait()) < 0.02
