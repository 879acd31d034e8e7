"""Sixteen clients of one server: `python -m benchmarks.clients PORT SECONDS < requests.json`.

Each client has requests of its own, so that no two wait for one answer, and asks one after the
other on one connection. Prints how many were answered and the seconds of each, sorted.
"""

import asyncio
import gc
import json
import re
import sys
import time
from itertools import cycle

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class Client(asyncio.Protocol):
    def __init__(self, paths: list[str], until: float, spent: list[float]) -> None:
        heads = "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n"
        self._requests = cycle([heads.format(path).encode() for path in paths])
        self._until, self._spent = until, spent
        self._head, self._left = b"", -1
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        if self._asked > self._until:
            self.done.set_result(None)
            self._transport.close()
            return
        self._transport.write(next(self._requests))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            length = LENGTH.search(head)
            if length is None or not head.startswith(b"HTTP/1.1 200"):
                self.done.set_exception(ConnectionError(self._head.decode()))
                return
            self._left, self._head = int(length[1]), b""
        self._left -= len(data)
        if self._left == 0:
            self._left = -1
            self._spent.append(time.perf_counter() - self._asked)
            self._ask()


async def main(port: int, seconds: float, clients: list[list[str]]) -> None:
    spent: list[float] = []
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda p=paths: Client(p, until, spent), "127.0.0.1", port)
        for paths in clients
    ]
    await asyncio.gather(*(client.done for _, client in made))
    sys.stdout.write(json.dumps(sorted(spent)))


if __name__ == "__main__":
    gc.disable()
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2]), json.load(sys.stdin)))
