"""Values that other processes change and this one needs without asking: watermarks, API keys.

Each is loaded by a function its owner registers, kept in memory, and read again every half second
by one thread, so that no request waits for the ops database.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import structlog
from django.db import close_old_connections

T = TypeVar("T")
log = structlog.get_logger("aurum.polling")

POLL_SECONDS = 0.5

_all: list["Polled[Any]"] = []


class Polled(Generic[T]):
    """`empty` stands until the first refresh; `value` is replaced whole, never changed."""

    def __init__(self, name: str, empty: T) -> None:
        self.name, self.value = name, empty
        self._load: Callable[[], T] | None = None
        _all.append(self)

    def register(self, load: Callable[[], T]) -> None:
        self._load = load

    def refresh(self) -> None:
        """Reads the value again, in the calling thread."""
        if self._load is not None:
            self.value = self._load()


def refresh_all() -> None:
    for snapshot in _all:
        snapshot.refresh()


class Poller:
    """Keeps every snapshot fresh from its own thread, and goes on when the database does not."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="aurum-polling", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stopping.is_set():
            try:
                refresh_all()
            except Exception as error:  # noqa: BLE001 - a thread that ended would never read again
                # Serving what was last known beats serving nothing; the log says that it is old.
                log.warning("polling_failed", error=repr(error))
            finally:
                close_old_connections()
            self._stopping.wait(POLL_SECONDS)
