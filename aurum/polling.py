"""What one thread of each process does again and again, so that no request waits for it.

`Polled` values are what other processes change and this one needs without asking: watermarks, API
keys. Each is read by a function that its owner registers, kept in memory, and read again every
half second. `every` is for work that leaves no value behind.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from django.db import close_old_connections

T = TypeVar("T")
log = structlog.get_logger("aurum.polling")

POLL_SECONDS = 0.5

_polled: list["Polled[Any]"] = []
_periodic: dict[str, "_Periodic"] = {}


class Polled(Generic[T]):
    """`empty` stands until the first refresh; `value` is replaced whole, never changed."""

    def __init__(self, name: str, empty: T) -> None:
        self.name, self.value = name, empty
        self._load: Callable[[], T] | None = None
        _polled.append(self)

    def register(self, load: Callable[[], T]) -> None:
        self._load = load

    def refresh(self) -> None:
        """Reads the value again, in the calling thread."""
        if self._load is not None:
            self.value = self._load()


@dataclass(slots=True)
class _Periodic:
    seconds: float
    run: Callable[[], object]
    due: float = 0.0


def every(seconds: float, run: Callable[[], object]) -> None:
    """Has the poller call a function every so many seconds, and at its start.

    One of the same name takes the place of the last: apps may be set up more than once.
    """
    _periodic[getattr(run, "__qualname__", repr(run))] = _Periodic(seconds, run)


def refresh_all() -> None:
    """Reads every polled value in the calling thread; the first that fails is raised."""
    for polled in _polled:
        polled.refresh()


class Poller:
    """Reads and runs everything from its own thread, and goes on when the database does not."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="aurum-polling", daemon=True)

    def start(self) -> None:
        """The first round is over when this returns; the values must have been readable once."""
        refresh_all()
        self._run_what_is_due()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for polled in _polled:
                _attempt(polled.name, polled.refresh)
            self._run_what_is_due()
        close_old_connections()

    def _run_what_is_due(self) -> None:
        now = time.monotonic()
        for name, periodic in _periodic.items():
            if periodic.due <= now:
                periodic.due = now + periodic.seconds
                _attempt(name, periodic.run)


def _attempt(name: str, step: Callable[[], object]) -> None:
    try:
        step()
    except Exception as error:  # noqa: BLE001 - a thread that ended would never poll again
        # Serving what was last known beats serving nothing; the log says that it is old.
        log.warning("polling_failed", step=name, error=repr(error))
        # The connection is kept between rounds, because opening one costs more than the queries.
        # After a failure it may be broken: the next step opens another.
        close_old_connections()
