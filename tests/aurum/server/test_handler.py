"""The handler of reads: what Django's own answers, answered in the event loop."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from aurum.server.frame import Frame
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler, _kept_resolve
from tests.aurum.exchange import Exchange
from tests.conftest import Market, Run, forget_answers
from tests.factories import curve_csv, months

SOON = 5
"""Seconds, so that what never ends is a failure."""


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.aurum.server.odd_urls"


@pytest.fixture
def ours() -> Frame:
    """The application, without static files."""
    return Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))


@pytest.fixture
def theirs() -> Frame:
    """The same, but Django's own handler answers everything."""
    return Frame(Gateway(reads=DjangoHandler(), others=DjangoHandler()))


class NotForReads:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError(f"{scope['path']} was not taken for a read")


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that were started since."""
    started: list[threading.Thread] = []
    start = threading.Thread.start
    monkeypatch.setattr(
        threading.Thread, "start", lambda thread: (started.append(thread), start(thread))
    )
    return started


READS: list[tuple[int, str, dict[str, Any]]] = [
    (200, "/v1/curves?limit=3", {}),
    (200, "/v1/curves?limit=3", {"method": "HEAD"}),
    (204, "/v1/curves?limit=3", {"method": "OPTIONS"}),
    (304, "/v1/curves?limit=3", {"headers": {"if-none-match": "*", "accept-encoding": "gzip"}}),
    (406, "/v1/curves?limit=3", {"headers": {"accept": "image/png"}}),
    (400, "/v1/curves?limit=0&colour=red", {}),
    (401, "/v1/curves", {"headers": {"authorization": "Bearer no.body"}}),
    (404, "/v1/absent/é", {}),
    (404, "/v2/absent", {"method": "HEAD"}),
    (405, "/v1/test/only-post", {}),
    (200, "/v1/test/ready", {"headers": {"content-length": "0", "x-request-id": "mine"}}),
    (200, "/v1/test/named/é%20x", {"method": "OPTIONS"}),
    (200, "/v1/test/large", {}),
    (200, "/v1/test/streamed", {}),
    (200, "/v1/test/streamed", {"method": "HEAD"}),
    (200, "/v1/test/cookie", {}),
    (200, "/v1/test/template", {}),
    (200, "/v1/test/blocking", {"method": "HEAD"}),
    (200, "/mounted/v1/test/addressed?a=%C3%A9", {"root_path": "/mounted"}),
    (404, "/v1/test/failing/absent", {}),
    (403, "/v1/test/failing/denied", {}),
    (400, "/v1/test/failing/bad", {}),
    (400, "/v1/test/failing/suspicious", {}),
]


@pytest.mark.parametrize(("status", "target", "more"), READS, ids=lambda value: str(value)[:40])
def test_it_answers_as_django_does(
    market: Market,
    run: Run[Exchange],
    theirs: Frame,
    status: int,
    target: str,
    more: dict[str, Any],
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 4)))
    ours = Frame(Gateway(reads=ApiHandler(), others=NotForReads()))
    answer = run(Exchange(target, **more).through(ours)).answer()
    forget_answers()
    assert answer == run(Exchange(target, **more).through(theirs)).answer()
    assert answer[0] == status


@pytest.mark.parametrize("kind", ["crash", "nothing"])
def test_a_crash_is_reported_as_django_does(
    run: Run[Exchange], ours: Frame, theirs: Frame, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def see(request: Any, **more: Any) -> None:
        seen.append(request.path)

    got_request_exception.connect(see)
    answers = []
    for handler in (ours, theirs):
        answers.append(run(Exchange(f"/v1/test/failing/{kind}").through(handler)).answer())
        assert any(record.exc_info and record.levelname == "ERROR" for record in caplog.records)
        caplog.clear()
    assert answers[0] == answers[1]
    assert answers[0][0] == 500
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("/v1/test/ready", {"method": "POST", "headers": {"content-length": "0"}}),
        ("/problems", {}),
        ("/admin/login/", {}),
        ("/v1", {}),
    ],
)
def test_whatever_is_no_read_is_left_to_django(
    db: None, run: Run[Exchange], ours: Frame, target: str, more: dict[str, Any]
) -> None:
    exchange = Exchange(target, **more)
    run(exchange.through(ours)).answer()
    assert exchange.asked == 2, "Django listens all the time"


def test_reads_start_no_thread(
    run: Run[Exchange], ours: Frame, theirs: Frame, threads: list[threading.Thread]
) -> None:
    for target in ("/v1/test/ready", "/v1/test/large", "/v1/absent", "/v1/test/streamed"):
        for _ in range(5):
            run(Exchange(target).through(ours))
    assert threads == []
    run(Exchange("/v1/test/ready").through(theirs))
    assert threads


def test_an_answer_that_is_ready_is_sent_without_asking_for_the_client(
    run: Run[Any], ours: Frame
) -> None:
    async def leave() -> Exchange:
        exchange = Exchange("/v1/test/ready")
        exchange.left.set()
        await exchange.through(ours)
        await asyncio.sleep(0.01)
        return exchange

    exchange = run(leave())
    assert exchange.body == b"{}"
    assert exchange.asked == 0


@pytest.mark.parametrize("stubborn", ["", "?stubborn=1"])
def test_a_view_that_waits_is_cancelled_when_its_client_leaves(
    run: Run[Any], ours: Frame, stubborn: str, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = Exchange(f"/v1/test/waiting{stubborn}", until=asyncio.Event())

    async def leave() -> int:
        request = asyncio.create_task(exchange.through(ours))
        await asyncio.sleep(0.01)
        assert not request.done()
        exchange.left.set()
        await asyncio.wait([request], timeout=SOON)
        assert request.done()
        return request.cancelling()

    assert run(leave()) == 0
    assert exchange.scope["cancelled"]
    assert exchange.sent == []
    (line,) = (record.msg for record in caplog.records if record.name == "aurum.access")
    assert line["status"] == 499


def test_a_client_that_leaves_after_the_answer_disturbs_nobody(run: Run[Any], ours: Frame) -> None:
    async def answer_and_leave() -> Exchange:
        exchange = Exchange("/v1/test/waiting", until=asyncio.Event())
        asyncio.get_running_loop().call_later(0.01, exchange.scope["until"].set)
        await exchange.through(ours)
        exchange.left.set()
        await asyncio.sleep(0.01)
        return exchange

    exchange = run(answer_and_leave())
    assert exchange.body == b"waited"
    assert exchange.asked == 2


@pytest.mark.parametrize("client_leaves", [False, True])
def test_who_else_cancels_the_request_is_heard(
    run: Run[Any], ours: Frame, client_leaves: bool
) -> None:
    async def stop() -> bool:
        exchange = Exchange("/v1/test/waiting", until=asyncio.Event())
        request = asyncio.create_task(exchange.through(ours))
        await asyncio.sleep(0.01)
        if client_leaves:
            exchange.left.set()
            await asyncio.sleep(0)
        request.cancel()
        await asyncio.wait([request], timeout=SOON)
        assert exchange.scope["cancelled"]
        return request.cancelled()

    assert run(stop())


def test_parts_are_sent_as_they_come(run: Run[Any], ours: Frame) -> None:
    async def read() -> list[bytes]:
        exchange = Exchange("/v1/test/streamed", until=asyncio.Event())
        request = asyncio.create_task(exchange.through(ours))
        await asyncio.sleep(0.01)
        seen = [exchange.body]
        exchange.scope["until"].set()
        await request
        return [*seen, exchange.body]

    assert run(read()) == [b"part 0;part 1;", b"part 0;part 1;part 2;"]


@pytest.mark.parametrize("takes", [100, 2], ids=["while it waits", "while it sends"])
def test_a_stream_is_closed_when_its_client_leaves(run: Run[Any], ours: Frame, takes: int) -> None:
    async def leave() -> Exchange:
        exchange = Exchange("/v1/test/streamed", takes=takes, until=asyncio.Event())
        request = asyncio.create_task(exchange.through(ours))
        await asyncio.sleep(0.01)
        exchange.left.set()
        await asyncio.wait([request], timeout=SOON)
        assert request.done()
        return exchange

    exchange = run(leave())
    assert exchange.scope["closed_by"] == "its request"
    assert exchange.scope["released"]
    assert b"part 2;" not in exchange.body


def test_requests_at_the_same_time_have_their_own_variables(run: Run[Any], ours: Frame) -> None:
    async def both() -> list[bytes]:
        until = asyncio.Event()
        exchanges = [Exchange(f"/v1/test/whose?name={name}", until=until) for name in "ab"]
        requests = [asyncio.create_task(exchange.through(ours)) for exchange in exchanges]
        await asyncio.sleep(0.01)
        until.set()
        return [(await request).body for request in requests]

    assert run(both()) == [b"a", b"b"]


def test_a_view_may_use_a_thread_that_ends_with_its_connection(
    db: None, run: Run[Exchange], ours: Frame, theirs: Frame, tmp_path: Path
) -> None:
    seen: dict[str, Any] = {}

    def work() -> str:
        # The test database is kept in memory and never closed, so this one is a file.
        here = {**connections["default"].settings_dict, "NAME": tmp_path / "ops.sqlite3"}
        connections["default"] = seen["connection"] = DatabaseWrapper(here, "default")
        seen["thread"] = threading.current_thread()
        with connections["default"].cursor() as cursor:
            return str(cursor.execute("SELECT 'found'").fetchone()[0])

    for handler in (ours, theirs):
        assert run(Exchange("/v1/test/threaded", work=work).through(handler)).body == b"found"
        assert seen["connection"].connection is None
        assert not seen["thread"].is_alive()


def test_no_long_path_is_remembered(run: Run[Exchange], ours: Frame) -> None:
    kept = _kept_resolve.cache_info().currsize
    for number in range(5):
        exchange = Exchange(f"/v1/test/named/{'x' * 300}{number}", "OPTIONS")
        assert run(exchange.through(ours)).answer()[0] == 200
    assert _kept_resolve.cache_info().currsize == kept
