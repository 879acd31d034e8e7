"""`manage.py stores check|migrate` on ClickHouse and Trino."""

import contextlib

import pytest

from aurum.polling import refresh_all
from aurum.stores.ddl import rename_table
from aurum.stores.registry import writer_of
from aurum.stores.sql_tables import SqlTables
from ops.models import LoadedTable
from tests.conftest import Api, Market
from tests.engines import COLUMN_STORES
from tests.iso.conftest import hours, lmp
from tests.ops.conftest import run_command

pytestmark = pytest.mark.parametrize("engine", COLUMN_STORES, indirect=True)


def run_sql(sql: str) -> None:
    with contextlib.closing(writer_of("iso")) as writer:
        assert isinstance(writer, SqlTables)
        writer.execute(sql, {})


def check() -> tuple[int, str]:
    outcome = run_command("stores", "check")
    return outcome.status, outcome.err


def test_a_column_that_is_missing_is_found_and_added(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours("2026-01-15T05:00:00+00:00", 2)))
    assert check() == (0, "")
    run_sql("ALTER TABLE iso_lmp DROP COLUMN price_ghg")
    assert check() == (1, "iso_lmp: column price_ghg is missing\n")
    assert run_command("stores", "migrate").status == 0
    assert check() == (0, "")
    rows = api.rows("/v2/iso/lmp?iso=PJM&fields=price_total,price_ghg")
    assert [row["price_ghg"] for row in rows] == [None, None]


def test_a_table_that_was_renamed_keeps_its_rows_and_its_loads(
    market: Market, api: Api, engine: str
) -> None:
    market.load("iso.csv", lmp(hours("2026-01-15T05:00:00+00:00", 2)))
    run_sql(rename_table("iso_location_name", "iso_word", engine))
    LoadedTable.objects.filter(table="iso_location_name").update(table="iso_word")
    assert check() == (1, "iso_location_name: it still has the name iso_word\n")
    assert run_command("stores", "migrate").status == 0
    assert check() == (0, "")
    refresh_all()
    assert len(api.rows("/v2/iso/lmp?location_id=1%20NAME")) == 2
