"""Reading through a driver that blocks: each read has a thread and a connection to itself.

A read ends when its thread does, and only the server can make it end early. So a caller who leaves,
or whose time is up, goes at once, and the server is told to stop until it has. One that does not
stop loses the connection; its place is free again when its thread has ended.
"""

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Self, TypeVar

import structlog
from django.conf import settings

from aurum.errors import DeadlineExceeded, StoreUnavailable
from aurum.stores.sql import Select, compose
from aurum.stores.tables import Row
from aurum.stores.turns import ExportTurns, Turns
from aurum.timings import timed

log = structlog.get_logger("aurum.stores")

STOPPING_SECONDS = 5.0
"""For how long a server is told to stop a read before the connection is given up."""
STOP_EVERY_SECONDS = 0.05
LONGEST_ERROR = 300
"""Characters of an engine's error that are logged: some add where in their source it arose."""

C = TypeVar("C")
Work = asyncio.Future[list[Row]]


class ConnectionLost(StoreUnavailable):
    """A connection that was open ended: the server may be there again, and be asked once more."""


class Stopped(Exception):
    """Ends the thread of a read that nobody waits for."""


class Reading(Generic[C]):
    """One read under way. It has no connection while a new one is made; `left` by its caller, it
    is to be stopped."""

    def __init__(self, connection: C | None) -> None:
        self.connection, self.left = connection, False


