"""`manage.py stores verify`: whether two engines have the same rows."""

from typing import Any

import pytest
from django.core.management.base import CommandError

from aurum.stores import spans
from tests.conftest import Market
from tests.factories import nymex
from tests.iso.conftest import hours, lmp
from tests.ops.conftest import run_command
from tests.ops.two_engines import FEW, OTHERS, other, put_all, run_sql

__all__ = ["other"]
START = "2026-01-31T05:00:00+00:00"
pytestmark = pytest.mark.usefixtures("market")


def load_history(market: Market) -> None:
    """Prices of two months, some of them revised, and with -0.0 among them."""
    market.load("iso.csv", lmp(hours(START, 48)))
    market.load("iso.csv", lmp(hours(START, 30, lambda n: -0.0 if n == 7 else n / 3)))
    market.load("iso.csv", lmp(hours(START, 3, series="ERCOT:DAY_AHEAD:Ä")))


@pytest.mark.parametrize("other", OTHERS, indirect=True)
def test_rows_and_their_history_are_the_same_on_two_engines(
    market: Market, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_history(market)
    put_all(other, "iso")
    monkeypatch.setattr(spans, "MOST_ROWS", 30)
    outcome = run_command("stores", "verify", "embedded", other, "--domain", "iso")
    assert (outcome.status, outcome.err) == (0, "")
    assert f"iso_lmp: 80 rows, the same in embedded and {other}" in outcome.lines
    assert f"iso_series: 2 rows, the same in embedded and {other}" in outcome.lines
    assert outcome.lines[-1] == "All is well."


@pytest.mark.parametrize("other", FEW, indirect=True)
def test_what_differs_is_told_by_table_and_part_in_rows(market: Market, other: str) -> None:
    load_history(market)
    put_all(other, "iso")
    run_sql(
        other,
        "DELETE FROM iso_lmp WHERE superseded_by = 2 AND interval_start < '2026-01-31 07:30:00'"
        if other != "another"
        else "DELETE FROM iso_lmp WHERE superseded_by = 2 AND interval_start < '2026-01-31T07:30'",
        "UPDATE iso_lmp SET price_total = 5 WHERE hour_beginning = 3 AND load_id = 2",
        "DELETE FROM iso_series WHERE series_key = 'ERCOT:DAY_AHEAD:Ä'",
    )
    run_sql("embedded", "DELETE FROM iso_lmp WHERE load_id = 1 AND delivery_date = '2026-02-01'")
    outcome = run_command("stores", "verify", "embedded", other, "--domain", "iso")
    assert outcome.status == 1
    assert outcome.err.splitlines() == [
        "iso_lmp 2026-01: 2 rows that only embedded has, 1 row that both have, and not alike",
        f"iso_lmp 2026-02: 24 rows that only {other} has, 1 row that both have, and not alike",
        "iso_series E: 1 row that only embedded has",
    ]
    assert "All is well." not in outcome.lines


def test_rows_that_stand_and_history_both_count(market: Market, other: str) -> None:
    load_history(market)
    put_all(other, "iso")
    run_sql(other, "DELETE FROM iso_location WHERE iso = 'PJM'")
    run_sql(other, "UPDATE iso_series SET superseded_by = 3 WHERE series_key LIKE 'PJM%'")
    outcome = run_command("stores", "verify", other, "embedded", "--domain", "iso")
    assert outcome.err.splitlines() == [
        "iso_series P: 1 row that both have, and not alike",
        "iso_location P: 1 row that only embedded has",
    ]


def test_a_table_that_only_one_engine_has_counts_by_its_rows(market: Market, other: str) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.27}))
    outcome = run_command("stores", "verify", "embedded", other)
    assert outcome.status == 1
    assert "curve_observation 2" in outcome.err
    assert "iso_lmp: not there yet" in outcome.lines


def test_two_engines_are_named_that_there_are(other: str, settings: Any) -> None:
    with pytest.raises(CommandError, match="is the same engine"):
        run_command("stores", "verify", "embedded", "embedded")
    with pytest.raises(CommandError, match="invalid choice: 'sqlite'"):
        run_command("stores", "verify", "embedded", "sqlite")
    with pytest.raises(CommandError, match=r"no domain 'iso2' \(did you mean 'iso'\?\)"):
        run_command("stores", "verify", "embedded", other, "--domain", "iso2")
    settings.AURUM_TRINO_URL = ""
    with pytest.raises(CommandError, match="The engine trino needs AURUM_TRINO_URL"):
        run_command("stores", "verify", "embedded", "trino")
