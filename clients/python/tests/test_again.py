"""What goes wrong on the way: asked again from the same place, refused, or never shown."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pyarrow as pa
import pytest
from aurum_client import ApiError, Client, client

ARROW = "application/vnd.apache.arrow.stream"
Answers = list[Callable[[httpx.Request], httpx.Response]]


def stream(*values: int) -> bytes:
    sink, table = pa.BufferOutputStream(), pa.table({"n": list(values)})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def page(*values: int, after: str | None = None) -> httpx.Response:
    headers = {"content-type": ARROW}
    if after:
        headers["link"] = f'</v2/iso/lmp?cursor={after}>; rel="next"'
    return httpx.Response(200, headers=headers, content=stream(*values))


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("peer closed connection", request=request)


def busy(seconds: str = "0") -> httpx.Response:
    return httpx.Response(503, headers={"retry-after": seconds}, json={"title": "Busy"})


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.05)


def asking(*answers: Any) -> tuple[Client, list[httpx.Request]]:
    """A client of a server that gives these answers, and what it was asked."""
    left, asked = list(answers), list[httpx.Request]()

    def give(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = left.pop(0)
        return answer(request) if callable(answer) else answer

    return Client("http://aurum.test", "au_1.secret", transport=httpx.MockTransport(give)), asked


def numbers(aurum: Client) -> list[int]:
    return [row["n"] for row in aurum.iso.lmp(iso="PJM")]


@pytest.mark.parametrize(
    "fault",
    [
        lost,
        lambda _: httpx.Response(200, headers={"content-type": ARROW}, content=stream(3, 4)[:-40]),
        lambda _: busy(),
        lambda _: httpx.Response(429, json={}),
        lambda _: httpx.Response(502, text="<html>"),
        lambda _: httpx.Response(504, json={}),
    ],
)
def test_a_page_that_fails_is_asked_again_from_the_same_place(fault: Any) -> None:
    aurum, asked = asking(page(1, 2, after="a"), fault, fault, page(3, 4, after="b"), page(5))
    assert numbers(aurum) == [1, 2, 3, 4, 5]
    assert [request.url.params.get("cursor") for request in asked] == [None, "a", "a", "a", "b"]


def test_the_server_says_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_PAUSE", 5.0)
    aurum, _ = asking(busy("1"), page(1))
    began = time.monotonic()
    assert numbers(aurum) == [1]
    assert time.monotonic() - began >= 1


def test_a_server_that_stays_busy_is_an_error() -> None:
    aurum, asked = asking(*[busy() for _ in range(20)])
    with pytest.raises(ApiError, match="503 Busy"):
        numbers(aurum)
    assert len(asked) == client.ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    body = {"title": "No", "detail": "Not so.", "errors": [{"field": "iso", "message": "Wrong."}]}
    aurum, asked = asking(httpx.Response(status, json=body, headers={"x-request-id": "r1"}))
    with pytest.raises(ApiError) as refused:
        numbers(aurum)
    assert len(asked) == 1
    assert str(refused.value) == f"{status} No: Not so.\n  iso: Wrong. (request r1)"


def test_the_key_goes_into_a_header_and_nowhere_else() -> None:
    aurum, asked = asking(page(1), httpx.Response(401, json={"title": "Unauthorized"}))
    numbers(aurum)
    assert asked[0].headers["x-api-key"] == "au_1.secret"
    assert "secret" not in str(asked[0].url)
    with pytest.raises(ApiError) as refused:
        numbers(aurum)
    assert "secret" not in f"{refused.value!r}{refused.value}{aurum!r}"
