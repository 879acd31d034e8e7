"""The market that is asked for: made-up files, loaded through the command, on either engine."""

import contextlib
import pickle
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from benchmarks.processes import ENVIRONMENT, ROOT, Process

ENGINES = ("embedded", "timescale")
START = datetime(2025, 1, 1, 5, tzinfo=UTC)
EASTERN = ZoneInfo("America/New_York")
YEAR = 8_760
PRICE_COLUMNS = (
    "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,"
    "zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,"
    "row_is_current,version_nbr"
)


def curve_name(number: int) -> str:
    return f"C{number:02}"


def node_name(number: int) -> str:
    return f"{10_000 + number}"


def write_curves(file: Path, curves: int, days: int) -> Path:
    """Curves of 72 months on each of some days in September 2025."""
    with file.open("w") as out:
        out.write("asof_date,curve_key,contract_month,mid,bid,ask,units_raw\n")
        for curve in range(curves):
            for day in range(1, days + 1):
                for month in range(72):
                    label = f"{2026 + month // 12}-{month % 12 + 1:02}"
                    price = 30 + curve + month / 10 + day / 100
                    out.write(
                        f"2025-09-{day:02},{curve_name(curve)},{label},{price:.3f},"
                        f"{price - 0.1:.3f},{price + 0.1:.3f},$/MWh\n"
                    )
    return file


@dataclass(frozen=True)
class Prices:
    """Day-ahead prices of some nodes in some hours; those of another `issue` are other prices."""

    nodes: int
    hours: int
    first: int = 0
    issue: int = 0

    def _each(self) -> Iterator[tuple[datetime, int, float]]:
        for hour in range(self.hours):
            start = START + timedelta(hours=hour)
            for node in range(self.first, self.first + self.nodes):
                yield start, node, (3000 + (hour * 7 + node * 13 + self.issue) % 900) / 100

    def write(self, file: Path) -> Path:
        """As Data Miner writes them: hour by hour."""
        with file.open("w") as out:
            out.write(PRICE_COLUMNS + "\n")
            for start, node, energy in self._each():
                out.write(
                    f"{start:%m/%d/%Y %I:%M:%S %p},,{node_name(node)},NODE{node},230 KV,T,LOAD,"
                    f"ZONE,{energy},{energy + 1.25:.2f},1.75,-0.5,True,1\n"
                )
        return file

    def rows(self) -> list[tuple[Any, ...]]:
        """The same as `iso_lmp` keeps them, for those who do nothing but write."""
        rows: list[tuple[Any, ...]] = []
        for start, node, energy in self._each():
            local = start.astimezone(EASTERN)
            offset = int((local.utcoffset() or timedelta()).total_seconds() // 60)
            times = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (start, start + timedelta(hours=1)))
            rows.append((
                f"PJM:DAY_AHEAD:{node_name(node)}", str(local.date()), *times, 3600, local.hour,
                local.hour + 1, offset, local.hour, int(local.weekday() < 5),
                float(f"{energy + 1.25:.2f}"), energy, 1.75, -0.5, None, "FINAL", 1, None,
            ))  # fmt: skip
        return rows

    def pickle(self, file: Path) -> Path:
        file.write_bytes(pickle.dumps(self.rows()))
        return file


@dataclass
class Market:
    """One engine with its data: `ours` is Aurum's environment, `peers` everybody else's."""

    engine: str
    folder: Path
    url: str | None = None
    code: Path = ROOT
    ours: dict[str, str] = field(default_factory=dict)
    peers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        home = self.folder / "home"
        self.ours = {
            "AURUM_HOME": str(home),
            "AURUM_LOG_LEVEL": "WARNING",
            "AURUM_AUTH": "anonymous,key",
        }
        self.peers = {"PEER_FILE": str(home / "market.sqlite3")}
        if self.url:
            stores = ",".join(f"{domain}=timescale" for domain in ("curves", "iso", "metadata"))
            self.ours |= {"AURUM_STORES": stores, "AURUM_TIMESCALE_DSN": self.url}
            self.peers = {"PEER_DSN": self.url}
        self.manage("migrate", "-v0")
        (home / "static").mkdir(exist_ok=True)

    def manage(self, *words: str) -> str:
        environment = {**ENVIRONMENT, **self.ours, "PYTHONPATH": str(self.code)}
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=self.code, env=environment, text=True,
            capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self, feed: str, file: Path) -> None:
        self.manage("load", feed, str(file), "--json")


@contextlib.contextmanager
def postgresql(folder: Path, given: str | None) -> Iterator[str]:
    """The address of a PostgreSQL: the one given, or one of our own while this lasts."""
    if given:
        yield given
        return
    # So that who is told to stop stops it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The measuring was stopped."))
    command = [sys.executable, ".ci/postgres.py", str(folder / "postgres")]
    with Process(command, {}, folder) as started:
        for line in started.process.stdout:
            if line.startswith("READY "):
                yield line.split()[1]
                return
        sys.exit(f"PostgreSQL did not start: {(folder / 'log').read_text()}")


@contextlib.contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """The address of a new database at that PostgreSQL, which is dropped again."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urllib.parse.urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def market(
    engine: str, folder: Path, url: str, fill: Callable[[Market], None], code: Path = ROOT
) -> Iterator[Market]:
    """A market on an engine, filled."""
    home = folder / f"{engine}-{code.name}"
    home.mkdir()
    with contextlib.ExitStack() as stack:
        own = None
        if engine == "timescale":
            name = f"aurum_bench_{abs(hash((str(folder), code)))}"
            own = stack.enter_context(database(url, name))
        made = Market(engine, home, own, code)
        fill(made)
        if own:  # as autovacuum does in time
            with psycopg.connect(own, autocommit=True) as server:
                server.execute("VACUUM ANALYZE")
        yield made
