"""A server between a client and Aurum: it fails once for each fault that it is told, then no more.

It keeps what it was asked.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

Fault = Callable[["Handler", httpx.Response], None]


class Faulty:
    """`faults` are taken one a request; `asked` are paths with queries, `keys` the headers."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.keys: list[str | None] = []
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        here: Faulty = self.server.here
        here.asked.append(self.path)
        here.keys.append(self.headers["X-API-Key"])
        path = self.path.removeprefix("/prefix")
        headers = {"Accept": self.headers["Accept"], "Accept-Encoding": "identity"}
        answer = httpx.get(f"{here.behind}{path}", headers=headers, timeout=60)
        fault = here.faults.pop(0) if here.faults else whole
        fault(self, answer)

    def start(self, answer: httpx.Response, length: int) -> None:
        self.send_response(answer.status_code)
        for name in ("content-type", "link", "x-request-id", "retry-after"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


def whole(to: Handler, answer: httpx.Response) -> None:
    to.start(answer, len(answer.content))
    to.wfile.write(answer.content)


def closed(to: Handler, answer: httpx.Response) -> None:
    """No answer at all."""
    to.close_connection = True


def cut(to: Handler, answer: httpx.Response) -> None:
    """Half of the body that was announced."""
    to.start(answer, len(answer.content))
    to.wfile.write(answer.content[: len(answer.content) // 2])
    to.close_connection = True


def without_end(to: Handler, answer: httpx.Response) -> None:
    """All but the last eight bytes, announced as the whole: what pyarrow reads without a word."""
    to.start(answer, len(answer.content) - 8)
    to.wfile.write(answer.content[:-8])


def half(to: Handler, answer: httpx.Response) -> None:
    """The first half, announced as the whole."""
    whole(to, httpx.Response(200, headers=answer.headers, content=_half(answer.content)))


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def refusing(status: int, retry_after: str = "", **more: Any) -> Fault:
    """A problem document, as Aurum's."""
    body = json.dumps({"title": "Refused", "status": status, "detail": "Later.", **more})
    headers = {"Content-Type": "application/problem+json"}
    if retry_after:
        headers["Retry-After"] = retry_after
    return lambda to, answer: whole(to, httpx.Response(status, headers=headers, content=body))


def page_of_html(status: int) -> Fault:
    """What a proxy says for itself."""
    headers = {"Content-Type": "text/html"}
    return lambda to, answer: whole(
        to, httpx.Response(status, headers=headers, content="<h1>Sign in</h1>")
    )


@contextmanager
def faulty(behind: str) -> Iterator[Faulty]:
    here = Faulty(behind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.here = here  # type: ignore[attr-defined]
    here.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
