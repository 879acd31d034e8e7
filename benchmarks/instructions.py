"""Instructions per request of a whole server process, counted by callgrind.

    python benchmarks/instructions.py embedded|timescale [--out TABLE.md]

Counts do not depend on how busy the machine is, as the servers do nothing but answer (`quiet.py`).
Each runs under valgrind; after warm-up the counters are set to zero, N requests follow on one
connection, and the count is divided by N. Needs valgrind, requirements/bench.txt and, for the
cache, a redis-server; for timescale a PostgreSQL with an empty database at
AURUM_TEST_TIMESCALE_URL. Both sides' rows are compared before anything is counted.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE = 300
CURVES, DAYS = 20, 30
WARM = CURVES


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def counted(file: Path) -> int:
    found = re.search(r"^(?:summary|totals): (\d+)", file.read_text(), re.M)
    assert found, file
    return int(found[1])


class Server:
    """A uvicorn under callgrind."""

    def __init__(self, app: str, environment: Mapping[str, str], folder: Path) -> None:
        self.port = free_port()
        self.out = folder / f"{app.replace(':', '-')}-{self.port}.out"
        command = [
            *("valgrind", "--tool=callgrind", f"--callgrind-out-file={self.out}"),
            f"--log-file={folder / 'valgrind.log'}",
            *(sys.executable, "-m", "uvicorn", app, "--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--log-level", "error", "--host", "127.0.0.1"),
            *("--port", str(self.port)),
        ]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0", **environment},
            stdout=(folder / "server.log").open("a"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.log = folder / "server.log"
        self.connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
                connection.connect()
                return connection
            time.sleep(0.3)
        raise RuntimeError(self.log.read_text()[-2000:])

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, Any]:
        self.connection.request("GET", path, headers=dict(headers))
        answer = self.connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def count(
        self,
        paths: list[str],
        headers: Mapping[str, str],
        times: int,
        status: int = 200,
        warm: list[str] | None = None,
    ) -> float:
        """Thousand instructions per request."""
        for number in range(WARM):
            kept = warm or paths
            self.get(kept[number % len(kept)], headers)
        before = set(self.out.parent.glob(f"{self.out.name}.*"))
        subprocess.run(
            ["callgrind_control", "-z", str(self.process.pid)], capture_output=True, check=True
        )
        for number in range(times):
            got = self.get(paths[number % len(paths)], headers)[0]
            assert got == status, (got, paths[0])
        subprocess.run(
            ["callgrind_control", "-d", str(self.process.pid)], capture_output=True, check=True
        )
        deadline = time.monotonic() + PATIENCE
        while not (fresh := set(self.out.parent.glob(f"{self.out.name}.*")) - before):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(0.5)
        return counted(max(fresh)) / times / 1000

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)


@contextlib.contextmanager
def server(app: str, environment: Mapping[str, str], folder: Path) -> Iterator[Server]:
    started = Server(app, environment, folder)
    try:
        yield started
    finally:
        started.stop()


def bare(environment: Mapping[str, str], folder: Path, curve: str, limit: int) -> float:
    """Thousand instructions of one bare page: the difference between 60 of them and 20."""
    counts = []
    for times in (20, 60):
        out = folder / f"bare-{times}.out"
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable,
             "benchmarks/bare.py", str(times), curve, str(limit)],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0", **environment},
            capture_output=True, check=True,
        )  # fmt: skip
        counts.append(counted(out))
    return (counts[1] - counts[0]) / 40 / 1000


def filled(engine: str, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Loads made-up curves through the command; the environments of Aurum and of the peers."""
    home = folder / "home"
    ours = {"AURUM_HOME": str(home), "AURUM_LOG_LEVEL": "WARNING", "AURUM_AUTH": "anonymous"}
    peers = {"PEER_FILE": str(home / "market.sqlite3")}
    if engine == "timescale":
        url = os.environ["AURUM_TEST_TIMESCALE_URL"]
        ours |= {"AURUM_STORES": "curves=timescale", "AURUM_TIMESCALE_DSN": url}
        peers = {"PEER_DSN": url}
    environment = {**os.environ, **ours}
    environment.pop("AURUM_TEST_TIMESCALE_URL", None)
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    (home / "static").mkdir(exist_ok=True)
    file = folder / "curves.csv"
    with file.open("w") as out:
        out.write("asof_date,curve_key,contract_month,mid,bid,ask,units_raw\n")
        for curve in range(CURVES):
            for day in range(1, DAYS + 1):
                for month in range(72):
                    label = f"{2026 + month // 12}-{month % 12 + 1:02}"
                    price = 30 + curve + month / 10 + day / 100
                    out.write(
                        f"2025-09-{day:02},C{curve:02},{label},{price:.3f},"
                        f"{price - 0.1:.3f},{price + 0.1:.3f},$/MWh\n"
                    )
    subprocess.run(
        [*manage, "load", "curves.csv", str(file), "--json"], cwd=ROOT, env=environment, check=True
    )
    return ours, peers


