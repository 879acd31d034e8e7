"""The ops database, asked from where no request of Django's begins or ends.

Django drops a broken connection when its next request begins, and knows no deadline. The poller
and the API's reads make no such requests, so they ask here: in a bounded number of threads that
keep their connections, each call within AURUM_STORE_DEADLINE_SECONDS, or half of them where a
request waits.
"""

import asyncio
import os
import re
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar

import structlog
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    Error,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
)
from django.db.migrations.executor import MigrationExecutor

from aurum.errors import StoreBusy, StoreUnavailable

T = TypeVar("T")
log = structlog.get_logger("aurum.database")

# PostgreSQL: no such table, column or schema; no right to them.
_NOT_AS_NEEDED = frozenset({"42P01", "42703", "3F000", "42501"})
_BUSY_STATES = frozenset({"55P03", "57014"})  # a lock, or a statement, that waited too long
_BUSY_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_LASTING_CODES = frozenset(
    {
        *(sqlite3.SQLITE_ERROR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH),
        *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB),
    }
)
_MISSING = re.compile(r"no such (table|column)")
# Why a connection was refused is in its text alone. A server that says it in another language is
# waited for, with the text in the log.
_NO_ENTRY = re.compile(
    r"authentication failed|no password supplied|pg_hba\.conf|not permitted to log in"
    r"|received invalid response"
    r'|(database|role) "[^"]*" does not exist|permission denied for database'
)


class Unusable(OperationalError):
    """There is no database, or not the one that this release needs."""


def _codes(error: Error) -> tuple[str | None, int | None]:
    """What PostgreSQL or SQLite calls it."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return getattr(error.__cause__, "sqlstate", None), None if code is None else code & 0xFF


def problem_of(error: BaseException | None) -> StoreUnavailable | None:
    """What a caller is told of an error of the ops database; None where the question was wrong."""
    if not isinstance(error, Error):
        return None
    state, code = _codes(error)
    if state in _BUSY_STATES or code in _BUSY_CODES:
        return StoreBusy()
    if isinstance(error, ProgrammingError):
        failed = state in _NOT_AS_NEEDED
    elif code == sqlite3.SQLITE_ERROR:
        failed = _MISSING.match(str(error)) is not None
    elif type(error) is DatabaseError:
        failed = error.__cause__ is not None  # else it is Django's own, of a row that is gone
    else:
        kinds = (OperationalError, InterfaceError, InternalError, NotSupportedError)
        failed = isinstance(error, kinds)
    return StoreUnavailable() if failed else None


def lasts(error: Exception) -> bool:
    """Whether waiting cannot mend an error of the ops database: somebody has to do something."""
    if not isinstance(error, Error):
        return False
    state, code = _codes(error)
    return (
        isinstance(error, Unusable | NotSupportedError)
        or state in _NOT_AS_NEEDED
        or code in _LASTING_CODES
        or (state is None and code is None and _NO_ENTRY.search(str(error)) is not None)
    )


def check_migrated() -> None:
    """Unusable unless all migrations of this release are applied; more than those do no harm."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Unusable("its tables are not those of this release: run `manage.py migrate`")


_opened = threading.local()


def _look_at_the_file() -> None:
    """Drops a connection to a file that is no longer the one of that name.

    SQLite goes on reading a file that was removed, and makes one that is missing.
    """
    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
        return
    path = connection.settings_dict["NAME"]
    try:
        found = os.stat(path)
    except OSError as error:
        connection.close()
        new = isinstance(error, FileNotFoundError)
        hint = ". Of a new installation, `manage.py migrate` makes it" if new else ""
        raise Unusable(f"{path}: {error.strerror}{hint}") from error
    if getattr(_opened, "file", None) != (found.st_dev, found.st_ino):
        connection.close()
    _opened.file = found.st_dev, found.st_ino


class _Call(Generic[T]):
    """A call in a thread of its own, which another thread can break off."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._line: Any = None  # Django's wrapper, of the thread that runs the call
        self._off = False

    def run(self) -> T:
        with self._lock:
            self._line = connections[DEFAULT_DB_ALIAS]
        try:
            return self._run()
        finally:
            with self._lock:
                self._line = None

    def _run(self) -> T:
        _look_at_the_file()
        kept = connection.connection is not None
        try:
            return self._once()
        except Error as error:
            if problem_of(error) is None:
                raise
            connection.close()
            # One that was kept may have been broken for long. What is asked here are reads, and
            # reports of what is so now: both can be repeated.
            if self._off or not kept:
                raise
        return self._once()

    def _once(self) -> T:
        connection.ensure_connection()  # first, so that there is something to break off
        if self._off:
            raise OperationalError("nobody waits for the answer any more")
        return self._call()

    def break_off(self) -> None:
        """Sets the thread free: its connection fails as if the database had gone."""
        with self._lock:
            self._off = True
            held = None if self._line is None else self._line.connection
            if held is None:
                return
            with suppress(OSError, self._line.Database.Error):
                if self._line.vendor == "sqlite":
                    held.interrupt()
                    return
                # A PostgreSQL that hangs does not hear a request to cancel either.
                with socket.socket(fileno=os.dup(held.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)


class Threads:
    """At most so many calls at a time, each within the deadline, however the database behaves."""

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._pool = self._threads()
        self._running: set[_Call[Any]] = set()
        self._opened: list[Any] = []  # Django's wrapper of each thread's connection

    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._most, self._name, initializer=self._note_connection)

    def _note_connection(self) -> None:
        self._opened.append(connections[DEFAULT_DB_ALIAS])

    def call(self, call: Callable[[], T]) -> T:
        """What it brings or raises; TimeoutError after the deadline. Not for the event loop."""
        with self._submitted(call) as work:
            return work.result(settings.AURUM_STORE_DEADLINE_SECONDS)

    async def ask(self, call: Callable[[], T]) -> T:
        """What it brings; StoreUnavailable where the database fails or takes too long."""
        try:
            with self._submitted(call) as work:
                # Within the time that the question has as a whole: its caller is to hear of this.
                async with asyncio.timeout(settings.AURUM_STORE_DEADLINE_SECONDS / 2):
                    return await asyncio.wrap_future(work)
        except (Error, TimeoutError) as error:
            late = isinstance(error, TimeoutError)
            problem = StoreUnavailable() if late else problem_of(error)
            if problem is None:
                raise
            log.warning("ops_database_failed", error="deadline" if late else repr(error))
            raise problem from error

    @contextmanager
    def _submitted(self, call: Callable[[], T]) -> Iterator[Future[T]]:
        """Leaves nobody behind: a call that is not done at the end is broken off."""
        begun = _Call(call)
        self._running.add(begun)
        work = self._pool.submit(begun.run)
        try:
            yield work
        finally:
            self._running.discard(begun)
            if not work.done() and not work.cancel():
                begun.break_off()

    def break_off(self) -> None:
        for call in list(self._running):
            call.break_off()

    def close(self) -> None:
        """Ends the threads, with their connections; what runs is broken off instead. A call that
        comes after all begins others."""
        self.break_off()
        if self._running:  # it may be connecting, and is not waited for
            return
        ended, self._pool = self._pool, self._threads()
        ended.shutdown()
        while self._opened:
            if (held := self._opened.pop().connection) is not None:
                held.close()


READS = Threads(4, "aurum-ops")
"""For the questions of requests."""
