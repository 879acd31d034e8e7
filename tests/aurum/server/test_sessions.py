"""What a process keeps of sessions: for seconds, within bounds, asked once and in a thread."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from aurum.errors import Overloaded, StoreUnavailable
from aurum.identity import Principal
from aurum.server.sessions import MOST_KEPT, MOST_STRANGERS, SECONDS, Sessions, session_key
from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("db")


def person(name: str) -> Principal:
    return Principal(f"user:{name}", "acme", frozenset({"read"}), by_session=True)


class People:
    """Who is signed in, by the session's key, and who was asked about."""

    def __init__(self) -> None:
        self.known: dict[str, Principal] = {"anna": person("anna")}
        self.asked: list[str] = []
        self.threads: set[int] = set()
        self.most_at_once, self._at_once = 0, 0
        self.go_on = threading.Event()
        self.go_on.set()
        self._lock = threading.Lock()

    def look_up(self, key: str) -> Principal | None:
        with self._lock:
            self.asked.append(key)
            self.threads.add(threading.get_ident())
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.go_on.wait(5)
        with self._lock:
            self._at_once -= 1
        return self.known.get(key)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(people: People, clock: Clock) -> Iterator[Sessions]:
    made = Sessions(now=clock)
    made.register(people.look_up)
    yield made
    people.go_on.set()
    made.close()


def test_it_is_asked_once_in_a_thread_and_again_after_seconds(
    run: Run[Any], sessions: Sessions, people: People, clock: Clock
) -> None:
    async def often() -> set[Any]:
        return {await sessions.find("anna") for _ in range(50)}

    assert run(often()) == {person("anna")}
    clock.now += SECONDS - 0.1
    assert run(often()) == {person("anna")}
    assert people.asked == ["anna"]
    assert threading.get_ident() not in people.threads
    del people.known["anna"]
    clock.now += 0.1
    assert run(often()) == {None}
    assert people.asked == ["anna", "anna"]


def test_a_cookie_of_nobody_is_asked_about_once_and_may_become_somebody_s(
    run: Run[Any], sessions: Sessions, people: People, clock: Clock
) -> None:
    for _ in range(20):
        assert run(sessions.find("berta")) is None
    assert people.asked == ["berta"]
    people.known["berta"] = person("berta")
    clock.now += SECONDS
    assert run(sessions.find("berta")) == person("berta")


def test_many_reads_at_once_ask_once(run: Run[Any], sessions: Sessions, people: People) -> None:
    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(sessions.find("anna") for _ in range(200)))

    assert run(all_at_once()) == [person("anna")] * 200
    assert people.asked == ["anna"]


def test_a_caller_that_leaves_takes_the_answer_from_nobody(
    run: Run[Any], sessions: Sessions, people: People
) -> None:
    people.go_on.clear()

    async def leave() -> Any:
        leaves, stays = (asyncio.ensure_future(sessions.find("anna")) for _ in range(2))
        await asyncio.sleep(0.01)
        leaves.cancel()
        await asyncio.sleep(0.01)
        people.go_on.set()
        return await stays

    assert run(leave()) == person("anna")
    assert people.asked == ["anna"]


def test_ten_thousand_cookies_of_nobody_push_nobody_out(
    run: Run[Any], sessions: Sessions, people: People, clock: Clock
) -> None:
    assert run(sessions.find("anna")) == person("anna")

    async def flood() -> list[Any]:
        return await asyncio.gather(*(sessions.find(f"forged{n}") for n in range(10_000)))

    answers = run(flood())
    assert answers.count(None) == MOST_STRANGERS
    assert all(isinstance(a, Overloaded) for a in answers if a is not None)
    assert len(people.asked) == 1 + MOST_STRANGERS
    assert people.most_at_once <= 2

    async def one_by_one() -> None:
        for number in range(MOST_KEPT + 100):
            assert await sessions.find(f"patient{number}") is None

    run(one_by_one())
    assert len(sessions._nobody) == MOST_KEPT
    people.asked.clear()
    assert run(sessions.find("anna")) == person("anna")
    assert people.asked == []


def test_who_was_known_is_looked_up_again_while_strangers_wait(
    run: Run[Any], sessions: Sessions, people: People, clock: Clock
) -> None:
    assert run(sessions.find("anna")) == person("anna")
    clock.now += SECONDS
    people.go_on.clear()

    async def crowded() -> Any:
        strangers = [asyncio.ensure_future(sessions.find(f"forged{n}")) for n in range(100)]
        await asyncio.sleep(0.01)
        anna = asyncio.ensure_future(sessions.find("anna"))
        await asyncio.sleep(0.01)
        people.go_on.set()
        await asyncio.gather(*strangers)
        return await anna

    assert run(crowded()) == person("anna")


def test_only_so_many_people_are_kept(run: Run[Any], sessions: Sessions, people: People) -> None:
    people.known |= {f"p{n}": person(f"p{n}") for n in range(MOST_KEPT + 5)}

    async def one_by_one() -> None:
        for number in range(MOST_KEPT + 5):
            assert await sessions.find(f"p{number}") is not None

    run(one_by_one())
    assert len(sessions._people) == MOST_KEPT


def test_what_cannot_be_asked_is_said_and_not_kept(run: Run[Any], sessions: Sessions) -> None:
    def fails(key: str) -> Principal | None:
        raise OperationalError("the database is away")

    sessions.register(fails)
    assert isinstance(run(sessions.find("anna")), StoreUnavailable)
    sessions.register(lambda key: person(key))
    assert run(sessions.find("anna")) == person("anna")


def test_no_cookie_is_kept_as_it_is(run: Run[Any], sessions: Sessions) -> None:
    run(sessions.find("anna"))
    run(sessions.find("forged"))
    kept = f"{vars(sessions)}"
    assert "b'anna'" not in kept
    assert "'anna'" not in kept
    assert "forged" not in kept


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"cookie": "sessionid=abc1"}, "abc1"),
        ({"cookie": "csrftoken=x; sessionid=abc1; a=b"}, "abc1"),
        ({"cookie": "sessionid=abc1", "x-api-key": ""}, None),
        ({"cookie": "sessionid=abc1", "authorization": "Basic x"}, None),
        ({"cookie": "csrftoken=x"}, None),
        ({"cookie": "mysessionid=abc1"}, None),
        ({"cookie": "sessionid="}, None),
        ({"cookie": "sessionid=a\x00b"}, None),
        ({"cookie": "sessionid=é"}, None),
        ({"cookie": "sessionid=" + "a" * 41}, None),
    ],
)
def test_which_cookie_counts(headers: dict[str, str], found: str | None) -> None:
    assert session_key(headers) == found
