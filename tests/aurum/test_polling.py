"""Keeping what other processes change, whatever happens to its source."""

import math
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from aurum import polling
from aurum.database import Unusable
from aurum.identity import KEYS
from aurum.polling import Polled, Poller, every
from aurum.snapshot import WATERMARKS
from tests.conftest import Market
from tests.factories import curve_csv, months

SOON = 10


@pytest.fixture
def poller(monkeypatch: pytest.MonkeyPatch) -> Iterator[Poller]:
    """Without anything to do yet; once started, it begins a round every millisecond."""
    monkeypatch.setattr(polling, "_polled", [])
    monkeypatch.setattr(polling, "_periodic", {})
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.001)
    poller = Poller()
    # In the thread itself: threads for calls of the database are tested beside it.
    monkeypatch.setattr(poller._threads, "call", lambda step: step())
    yield poller
    if poller._thread.is_alive():
        poller.stop()


def test_a_value_is_known_when_the_poller_has_started(poller: Poller) -> None:
    polled = Polled("figure", 0)
    polled.register(lambda: 7)
    poller.start()
    assert polled.value == 7


def test_what_cannot_be_read_at_the_start_stops_it(poller: Poller) -> None:
    def fail() -> int:
        raise ValueError("no such figure")

    Polled("figure", 0).register(fail)
    with pytest.raises(ValueError, match="no such figure"):
        poller.start()


def test_a_database_that_does_not_answer_stops_no_start(poller: Poller) -> None:
    """It is waited for, and meanwhile nothing counts as known."""
    polled, back = Polled("figure", 0), threading.Event()

    def load() -> int:
        if not back.is_set():
            raise OperationalError("connection refused")
        return 7

    polled.register(load)
    poller.start()
    assert polling.age() == math.inf
    back.set()
    deadline = time.monotonic() + SOON
    while polled.value != 7:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert polling.age() < SOON


@pytest.mark.parametrize("where", ["first", "polled", "periodic"])
def test_what_waiting_cannot_mend_ends_the_start(
    poller: Poller, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail() -> int:
        raise Unusable("not migrated")

    if where == "first":
        monkeypatch.setattr(poller, "_first", [fail])
    elif where == "polled":
        Polled("figure", 0).register(fail)
    else:
        every(3600, fail)
    with pytest.raises(Unusable, match="not migrated"):
        poller.start()


def test_what_is_found_out_after_the_start_ends_nothing(
    poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "START_SECONDS", 0)
    polled, started = Polled("figure", 0), threading.Event()
    answers = iter([Unusable("not migrated"), 7])

    def load() -> int:
        assert started.wait(SOON)
        answer = next(answers, 7)
        if isinstance(answer, Exception):
            raise answer
        return answer

    polled.register(load)
    poller.start()
    started.set()
    deadline = time.monotonic() + SOON
    while polled.value != 7:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_refresh_that_fails_is_logged_and_the_next_one_comes(poller: Poller) -> None:
    polled, fresh = Polled("figure", 0), threading.Event()
    answers = iter([1, ValueError("no such figure"), 3])

    def load() -> int:
        answer = next(answers, None)
        if answer is None:
            fresh.set()
            return polled.value
        if isinstance(answer, Exception):
            raise answer
        return answer

    polled.register(load)
    with capture_logs() as logged:
        poller.start()
        assert fresh.wait(SOON)
        poller.stop()
    assert polled.value == 3
    assert logged == [
        {
            "event": "polling_failed",
            "log_level": "warning",
            "step": "figure",
            "error": "ValueError('no such figure')",
        },
        {"event": "polling_recovered", "log_level": "warning", "step": "figure"},
    ]


def test_a_step_that_fails_stops_no_other(db: None, poller: Poller) -> None:
    again, polled, reads = threading.Event(), Polled("figure", 0), 0

    def fail() -> None:
        raise ValueError("never works")

    def read() -> int:
        nonlocal reads
        reads += 1
        if reads > 3:
            again.set()
        if reads > 1:
            raise ValueError("works once")
        return reads

    ran = threading.Semaphore(0)
    polled.register(read)
    every(0, fail)
    every(0, ran.release)
    with capture_logs() as logged:
        poller.start()
        assert again.wait(SOON)
        assert all(ran.acquire(timeout=SOON) for _ in range(3))
        poller.stop()
    failed = {line["step"].rpartition(".")[2] for line in logged}
    assert failed == {"figure", "fail"}


def test_a_periodic_step_runs_at_the_start_and_then_only_when_it_is_due(poller: Poller) -> None:
    often, seldom = threading.Semaphore(0), []
    every(0, often.release)
    every(3600, lambda: seldom.append(1))
    poller.start()
    assert all(often.acquire(timeout=SOON) for _ in range(5))
    poller.stop()
    assert seldom == [1]


def test_a_poller_that_is_told_to_stop_begins_no_other_step(poller: Poller) -> None:
    """Each of them could hang."""
    begun, go = threading.Event(), threading.Event()
    calls: list[int] = []

    def hang() -> int:
        if len(calls) > 1:  # both have been read once
            begun.set()
            go.wait(SOON)
        calls.append(1)
        return 0

    for name in ("figure", "other"):
        Polled(name, 0).register(hang)
    poller.start()
    assert begun.wait(SOON)
    stopping = threading.Thread(target=poller.stop)
    stopping.start()
    poller._stopping.wait(SOON)
    go.set()
    stopping.join(SOON)
    assert len(calls) == 3


def test_one_round_asks_the_ops_database_three_times(market: Market, settings: Any) -> None:
    """Watermarks, keys, commands. The report of the cache, every two seconds, is counted apart."""
    for feed in ("curves.csv", "curves.csv"):
        market.load(feed, curve_csv(months("2025-10", 1)))
    WATERMARKS.value, KEYS.value = {}, {}
    for first in (True, False):
        with CaptureQueriesContext(connection) as asked:
            polling.refresh_all()
            for periodic in polling._periodic.values():
                if periodic.seconds == polling.POLL_SECONDS:
                    periodic.run()
        assert WATERMARKS.value
        assert first or len(asked) <= 3, [query["sql"] for query in asked]
