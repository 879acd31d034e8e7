"""A store and a log of loads that do not belong together lose nothing without a word."""

import contextlib
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from aurum.domains import find_feed
from aurum.loads.loader import Source, try_file
from aurum.loads.log import Counts, LoadRefused, load_log
from aurum.stores.contract import MergeResult
from aurum.stores.registry import writer_of
from aurum.stores.sql_tables import SqlTables
from aurum.stores.sql_writer import SqlWriter
from curves.tables import CURVE_OBSERVATION, TABLES
from ops.models import Load, LoadedTable
from tests.conftest import Market
from tests.engines import BOTH
from tests.factories import curve_csv, months
from tests.iso.conftest import hours, lmp
from tests.ops.conftest import run_command

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

A, B = curve_csv(months("2025-10", 3)), curve_csv(months("2025-10", 3, price=70.0))


def lose_the_log() -> None:
    """As after ops.sqlite3 was lost and migrated again: no load, and numbers from 1."""
    Load.objects.all().delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'ops_load'")


def loads_in_store() -> set[int]:
    with contextlib.closing(writer_of("curves")) as writer:
        return writer.loads_in(CURVE_OBSERVATION)


def run_sql(*statements: str) -> None:
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, SqlTables)
        for statement in statements:
            writer.execute(statement, {})
        writer.commit()


def test_with_a_log_that_was_lost_no_file_is_loaded_however_often_it_is_tried(
    market: Market,
) -> None:
    for content in (A, B, A):
        market.load("curves.csv", content)
    before = loads_in_store()
    lose_the_log()
    for _ in range(5):
        with pytest.raises(LoadRefused, match="the two databases do not belong together; put the"):
            market.load("curves.csv", B)
    assert loads_in_store() == before
    assert not Load.objects.exists()
    # Loads of other tables bring the numbers on: one that is in the store is not known for it.
    for _ in range(4):
        market.load("iso.csv", lmp(hours("2026-01-15T05:00:00+00:00", 2)))
    with pytest.raises(LoadRefused, match="was last written to by load 3"):
        market.load("curves.csv", B)


def test_a_dry_run_says_it_too(market: Market) -> None:
    market.load("curves.csv", A)
    lose_the_log()
    found = find_feed("curves.csv")
    assert found is not None
    with contextlib.closing(writer_of("curves")) as writer, pytest.raises(LoadRefused):
        try_file(found[1], Source("b", lambda: io.BytesIO(B.encode())), writer, load_log())


def test_a_store_of_an_earlier_release_is_read_once_for_its_newest_load(market: Market) -> None:
    market.load("curves.csv", A)
    run_sql("DROP TABLE newest_load")
    market.load("curves.csv", B)
    lose_the_log()
    run_sql("DROP TABLE newest_load")
    with pytest.raises(LoadRefused, match="was last written to by load 2"):
        market.load("curves.csv", A)


def test_what_a_merge_does_not_account_for_is_not_published(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.load("curves.csv", A)
    whole = SqlWriter.merge

    def loses_one(self: SqlWriter, table: Any, rows: Any) -> MergeResult:
        return whole(self, table, rows[1:] if table is CURVE_OBSERVATION else rows)

    monkeypatch.setattr(SqlWriter, "merge", loses_one)
    with pytest.raises(LoadRefused, match="of 3 rows of curve_observation 2 are accounted for"):
        market.load("curves.csv", B)
    monkeypatch.undo()
    assert loads_in_store() == {1}
    assert market.load("curves.csv", A).counts == Counts(same=3)


def test_check_finds_rows_whose_load_nobody_knows(market: Market) -> None:
    market.load("curves.csv", A)
    market.load("curves.csv", B)
    assert run_command("stores", "check").status == 0
    call_command("check", databases=["default"])
    LoadedTable.objects.filter(load_id=2).delete()
    outcome = run_command("stores", "check")
    assert outcome.status == 1
    assert "curve_observation: rows of load 2, which the log of loads does not know" in outcome.err
    with pytest.raises(SystemCheckError, match=r"aurum\.E041"):
        call_command("check", databases=["default"])


def test_check_finds_published_loads_whose_rows_are_gone(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in (A, B):
        market.load("curves.csv", content)
    run_sql(*(f"DROP TABLE {table.name}" for table in TABLES), "DROP TABLE newest_load")
    outcome = run_command("stores", "check")
    assert outcome.status == 1
    assert "no row of loads 1, 2, which the log has as published" in outcome.err
    call_command("check", databases=["default"])
    assert "aurum.W042" in capsys.readouterr().err
    # Loading the files again is the way out; what was known before is history that is not there.
    told = market.load("curves.csv", B)
    assert any("than the store: if the store is not a new one" in w for w in told.warnings)
    assert not market.load("curves.csv", A).warnings
    again = run_command("stores", "check")
    assert again.status == 0
    assert "no row of loads 1, 2, which the log has as published" in again.out
