"""A store as everyone has it, whatever its engine: guarded by a breaker, measured by question."""

import time
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings

from aurum.errors import Overloaded, StoreBusy, StoreUnavailable
from aurum.stores.breaker import Breaker
from aurum.stores.contract import Store, TableUnreadable
from aurum.stores.measures import measures_of
from aurum.stores.sql import Select
from aurum.stores.tables import Row

log = structlog.get_logger("aurum.stores")


class GuardedStore:
    """What an engine's store does, and StoreUnavailable at once while its breaker is open."""

    def __init__(self, engine: str, store: Store) -> None:
        self._engine, self._store, self.exports = engine, store, store.exports
        self._breaker = Breaker(
            engine, settings.AURUM_BREAKER_FAILURES, settings.AURUM_BREAKER_SECONDS
        )
        self._slow_seconds = settings.AURUM_STORE_SLOW_MS / 1000
        self._measures = measures_of(engine)

    async def open(self) -> None:
        await self._store.open()
        self._measures.state = self._state

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        breaker = self._breaker
        probe = breaker.enter()
        question = self._measures.of(select.name)
        question.in_flight += 1
        rows: list[Row] | None = None
        answered = False
        began = time.perf_counter()
        try:
            rows = await self._store.fetch(select, params)
            answered = True
            breaker.succeeded()
            return rows
        except Exception as error:
            answered = True
            question.errors += 1
            if _is_of_the_engine(error):
                breaker.failed(probe=probe)
            raise
        finally:
            seconds = time.perf_counter() - began
            question.in_flight -= 1
            if answered:  # otherwise its caller has left
                question.ended(seconds, len(rows or ()))
            if probe:
                breaker.leave()
            if seconds >= self._slow_seconds > 0:
                self._say_slow(select.name, seconds, rows)

    def _say_slow(self, name: str, seconds: float, rows: list[Row] | None) -> None:
        log.warning(
            "slow_statement",
            store=self._engine,
            question=name,
            ms=round(seconds * 1000),
            rows=None if rows is None else len(rows),
        )

    async def ping(self) -> None:
        """Goes past the breaker, and closes it."""
        await self._store.ping()
        self._breaker.succeeded()

    def stats(self) -> Mapping[str, int]:
        return self._store.stats()

    def _state(self) -> Mapping[str, Any]:
        breaker = self._breaker
        said = {"state": breaker.state, "failures": breaker.failures, "refused": breaker.refused}
        return {"breaker": said, "pool": dict(self._store.stats())}

    async def close(self) -> None:
        if self._measures.state == self._state:
            self._measures.state = dict
        await self._store.close()


def _is_of_the_engine(error: Exception) -> bool:
    """A question that is refused or too much says nothing of those that come after it, nor does one
    of a table that is missing."""
    others = StoreBusy | Overloaded | TableUnreadable
    return isinstance(error, StoreUnavailable) and not isinstance(error, others)
