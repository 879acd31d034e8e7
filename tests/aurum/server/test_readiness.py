"""A server that does not know says so: before it has read its state, and when that is old."""

import asyncio
import gc
import math
import time
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from aurum import asgi, polling
from aurum.identity import KEYS
from aurum.polling import Polled
from aurum.portal import entrances
from aurum.snapshot import WATERMARKS
from tests.conftest import Api, Market, Run
from tests.factories import curve_csv, months

PATHS = ("/v1/curves", "/v2/curves", "/v2/curves/observations?format=csv", "/v2/iso/lmp/latest")


@pytest.mark.parametrize("polled", [KEYS, WATERMARKS], ids=lambda polled: polled.name)
def test_before_all_was_read_every_read_is_503(
    market: Market, api: Api, far_api: Api, monkeypatch: pytest.MonkeyPatch, polled: Polled[Any]
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))
    assert api.get("/v2/curves").status_code == 200  # and now it is kept
    monkeypatch.setattr(polled, "read_at", -math.inf)
    for path in PATHS:
        for headers in ({}, {"X-API-Key": "au_x.y"}):
            for caller in (api, far_api):
                for method in ("GET", "HEAD"):
                    answer = caller.ask(method, path, headers=headers)
                    assert answer.status_code == 503
                    assert answer.headers["retry-after"] == "2"
                    assert answer.headers["cache-control"] == "no-store"
        assert api.get(path).json()["type"] == "/problems/not-ready"
    assert api.get("/problems/not-ready").status_code == 200
    polled.refresh()
    assert api.get("/v2/curves").status_code == 200
    assert api.get("/v2/curves", headers={"X-API-Key": "au_x.y"}).status_code == 401


def test_answers_from_an_old_state_say_its_age(
    market: Market, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))
    monkeypatch.setattr(polling, "STALE_SECONDS", 10.0)
    KEYS.refresh()
    WATERMARKS.refresh()
    assert api.get("/v2/curves").headers["cache-status"] == "aurum; fwd=miss; stored"
    assert "cache-status" not in api.get("/v2/curves/observations?format=csv").headers
    monkeypatch.setattr(WATERMARKS, "read_at", time.monotonic() - 61)
    said = 'detail="state of 61 s ago"'
    assert api.get("/v2/curves?limit=2").headers["cache-status"].endswith(f"stored; {said}")
    hit = api.get("/v2/curves").headers["cache-status"]
    assert hit.startswith("aurum; hit; ttl=")
    assert hit.endswith(f"; {said}")
    streamed = api.get("/v2/curves/observations?format=csv").headers["cache-status"]
    assert streamed == f"aurum; fwd=bypass; {said}"
    assert polling.age() == pytest.approx(61, abs=5)


def test_pages_that_need_the_ops_database_are_503_without_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(SessionStore, "load", gone)
    page = api.get("/admin/", headers={"Cookie": "sessionid=" + "x" * 32})
    assert page.status_code == 503
    assert page.headers["retry-after"] == "5"
    assert page.headers["content-type"].startswith("text/html")
    assert "connection refused" not in page.text
    monkeypatch.setattr(entrances, "domains", gone)
    problem = api.get("/")
    assert problem.status_code == 503
    assert problem.json()["type"] == "/problems/service-unavailable"


def test_a_start_that_must_fail_says_why(
    application: Any, run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: Any) -> None:
        raise OperationalError('FATAL:  database "x"\n does not exist')

    monkeypatch.setattr(asgi.Poller, "start", start)
    monkeypatch.setattr(asgi.WARM, "begin", lambda *_: None)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    run(application({"type": "lifespan"}, receive, send))
    (message,) = sent
    assert message["type"] == "lifespan.startup.failed"
    assert message["message"] == (
        'The ops database cannot be used: FATAL: database "x" does not exist'
    )


def test_the_collector_leaves_alone_what_a_server_starts_with(
    run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi.Poller, "start", lambda poller: None)
    monkeypatch.setattr(asgi.WARM, "begin", lambda *_: None)
    left: list[int] = []

    async def receive() -> dict[str, Any]:
        if left:
            raise asyncio.CancelledError
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, Any]) -> None:
        assert message["type"] == "lifespan.startup.complete"
        left.append(gc.get_freeze_count())

    before = gc.get_freeze_count()
    try:
        with pytest.raises(asyncio.CancelledError):
            run(asgi.application({"type": "lifespan"}, receive, send))
    finally:
        gc.unfreeze()
    assert left[0] - before > 10_000
