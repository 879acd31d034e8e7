"""Locks of tables in a PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import structlog

from aurum.stores.contract import WAITING

PLACE = "SELECT current_database() || ' since ' || pg_postmaster_start_time()"
"""The start of a server, to the microsecond, tells it from any other."""

log = structlog.get_logger("aurum.stores")


class AdvisoryLocks:
    """Advisory locks of a PostgreSQL, taken in name order: they end with the session of `db`."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        self._held = 0

    @contextmanager
    def hold(self, tables: Sequence[str]) -> Iterator[None]:
        for name in sorted(tables):
            self._lock(name)
        self._db.commit()
        self._held = len(tables)
        try:
            yield
        finally:
            self._held = 0
            # A session that has ended has given its locks back, whether or not this knows it yet.
            with suppress(psycopg.OperationalError):
                self._db.rollback()
                self._db.execute("SELECT pg_advisory_unlock_all()")
                self._db.commit()

    def _lock(self, name: str) -> None:
        key = [f"aurum:{name}"]
        tried = self._db.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        if tried.fetchone() != (True,):
            log.warning(WAITING, table=name)
            self._db.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)

    def place(self) -> str:
        (found,) = self._db.execute(PLACE).fetchone() or ("",)
        self._db.commit()
        return str(found)

    def are_held(self) -> bool:
        found = self._db.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
        ).fetchone()
        return bool(self._held) and found == (self._held,)
