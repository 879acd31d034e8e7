"""How long the parts of one request took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TIMINGS: ContextVar[dict[str, float] | None] = ContextVar("timings", default=None)
"""The milliseconds of each part so far, by its name; None outside a request."""


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Notes what the block took under `name`, also when it fails."""
    began = time.perf_counter()
    try:
        yield
    finally:
        timings = TIMINGS.get()
        if timings is not None:
            timings[name] = timings.get(name, 0.0) + (time.perf_counter() - began) * 1000


def milliseconds(name: str) -> float:
    """What the parts named `name` of this request took together."""
    return (TIMINGS.get() or {}).get(name, 0.0)
