"""`manage.py stores copy`: all rows of a domain in another engine, with their history."""

import fcntl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from aurum.errors import StoreUnavailable
from aurum.loads.log import load_log
from aurum.stores import spans
from aurum.stores.tables import CURRENT, Row, Table
from iso.tables import ISO_LMP, TABLES
from ops.models import Load
from tests.conftest import Api, Market
from tests.iso.conftest import hours, lmp
from tests.ops.conftest import Outcome, run_command
from tests.ops.test_stores_verify import START, load_history
from tests.ops.two_engines import (
    FEW,
    OTHERS,
    AnotherFile,
    other,
    put_all,
    run_sql,
    serve_from,
    writing,
)

__all__ = ["other"]
pytestmark = pytest.mark.usefixtures("market")
QUESTION = "/v2/iso/lmp?iso=PJM&limit=100"


def copy(to: str, *words: str) -> Outcome:
    return run_command("stores", "copy", "embedded", to, "--domain", "iso", *words)


def count_puts(monkeypatch: pytest.MonkeyPatch, fail_at: int | None = None) -> list[int]:
    """How many rows each step adds to the other engine, which is gone at the n-th."""
    steps: list[int] = []
    put: Callable[..., None] = AnotherFile.put

    def counted(writer: AnotherFile, table: Table, rows: Sequence[Row]) -> None:
        if len(steps) == fail_at:
            raise StoreUnavailable
        steps.append(len(rows))
        put(writer, table, rows)

    monkeypatch.setattr(AnotherFile, "put", counted)
    return steps


def same(other: str) -> bool:
    return run_command("stores", "verify", "embedded", other, "--domain", "iso").status == 0


