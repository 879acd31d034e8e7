"""Requests that are made to cost: long Hosts, Accepts without number, bodies without end."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.drills.conftest import Say
from tests.drills.processes import Site
from tests.factories import curve_csv, months

pytestmark = pytest.mark.drill

HOSTS, HOST = 60, 1_000_000
ACCEPTS, ACCEPT = 500, 60_000
GROWTH_MB = 30
"""Far less than what was sent, and more than what a warm server still takes."""
BODY, CHUNK = 64_000_000, 64_000
TAKEN = 16_000_000
"""What two sockets may hold of a body that nobody reads."""
TARGETS = ["/v2/curves", "/v2/curves/observations?format=csv", "/admin/login/", "/docs", "/nowhere"]


@pytest.fixture
def server(site: Site, tmp_path: Path) -> Iterator[tuple[httpx.Client, int]]:
    """A client of a server with a little data and a small cache, and the server's process id."""
    site._environment["AURUM_CACHE_MEMORY_BYTES"] = "20000000"
    path = tmp_path / "curves.csv"
    path.write_text(curve_csv(months("2025-10", 4)))
    site.load(path)
    with site.serve() as client:
        yield client, site._started[-1].pid


def resident(process: int) -> float:
    """Megabytes in memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1000


def exchange(client: httpx.Client, head: str, body: Iterator[bytes]) -> tuple[str, int]:
    """The status of the answer, and how much of the body was sent before it came."""
    sent = 0
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        connection.settimeout(20)
        connection.sendall(head.encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
            for part in body:
                connection.sendall(part)
                sent += len(part)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = connection.recv(4096)
    return answer.decode("latin-1").partition("\r\n")[0], sent


def test_nothing_of_them_stays(server: tuple[httpx.Client, int], say: Say) -> None:
    """One after the other on one server, which takes longer to start than all of them."""
    client, process = server
    no_header_stays_in_memory(client, process, say)
    for chunked in (False, True):
        no_body_is_taken_in(client, process, say, chunked)
    a_client_that_waits_for_leave_to_send_gets_the_refusal(client)


def no_header_stays_in_memory(client: httpx.Client, process: int, say: Say) -> None:
    for _ in range(50):
        assert client.get("/v2/curves").status_code == 200
    before = resident(process)
    for number in range(HOSTS):
        head = f"GET /v2/curves HTTP/1.1\r\nHost: {number}{'h' * HOST}\r\n\r\n"
        status, _ = exchange(client, head, iter(()))
        assert status.split()[1:2] in ([], ["400"], ["431"]), status
    hosts = resident(process)
    for number in range(ACCEPTS):
        accept = f"application/json, x/{number}{'a' * ACCEPT}"
        assert client.get("/v2/curves", headers={"Accept": accept}).status_code in (406, 431)
        accept = f"application/json, x/{number}{'a' * 900}"
        assert client.get("/v2/curves", headers={"Accept": accept}).status_code == 200
    accepts = resident(process)
    say(f"{before:.0f} MB, after {HOSTS} hosts {hosts:.0f}, after {ACCEPTS} accepts {accepts:.0f}")
    assert accepts - before < GROWTH_MB
    assert client.get("/v2/curves").status_code == 200


def no_body_is_taken_in(client: httpx.Client, process: int, say: Say, chunked: bool) -> None:
    before, began = resident(process), time.monotonic()
    part = b"x" * CHUNK
    part = b"%x\r\n%s\r\n" % (CHUNK, part) if chunked else part
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {BODY}"
    for target in TARGETS:
        for method in ("GET", "POST"):
            head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n"
            status, sent = exchange(client, head, (part for _ in range(BODY // CHUNK)))
            assert sent < TAKEN, target
            assert status == "" or status.startswith("HTTP/1.1 413 "), (target, status)
    seconds, after = time.monotonic() - began, resident(process)
    say(
        f"{len(TARGETS) * 2} bodies of {BODY // 10**6} MB:"
        f" +{after - before:.0f} MB, {seconds:.1f} s"
    )
    assert after - before < GROWTH_MB
    assert client.get("/v2/curves").status_code == 200


def a_client_that_waits_for_leave_to_send_gets_the_refusal(client: httpx.Client) -> None:
    for target in TARGETS:
        head = (
            f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BODY}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        status, _ = exchange(client, head, iter(()))
        assert status.startswith("HTTP/1.1 413 "), target