def main(engine: str, out: Path | None) -> None:
    rows: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ours, peers = filled(engine, folder)
        curves = [f"C{number:02}" for number in range(CURVES)]
        pages = {
            n: [f"/v2/curves/observations?curve_key={c}&asof_date=all&limit={n}" for c in curves]
            for n in (100, 1000)
        }
        peer_pages = {n: [f"curve_key={c}&limit={n}" for c in curves] for n in (100, 1000)}
        plain = {"Accept-Encoding": "identity"}
        with server("benchmarks.quiet:application", ours, folder) as aurum:
            first = json.loads(aurum.get(f"{pages[100][0]}&price_type=MID", plain)[1])["data"]
            for size in (100, 1000):
                # Each page is asked once, so that none is kept. One row fewer asks the same of the
                # code and of the store.
                warm = [path.replace(f"={size}", f"={size - 1}") for path in pages[size]]
                count = aurum.count(pages[size], plain, CURVES, warm=warm)
                rows.append((f"Aurum, cold page of {size}", count))
        with server("benchmarks.quiet:application", ours, folder) as aurum:
            rows.append(("Aurum, empty API request", aurum.count(["/v2/empty"], plain, 100)))
        with server("benchmarks.quiet:application", ours, folder) as aurum:
            page = pages[1000][:1]
            tag = aurum.get(page[0], plain)[2]["etag"]
            rows.append(("Aurum, hit of 1,000, identity", aurum.count(page, plain, 100)))
            rows.append(
                ("Aurum, hit of 1,000, gzip", aurum.count(page, {"Accept-Encoding": "gzip"}, 100))
            )
            rows.append(
                ("Aurum, 304", aurum.count(page, {**plain, "If-None-Match": tag}, 100, 304))
            )
        rows += peers_of(peers, peer_pages, first, folder, plain)
        for size in (100, 1000):
            rows.append((f"bare fetch and encode of {size}", bare(peers, folder, curves[0], size)))
    report(engine, rows, out)


def peers_of(
    peers: Mapping[str, str],
    pages: Mapping[int, list[str]],
    first: list[Any],
    folder: Path,
    plain: Mapping[str, str],
) -> list[tuple[str, float]]:
    rows = []
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    environment = {**peers, "PEER_REDIS": f"redis://127.0.0.1:{port}"}
    try:
        with server("benchmarks.peer:application", environment, folder) as peer:
            assert json.loads(peer.get(f"/pydantic?{pages[100][0]}", plain)[1]) == first
            assert json.loads(peer.get(f"/orjson?{pages[100][0]}", plain)[1])["data"] == first
            rows.append(("FastAPI, empty", peer.count(["/empty"], plain, 100)))
            for size in (100, 1000):
                for name in ("pydantic", "orjson"):
                    paths = [f"/{name}?{query}" for query in pages[size]]
                    rows.append(
                        (f"FastAPI + {name}, cold page of {size}", peer.count(paths, plain, 20))
                    )
            hit = [f"/cached?{pages[1000][0]}"]
            tag = peer.get(hit[0], plain)[2]["etag"]
            rows.append(("FastAPI + redis-py, hit of 1,000", peer.count(hit, plain, 60)))
            rows.append(
                (
                    "FastAPI + redis-py, 304",
                    peer.count(hit, {**plain, "If-None-Match": tag}, 60, 304),
                )
            )
    finally:
        redis.terminate()
        redis.wait()
    return rows


def report(engine: str, rows: list[tuple[str, float]], out: Path | None) -> None:
    lines = [f"| {engine} | thousand instructions a request |", "|---|---|"]
    lines += [f"| {name} | {count:,.0f} |" for name, count in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    if out:
        out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[3]) if "--out" in sys.argv else None)
