"""`manage.py load` where a database or the disk fails: that file ends, the others load."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django.db
import psycopg
import pytest

from aurum.errors import InvalidFile, StoreUnavailable
from aurum.loads.reasons import what_failed
from aurum.stores.embedded_writer import EmbeddedWriter
from ops.loads import DatabaseLoadLog
from ops.models import Load
from tests.factories import curve_csv
from tests.ops.conftest import Command
from tests.ops.load_files import strip


def caused(outer: BaseException, cause: BaseException) -> BaseException:
    outer.__cause__ = cause
    return outer


def of_sqlite(number: int, name: str, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode, error.sqlite_errorname = number, name
    return error


FULL = of_sqlite(13, "SQLITE_FULL", "database or disk is full")
BUSY = of_sqlite(5, "SQLITE_BUSY", "database is locked")
READ_ONLY = of_sqlite(8, "SQLITE_READONLY_DBMOVED", "attempt to write a readonly database")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (caused(StoreUnavailable(), FULL), "the disk of the data store is full: make room"),
        (caused(django.db.OperationalError(), FULL), "the disk of the ops database is full"),
        (caused(StoreUnavailable(), psycopg.errors.DiskFull()), "the disk of the data store is"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk is full"),
        (caused(django.db.OperationalError(), BUSY), "the ops database is locked by other work"),
        (
            caused(django.db.OperationalError(), READ_ONLY),
            "the ops database may not be written: attempt to write a readonly database",
        ),
        (
            caused(django.db.ProgrammingError(), psycopg.errors.InsufficientPrivilege("denied")),
            "the ops database may not be written: denied",
        ),
        (
            caused(StoreUnavailable(), psycopg.OperationalError("connection\nrefused")),
            "the data store cannot be used: connection refused",
        ),
        (django.db.OperationalError("no such table"), "the ops database cannot be used: no such"),
    ],
)
def test_the_reason_says_what_has_to_be_done(error: BaseException, said: str) -> None:
    assert (what_failed(error) or "").startswith(said)


@pytest.mark.parametrize(
    "error", [InvalidFile("no"), PermissionError(13, "denied"), django.db.DataError("too long")]
)
def test_what_no_database_has_done_is_told_by_its_own_words(error: BaseException) -> None:
    assert what_failed(error) is None


@contextmanager
def no_room(home: Path) -> Iterator[None]:
    """The market's file may not grow, as on a disk that is full."""
    connect = EmbeddedWriter._configure

    def narrow(self: EmbeddedWriter) -> None:
        connect(self)
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {max(pages, 1)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmbeddedWriter, "_configure", narrow)
        yield


def test_a_full_disk_is_said_and_leaves_nothing(load: Command, inbox: Path, home: Path) -> None:
    assert load(strip(inbox)).status == 0
    large = inbox / "large.csv"
    large.write_text(curve_csv({"tenor_label": f"T{n}", "mid": n} for n in range(6000)))
    with no_room(home):
        outcome = load("curves.csv", large)
    assert outcome.status == 1
    full = "large.csv: refused, the disk of the data store is full: make room and load the file"
    assert outcome.err.startswith(full)
    assert Load.objects.get(file="large.csv").state == "abandoned"
    assert "6000 new" in load("curves.csv", large).out


def fails_once(error: Exception, of: Callable[..., Any]) -> Callable[..., Any]:
    left = [error]

    def call(*args: Any, **more: Any) -> Any:
        if left:
            raise left.pop()
        return of(*args, **more)

    return call


STEPS = ("begin", "unpublished", "newest_published", "publish", "demo_loads")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (caused(django.db.OperationalError("locked"), BUSY), "the ops database is locked by other"),
        (RuntimeError("what nobody foresaw"), "it could not be loaded: RuntimeError: what nobody"),
    ],
)
def test_whatever_fails_at_whichever_step_the_other_files_are_loaded(
    load: Command,
    inbox: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    error: Exception,
    said: str,
) -> None:
    for day in ("2026-05-27", "2026-05-28"):
        strip(inbox, day=day)
    broken = fails_once(error, getattr(DatabaseLoadLog, step))
    monkeypatch.setattr(DatabaseLoadLog, step, broken)
    outcome = load(inbox)
    assert outcome.status == 1
    assert f"forward-curve_2026-05-27.json: refused, {said}" in outcome.err
    assert "forward-curve_2026-05-28.json: load" in outcome.out
    assert sorted(Load.objects.values_list("state", flat=True))[-1] == "published"
    assert not Load.objects.filter(state="running").exists()


def test_a_load_that_is_published_is_not_called_refused(
    load: Command, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = django.db.OperationalError("gone")
    monkeypatch.setattr("aurum.snapshot.WATERMARKS.refresh", fails_once(gone, lambda: None))
    outcome = load(strip(inbox))
    assert (outcome.status, "3 new" in outcome.out) == (0, True)
