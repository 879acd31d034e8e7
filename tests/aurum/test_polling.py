"""Keeping what other processes change, whatever happens to its source."""

import threading

import pytest
from structlog.testing import capture_logs

from aurum import polling
from aurum.polling import Polled, Poller


@pytest.fixture
def polled(monkeypatch: pytest.MonkeyPatch) -> Polled[int]:
    """The only snapshot there is, read again every millisecond once a poller runs."""
    monkeypatch.setattr(polling, "_all", [])
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.001)
    return Polled("figure", 0)


def test_a_refresh_that_fails_is_logged_and_the_next_one_comes(polled: Polled[int]) -> None:
    fresh, answers = threading.Event(), iter([1, ValueError("no such figure"), 3])

    def load() -> int:
        answer = next(answers, None)
        if answer is None:
            fresh.set()
            return polled.value
        if isinstance(answer, Exception):
            raise answer
        return answer

    polled.register(load)
    poller = Poller()
    with capture_logs() as logged:
        poller.start()
        assert fresh.wait(10)
        poller.stop()
    assert polled.value == 3
    assert logged == [
        {
            "event": "polling_failed",
            "log_level": "warning",
            "error": "ValueError('no such figure')",
        }
    ]
