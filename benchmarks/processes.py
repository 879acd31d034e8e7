"""The processes that are measured: started, asked, counted by callgrind, stopped."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.management.commands.serve import defaults

ROOT = Path(__file__).parents[1]
PATIENCE = 300
PATIENT = dict.fromkeys(
    (
        "AURUM_API_RECEIVE_SECONDS",
        "AURUM_STORE_DEADLINE_SECONDS",
        "AURUM_DATA_BACKEND_POOL_MAX_IDLE_TIME",
    ),
    str(PATIENCE),
)
"""Callgrind is slow, and a machine may be busy: no question is given up, and no connection."""
COLD = {"AURUM_CACHE_MEMORY_BYTES": "0"}
"""Nothing is kept: no answer, and not what is known of the tables either."""
PLAIN = {"Host": "localhost", "Accept-Encoding": "identity"}
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AURUM_")},
    "PYTHONHASHSEED": "0",  # as many collisions in every run
    "PYTHONPATH": str(ROOT),
}
UVICORN = [sys.executable, "-m", "uvicorn"]


def required(program: str) -> str:
    """Where a program is. Without it nothing was measured, and that must not look like success."""
    found = shutil.which(program)
    if not found:
        sys.exit(f"{program} is not installed, so nothing was measured: apt-get install {program}")
    return found


class Process:
    """A process; with `count`, under callgrind, which is asleep until the first count."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        counted: bool = False,
        cwd: Path = ROOT,
    ) -> None:
        self._out = folder / f"callgrind.{time.monotonic_ns()}"
        self._asleep, self._log = True, folder / "log"
        if counted:
            command = [
                *(required("valgrind"), "--tool=callgrind", "--instr-atstart=no", "-q"),
                *(f"--callgrind-out-file={self._out}", *command),
            ]
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=cwd, env={**ENVIRONMENT, **environment}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def until(self, what: Callable[[], Any]) -> Any:
        """What comes of it, as soon as something does."""
        deadline = time.monotonic() + PATIENCE
        while not (found := what()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise self.failed("does not answer")
            time.sleep(0.05)
        return found

    def failed(self, how: str) -> Exception:
        log = self._log.read_text()[-2000:]
        return RuntimeError(f"{self.process.args!r} {how}:\n{log}")

    def _control(self, *options: str) -> None:
        command = ["callgrind_control", *options, str(self.process.pid)]
        subprocess.run(command, capture_output=True, check=True)

    def count(self, work: Callable[[], object]) -> int:
        """The instructions of this process, all its threads, while `work` is done."""
        if self._asleep:
            self._control("-i", "on")
            self._asleep = False
        before = {*self._out.parent.glob(f"{self._out.name}.*")}
        self._control("-z")
        work()
        self._control("-d")
        return int(self.until(lambda: self._total(before)))

    def _total(self, before: set[Path]) -> str | None:
        for file in {*self._out.parent.glob(f"{self._out.name}.*")} - before:
            if found := re.search(r"^totals: (\d+)", file.read_text(), re.M):
                return found[1]
        return None

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server(Process):
    """A server and one connection to it."""

    def __init__(self, command: Sequence[str], *args: Any, **options: Any) -> None:
        self.port = free_port()
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--timeout-keep-alive", "600"]
        super().__init__([*command, *where], *args, **options)
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.until(self._listens)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False

    def get(self, path: str, status: int = 200, **headers: str) -> tuple[bytes, Any]:
        self._connection.request("GET", path, headers={**PLAIN, **headers})
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == status, (path, answer.status, body[:500])
        return body, answer.headers

    def answers(self, path: str) -> bool:
        """Whether there is an answer at all: an earlier version lacks some questions."""
        self._connection.request("GET", path, headers=PLAIN)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status == 200

    def ask(self, paths: Sequence[str], status: int = 200, **headers: str) -> None:
        for path in paths:
            self.get(path, status, **headers)


def quiet(environment: Mapping[str, str], folder: Path) -> Server:
    """Aurum with the options of `manage.py serve`, without its poller, counted."""
    command = [*UVICORN, "benchmarks.quiet:application", *defaults()[1:]]
    return Server(command, {**environment, **PATIENT}, folder, counted=True)


def served(environment: Mapping[str, str], folder: Path, cwd: Path = ROOT) -> Server:
    """Aurum as `manage.py serve` starts it, or uvicorn in versions that had no such command."""
    environment = {**environment, **PATIENT, "PYTHONPATH": str(cwd)}
    command = [sys.executable, "manage.py", "serve"]
    if not (cwd / "ops" / "management" / "commands" / "serve.py").exists():
        options = ["--log-level", "warning", "--no-access-log", "--no-server-header"]
        command = [*UVICORN, "aurum.asgi:application", *options]
    return Server(command, environment, folder, cwd=cwd)


def peer(environment: Mapping[str, str], folder: Path, *, counted: bool = False) -> Server:
    """FastAPI, as fast as uvicorn serves it."""
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    command = [*UVICORN, "benchmarks.peer:application", *options, "--log-level", "warning"]
    return Server(command, environment, folder, counted=counted)


class Worker(Process):
    """A process that does in itself what it is told, one line at a time (`work.py`)."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *, counted: bool = False
    ) -> None:
        command = [sys.executable, str(ROOT / "benchmarks" / "work.py")]
        super().__init__(command, environment, folder, counted=counted)

    def do(self, name: str, *values: Any, **options: Any) -> Any:
        """What that function of `work.py` returns."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps((name, values, options)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise self.failed(f"could not {name}")
        return json.loads(line)
