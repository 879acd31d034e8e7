"""What every request gets, whoever answers it: id, refusals, headers, one line in the log."""

import asyncio
from typing import Any

import pytest

from aurum.server.frame import Frame, _is_served
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler
from tests.aurum.exchange import Exchange
from tests.conftest import Api, Market, Run
from tests.contract import problem
from tests.factories import curve_csv, months

SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}
TARGETS = [
    ("GET", "/v2/curves", 200),
    ("GET", "/v2/curves", 200),  # from the cache
    ("OPTIONS", "/v2/curves", 204),
    ("POST", "/v2/curves", 405),
    ("GET", "/v1/absent", 404),
    ("GET", "/docs", 200),
    ("POST", "/", 405),
    ("GET", "/admin/login/", 200),
    ("POST", "/admin/login/", 403),
]


def access_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [r.msg for r in caplog.records if r.name == "aurum.access"]  # type: ignore[misc]


@pytest.fixture
def odd_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.aurum.server.odd_urls"


@pytest.fixture
def app(odd_urls: None) -> Frame:
    return Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))


def test_every_answer_has_its_id_headers_and_one_line(
    market: Market, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    for number, (method, target, status) in enumerate(TARGETS):
        caplog.clear()
        answer = api.ask(method, target, headers={"X-Request-Id": f"desk-{number}"})
        assert answer.status_code == status, target
        names = [name.lower() for name, _ in answer.headers.raw]
        for name, value in SECURITY.items():
            assert answer.headers[name] == value
            assert names.count(name.encode()) == 1, f"{name} of {target}"
        assert answer.headers["x-request-id"] == f"desk-{number}"
        assert "total;dur=" in answer.headers["server-timing"]
        (line,) = access_lines(caplog)
        assert (line["method"], line["path"], line["status"]) == (method, target, status)
        assert line["request_id"] == f"desk-{number}"
        assert line["caller"] == ("anonymous" if target.startswith("/v") else None)


def test_the_line_has_the_bytes_that_were_sent(
    market: Market, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    for method in ("GET", "HEAD"):
        answer = api.ask(method, "/v2/curves", headers={"Accept-Encoding": "identity"})
        sent = len(answer.content) if method == "GET" else 0
        assert access_lines(caplog)[-1]["response_bytes"] == sent


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("target", ["/v2/curves", "/", "/admin/"])
@pytest.mark.parametrize(
    ("status", "slug", "query", "headers"),
    [
        (400, "validation-error", "", {"host": "evil.example"}),
        (400, "validation-error", "", {"host": ""}),
        (400, "validation-error", "", {"host": "x" * 263}),
        (400, "validation-error", "?iso=\xff", {}),
        (414, "uri-too-long", "?iso=" + "x" * 8000, {}),
        (431, "headers-too-large", "", {"accept": "x" * 17_000}),
        (431, "headers-too-large", "", {f"x-{number}": "" for number in range(100)}),
    ],
)
def test_what_is_refused_is_refused_before_anything_looks_at_it(
    run: Run[Exchange],
    caplog: pytest.LogCaptureFixture,
    method: str,
    target: str,
    status: int,
    slug: str,
    query: str,
    headers: dict[str, str],
) -> None:
    async def nobody(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("it was passed on")

    exchange = run(Exchange(f"{target}{query}", method, headers=headers).through(Frame(nobody)))
    got, given, body = exchange.answer()
    assert got == status
    assert dict(given)["content-type"] == "application/problem+json"
    assert SECURITY.items() <= dict(given).items()
    assert f"/problems/{slug}".encode() in body
    (line,) = access_lines(caplog)
    assert (line["status"], line["response_bytes"]) == (status, len(exchange.body))


def test_http_1_1_needs_a_host(run: Run[Exchange], app: Frame) -> None:
    for version, status in (("1.1", 400), ("2", 400), ("1.0", 200)):
        exchange = Exchange("/v1/test/ready", http_version=version, server=("127.0.0.1", 80))
        exchange.scope["headers"] = []
        assert run(exchange.through(app)).answer()[0] == status


def test_no_host_is_remembered_that_is_longer_than_a_name(run: Run[Exchange], app: Frame) -> None:
    held = _is_served.cache_info().currsize
    for number in range(300):
        host = f"{'x' * 5000}{number}.example"
        assert run(Exchange("/v2/curves", headers={"host": host}).through(app)).answer()[0] == 400
    assert _is_served.cache_info().currsize == held


def test_a_refusal_names_the_url_and_the_request(api: Api) -> None:
    answer = api.get("/v2/ö?iso=a b", headers={"Host": "evil.example"})
    body = problem(answer, 400, "validation-error")
    assert body["instance"].startswith("/v2/%C3%B6?iso=a")


def test_a_stream_has_its_line_at_its_end_with_all_its_bytes(
    run: Run[Any], app: Frame, caplog: pytest.LogCaptureFixture
) -> None:
    async def read() -> None:
        exchange = Exchange("/v1/test/streamed", until=asyncio.Event())
        request = asyncio.create_task(exchange.through(app))
        await asyncio.sleep(0.03)
        assert exchange.body
        assert not access_lines(caplog)
        exchange.scope["until"].set()
        await request
        (line,) = access_lines(caplog)
        assert (line["status"], line["response_bytes"]) == (200, len(exchange.body))
        assert line["duration_ms"] >= 30

    run(read())


@pytest.mark.parametrize("target", ["/v1/test/streamed", "/v1/test/waiting"])
@pytest.mark.parametrize("handler", [ApiHandler, DjangoHandler])
def test_a_client_that_leaves_has_one_line_with_499(
    run: Run[Any], odd_urls: None, caplog: pytest.LogCaptureFixture, target: str, handler: Any
) -> None:
    app = Frame(Gateway(reads=handler(), others=DjangoHandler()))

    async def leave() -> None:
        request = asyncio.create_task(
            (exchange := Exchange(target, until=asyncio.Event())).through(app)
        )
        await asyncio.sleep(0.03)
        exchange.left.set()
        await asyncio.wait([request], timeout=5)

    run(leave())
    (line,) = access_lines(caplog)
    assert line["status"] == 499


def test_a_view_s_own_header_stands(run: Run[Exchange], app: Frame) -> None:
    _, headers, _ = run(Exchange("/v1/test/cookie").through(app)).answer()
    assert [value for name, value in headers if name == "x-frame-options"] == ["SAMEORIGIN"]


def test_an_exception_that_nobody_caught_has_its_line(
    run: Run[Exchange], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(Exchange("/v2/curves").through(Frame(broken)))
    (line,) = access_lines(caplog)
    assert line["status"] == 500
