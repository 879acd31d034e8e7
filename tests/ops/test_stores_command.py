"""`manage.py stores`: tables that are not as declared are found, and mended if they can be."""

import contextlib
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aurum.polling import refresh_all
from aurum.stores.registry import writer_of
from aurum.stores.sql_writer import SqlWriter
from aurum.stores.tables import Column, Kind, Table
from iso.tables import ISO_LMP, ISO_LOCATION_NAME, ISO_SERIES
from ops.models import LoadedTable
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp
from tests.ops.conftest import Command, Outcome, run_command

pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.usefixtures("market"),
]


def stores(*words: str) -> Outcome:
    return run_command("stores", *words)


def run_sql(*statements: str) -> None:
    """What an operator, or an older release, did to the store."""
    with contextlib.closing(writer_of("iso")) as writer:
        assert isinstance(writer, SqlWriter)
        for statement in statements:
            writer.execute(statement, {})
        writer.commit()


def make(table: Table) -> None:
    """The table as another release declares it, in the place of today's."""
    with contextlib.closing(writer_of("iso")) as writer:
        assert isinstance(writer, SqlWriter)
        writer.execute(f"DROP TABLE IF EXISTS {table.name}", {})
        writer.create(table)
        writer.commit()


def all_is_well() -> None:
    outcome = stores("check")
    assert (outcome.status, outcome.err, outcome.lines[-1]) == (0, "", "All is well.")


def prices(market: Market) -> None:
    market.load("iso.csv", lmp(hours("2026-01-15T05:00:00+00:00", 2)))


def test_before_the_first_load_all_is_well_and_tables_are_not_there_yet() -> None:
    outcome = stores("check")
    assert (outcome.status, outcome.err) == (0, "")
    assert "iso_lmp: not there yet, its first load makes it" in outcome.lines
    assert outcome.lines[-1] == "All is well."


@pytest.mark.usefixtures("some_demo_data")
def test_the_tables_that_loads_make_are_as_declared() -> None:
    outcome = stores("check")
    assert (outcome.status, outcome.err, outcome.out) == (0, "", "All is well.\n")


def test_a_column_that_is_missing_is_found_and_added(market: Market, api: Api) -> None:
    prices(market)
    run_sql("ALTER TABLE iso_lmp DROP COLUMN price_ghg")
    found = stores("check")
    assert (found.status, found.err) == (1, "iso_lmp: column price_ghg is missing\n")
    tried = stores("migrate", "--dry-run")
    assert tried.status == 0
    assert "iso_lmp: column price_ghg is missing; would run ALTER TABLE iso_lmp ADD" in tried.out
    assert stores("check").status == 1
    assert stores("migrate").status == 0
    all_is_well()
    prices(market)
    rows = api.rows("/v2/iso/lmp?iso=PJM&fields=price_total,price_ghg")
    assert rows == [
        {"price_total": 0.0, "price_ghg": None},
        {"price_total": 1.0, "price_ghg": None},
    ]


def test_an_index_that_is_missing_is_found_and_made(market: Market) -> None:
    prices(market)
    run_sql("DROP INDEX iso_series_by_iso_location_id")
    text = "iso_series: there is no index on (iso, location_id, load_id, superseded_by)"
    assert stores("check").err == f"{text}\n"
    assert text in stores("migrate").out
    all_is_well()


def test_an_index_counts_by_its_columns_and_further_ones_are_the_operators_own(
    market: Market,
) -> None:
    prices(market)
    run_sql(
        "DROP INDEX iso_series_by_iso_location_id",
        "CREATE INDEX another_name ON iso_series (iso, location_id, load_id, superseded_by)",
        "CREATE INDEX of_the_operator ON iso_series (market)",
    )
    all_is_well()


def test_a_table_that_was_renamed_keeps_its_rows_and_its_loads(market: Market, api: Api) -> None:
    prices(market)
    assert len(api.rows("/v2/iso/lmp?location_id=1%20NAME")) == 2
    run_sql("ALTER TABLE iso_location_name RENAME TO iso_word")
    LoadedTable.objects.filter(table="iso_location_name").update(table="iso_word")
    text = "iso_location_name: it still has the name iso_word"
    assert (stores("check").status, stores("check").err) == (1, f"{text}\n")
    assert f"{text}; runs ALTER TABLE iso_word RENAME TO iso_location_name" in stores("migrate").out
    all_is_well()
    assert stores("migrate").out == "All is well.\n"
    assert not LoadedTable.objects.filter(table="iso_word").exists()
    refresh_all()
    assert len(api.rows("/v2/iso/lmp?location_id=1%20NAME&limit=7")) == 2


