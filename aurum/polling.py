"""What one thread of each process does again and again, so that no request waits for it.

`Polled` values are what other processes change and this one needs without asking: watermarks, API
keys. Each is read by a function that its owner registers, kept in memory, and read again every
half second. `every` is for work that leaves no value behind.

Until all of them have been read, this process knows nothing of what it serves; after that it goes
by what it read last, however old that is, and `age` says how old.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from aurum.database import Threads, lasts, problem_of

T = TypeVar("T")
Step = Callable[[], object]
log = structlog.get_logger("aurum.polling")

POLL_SECONDS = 0.5
START_SECONDS = 5.0
"""How long a start waits for the first round; then the server answers 503 until that is over."""
STALE_SECONDS = 10.0
"""From this age on, answers say how old the state is that they were made from."""

_polled: list["Polled[Any]"] = []
_periodic: dict[str, "_Periodic"] = {}


class Polled(Generic[T]):
    """`empty` stands until the first refresh; `value` is replaced whole, never changed."""

    def __init__(self, name: str, empty: T) -> None:
        self.name, self.value = name, empty
        self.read_at = -math.inf
        """When the value was asked for, on the monotonic clock."""
        self._load: Callable[[], T] | None = None
        _polled.append(self)

    def register(self, load: Callable[[], T]) -> None:
        self._load = load

    def refresh(self) -> None:
        """Reads the value again, in the calling thread."""
        if self._load is not None:
            asked_at = time.monotonic()
            self.value = self._load()
            self.read_at = asked_at


def age() -> float:
    """Seconds since the oldest polled value was read; infinite until each has been read once."""
    now = time.monotonic()
    return now - min([polled.read_at for polled in _polled], default=now)


@dataclass(slots=True)
class _Periodic:
    seconds: float
    run: Step
    due: float = 0.0


def every(seconds: float, run: Step) -> None:
    """Has the poller call a function every so many seconds, and at its start.

    One of the same name takes the place of the last: apps may be set up more than once.
    """
    _periodic[_name(run)] = _Periodic(seconds, run)


def refresh_all() -> None:
    """Reads every polled value in the calling thread; the first that fails is raised."""
    for polled in _polled:
        polled.refresh()


class Poller:
    """Reads and runs everything from its own thread, and goes on when the database does not.

    `first` is what the start insists on besides.
    """

    def __init__(self, *first: Step) -> None:
        self._first = first
        self._stopping, self._begun = threading.Event(), threading.Event()
        self._awaited = True
        self._refusal: Exception | None = None
        self._lock = threading.Lock()  # of these two
        self._failing: dict[str, str] = {}
        self._threads = Threads(1, "aurum-poll")
        self._thread = threading.Thread(target=self._poll, name="aurum-polling", daemon=True)

    def start(self) -> None:
        """Returns when the first round is over, or takes too long.

        What went wrong in it and waiting cannot mend is raised; then nothing polls.
        """
        self._thread.start()
        self._begun.wait(START_SECONDS)
        with self._lock:
            self._awaited = False
        if self._refusal is not None:
            raise self._refusal

    def stop(self) -> None:
        self._stopping.set()
        self._threads.break_off()
        self._thread.join()

    def _poll(self) -> None:
        try:
            self._begin()
        except Exception as error:  # noqa: BLE001 - whoever waits for the start is to hear of it
            with self._lock:
                self._refusal = error if self._awaited else None
        self._begun.set()
        while self._refusal is None and not self._stopping.wait(POLL_SECONDS):
            for name, step in (*_refreshes(), *_due()):
                self._attempt(name, step)
        self._threads.close()

    def _begin(self) -> None:
        for step in self._first:
            self._must(_name(step), step)
        for name, step in _refreshes():
            self._must(name, step)
        for name, step in _due():
            if (error := self._attempt(name, step)) and lasts(error):
                raise error

    def _must(self, name: str, step: Step) -> None:
        """Raises what waiting cannot mend, and what has nothing to do with the database."""
        error = self._attempt(name, step)
        if error is None or isinstance(error, TimeoutError):
            return
        if problem_of(error) is None or lasts(error):
            raise error

    def _attempt(self, name: str, step: Step) -> Exception | None:
        """Runs a step; an error is logged once, however often it comes back, and so is its end."""
        if self._stopping.is_set():
            return None
        try:
            self._threads.call(step)
        except Exception as error:  # noqa: BLE001 - a thread that ended would never poll again
            text = repr(error)
            # Serving what was last known beats serving nothing; the log says that it is old.
            if self._failing.get(name) != text:
                log.warning("polling_failed", step=name, error=text)
            self._failing[name] = text
            return error
        if self._failing.pop(name, None):
            log.warning("polling_recovered", step=name)
        return None


def _name(step: Step) -> str:
    return getattr(step, "__qualname__", repr(step))


def _refreshes() -> list[tuple[str, Step]]:
    return [(polled.name, polled.refresh) for polled in _polled]


def _due() -> Iterator[tuple[str, Step]]:
    now = time.monotonic()
    for name, periodic in _periodic.items():
        if periodic.due <= now:
            periodic.due = now + periodic.seconds
            yield name, periodic.run
