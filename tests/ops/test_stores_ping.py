"""`manage.py stores ping`: whether the engines in use answer."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.engines import BOTH, EVERY, lose_store
from tests.ops.conftest import run_command

PRODUCTS = {
    "embedded": "SQLite 3",
    "timescale": "PostgreSQL 1",
    "clickhouse": "ClickHouse 2",
    "trino": "Trino 4",
}


@pytest.mark.parametrize("engine", EVERY, indirect=True)
@pytest.mark.usefixtures("market")
def test_it_says_how_soon_an_engine_answers_and_in_which_version(engine: str) -> None:
    outcome = run_command("stores", "ping")
    assert (outcome.status, outcome.err, outcome.lines[-1]) == (0, "", "All is well.")
    assert re.match(rf"{engine}: answers in \d+ ms, {PRODUCTS[engine]}\d*", outcome.lines[0])


@pytest.mark.parametrize("engine", BOTH[1:], indirect=True)
@pytest.mark.usefixtures("market")
def test_every_engine_in_use_is_asked_once(engine: str, settings: Any) -> None:
    settings.AURUM_STORES = {"curves": engine, "iso": engine}
    lines = run_command("stores", "ping").lines
    assert [line.partition(":")[0] for line in lines[:-1]] == ["embedded", engine]


def test_an_engine_that_does_not_answer_is_told_and_the_others_are_asked(
    home: Path, settings: Any
) -> None:
    lose_store("clickhouse", settings)
    settings.AURUM_STORES = {"curves": "clickhouse"}
    outcome = run_command("stores", "ping")
    assert outcome.status == 1
    assert outcome.err == "clickhouse: The data store does not answer. Try again shortly.\n"
    assert outcome.lines[0].startswith("embedded: answers in ")
    assert "All is well." not in outcome.lines
