"""Keeping callers away from an engine that has failed again and again."""

import math
import time

import structlog

from aurum.errors import StoreUnavailable

log = structlog.get_logger("aurum.stores")


class Breaker:
    """Opens after so many `failures` in a row (0: never); `seconds` later one caller may probe.

    A probe that says nothing of the engine, as its caller left or its time was up, leaves the next
    caller to probe.
    """

    def __init__(self, engine: str, failures: int, seconds: float) -> None:
        self._engine, self._most, self._seconds = engine, failures, seconds
        self._now = time.monotonic
        self._until: float | None = None
        self._probing = False
        self.failures = self.refused = 0

    @property
    def state(self) -> str:
        """`closed`, `open`, or `half-open` once its time is over."""
        if self._until is None:
            return "closed"
        return "open" if self._now() < self._until else "half-open"

    def enter(self) -> bool:
        """Whether the caller is to probe; StoreUnavailable where it is to come back later."""
        if self._until is None:
            return False
        left = self._until - self._now()
        if left > 0 or self._probing:
            self.refused += 1
            raise StoreUnavailable(headers={"Retry-After": str(max(1, math.ceil(left)))})
        self._probing = True
        return True

    def leave(self) -> None:
        """The probe is over."""
        self._probing = False

    def succeeded(self) -> None:
        self.failures = 0
        if self._until is not None:
            self._until = None
            log.warning("store_breaker_closed", engine=self._engine)

    def failed(self, *, probe: bool) -> None:
        """Calls that were under way when it opened change nothing more by failing."""
        self.failures += 1
        if probe or (self._until is None and 0 < self._most <= self.failures):
            self._until = self._now() + self._seconds
            log.warning("store_breaker_opened", engine=self._engine, failures=self.failures)
