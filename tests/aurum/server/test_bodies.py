"""Bodies: refused unread where none is taken, bounded elsewhere, and never on the disk."""

import tempfile
from typing import Any

import pytest

from aurum.server.frame import Frame
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler
from tests.aurum.exchange import Exchange
from tests.conftest import Run

LIMIT = 10_000
CHUNKED: dict[str, str] = {"transfer-encoding": "chunked"}
API = ["/v1/curves", "/v2/curves", "/v2/curves/observations?format=csv", "/v2/nowhere"]
ELSEWHERE = ["/admin/login/", "/", "/docs", "/nowhere", "/v1"]


class Endless(Exchange):
    """A client that goes on sending its body as long as anybody reads it."""

    async def _receive(self) -> dict[str, Any]:
        self.asked += 1
        assert self.asked < 1000, "it is read for ever"
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}


@pytest.fixture
def app(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Frame:
    settings.AURUM_API_MAX_REQUEST_BODY_BYTES = settings.FILE_UPLOAD_MAX_MEMORY_SIZE = LIMIT

    def no_file(*args: Any, **more: Any) -> Any:
        raise AssertionError("a body goes to the disk")

    monkeypatch.setattr(tempfile, "TemporaryFile", no_file)
    return Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))


def refusal(exchange: Exchange) -> dict[str, str]:
    status, headers, body = exchange.answer()
    assert status == 413
    assert b"/problems/content-too-large" in body
    given = dict(headers)
    assert given["content-type"] == "application/problem+json"
    assert given["connection"] == "close"
    return given


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("target", API)
@pytest.mark.parametrize("headers", [CHUNKED, {"content-length": "2"}, {"content-length": "0, 5"}])
def test_where_no_body_is_taken_it_is_refused_unread(
    run: Run[Exchange], app: Frame, method: str, target: str, headers: dict[str, str]
) -> None:
    exchange = run(Endless(target, method, headers=headers).through(app))
    refusal(exchange)
    assert exchange.asked == 0


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_that_says_it_is_too_long_is_refused_unread(
    run: Run[Exchange], app: Frame, method: str, target: str
) -> None:
    for length in (str(LIMIT + 1), "9" * 5000, "-1", ""):
        headers = {"content-length": length}
        exchange = run(Endless(target, method, headers=headers).through(app))
        refusal(exchange)
        assert exchange.asked == 0


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_that_does_not_say_is_read_up_to_the_limit(
    run: Run[Exchange], app: Frame, method: str, target: str
) -> None:
    exchange = run(Endless(target, method, headers=CHUNKED).through(app))
    refusal(exchange)
    assert exchange.asked == LIMIT // 1000 + 1


@pytest.mark.parametrize("headers", [CHUNKED, {"content-length": str(LIMIT)}])
def test_what_is_within_the_limit_is_read(
    db: None, run: Run[Exchange], app: Frame, headers: dict[str, str]
) -> None:
    exchange = Exchange("/nowhere", "POST", body=b"x" * LIMIT, headers=headers)
    assert run(exchange.through(app)).answer()[0] in (403, 404)


def test_another_refusal_leaves_the_body_unread_too(run: Run[Exchange], app: Frame) -> None:
    headers = {"host": "evil.example", "content-length": "5"}
    exchange = run(Endless("/admin/login/", "POST", headers=headers).through(app))
    status, given, _ = exchange.answer()
    assert (status, dict(given)["connection"], exchange.asked) == (400, "close", 0)
