"""README.md: what it shows works, both ways give the same, and its lines are counted."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from aurum_client import Client
from conftest import DAYS, HUB

from tests.drills.processes import Site, until
from tests.factories import curve_csv, months

TEXT = (Path(__file__).parents[1] / "README.md").read_text()
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
QUESTIONS = {
    title: BLOCK.findall(body)
    for title, body in re.findall(r"^### (.+?)\n(.*?)(?=^##)", TEXT, re.M | re.S)
}
REVISED = DAYS[5]


@pytest.fixture(scope="module")
def evening(site: Site, server: str, tmp_path_factory: pytest.TempPathFactory) -> datetime:
    """The moment before a file corrects one day's price of January."""
    now = datetime.now(UTC)
    time.sleep(0.01)
    path = tmp_path_factory.mktemp("corrected") / "curves.csv"
    path.write_text(curve_csv(months("2026-01", 1, 99.0, asof_date=REVISED, location=HUB)))
    site.load(path)
    with Client(server) as client:  # which learns of the load within a second
        query = client.curves.observations(location=HUB, asof_date=REVISED, limit=1)
        until(lambda: query.to_pandas()["mid"][0] == 99.0, "the corrected price")
    return now


def run(code: str, names: dict[str, Any]) -> pd.DataFrame:
    exec(code, names)
    found = names["answer"]
    assert isinstance(found, pd.DataFrame)
    return found


@pytest.mark.parametrize("title", QUESTIONS)
def test_both_ways_give_the_same(
    title: str, client: Client, server: str, evening: datetime
) -> None:
    short, long = QUESTIONS[title]
    with_it = run(short, {"aurum": client, "evening": evening})
    setting = next(block for block in BLOCK.findall(TEXT) if "urlencode" in block)
    names: dict[str, Any] = {"evening": evening}
    exec(setting, names)
    without = run(long, {**names, "server": server, "key": {}})
    assert len(with_it)
    assert [*with_it.columns] == [*without.columns]
    assert [*with_it.index] == [*without.index]
    for name, kind in with_it.dtypes.items():
        if kind.kind in "fiM":
            assert (with_it[name] == without[name])[with_it[name].notna()].all(), name


def test_what_was_revised_is_the_one_price_that_was(client: Client, evening: datetime) -> None:
    short, _ = QUESTIONS["A back-test, and what was revised since"]
    found = run(short, {"aurum": client, "evening": evening})
    assert [(str(row.asof_date.date()), row.mid) for row in found.itertuples()] == [(REVISED, 99.0)]


def test_the_lines_are_counted() -> None:
    assert len(QUESTIONS) == 5
    for title, blocks in QUESTIONS.items():
        counted = " | ".join(str(len([*filter(None, block.splitlines())])) for block in blocks)
        (line,) = (line for line in TEXT.splitlines() if line.startswith(f"| [{title}]"))
        assert line.endswith(f"| {counted} |"), f"{title}: {counted}"


def test_its_first_lines_run(server: str) -> None:
    names: dict[str, Any] = {}
    first = BLOCK.findall(TEXT)[0].replace("http://127.0.0.1:8000", server)
    exec(first.replace(', key="<your key>"', ""), names)
    names["aurum"].close()
    assert len(names["curve"]) == 12
    assert "price_total" in names["node"].columns
