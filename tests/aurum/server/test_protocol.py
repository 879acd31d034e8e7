"""A connection: what may be sent over it, and how long it is waited for."""

import asyncio
import json
import time
from typing import Any

import pytest

from aurum.server import protocol
from tests.aurum.server.serving import Endless, serving
from tests.conftest import Run

HOST = b"Host: localhost\r\n"
GET = b"GET /v2/curves?api_key=secret HTTP/1.1\r\n" + HOST
LAST = b"Connection: close\r\n\r\n"
POST = b"POST /v2/curves HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = 17_000


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Only for tests of the limits: a machine that is busy elsewhere stands still for as long."""
    monkeypatch.setattr(protocol, "LOOK_SECONDS", 0.02)
    settings.AURUM_API_RECEIVE_SECONDS = settings.AURUM_API_SEND_SECONDS = 0.2


def exchange(run: Run[Any], *parts: bytes, pause: float = 0.0) -> tuple[bytes, float]:
    """All that is said to these parts until the connection is closed, and how long that took."""

    async def talk() -> tuple[bytes, float]:
        async with serving() as server:
            return await (await server.client()).said(*parts, pause=pause)

    return run(talk())  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("status", "slug", "request_"),
    [
        (400, "validation-error", b"NONSENSE\r\n\r\n"),
        (400, "validation-error", GET + b"Content-Length: x\r\n\r\n"),
        (414, "uri-too-long", b"GET /" + b"x" * 8000),
        (431, "headers-too-large", GET + b"A: " + b"x" * LONG + b"\r\n\r\n"),
        (431, "headers-too-large", GET + b"A" * LONG + b": x\r\n\r\n"),
        (431, "headers-too-large", GET + (b"A: " + b"x" * 8000 + b"\r\n") * 3 + b"\r\n"),
        (431, "headers-too-large", GET + b"A: b\r\n" * 100 + b"\r\n"),
        (431, "headers-too-large", GET + b"A: " + b"x" * 3 * LONG),
        (431, "headers-too-large", b"\r\n" * LONG * 2),
        (431, "headers-too-large", CHUNKED + b"0\r\nA: " + b"x" * 3 * LONG),
        (431, "headers-too-large", CHUNKED + b"1;" + b"x" * 3 * LONG),
    ],
)
def test_what_is_too_much_is_refused_before_it_is_whole(
    run: Run[Any], settings: Any, status: int, slug: str, request_: bytes
) -> None:
    answer, took = exchange(run, request_)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    for header in (b"application/problem+json", b"connection: close", b": nosniff"):
        assert header in head
    said = json.loads(body)
    assert (said["type"], said["status"]) == (f"/problems/{slug}", status)
    assert f"x-request-id: {said['request_id']}".encode() in head
    assert b"secret" not in answer
    assert took < settings.AURUM_API_RECEIVE_SECONDS / 2


def test_a_header_that_never_ends_is_not_kept(run: Run[Any]) -> None:
    answer, took = exchange(run, GET + b"A: ", *[b"x" * 100_000] * 600)
    assert answer[:12] in (b"", b"HTTP/1.1 431")  # who is still writing may see only the end
    assert took < 2


@pytest.mark.parametrize(
    "parts",
    [
        [b""],
        [b"\r\n"] * 100,
        [bytes([letter]) for letter in GET * 2],
        [GET, *[b"A: b\r\n"] * 90],
        [POST + b"Content-Length: 90\r\n\r\n", *[b"x"] * 80],
        [CHUNKED, *[b"1\r\nx\r\n"] * 90],
    ],
    ids=["silent", "blank lines", "by letters", "by lines", "its body", "its chunks"],
)
@pytest.mark.usefixtures("short_limits")
def test_a_client_that_dribbles_is_given_up(run: Run[Any], parts: list[bytes]) -> None:
    answer, took = exchange(run, *parts, pause=0.05)
    assert answer == b""
    assert 0.15 < took < 3


@pytest.mark.usefixtures("short_limits")
def test_who_asks_again_has_the_time_anew(run: Run[Any], settings: Any) -> None:
    settings.AURUM_API_RECEIVE_SECONDS = 1

    async def talk() -> None:
        async with serving() as server:
            client = await server.client()
            for _ in range(4):
                await client.dribble((b"", GET, b"\r\n"), 0.1)
                assert b"200 OK" in await client.reader.readuntil(b"\r\n0\r\n\r\n")

    run(talk())


def test_what_follows_a_body_is_no_header(run: Run[Any]) -> None:
    parts = (POST, b"Connection: close\r\n", CHUNKED.removeprefix(POST))
    answer, _ = exchange(run, *parts, b"1\r\nx\r\n0\r\nX-API-Key: late\r\n\r\n")
    assert b'"/v2/curves", 1' in answer
    assert b"x-api-key" not in answer


def test_nonsense_after_a_request_does_not_answer_it(run: Run[Any]) -> None:
    """A refusal of the second would be taken for the answer to the first."""
    answer, _ = exchange(run, GET + b"\r\nNONSENSE\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.usefixtures("short_limits")
def test_an_answer_that_nobody_takes_is_cut_off(run: Run[Any]) -> None:
    async def stall() -> float:
        async with serving(endless := Endless()) as server:
            (await server.client()).stall(GET + LAST)
            began = time.monotonic()
            await asyncio.wait_for(endless.ended.wait(), 5)
            assert not server.state.connections
            return time.monotonic() - began

    assert 0.15 < run(stall()) < 2


@pytest.mark.usefixtures("short_limits")
def test_an_answer_that_is_taken_slowly_is_not(run: Run[Any], settings: Any) -> None:
    settings.AURUM_API_SEND_SECONDS = 0.6

    async def slow() -> None:
        async with serving(endless := Endless()) as server:
            (client := await server.client()).write(GET + LAST)
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                assert await client.reader.read(50_000)
                await asyncio.sleep(0.005)
            assert not endless.ended.is_set()

    run(slow())


@pytest.mark.parametrize("requests", [GET + LAST, 3 * (GET + b"\r\n")])
def test_shutting_down_ends_what_is_under_way_in_time(run: Run[Any], requests: bytes) -> None:
    async def end() -> float:
        async with serving(endless := Endless(), timeout_graceful_shutdown=2) as server:
            await server.stalled(1, requests)
            began = time.monotonic()
            (connection,) = server.state.connections
            connection.shutdown()
            await asyncio.wait_for(endless.ended.wait(), 5)
            return time.monotonic() - began

    assert run(end()) < 2


def test_at_the_limit_who_waits_longest_makes_room(run: Run[Any]) -> None:
    async def crowd() -> list[bool]:
        async with serving(limit_concurrency=3) as server:
            silent = []
            for _ in range(5):
                silent.append(await server.client())
                await asyncio.sleep(0.01)
            answer, _ = await (await server.client()).said(GET + LAST)
            assert answer.startswith(b"HTTP/1.1 200")
            return [client.was_closed for client in silent]

    assert run(crowd()) == [True, True, True, False, False]


def test_where_all_are_answered_the_next_is_told_to_come_back(run: Run[Any]) -> None:
    async def crowd() -> bytes:
        async with serving(Endless(), limit_concurrency=2) as server:
            await server.stalled(2, GET + LAST)
            return (await (await server.client()).said())[0]  # type: ignore[no-any-return]

    answer: bytes = run(crowd())
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 5" in answer
    assert b"/problems/service-unavailable" in answer
