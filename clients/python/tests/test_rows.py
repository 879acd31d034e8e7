"""All rows that match, in every form, as the API has them."""

import csv
import io
from datetime import UTC, date, datetime

import httpx
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from aurum_client import ApiError, Client, rows
from conftest import DAYS, HOURS_OF_ONE, NODES
from faults import Faulty

QUESTION = {"iso": "PJM", "location_id": ",".join(NODES), "market": "DAY_AHEAD", "start": "2024-11"}
FIELDS = "location_id,interval_start,delivery_date,hour_ending,price_total,price_ghg,is_peak_day"


def csv_of(server: str, path: str, query: dict[str, str]) -> list[dict[str, str]]:
    answer = httpx.get(f"{server}{path}", params={**query, "format": "csv"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def cell(value: object) -> str:
    """A value as the API's CSV has it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        assert value.utcoffset() is not None
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROWS_OF_PAGE", 97)


@pytest.mark.usefixtures("small_pages")
def test_each_form_has_the_rows_of_the_csv(server: str, client: Client) -> None:
    asked = {**QUESTION, "end": "2024-11-06", "fields": FIELDS}
    expected = csv_of(server, "/v2/iso/lmp", asked)
    assert len(expected) > 300
    found = client.iso.lmp(**asked)
    frame = found.to_pandas().astype(object)
    forms = {
        "dicts": list(found),
        "arrow": found.to_arrow().to_pylist(),
        "polars": found.to_polars().to_dicts(),
        "pages": [row for page in found.pages() for row in page.to_pylist()],
        "pandas": [
            {
                name: None if pd.isna(value) else value.to_pydatetime() if name == "interval_start"
                else value.date() if name == "delivery_date" else value
                for name, value in row.items()
            }
            for row in frame.to_dict("records")
        ],
    }  # fmt: skip
    for form, told in forms.items():
        assert [{n: cell(v) for n, v in row.items()} for row in told] == expected, form


def test_the_day_on_which_the_clock_goes_back_has_25_hours(client: Client) -> None:
    day = client.iso.lmp(
        location_id=NODES[1], market="DAY_AHEAD", start=date(2024, 11, 3), end=date(2024, 11, 4)
    ).to_pandas()
    assert len(day) == 25
    assert day["interval_start"].is_unique
    assert list(day["local"].str[11:])[1:3] == ["01:00:00-04:00", "01:00:00-05:00"]


def test_without_a_limit_every_row_comes_over_many_pages(between: Faulty) -> None:
    with Client(between.url) as client:
        found = client.iso.lmp(location_id=NODES[0], market="DAY_AHEAD").to_arrow()
    assert found.num_rows == HOURS_OF_ONE
    assert len(set(found["interval_start"].to_pylist())) == HOURS_OF_ONE
    assert len(between.asked) == 2
    assert "cursor" in between.asked[1]


@pytest.mark.parametrize(("limit", "pages"), [(1, 1), (97, 1), (98, 2), (200, 3)])
@pytest.mark.usefixtures("small_pages")
def test_a_limit_is_the_number_of_all_rows(between: Faulty, limit: int, pages: int) -> None:
    with Client(between.url) as client:
        query = client.iso.lmp(location_id=NODES[1], market="DAY_AHEAD", limit=limit)
        assert query.to_arrow().num_rows == limit
        assert len(between.asked) == pages
        everything = client.iso.lmp(location_id=NODES[1], market="DAY_AHEAD")
        assert list(query) == list(everything)[:limit]


def test_a_limit_below_one_is_refused_here(client: Client) -> None:
    with pytest.raises(ValueError, match="limit: 0"):
        client.iso.lmp(limit=0)


def test_the_first_row_is_one_row(between: Faulty) -> None:
    with Client(between.url) as client:
        query = client.curves.observations(asof_date=DAYS[0])
        first = query.first()
        assert first == next(iter(query))
        assert client.curves.observations(asof_date="2001-01-01").first() is None
    assert between.asked[0].endswith("limit=1")


def test_nothing_is_asked_before_rows_are_wanted(between: Faulty) -> None:
    with Client(between.url) as client:
        query = client.curves.observations(asof_date=DAYS[0], iso=["PJM", "ERCOT"])
    assert not between.asked
    assert repr(query) == f"Rows(/v2/curves/observations?iso=PJM,ERCOT&asof_date={DAYS[0]})"


def test_instants_and_dates_are_typed_in_every_form(client: Client) -> None:
    found = client.iso.lmp(location_id=NODES[0], fields=FIELDS, limit=2)
    table = found.to_arrow()
    assert table.schema.field("interval_start").type == pa.timestamp("s", "UTC")
    assert table.schema.field("delivery_date").type == pa.date32()
    assert table.schema.field("price_total").metadata[b"unit"] == b"USD/MWh"
    kinds = found.to_pandas().dtypes.astype(str)
    assert kinds["interval_start"] == "datetime64[s, UTC]"
    assert kinds["delivery_date"] == "datetime64[ms]"
    assert kinds["hour_ending"] == "Int64"
    schema = found.to_polars().schema
    assert schema["interval_start"] == pl.Datetime("ms", "UTC")
    assert schema["delivery_date"] == pl.Date
    (row, _) = found
    assert row["interval_start"] == datetime(2024, 10, 28, 4, tzinfo=UTC)
    assert row["delivery_date"] == date(2024, 10, 28)


def test_a_result_without_rows_has_its_columns_and_their_types(client: Client) -> None:
    some = client.iso.lmp(location_id=NODES[0], limit=3)
    none = client.iso.lmp(location_id=NODES[0], start="2001-01-01", end="2001-01-02")
    assert list(none) == []
    assert none.to_arrow().schema == some.to_arrow().schema
    assert none.to_pandas().dtypes.equals(some.to_pandas().dtypes)
    assert none.to_polars().schema == some.to_polars().schema
    assert [page.num_rows for page in none.pages()] == [0]


def test_one_thing_is_a_dict(client: Client) -> None:
    curve = client.curves.list().first()
    assert curve is not None
    assert client.curves.one(curve["curve_key"]) == curve
    assert curve["last_asof"] == date.fromisoformat(DAYS[-1])
    with pytest.raises(ApiError, match="404") as refused:
        client.curves.one("no-such-curve")
    assert refused.value.status == 404


def test_a_path_without_a_method_can_be_asked(client: Client) -> None:
    query = client.rows("/v2/iso/lmp", location_id=NODES[0], limit=3)
    assert list(query) == list(client.iso.lmp(location_id=NODES[0], limit=3))