def test_a_table_under_both_its_names_is_for_a_person_to_decide(market: Market) -> None:
    prices(market)
    make(replace(ISO_LOCATION_NAME, name="iso_word"))
    outcome = stores("migrate")
    assert outcome.status == 1
    assert "there is iso_word, its former name, beside it" in outcome.err


OTHERS = {
    "column market is": replace(
        ISO_SERIES,
        columns=tuple(
            replace(column, kind=Kind.INTEGER) if column.name == "market" else column
            for column in ISO_SERIES.columns
        ),
    ),
    "column market may be null and should not": replace(
        ISO_SERIES,
        columns=tuple(
            replace(column, nullable=column.name == "market") for column in ISO_SERIES.columns
        ),
    ),
    "column market is missing, and rows there have no value for it": replace(
        ISO_SERIES,
        columns=tuple(column for column in ISO_SERIES.columns if column.name != "market"),
    ),
    "column colour is not declared": replace(
        ISO_SERIES,
        columns=(*ISO_SERIES.columns, Column("colour", Kind.TEXT, "Of an older release.")),
    ),
    "the primary key is (series_key, market, superseded_by), not (series_key, superseded_by)": (
        replace(ISO_SERIES, key=("series_key", "market"))
    ),
}


@pytest.mark.parametrize("text", OTHERS)
def test_what_would_rewrite_rows_is_refused_and_nothing_is_done(market: Market, text: str) -> None:
    make(replace(OTHERS[text], indexes=()))
    assert f"iso_series: {text}" in stores("check").err
    outcome = stores("migrate")
    assert outcome.status == 1
    assert f"iso_series: {text}" in outcome.err
    assert "This has to be done by hand." in outcome.err
    # The index could have been made: a table is migrated wholly or not at all.
    assert "iso_series: there is no index on" in stores("check").err


def test_a_table_that_is_gone_with_its_published_rows_is_a_fault(market: Market) -> None:
    prices(market)
    run_sql("DROP TABLE iso_lmp")
    outcome = stores("check")
    assert outcome.status == 1
    assert outcome.err == "iso_lmp: the table is gone, and loads of it are published\n"


def test_nothing_is_loaded_into_a_table_that_is_not_as_declared(
    load: Command, inbox: Path, market: Market
) -> None:
    prices(market)
    run_sql("ALTER TABLE iso_lmp DROP COLUMN price_ghg")
    file = inbox / "lmp.csv"
    file.write_text(lmp(hours("2026-01-16T05:00:00+00:00", 1)))
    for more in ((), ("--dry-run",)):
        outcome = load("iso.csv", file, *more)
        assert outcome.status == 1
        assert "lmp.csv: refused, table iso_lmp is not as declared" in outcome.err
        assert "column price_ghg is missing" in outcome.err
        assert "manage.py stores migrate" in outcome.err
    assert stores("migrate").status == 0
    assert load("iso.csv", file).status == 0


def test_a_former_name_is_not_silently_left_behind(market: Market) -> None:
    make(replace(ISO_LOCATION_NAME, name="iso_word"))
    with pytest.raises(Exception, match="it still has the name iso_word"):
        prices(market)
    assert stores("migrate").status == 0
    prices(market)


def test_it_waits_for_a_load_of_the_table(market: Market) -> None:
    prices(market)
    run_sql("ALTER TABLE iso_lmp DROP COLUMN price_ghg")
    with contextlib.closing(writer_of("iso")) as writer:
        with writer.lock([ISO_LMP]):
            migrating = threading.Thread(target=stores, args=("migrate",))
            migrating.start()
            migrating.join(0.3)
            assert migrating.is_alive()
            assert stores("check").status == 1
        migrating.join(10)
    assert stores("check").status == 0


def test_a_store_that_does_not_answer_is_said_in_our_words(
    engine: str, settings: Any, home: Path
) -> None:
    if engine == "embedded":
        (home / "market.sqlite3").mkdir()
    else:
        settings.AURUM_TIMESCALE_DSN = "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1"
    outcome = stores("check")
    assert outcome.status == 1
    for domain in ("curves", "iso", "metadata"):
        assert f"{domain}: {engine}: The data store does not answer" in outcome.err
    assert "All is well." not in outcome.lines