class ThreadedStore(ABC, Generic[C]):
    """The store of an engine, which says how to connect, run, stop and close.

    Besides the loop's calls to `close_connection`, all of these run in threads. What a driver
    raises ends within a time of its own that is a little longer than the deadline: a thread that
    waits for a server which hangs would else hold its place for ever.
    """

    engine: ClassVar[str]
    dialect: ClassVar[str]
    address: ClassVar[str]
    """The setting that says where the engine is."""

    def __init__(
        self, url: str, *, workers: int, acquire_seconds: float, deadline_seconds: float
    ) -> None:
        self.url, self._deadline = url, deadline_seconds
        # For a caller whose process has died: in whole seconds, and later than the deadline here.
        self.server_seconds = math.ceil(deadline_seconds) + 1
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"aurum-{self.engine}")
        # Of its own, as the others may all be taken by what is to be stopped.
        self._stoppers = ThreadPoolExecutor(workers, thread_name_prefix=f"aurum-{self.engine}-stop")
        self._turns = Turns(workers, acquire_seconds)
        self.exports = ExportTurns(acquire_seconds)
        self._idle: list[C] = []
        self._under_way: set[Work] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            getattr(settings, cls.address),
            workers=settings.AURUM_STORE_WORKERS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
            deadline_seconds=settings.AURUM_STORE_DEADLINE_SECONDS,
        )

    @abstractmethod
    def connect(self) -> C:
        """A connection, made within a few seconds or not at all."""

    @abstractmethod
    def run(self, connection: C, name: str, sql: str, params: Mapping[str, Any]) -> list[Row]:
        """All rows, as `Store.fetch` gives them; `name` is the question's."""

    @abstractmethod
    def stop(self, connection: C) -> None:
        """Tells the server to end what runs there. Repeated, as one that comes early is lost."""

    @abstractmethod
    def close_connection(self, connection: C) -> None:
        """Without waiting for the server. A read in another thread may still be using it."""

    @abstractmethod
    def problem_of(self, error: Exception) -> Exception | None:
        """What an error of the driver means to the caller; None for a mistake of ours."""

    async def open(self) -> None:
        """Nothing to do before the first read, which connects."""

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        sql = compose(select, self.dialect)
        with timed("store"):
            return await self._fetch(select.name, sql, params)

    async def ping(self) -> None:
        try:
            await self._fetch("ping", "SELECT 1", {})
        except DeadlineExceeded as error:
            raise StoreUnavailable from error

    def stats(self) -> Mapping[str, int]:
        idle = len(self._idle)
        return {
            "open": idle + len(self._under_way),
            "idle": idle,
            "waiting": self._turns.waiting,
        }

    async def close(self) -> None:
        """Waits for reads that are being stopped, and leaves those that cannot be to their end."""
        self._closed = True
        self._close_idle()
        await asyncio.gather(*self._ending)
        for work in tuple(self._under_way):
            work.cancel()  # or it would tell its result to a loop that is closed
        self._threads.shutdown(wait=False)
        self._stoppers.shutdown(wait=False)

    async def _fetch(self, name: str, sql: str, params: Mapping[str, Any]) -> list[Row]:
        try:
            async with asyncio.timeout(self._deadline):
                try:
                    return await self._read(name, sql, params)
                except ConnectionLost:
                    # The others were open to the same server, which has gone or was restarted.
                    self._close_idle()
                    return await self._read(name, sql, params)
        except TimeoutError as error:
            raise DeadlineExceeded from error

    async def _read(self, name: str, sql: str, params: Mapping[str, Any]) -> list[Row]:
        await self._turns.take()  # so one of the threads is free
        reading = Reading(self._idle.pop() if self._idle else None)
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._work, reading, name, sql, params)
        self._under_way.add(work)
        try:
            return await asyncio.shield(work)
        finally:
            self._end(reading, work)

    def _work(
        self, reading: Reading[C], name: str, sql: str, params: Mapping[str, Any]
    ) -> list[Row]:
        connection = reading.connection
        if connection is None:
            with self._translated(reading, connecting=True):
                connection = reading.connection = self.connect()
        if reading.left:
            raise Stopped
        with self._translated(reading):
            return self.run(connection, name, sql, params)

    @contextmanager
    def _translated(self, reading: Reading[C], *, connecting: bool = False) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            problem = self.problem_of(error)
            if problem is None:
                raise
            if connecting and isinstance(problem, ConnectionLost):
                problem = StoreUnavailable()  # there was none to lose
            if isinstance(problem, StoreUnavailable) and not reading.left:
                log.warning("store_failed", engine=self.engine, error=str(error)[:LONGEST_ERROR])
            raise problem from error

    def _end(self, reading: Reading[C], work: Work) -> None:
        """Gives connection and turn back: at once, or when the thread of a read that nobody waits
        for has ended. The caller does not wait for that."""
        if work.done():
            self._give_back(reading, work)
            return
        reading.left = True
        work.add_done_callback(lambda ended: self._give_back(reading, ended))
        ending = asyncio.create_task(self._stop(reading, work))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _stop(self, reading: Reading[C], work: Work) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + STOPPING_SECONDS
        stopping: asyncio.Future[None] | None = None
        while not work.done() and loop.time() < until:
            if reading.connection is not None and (stopping is None or stopping.done()):
                stopping = loop.run_in_executor(self._stoppers, self.stop, reading.connection)
                stopping.add_done_callback(_noted)
            await asyncio.wait([work], timeout=STOP_EVERY_SECONDS)
        if not work.done():
            log.warning("store_does_not_stop", engine=self.engine)
            self._close(reading)

    def _give_back(self, reading: Reading[C], work: Work) -> None:
        self._under_way.discard(work)
        self._turns.give_back()
        # One that was stopped may yet be told so: the next read on it would end.
        if _noted(work) and not reading.left and not self._closed:
            if reading.connection is not None:
                self._idle.append(reading.connection)
        else:
            self._close(reading)

    def _close(self, reading: Reading[C]) -> None:
        connection, reading.connection = reading.connection, None
        if connection is not None:
            self.close_connection(connection)

    def _close_idle(self) -> None:
        while self._idle:
            self.close_connection(self._idle.pop())


def _noted(work: asyncio.Future[Any]) -> bool:
    """Whether it ended well. If not, that was told who waited, and is of interest to nobody else;
    asyncio would say so."""
    return not work.cancelled() and work.exception() is None
