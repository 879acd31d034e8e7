"""A real server of a few made-up files, which all tests share, and one that fails on the way."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import faults
import pytest
from aurum_client import Client, transport

from tests.drills.processes import Site
from tests.factories import curve_csv, months

NODES = ("51288", "51217", "48592")
HOURS_OF_ONE = 10_050
"""More than a page."""
FIRST_HOUR = datetime(2024, 10, 28, 4, tzinfo=UTC)
"""Midnight of PJM, before the autumn day of 25 hours."""
HUB = "Western Hub"
DAYS = [f"2025-09-{day:02}" for day in range(1, 26) if day % 7 not in (6, 0)]


def prices(
    market: str, node: str, hours: int, level: float, first: datetime = FIRST_HOUR
) -> Iterator[str]:
    for number in range(hours):
        start = first + timedelta(hours=number)
        price = round(level + (number * 7) % 23, 2)
        yield f"PJM,{market},{node},{start:%Y-%m-%dT%H:%M:%SZ},{price},Hub {node}\n"


def files(home: Path) -> Iterator[tuple[str, Path]]:
    """Each file to load, with its feed."""
    lines = ["iso,market,location_id,interval_start,price_total,location_name\n"]
    lines += prices("DAY_AHEAD", NODES[0], HOURS_OF_ONE, 30.0)
    for node in NODES[1:]:
        lines += prices("DAY_AHEAD", node, 24 * 12, 40.0)
    for node in NODES:
        lines += prices("REAL_TIME", node, 24 * 12, 35.0)
    lines += prices("REAL_TIME", NODES[0], 24 * 3, 35.0, datetime(2025, 9, 28, 4, tzinfo=UTC))
    (home / "lmp.csv").write_text("".join(lines))
    yield "iso.csv", home / "lmp.csv"
    for number, day in enumerate(DAYS):
        path = home / f"curves-{day}.csv"
        path.write_text(
            curve_csv(months("2026-01", 12, 40.0 + number / 8, asof_date=day, location=HUB))
        )
        yield "curves.csv", path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    environment = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    environment |= {"AURUM_HOME": str(home), "AURUM_AUTH": "anonymous,key"}
    here = Site("embedded", home, environment, "")
    here.migrate()
    found = list(files(home))
    for feed in dict.fromkeys(feed for feed, _ in found):
        here.load(*(path for kind, path in found if kind == feed), feed=feed)
    yield here
    here.stop()


@pytest.fixture(scope="session")
def server(site: Site) -> Iterator[str]:
    """The address of a running Aurum."""
    with site.serve() as http:
        yield str(http.base_url).rstrip("/")


@pytest.fixture
def client(server: str) -> Iterator[Client]:
    with Client(server) as here:
        yield here


@pytest.fixture
def between(server: str) -> Iterator[faults.Faulty]:
    """A server that fails as a test says, between a client and Aurum."""
    with faults.faulty(server) as here:
        yield here


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another attempt is made at once, where the server says no time."""
    monkeypatch.setattr(transport, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(transport, "JITTER", 0.01)
