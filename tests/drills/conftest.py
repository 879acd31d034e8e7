"""Fixtures of the drills: an installation for each test, its luck, and what it has to report."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drills.processes import Site
from tests.engines import ADDRESS

SAID = "said"

Say = Callable[[str], None]


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Keeps a line for the end of the run (and for a JUnit report)."""
    return lambda line: record_property(SAID, line)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = (r for key in ("passed", "failed") for r in terminalreporter.stats.get(key, ()))
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for report in reports
        for name, value in report.user_properties
        if name == SAID and report.when == "call"
    ]
    if lines:
        terminalreporter.section("what the drills measured")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture
def chance(request: pytest.FixtureRequest, say: Say) -> random.Random:
    """Repeatable luck: run again with the seed that the report shows."""
    seed = request.config.getoption("randomly_seed")
    say(f"--randomly-seed={seed}")
    return random.Random(seed)


@pytest.fixture
def site(engine: str, home: Path, store_settings: None, settings: Any) -> Iterator[Site]:
    """An empty installation of the engine, its ops database made."""
    environment = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    environment |= {
        "AURUM_HOME": str(home),
        "AURUM_AUTH": "anonymous,key",
        "AURUM_LOG_LEVEL": "WARNING",
        "AURUM_STORES": ",".join(
            f"{name}={where}" for name, where in settings.AURUM_STORES.items()
        ),
    }
    address = ""
    if engine != "embedded":
        address = getattr(settings, ADDRESS[engine])
        environment[ADDRESS[engine]] = address
    here = Site(engine, home, environment, address)
    here.migrate()
    yield here
    here.stop()
