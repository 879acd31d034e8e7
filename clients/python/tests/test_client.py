"""The client against a real server: all rows, typed, in every kind of table."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pandas as pd
import polars as pl
import pytest
from aurum_client import ApiError, Client, rows

from clients.python.generate import DOCUMENT, TARGET, generated


@pytest.fixture
def aurum(server: str) -> Iterator[Client]:
    with Client(server) as client:
        yield client


def csv_of(server: str, path: str) -> pd.DataFrame:
    text = httpx.get(f"{server}{path}", timeout=60).text
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])


def test_all_rows_come_in_every_kind_of_table(
    aurum: Client, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_OF_PAGE", 100)
    asked = aurum.curves.observations(iso="PJM", block=["ON_PEAK", "OFF_PEAK"])
    table = asked.to_arrow()
    whole = csv_of(server, "/v2/curves/observations?iso=PJM&block=ON_PEAK,OFF_PEAK&format=csv")
    assert table.num_rows == len(whole) > 300
    assert table.column_names == list(whole.columns)
    assert table["mid"].to_pylist() == whole["mid"].to_list()
    assert len(list(asked.pages())) == -(-table.num_rows // 100)
    assert list(asked) == table.to_pylist()
    frame, polars_frame = asked.to_pandas(), asked.to_polars()
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(polars_frame, pl.DataFrame)
    assert frame["mid"].to_list() == polars_frame["mid"].to_list() == whole["mid"].to_list()
    assert isinstance(frame["contract_month"][0], date)


def test_instants_have_their_zone_and_dates_are_dates(aurum: Client) -> None:
    frame = aurum.iso.lmp(limit=30).to_pandas()
    assert len(frame) == 30
    assert str(frame["interval_start"].dtype).endswith("UTC]")
    start = frame["interval_start"][3].to_pydatetime()
    again = next(iter(aurum.iso.lmp(start=start, location_id=frame["location_id"][3], limit=1)))
    assert again["interval_start"] == start


def test_units_are_in_the_schema(aurum: Client) -> None:
    field = aurum.iso.lmp(limit=1).to_arrow().schema.field("price_total")
    assert field.metadata[b"unit"] == b"USD/MWh"


def test_a_limit_counts_over_all_pages(aurum: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS_OF_PAGE", 7)
    assert aurum.curves.observations(limit=16).to_arrow().num_rows == 16


def test_nothing_keeps_its_columns_and_types(aurum: Client) -> None:
    some = aurum.curves.observations(limit=1).to_arrow()
    none = aurum.curves.observations(iso="XYZ").to_arrow()
    assert none.num_rows == 0
    assert none.schema == some.schema
    assert list(aurum.curves.observations(iso="XYZ").to_pandas().columns) == some.column_names


def test_a_single_thing_is_a_row(aurum: Client) -> None:
    key = aurum.curves.all(iso="PJM", limit=1).to_arrow()["curve_key"][0].as_py()
    assert aurum.curves.one(key)["iso"] == "PJM"
    with pytest.raises(ApiError, match="There is no curve"):
        aurum.curves.one("0" * 64)


def test_a_refusal_names_the_field(aurum: Client) -> None:
    with pytest.raises(ApiError) as refused:
        aurum.iso.lmp(start="yesteryear").to_arrow()
    assert refused.value.status == 400
    assert refused.value.errors[0]["field"] == "start"
    assert refused.value.request_id in str(refused.value)
    assert "a date" in str(refused.value)


def test_what_was_known_is_asked_by_an_instant(aurum: Client) -> None:
    assert (
        aurum.curves.observations(known_at=datetime(2020, 1, 1, tzinfo=UTC)).to_arrow().num_rows
        == 0
    )


def test_the_methods_are_those_of_the_document() -> None:
    made = generated(json.loads(DOCUMENT.read_text()))
    assert Path(TARGET).read_text() == made, "run python clients/python/generate.py"
