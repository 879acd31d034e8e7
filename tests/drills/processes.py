"""Whole processes over an installation of their own, and looks at what they leave behind.

Nothing here imports the application: commands and servers are started as an operator starts them,
and the stores are read with the plain drivers.
"""

import fcntl
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import clickhouse_driver.dbapi
import httpx
import psycopg

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a process that has not done its work has failed."""
POLL = 0.005
MOST_PAGES = 10_000
CURRENT = 2**63 - 1
TABLES = {
    "curve_observation": "curve_key, tenor_label, price_type, asof_date, mid, bid, ask",
    "curve": "curve_key, iso, location, market, block",
    "curve_tenor": "curve_key, tenor_label, price_type",
}
"""By table, the columns that tell its rows and what they say."""

RUNNING = re.compile(r"Uvicorn running on (http://127\.0\.0\.1:\d+)")

Row = tuple[Any, ...]
Stored = dict[str, set[Row]]
"""Every row of every table of curves; its last two columns are load_id and superseded_by."""


@dataclass(frozen=True)
class Entry:
    """A line of the load book."""

    id: int
    file: str
    state: str
    began: datetime
    ended: datetime | None

    @property
    def seconds(self) -> float:
        assert self.ended is not None
        return (self.ended - self.began).total_seconds()


def until(found: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """The first value that is true; AssertionError when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(POLL)
    return value


class Site:
    """One installation: a folder, an environment, and the store of its engine."""

    def __init__(
        self, engine: str, home: Path, environment: Mapping[str, str], address: str
    ) -> None:
        self.engine, self.home = engine, home
        self._environment, self._address = dict(environment), address
        self._started: list[subprocess.Popen[str]] = []
        self._database: psycopg.Connection[Row] | None = None

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self._environment, text=True, **pipes
        )
        self._started.append(process)
        return process

    def start_load(self, *paths: Path, feed: str = "curves.csv") -> subprocess.Popen[str]:
        return self.start("manage.py", "load", feed, *map(str, paths), "--json")

    def finish(self, process: subprocess.Popen[str]) -> list[dict[str, Any]]:
        """Waits for a command to end well; what it said in JSON, a line each."""
        said, complained = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, complained or said
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    def load(self, *paths: Path, feed: str = "curves.csv") -> list[dict[str, Any]]:
        return self.finish(self.start_load(*paths, feed=feed))

    def migrate(self) -> None:
        self.finish(self.start("manage.py", "migrate", "--verbosity", "0"))

    @contextmanager
    def serve(self, *options: str) -> Iterator[httpx.Client]:
        """A client of a running server, which must stop when told and must not have failed."""
        log = self.home / "server.log"
        command = ("manage.py", "serve", "--port", "0", "--log-level", "info", *options)
        with log.open("w") as out:
            process = self.start(*command, stdout=out, stderr=out)
        try:
            until(lambda: process.poll() is not None or RUNNING.search(log.read_text()), "a server")
            found = RUNNING.search(log.read_text())
            assert found is not None, log.read_text()
            with httpx.Client(base_url=found[1], timeout=PATIENCE) as client:
                yield client
        finally:
            process.terminate()
            process.wait(PATIENCE)
        assert "Traceback" not in log.read_text(), log.read_text()

    def stop(self) -> None:
        """Ends whatever a test that failed has left running."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        if self._database is not None:
            self._database.close()

    def entries(self) -> list[Entry]:
        """The load book, oldest first."""
        found = _sqlite(
            self.home / "ops.sqlite3",
            "SELECT id, file, state, began_at, ended_at FROM ops_load ORDER BY id",
        )
        return [
            Entry(number, file, state, _instant(began), _instant(ended) if ended else None)
            for number, file, state, began, ended in found
        ]

    def entry(self, load: int) -> Entry:
        return next(entry for entry in self.entries() if entry.id == load)

    def watermark(self) -> int:
        """The newest load that readers may see."""
        ((load,),) = _sqlite(
            self.home / "ops.sqlite3",
            "SELECT COALESCE(MAX(load_id), 0) FROM ops_loadedtable"
            " WHERE \"table\" = 'curve_observation' AND published_at IS NOT NULL",
        )
        return int(load)

    def lock_is_held(self) -> bool:
        """Whether a load is at work, or waits for the ops database to begin."""
        if self.engine == "timescale":
            held = (
                "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND granted AND application_name = 'aurum load'"
            )
            return bool(self.ask(held))
        try:
            with (self.home / "locks" / "curve_observation").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

    def ask(self, sql: str) -> list[Row]:
        """Rows of the store itself, published or not."""
        if self.engine == "embedded":
            return _sqlite(self.home / "market.sqlite3", sql)
        if self.engine == "clickhouse":
            with closing(clickhouse_driver.dbapi.connect(self._address)) as connection:
                cursor = connection.cursor()
                cursor.execute(sql)
                return list(cursor.fetchall())
        if self._database is None:
            self._database = psycopg.connect(self._address, autocommit=True, prepare_threshold=None)
        return self._database.execute(sql).fetchall()

    def stored(self) -> Stored:
        return {
            table: set(self.ask(f"SELECT {columns}, load_id, superseded_by FROM {table}"))
            for table, columns in TABLES.items()
        }


def without(stored: Stored, *loads: int) -> Stored:
    """What was stored before these loads: their rows gone, what they superseded current."""
    return {
        table: {
            (*row[:-1], CURRENT) if row[-1] in loads else row
            for row in rows
            if row[-2] not in loads
        }
        for table, rows in stored.items()
    }


def _sqlite(path: Path, sql: str) -> list[Row]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as database:
        return database.execute(sql).fetchall()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


Query = Mapping[str, Any]


def rows_of(client: httpx.Client, path: str, query: Query) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _page(client, path, query)["data"]
    return rows


def read_forward(
    client: httpx.Client, path: str, query: Query, between: Callable[[], None]
) -> tuple[list[Any], str]:
    """All rows from the first page to the last, and the last page's prev_cursor."""
    rows: list[Any] = []
    asked = query
    for _ in range(MOST_PAGES):
        body = _page(client, path, asked)
        rows += body["data"]
        meta = body["meta"]
        if not meta["next_cursor"]:
            return rows, meta["prev_cursor"]
        between()
        asked = {**query, "cursor": meta["next_cursor"]}
    raise AssertionError(f"{path} has no last page")


def read_backward(
    client: httpx.Client, path: str, query: Query, token: str, between: Callable[[], None]
) -> list[Any]:
    """All rows before the page that `token`, its prev_cursor, came with."""
    rows: list[Any] = []
    for _ in range(MOST_PAGES):
        body = _page(client, path, {**query, "prev_cursor": token})
        rows = body["data"] + rows
        token = body["meta"]["prev_cursor"]
        if not token:
            return rows
        between()
    raise AssertionError(f"{path} has no first page")


def _page(client: httpx.Client, path: str, query: Query) -> dict[str, Any]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
