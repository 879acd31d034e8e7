"""Demo data goes when real data comes, and does not come where real data is."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from aurum.domains import DemoFile
from aurum.errors import InvalidFile
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source, load_file
from aurum.stores.registry import writer_of
from curves.feeds.own_csv import FEED
from curves.tables import TABLES
from ops.loads import DatabaseLoadLog
from ops.models import Load
from tests.conftest import Api
from tests.factories import curve_csv, months
from tests.ops.conftest import Command, run_command
from tests.ops.few_domains.domain import FILES

pytestmark = pytest.mark.usefixtures("market", "cheap_passwords", "few")

DEMO_DAY, REAL_DAY = "2025-09-01", "2025-09-02"


def content(iso: str, day: str) -> str:
    return curve_csv(months("2025-10", 3, asof_date=day, iso=iso))


@pytest.fixture
def few(settings: Any) -> Any:
    """One small file in place of the demo's own."""
    assert get_resolver().url_patterns  # imported once, and with the usual domains
    installed = [app for app in settings.INSTALLED_APPS if app not in ("iso", "metadata")]
    few_of = {"curves": "tests.ops.few_domains"}
    settings.INSTALLED_APPS = [few_of.get(app, app) for app in installed]
    made_up: DemoFile = ("demo.csv", partial(content("ERCOT", DEMO_DAY).encode))
    FILES[:] = [made_up]
    yield
    FILES.clear()


@pytest.fixture
def real(tmp_path: Path) -> Path:
    path = tmp_path / "real.csv"
    path.write_text(content("PJM", REAL_DAY))
    return path


def isos(api: Api, question: str = "") -> set[str]:
    return {row["iso"] for row in api.rows(f"/v2/curves?{question}")}


@pytest.mark.django_db(transaction=True)  # `known_at` is looked up by another connection
def test_the_first_real_file_takes_the_demo_data_out(load: Command, api: Api, real: Path) -> None:
    run_command("demo")
    assert isos(api) == {"ERCOT"}
    before = api.get("/v2/curves").json()["meta"]["known_at"]
    tried = load("--dry-run", "curves.csv", real)
    assert "demo data would be taken out: 7 rows" in tried.out
    assert isos(api) == {"ERCOT"}
    outcome = load("curves.csv", real)
    assert "demo data taken out: 7 rows" in outcome.out
    assert isos(api) == {"PJM"}
    observed = api.rows("/v2/curves/observations?asof_date=all&fields=asof_date")
    assert {row["asof_date"] for row in observed} == {REAL_DAY}
    assert isos(api, f"known_at={before}") == {"ERCOT"}
    assert "demo" not in load("curves.csv", real).out.replace("demo_rows", "")


def test_a_real_file_that_is_refused_leaves_the_demo_data(
    load: Command, api: Api, real: Path
) -> None:
    run_command("demo")
    whole = real.read_text()
    real.write_text(whole + "1,2\n")
    assert load("curves.csv", real).status == 1
    assert isos(api) == {"ERCOT"}
    real.write_text(whole)
    load("curves.csv", real)
    assert isos(api) == {"PJM"}


def test_demo_data_is_not_put_beside_real_data(load: Command, api: Api, real: Path) -> None:
    load("curves.csv", real)
    outcome = run_command("demo")
    assert "curves holds real data: no demo data is put beside it." in outcome.out
    assert isos(api) == {"PJM"}


def test_it_is_removed_by_hand_and_can_be_loaded_again(api: Api) -> None:
    run_command("demo")
    outcome = run_command("demo", "--remove")
    assert outcome.lines == ["curves: load 2, 7 demo rows taken out"]
    assert isos(api) == set()
    assert run_command("demo", "--remove").lines == []
    run_command("demo")
    assert isos(api) == {"ERCOT"}
    assert list(Load.objects.values_list("demo", "state")) == [(True, "published")] * 3


class SeesNoneAtFirst(DatabaseLoadLog):
    """Demo data is loaded between the first look and the lock."""

    looks = 0

    def demo_loads(self, tables: Sequence[str]) -> Sequence[int]:
        self.looks += 1
        return super().demo_loads(tables) if self.looks > 1 else ()


def test_demo_data_that_came_meanwhile_goes_too(api: Api, real: Path) -> None:
    run_command("demo")
    put(real.read_bytes(), SeesNoneAtFirst())
    assert isos(api) == {"PJM"}


def test_a_file_that_has_not_locked_all_of_it_is_refused_then(api: Api, real: Path) -> None:
    run_command("demo")
    prices_alone = replace(FEED, tables=FEED.tables[:1])
    with pytest.raises(InvalidFile, match="demo data was loaded in the meantime"):
        put(real.read_bytes(), SeesNoneAtFirst(), feed=prices_alone)
    assert isos(api) == {"ERCOT"}


def test_a_demo_file_is_refused_where_real_data_came_meanwhile(api: Api, real: Path) -> None:
    put(real.read_bytes(), DatabaseLoadLog())
    with pytest.raises(InvalidFile, match="there is real data"):
        put(content("ERCOT", DEMO_DAY).encode(), DatabaseLoadLog(), demo=True)
    assert isos(api) == {"PJM"}


def put(body: bytes, log: DatabaseLoadLog, *, feed: Feed = FEED, demo: bool = False) -> None:
    with contextlib.closing(writer_of("curves")) as writer:
        file = Source("a.csv", lambda: io.BytesIO(body))
        load_file(feed, file, writer, log, domain_tables=TABLES, demo=demo)