@pytest.mark.parametrize("other", OTHERS, indirect=True)
def test_all_rows_are_copied_and_loads_go_on_there(
    market: Market, other: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_history(market)
    monkeypatch.setattr(spans, "MOST_ROWS", 70)
    outcome = copy(other)
    assert (outcome.status, outcome.err) == (0, "")
    assert f"iso_lmp: 80 rows, the same in embedded and {other}" in outcome.lines
    assert outcome.lines[-1] == "All is well."
    assert settings.AURUM_STORES == {}
    serve_from(other, settings)
    checked = run_command("stores", "check")
    assert (checked.status, checked.err) == (0, "")
    done = market.load("iso.csv", lmp(hours(START, 30, lambda n: 9.0 if n in (7, 29) else n / 3)))
    assert (done.counts.same, done.counts.revised) == (28, 2)
    assert not any("than the store" in warning for warning in done.warnings)


@pytest.mark.parametrize("other", FEW[1:], indirect=True)
def test_the_other_engine_answers_alike_when_it_serves(
    market: Market, api: Api, other: str, settings: Any
) -> None:
    load_history(market)
    first = Load.objects.get(id=1).ended_at
    assert first is not None
    then = f"{QUESTION}&known_at={first:%Y-%m-%dT%H:%M:%S.%fZ}"
    expected = api.rows(QUESTION), api.rows(then)
    assert copy(other).status == 0
    serve_from(other, settings)
    assert (api.rows(f"{QUESTION}&shape=rows"), api.rows(f"{then}&shape=rows")) == expected
    assert expected[0] != expected[1]


def test_what_was_interrupted_goes_on_where_it_ended(
    market: Market, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "MOST_ROWS", 20)
    load_history(market)
    with monkeypatch.context() as patched:
        done = count_puts(patched, fail_at=2)
        outcome = copy(other)
    assert (outcome.status, len(done)) == (1, 2)
    assert "All is well." not in outcome.lines
    run_sql(other, "DELETE FROM iso_lmp WHERE hour_beginning = 4")
    steps = count_puts(monkeypatch)
    assert copy(other).status == 0
    assert same(other)
    # The step that is whole is passed over, the one that lost a row done again.
    replaced = run_command("stores", "copy", "embedded", other, "--domain", "iso")
    assert replaced.status == 0
    with writing("embedded") as writer:
        rows = sum(span.rows for table in TABLES for span in spans.spans_of(table, [writer]))
    assert 0 < sum(steps) < rows


def test_what_an_interrupted_step_or_another_use_has_left_is_replaced(
    market: Market, other: str
) -> None:
    load_history(market)
    put_all(other, "iso")
    run_sql(
        other,
        "UPDATE iso_lmp SET price_total = 1 WHERE load_id = 2",
        "DELETE FROM iso_lmp WHERE load_id = 3",
        "INSERT INTO iso_series VALUES ('X:Y:Z', 2, 'X', 'Y', 'Z', 1)",
    )
    assert not same(other)
    assert copy(other).status == 0
    assert same(other)


@pytest.mark.parametrize("other", FEW, indirect=True)
def test_later_loads_are_caught_up_with(market: Market, other: str) -> None:
    load_history(market)
    assert copy(other).status == 0
    market.load("iso.csv", lmp(hours(START, 40, lambda n: 1.0 if n < 3 else n / 3)))
    market.load("iso.csv", lmp(hours(START, 60, lambda n: 2.0 if n < 2 else n / 3)))
    assert not same(other)
    assert copy(other, "--since", "4").status == 0
    assert same(other)
    again = copy(other, "--since", "5")
    assert (again.status, again.err) == (0, "")
    assert same(other)


def test_catching_up_writes_only_what_those_loads_added(
    market: Market, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_history(market)
    assert copy(other).status == 0
    market.load("iso.csv", lmp(hours(START, 3, lambda n: 7.0)))
    steps = count_puts(monkeypatch)
    assert copy(other, "--since", "4").status == 0
    assert sum(steps) == 3


def test_catching_up_with_an_engine_that_differed_before_is_told(
    market: Market, other: str
) -> None:
    load_history(market)
    assert copy(other).status == 0
    run_sql(other, "DELETE FROM iso_lmp WHERE load_id = 3")
    market.load("iso.csv", lmp(hours(START, 3, lambda n: 7.0)))
    outcome = copy(other, "--since", "4")
    assert outcome.status == 1
    assert "iso: they differed before load 4: copy all of it" in outcome.err


@pytest.mark.parametrize("other", FEW, indirect=True)
def test_rows_of_loads_that_the_log_does_not_know_are_left_alone(
    market: Market, other: str
) -> None:
    load_history(market)
    put_all(other, "iso")
    columns = "series_key, superseded_by, iso, market, location_id, load_id"
    strange = f"('X:Y:Z', {CURRENT}, 'X', 'Y', 'Z', 77)"
    run_sql(other, f"INSERT INTO iso_series ({columns}) VALUES {strange}")
    outcome = copy(other)
    assert outcome.status == 1
    assert f"iso: {other}: table iso_series " in outcome.err
    assert "load 77, which the log of loads does not know" in outcome.err
    assert "the two databases do not belong together" in outcome.err
    with writing(other) as writer:
        assert writer.loads_in(TABLES[1]) == {77, 1, 3}


def test_an_engine_that_is_behind_the_log_is_not_copied_from(
    market: Market, other: str, settings: Any
) -> None:
    load_history(market)
    assert copy(other).status == 0
    serve_from(other, settings)
    market.load("iso.csv", lmp(hours(START, 3, lambda n: 7.0)))
    outcome = copy(other)
    assert outcome.status == 1
    assert "iso: embedded: the log has later loads of iso_lmp" in outcome.err
    with writing(other) as writer:
        assert 4 in writer.loads_in(ISO_LMP)


def test_an_engine_without_rows_is_not_copied_from(market: Market, other: str) -> None:
    load_history(market)
    outcome = run_command("stores", "copy", other, "embedded", "--domain", "iso")
    assert outcome.status == 1
    assert "than the store" in outcome.err
    with writing("embedded") as writer:
        assert writer.loads_in(ISO_LMP) == {1, 2, 3}


def test_a_load_that_died_is_taken_back_and_not_copied(market: Market, other: str) -> None:
    load_history(market)
    dead = load_log().begin(
        feed="iso.csv", file="x", sha256="", tables=[table.name for table in TABLES]
    )
    run_sql(
        "embedded",
        f"UPDATE iso_lmp SET superseded_by = {dead} WHERE load_id = 3",
        f"INSERT INTO iso_series VALUES ('X:Y:Z', {CURRENT}, 'X', 'Y', 'Z', {dead})",
    )
    assert copy(other).status == 0
    assert same(other)
    assert Load.objects.get(id=dead).state == Load.State.ABANDONED
    for engine in ("embedded", other):
        with writing(engine) as writer:
            assert dead not in {load for table in TABLES for load in writer.loads_in(table)}


def test_a_dead_load_of_a_third_engine_is_for_the_next_load(
    market: Market, other: str, settings: Any
) -> None:
    load_history(market)
    dead = load_log().begin(feed="iso.csv", file="x", sha256="", tables=["iso_lmp"])
    settings.AURUM_STORES = {"iso": "trino"}
    outcome = copy(other)
    assert outcome.status == 1
    assert f"iso: load {dead} died: load a file of iso" in outcome.err
    assert Load.objects.get(id=dead).state == Load.State.RUNNING


def test_no_load_comes_between_in_either_engine(
    market: Market, other: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_history(market)
    put, tried = AnotherFile.put, 0

    def watched(writer: AnotherFile, table: Table, rows: Sequence[Row]) -> None:
        nonlocal tried
        for folder in (home / "locks", home / "another" / "locks"):
            with (folder / table.name).open("w") as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tried += 1
        put(writer, table, rows)

    monkeypatch.setattr(AnotherFile, "put", watched)
    assert copy(other).status == 0
    assert tried == 8


def test_a_load_that_there_is_not_is_refused(other: str) -> None:
    with pytest.raises(CommandError, match="There is no load 12"):
        copy(other, "--since", "12")


def test_a_table_that_is_not_as_declared_is_refused(market: Market, other: str) -> None:
    load_history(market)
    put_all(other, "iso")
    run_sql(other, "ALTER TABLE iso_lmp DROP COLUMN price_ghg")
    outcome = copy(other)
    assert outcome.status == 1
    assert "iso_lmp is not as declared (column price_ghg is missing)" in outcome.err
