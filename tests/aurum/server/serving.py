"""A server in this process, applications for it, and clients by hand."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from aurum.server.protocol import Protocol


async def tells(scope: Any, receive: Any, send: Any) -> None:
    """Says what it was asked, when it has the whole of it."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    seen = json.dumps([scope["path"], size, [name.decode() for name, _ in scope["headers"]]])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": seen.encode()})


class Endless:
    """Sends until its client leaves."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        left = asyncio.ensure_future(self._left(receive))
        while not left.done():
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            await asyncio.sleep(0)
        self.ended.set()

    async def _left(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def write(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)

    def stall(self, request: bytes) -> None:
        """Asks, and takes nothing of the answer."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]
        self.write(request)

    async def dribble(self, parts: tuple[bytes, ...], pause: float) -> None:
        for part in parts:
            self.write(part)
            await asyncio.sleep(pause)

    @property
    def was_closed(self) -> bool:
        return self.reader.at_eof() or self.reader.exception() is not None

    async def said(self, *parts: bytes, pause: float = 0.0) -> tuple[bytes, float]:
        """All that the server says to these parts until it closes, and how long that took."""
        began = time.monotonic()
        writing = asyncio.ensure_future(self.dribble(parts, pause))
        answer = b""
        with suppress(ConnectionResetError):
            answer = await asyncio.wait_for(self.reader.read(), 5)
        writing.cancel()
        return answer, time.monotonic() - began


class Serving:
    def __init__(self, config: Config) -> None:
        self.state, self.clients = ServerState(), list[Client]()
        self._config = config
        self._address: tuple[str, int] = ("", 0)

    def protocol(self) -> Protocol:
        return Protocol(config=self._config, server_state=self.state, app_state={})

    async def stalled(self, count: int, request: bytes) -> None:
        """So many clients that have asked and take nothing of the answer."""
        for _ in range(count):
            (await self.client()).stall(request)
        await asyncio.sleep(0.05)
        assert len(self.state.tasks) == count

    async def client(self) -> Client:
        made = Client(*await asyncio.open_connection(*self._address))
        self.clients.append(made)
        return made


@asynccontextmanager
async def serving(app: Any = tells, **options: Any) -> AsyncIterator[Serving]:
    config = Config(app, lifespan="off", ws="none", log_config=None, **options)
    config.load()
    here = Serving(config)
    server = await asyncio.get_running_loop().create_server(here.protocol, "127.0.0.1", 0)
    here._address = server.sockets[0].getsockname()
    try:
        yield here
    finally:
        server.close()
        for client in here.clients:
            client.writer.transport.abort()
        await asyncio.sleep(0.01)  # for the server's side to have noticed
        await server.wait_closed()
