"""Instants between Aurum's ISO 8601 text and what engines show and take, on a clock in UTC."""

from datetime import UTC, datetime
from functools import lru_cache

KEPT = 2**16
"""The series of a market share their intervals, and so do its pages."""


@lru_cache(maxsize=KEPT)
def shown(clock: str) -> str:
    """`2026-03-08 07:00:00`, whatever follows, as `2026-03-08T07:00:00Z`."""
    return f"{clock[:10]}T{clock[11:19]}Z"


@lru_cache(maxsize=KEPT)
def clock_of(text: str) -> str:
    """An ISO 8601 instant as `2026-03-08 07:00:00`.

    ValueError for what is no instant, or lies between two seconds: stored ones do not.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or instant.microsecond:
        raise ValueError(f"{text} is no instant to the second")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
