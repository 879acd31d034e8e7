"""A second engine that answers a share of a domain's callers, or is asked beside the first.

It is asked only where it has all loads that the answer counts: rows come to it by
`manage.py stores copy`, and until the next one it is behind the first.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import structlog

from aurum.errors import Problem
from aurum.identity import CALLING
from aurum.stores.contract import Store
from aurum.stores.ddl import NEWEST_LOAD
from aurum.stores.measures import measures_of
from aurum.stores.sql import Expression, Select
from aurum.stores.tables import Row

log = structlog.get_logger("aurum.stores")

NEWEST = Select(
    f"SELECT @columns FROM {NEWEST_LOAD} AS n GROUP BY n.table_name",
    {"name": Expression.text("n.table_name"), "load": Expression.integer("MAX(n.load_id)")},
    ("name", "load"),
    name="stores.newest_loads",
)
ASKED_EVERY_SECONDS = 1.0
MOST_COMPARED = 16
"""At a time; what is asked meanwhile is not compared, as its rows are kept until it is."""


class CanaryStore:
    """The store of one domain. With `shadow` the second engine's rows are only compared."""

    def __init__(
        self, domain: str, first: Store, second: Store, engine: str, percent: int, *, shadow: bool
    ) -> None:
        self._domain, self._first, self._second = domain, first, second
        self._percent, self._shadow = percent, shadow
        self.exports = first.exports
        self._engine, self._newest = engine, dict[str, int]()
        self._asked_at = -ASKED_EVERY_SECONDS
        self._comparing: set[asyncio.Task[None]] = set()
        self._counts = measures_of(engine).canaries.setdefault(
            domain, dict.fromkeys(("asked", "behind", "failed", "different"), 0)
        )

    async def open(self) -> None:
        """Both are opened by whoever made them."""

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        if not self._is_chosen() or not await self._has_all(params):
            return await self._first.fetch(select, params)
        self._counts["asked"] += 1
        if self._shadow:
            rows = await self._first.fetch(select, params)
            if len(self._comparing) >= MOST_COMPARED:
                return rows
            comparing = asyncio.create_task(self._compare(select, params, rows))
            self._comparing.add(comparing)
            comparing.add_done_callback(self._comparing.discard)
            return rows
        rows_of_second = await self._ask(select, params)
        return await self._first.fetch(select, params) if rows_of_second is None else rows_of_second

    async def _ask(self, select: Select, params: Mapping[str, Any]) -> list[Row] | None:
        """The second engine's rows, None where it fails: whatever it does, no caller is to know."""
        try:
            return await self._second.fetch(select, params)
        except Exception as error:
            self._counts["failed"] += 1
            if not isinstance(error, Problem):
                log.exception("canary_failed", engine=self._engine, question=select.name)
            return None

    def _is_chosen(self) -> bool:
        """The same callers are, for as long as the share is the same."""
        return crc32(f"{self._domain}:{CALLING.get()}".encode()) % 100 < self._percent

    async def _has_all(self, params: Mapping[str, Any]) -> bool:
        """Whether the second engine has the loads that are asked for."""
        asked = {name[2:]: load for name, load in params.items() if name.startswith("w_")}
        now = time.monotonic()
        if self._is_behind(asked) and now - self._asked_at >= ASKED_EVERY_SECONDS:
            self._asked_at = now
            self._newest = dict(await self._ask(NEWEST, {}) or ())
        if self._is_behind(asked):
            self._counts["behind"] += 1
            return False
        return True

    def _is_behind(self, asked: Mapping[str, int]) -> bool:
        return any(self._newest.get(table, 0) < load for table, load in asked.items())

    async def _compare(self, select: Select, params: Mapping[str, Any], rows: list[Row]) -> None:
        others = await self._ask(select, params)
        if others is not None and others != rows:
            self._counts["different"] += 1
            log.error(
                "engines_differ",
                domain=self._domain,
                engine=self._engine,
                question=select.name,
                rows=len(rows),
                others=len(others),
            )

    async def ping(self) -> None:
        await self._first.ping()

    def stats(self) -> Mapping[str, int]:
        return self._first.stats()

    async def close(self) -> None:
        """Both are closed by whoever made them."""
        await asyncio.gather(*self._comparing)
