"""How long the parts of one request took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TIMINGS: ContextVar[list[tuple[str, float]] | None] = ContextVar("timings", default=None)
"""(name, milliseconds) of each part measured so far; None outside a request."""


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Notes what the block took under `name`, also when it fails."""
    began = time.perf_counter()
    try:
        yield
    finally:
        timings = TIMINGS.get()
        if timings is not None:
            timings.append((name, (time.perf_counter() - began) * 1000))


def milliseconds(name: str) -> float:
    """What the parts named `name` of this request took together."""
    return sum(took for part, took in TIMINGS.get() or () if part == name)
