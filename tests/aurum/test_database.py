"""Asking the ops database outside Django's requests: deadlines, broken connections, what failed."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)

from aurum.database import Threads, Unusable, check_migrated, lasts, problem_of
from aurum.errors import StoreBusy, StoreUnavailable
from tests.conftest import Run

FOR_EVER = """
    WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted)
    SELECT COUNT(*) FROM counted
"""
SOON = 10


def sqlite(kind: type[DatabaseError], code: int, text: str = "x") -> DatabaseError:
    error = kind(text)
    error.__cause__ = sqlite3.OperationalError(text)
    error.__cause__.sqlite_errorcode = code
    return error


def postgres(kind: type[DatabaseError], cause: type[psycopg.Error]) -> DatabaseError:
    error = kind("x")
    error.__cause__ = cause("x")
    return error


# fmt: off
ERRORS: list[tuple[Exception, type[StoreUnavailable] | None, bool]] = [
    (sqlite(OperationalError, sqlite3.SQLITE_BUSY), StoreBusy, False),
    (sqlite(OperationalError, sqlite3.SQLITE_IOERR_SHORT_READ), StoreUnavailable, False),
    (sqlite(OperationalError, sqlite3.SQLITE_CANTOPEN), StoreUnavailable, True),
    (sqlite(OperationalError, sqlite3.SQLITE_READONLY), StoreUnavailable, True),
    (sqlite(DatabaseError, sqlite3.SQLITE_NOTADB), StoreUnavailable, True),
    (sqlite(OperationalError, sqlite3.SQLITE_ERROR, "no such table: a"), StoreUnavailable, True),
    (sqlite(OperationalError, sqlite3.SQLITE_ERROR, 'near "SELCT": syntax'), None, True),
    (postgres(OperationalError, psycopg.errors.AdminShutdown), StoreUnavailable, False),
    (postgres(OperationalError, psycopg.errors.LockNotAvailable), StoreBusy, False),
    (postgres(InternalError, psycopg.errors.ReadOnlySqlTransaction), StoreUnavailable, False),
    (postgres(ProgrammingError, psycopg.errors.InsufficientPrivilege), StoreUnavailable, True),
    (postgres(ProgrammingError, psycopg.errors.UndefinedTable), StoreUnavailable, True),
    (postgres(ProgrammingError, psycopg.errors.SyntaxError), None, False),
    (OperationalError("connection refused"), StoreUnavailable, False),
    (OperationalError("FATAL: the database system is starting up"), StoreUnavailable, False),
    (OperationalError("FATAL: sorry, too many clients already"), StoreUnavailable, False),
    (OperationalError("FATAL: password authentication failed"), StoreUnavailable, True),
    (OperationalError('FATAL: database "x" does not exist'), StoreUnavailable, True),
    (InterfaceError("connection already closed"), StoreUnavailable, False),
    (Unusable("no such file"), StoreUnavailable, True),
    (IntegrityError("not unique"), None, False),
    (DatabaseError("Save with update_fields did not affect any rows."), None, False),
    (ValueError("no error of a database"), None, False),
]
# fmt: on


@pytest.mark.parametrize(("error", "problem", "lasting"), ERRORS, ids=lambda each: str(each))
def test_what_an_error_of_the_database_means(
    error: Exception, problem: type[StoreUnavailable] | None, lasting: bool
) -> None:
    found = problem_of(error)
    assert (type(found) if found else None) is problem
    assert lasts(error) is lasting


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(1, "test")
    yield made
    made.close()


@pytest.mark.usefixtures("transactional_db")
class TestThreads:
    def test_a_call_past_the_deadline_is_broken_off_and_its_thread_is_free(
        self, threads: Threads, settings: Any, run: Run[Any]
    ) -> None:
        for _ in range(3):
            settings.AURUM_STORE_DEADLINE_SECONDS = 0.2
            with pytest.raises(TimeoutError):
                threads.call(lambda: connection.cursor().execute(FOR_EVER))
            with pytest.raises(StoreUnavailable):
                run(threads.ask(lambda: connection.cursor().execute(FOR_EVER)))
            settings.AURUM_STORE_DEADLINE_SECONDS = SOON
            assert threads.call(lambda: 7) == 7
            assert run(threads.ask(lambda: 8)) == 8

    def test_a_question_after_the_connection_broke_is_asked_again(self, threads: Threads) -> None:
        calls = []
        threads.call(lambda: None)

        def broken_once() -> int:
            calls.append(1)
            if len(calls) == 1:
                raise OperationalError("server closed the connection unexpectedly")
            return 7

        assert threads.call(broken_once) == 7
        assert len(calls) == 2

    def test_a_database_that_is_gone_is_503_and_a_mistake_is_raised(
        self, threads: Threads, run: Run[Any]
    ) -> None:
        def fail(error: Exception) -> None:
            raise error

        with pytest.raises(StoreUnavailable):
            run(threads.ask(lambda: fail(OperationalError("connection refused"))))
        with pytest.raises(ProgrammingError):
            run(threads.ask(lambda: fail(ProgrammingError("syntax"))))

    def test_what_runs_at_the_end_is_broken_off(self, threads: Threads) -> None:
        ended = threading.Event()

        def ask() -> None:
            with pytest.raises(OperationalError):
                threads.call(lambda: connection.cursor().execute(FOR_EVER))
            ended.set()

        threading.Thread(target=ask).start()
        deadline = time.monotonic() + SOON
        while not ended.is_set() and time.monotonic() < deadline:
            threads.break_off()
            time.sleep(0.01)
        assert ended.is_set()

    def test_tables_of_another_release_cannot_be_used(self) -> None:
        check_migrated()
        with connection.cursor() as cursor:
            cursor.execute("SELECT MAX(id) FROM django_migrations WHERE app = 'ops'")
            (newest,) = cursor.fetchone()
            cursor.execute("UPDATE django_migrations SET app = 'x' WHERE id = %s", [newest])
            try:
                with pytest.raises(Unusable, match=r"manage\.py migrate"):
                    check_migrated()
            finally:
                cursor.execute("UPDATE django_migrations SET app = 'ops' WHERE id = %s", [newest])
