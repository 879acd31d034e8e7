"""Reads through a driver that blocks, here one that does as it is told."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from aurum.errors import DeadlineExceeded, Overloaded, StoreUnavailable
from aurum.stores import threaded
from aurum.stores.sql import Select
from aurum.stores.tables import Row
from aurum.stores.threaded import ConnectionLost, ThreadedStore
from tests.aurum.stores.reading import until
from tests.conftest import Run

QUICK, SLOW, WRONG = (Select(f"SELECT '{name}' AS one") for name in ("quick", "slow", "wrong"))


class Server:
    """`lost` is how many reads lose their connection; `deaf` hears no stop."""

    def __init__(self) -> None:
        self.lost, self.deaf, self.gone, self.slow_to_connect = 0, False, False, 0.0
        self.connections: list[Connection] = []
        self.reads = self.attempts = 0

    @property
    def closed(self) -> list[bool]:
        return [connection.closed for connection in self.connections]


class Connection:
    def __init__(self) -> None:
        self.ended, self.began = threading.Event(), threading.Event()
        self.stops, self.closed = 0, False


class FakeStore(ThreadedStore[Connection]):
    engine, dialect = "fake", "sqlite"

    def __init__(self, server: Server, **more: Any) -> None:
        given = {"workers": 2, "acquire_seconds": 0.1, "deadline_seconds": 5.0, **more}
        super().__init__("", **given)
        self.server = server

    def connect(self) -> Connection:
        assert threading.current_thread() is not threading.main_thread()
        self.server.attempts += 1
        time.sleep(self.server.slow_to_connect)
        if self.server.gone:
            raise EOFError
        self.server.connections.append(Connection())
        return self.server.connections[-1]

    def run(
        self, connection: Connection, name: str, sql: str, params: Mapping[str, Any]
    ) -> list[Row]:
        assert not connection.closed
        self.server.reads += 1
        connection.began.set()
        if self.server.lost:
            self.server.lost -= 1
            raise EOFError
        if "wrong" in sql:
            raise ValueError("a mistake of ours")
        if "slow" in sql:
            connection.ended.wait(20)
        if connection.stops:
            raise EOFError  # as a driver says that its read was ended
        return [(params["value"],)] if params else [(1,)]

    def stop(self, connection: Connection) -> None:
        connection.stops += 1
        if connection.stops == 1:
            raise OSError("it may fail, and is repeated")
        if connection.stops > 2 and not self.server.deaf:
            connection.ended.set()

    def close_connection(self, connection: Connection) -> None:
        connection.closed = True

    def problem_of(self, error: Exception) -> Exception | None:
        return ConnectionLost() if isinstance(error, EOFError) else None


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    for connection in made.connections:
        connection.ended.set()


async def closed(store: FakeStore) -> None:
    """Within a time that is not for a server which hangs."""
    async with asyncio.timeout(5):
        await store.close()


def test_a_connection_is_used_again_and_no_read_shares_it(run: Run[Any], server: Server) -> None:
    async def reads() -> None:
        store = FakeStore(server, workers=3, acquire_seconds=5)
        assert [await store.fetch(QUICK, {"value": n}) for n in range(3)] == [
            *([(0,)], [(1,)], [(2,)]),
        ]
        assert len(server.connections) == 1
        assert store.stats() == {"open": 1, "idle": 1, "waiting": 0}
        many = await asyncio.gather(*(store.fetch(QUICK, {"value": n}) for n in range(40)))
        assert many == [[(n,)] for n in range(40)]
        assert len(server.connections) <= 3
        await store.ping()
        await closed(store)
        assert all(server.closed)

    run(reads())


def test_a_read_past_the_deadline_is_stopped_on_the_server(
    run: Run[Any], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async def late() -> None:
        store = FakeStore(server, deadline_seconds=0.1)
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            await store.fetch(SLOW, {})
        assert time.monotonic() - began < 1
        assert server.closed == [False]  # the caller does not wait for that
        await until(lambda: not store.stats()["open"])
        assert server.connections[0].stops >= 3
        assert server.closed == [True]  # a stop that came late would end the next read on it
        assert await store.fetch(QUICK, {}) == [(1,)]
        assert server.connections[0].stops < 10
        assert caplog.text == ""  # nothing failed
        await closed(store)

    run(late())


def test_a_caller_who_leaves_has_the_read_stopped(run: Run[Any], server: Server) -> None:
    async def leave() -> None:
        store = FakeStore(server)
        task = asyncio.ensure_future(store.fetch(SLOW, {}))
        await until(lambda: server.connections and server.connections[0].began.is_set())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: store.stats() == {"open": 0, "idle": 0, "waiting": 0})
        assert server.closed == [True]
        await closed(store)

    run(leave())


def test_who_leaves_before_there_is_a_connection_asks_nothing(
    run: Run[Any], server: Server
) -> None:
    server.slow_to_connect = 0.3

    async def leave() -> None:
        store = FakeStore(server, deadline_seconds=0.05)
        with pytest.raises(DeadlineExceeded):
            await store.fetch(QUICK, {})
        assert server.connections == []
        await until(lambda: not store.stats()["open"])
        assert (server.closed, server.reads) == ([True], 0)
        await closed(store)

    run(leave())


def test_a_server_that_does_not_stop_loses_the_connection_and_the_place_when_the_thread_ends(
    run: Run[Any], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threaded, "STOPPING_SECONDS", 0.2)
    server.deaf = True

    async def hang() -> None:
        store = FakeStore(server, workers=1, deadline_seconds=0.15)
        with pytest.raises(DeadlineExceeded):
            await store.fetch(SLOW, {})
        await until(lambda: server.closed == [True])
        stops = server.connections[0].stops
        with pytest.raises(Overloaded):  # its thread is still there
            await store.fetch(QUICK, {})
        with pytest.raises(StoreUnavailable):
            await store.ping()
        assert server.connections[0].stops == stops
        server.connections[0].ended.set()
        await until(lambda: not store.stats()["open"])
        assert await store.fetch(QUICK, {}) == [(1,)]
        await closed(store)

    run(hang())


def test_a_store_is_closed_while_a_server_hangs(
    run: Run[Any], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threaded, "STOPPING_SECONDS", 0.2)
    server.deaf = True

    async def hang() -> float:
        store = FakeStore(server, deadline_seconds=0.05)
        with pytest.raises(DeadlineExceeded):
            await store.fetch(SLOW, {})
        began = time.monotonic()
        await closed(store)
        assert store.stats()["idle"] == 0
        assert server.closed == [True]
        return time.monotonic() - began

    assert run(hang()) < 2


def test_a_lost_connection_is_no_error_of_the_read_and_all_idle_ones_are_dropped(
    run: Run[Any], server: Server
) -> None:
    async def lose() -> None:
        store = FakeStore(server, acquire_seconds=5)
        await asyncio.gather(*(store.fetch(QUICK, {}) for _ in range(2)))
        assert store.stats()["idle"] == 2
        server.lost = 1
        assert await store.fetch(QUICK, {"value": 7}) == [(7,)]
        assert server.reads == 2 + 2
        assert server.closed == [True, True, False]
        await closed(store)

    run(lose())


def test_a_connection_that_is_lost_twice_is_a_store_that_is_gone(
    run: Run[Any], server: Server
) -> None:
    async def lose() -> None:
        store = FakeStore(server)
        server.lost = 5
        with pytest.raises(StoreUnavailable):
            await store.fetch(QUICK, {})
        assert server.reads == 2
        assert server.closed == [True, True]
        assert store.stats()["open"] == 0
        server.lost, server.gone, server.attempts = 0, True, 0
        with pytest.raises(StoreUnavailable):
            await store.fetch(QUICK, {})
        assert (server.reads, server.attempts) == (2, 1)
        server.gone = False
        assert await store.fetch(QUICK, {}) == [(1,)]
        await closed(store)

    run(lose())


def test_a_mistake_of_ours_is_no_failure_of_the_store(run: Run[Any], server: Server) -> None:
    async def mistake() -> None:
        store = FakeStore(server, workers=1)
        for _ in range(2):
            with pytest.raises(ValueError, match="a mistake of ours"):
                await store.fetch(WRONG, {})
        assert await store.fetch(QUICK, {}) == [(1,)]
        assert server.reads == 3
        await closed(store)

    run(mistake())


def test_so_many_reads_at_once_and_the_others_are_told_to_come_back(
    run: Run[Any], server: Server
) -> None:
    async def crowd() -> None:
        store = FakeStore(server)
        slow = [asyncio.ensure_future(store.fetch(SLOW, {"value": n})) for n in range(2)]
        waiting = asyncio.ensure_future(store.fetch(QUICK, {}))
        await until(lambda: store.stats()["waiting"] == 1)
        assert store.stats() == {"open": 2, "idle": 0, "waiting": 1}
        with pytest.raises(Overloaded):
            await waiting
        for connection in server.connections:
            connection.ended.set()
        assert await asyncio.gather(*slow) == [[(0,)], [(1,)]]
        assert await store.fetch(QUICK, {}) == [(1,)]
        await closed(store)

    run(crowd())
