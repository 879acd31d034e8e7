"""Files of SQLite that are missing, empty, cut off, no database, or a folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.conftest import Say
from tests.drills.outages import (
    File,
    Server,
    environment,
    fill,
    follows_keys,
    key_statements,
    refusals,
    refused,
    serving,
)

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation on SQLite."""
    home = tmp_path_factory.mktemp("home")
    fill(environment(home), home)
    for statement in key_statements():
        File(home / "ops.sqlite3").run(statement)
    return home


@pytest.fixture(scope="module")
def beside_files(filled: Path) -> Iterator[Server]:
    with serving(environment(filled), filled) as server:
        yield server


@pytest.mark.parametrize("way", File.WAYS)
def test_a_start_on_a_broken_file_ends_with_its_reason(
    filled: Path, tmp_path: Path, way: str, say: Say
) -> None:
    shutil.copy(filled / "ops.sqlite3", tmp_path)
    File(tmp_path / "ops.sqlite3").damage(way)
    (reason, _) = refusals(refused(environment(tmp_path), tmp_path))
    assert "The ops database cannot be used: " in reason
    say(reason)


@pytest.mark.parametrize("way", ["missing", "empty"])
def test_a_start_without_the_market_waits_for_it(filled: Path, tmp_path: Path, way: str) -> None:
    """What tells it from a new installation, which has no data yet, is the log of loads."""
    for name in ("ops.sqlite3", "market.sqlite3"):
        shutil.copy(filled / name, tmp_path)
    market = File(tmp_path / "market.sqlite3")
    market.damage(way)
    with serving(environment(tmp_path), tmp_path) as server:
        assert server.both() == (503, 503)
        assert "store_failed" in server.log()
        market.mend()
        server.recovers()


@pytest.mark.parametrize("way", File.WAYS)
@pytest.mark.parametrize("name", ["ops", "market"])
def test_a_file_that_breaks_under_a_running_server(
    filled: Path, beside_files: Server, name: str, way: str, say: Say
) -> None:
    expected = (200, 503) if name == "ops" else (503, 503)
    beside_files.recovers()
    file = File(filled / f"{name}.sqlite3")
    file.damage(way)
    try:
        assert [beside_files.both() for _ in range(3)] == [expected] * 3
        if name == "ops":
            assert beside_files.console() == 503
    finally:
        file.mend()
    say(f"good {beside_files.recovers():.2f} s after it was mended")
    follows_keys(beside_files, File(filled / "ops.sqlite3").run)
