"""Clients that are no good: they stall, read slowly, dribble, or say nothing."""

import hashlib
import json
import multiprocessing
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx

Address = tuple[str, int]


def address_of(client: httpx.Client) -> Address:
    return client.base_url.host, client.base_url.port or 0


def request(target: str, *lines: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


@contextmanager
def connections(address: Address, count: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many, each of which has said the same and reads nothing."""
    with ExitStack() as stack:
        made = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            # Little fits on the way, so that it is the server that has to wait.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(address)
            connection.sendall(said)
            made.append(connection)
        yield made


def open_ones(found: list[socket.socket]) -> int:
    """How many of them the server has not closed; of each, all that was sent is read."""
    count = 0
    for connection in found:
        connection.setblocking(False)
        try:
            while connection.recv(65_536):
                pass
        except BlockingIOError:
            count += 1
        except ConnectionError:
            pass
    return count


SPAWN = multiprocessing.get_context("spawn")


class SlowReader(SPAWN.Process):  # type: ignore[misc,name-defined]
    """Reads a whole table as NDJSON at so many bytes a second; whether it came whole.

    It is a process, so that who measures something else meanwhile need not wait for it.
    """

    def __init__(self, client: httpx.Client, target: str, bytes_a_second: float) -> None:
        super().__init__()
        self._url, self._pace = f"{client.base_url}{target}", bytes_a_second
        self.reads = SPAWN.Event()

    def run(self) -> None:
        began, parts, taken = time.monotonic(), list[bytes](), 0
        # As it is sent, it is also read: a compressed one would be done too soon.
        headers = {"Accept": "application/x-ndjson", "Accept-Encoding": "identity"}
        with httpx.stream("GET", self._url, headers=headers, timeout=60) as answer:
            for part in answer.iter_raw(65_536):
                self.reads.set()
                parts.append(part)
                taken += len(part)
                time.sleep(max(0.0, taken / self._pace - (time.monotonic() - began)))
        body, _, last = b"".join(parts).rstrip(b"\n").rpartition(b"\n")
        proof = json.loads(last).get("end", {})
        if proof.get("sha256") != hashlib.sha256(body + b"\n").hexdigest():
            sys.exit("The table is not whole.")

    def is_whole(self) -> bool:
        """Once it is done."""
        self.join()
        return self.exitcode == 0
