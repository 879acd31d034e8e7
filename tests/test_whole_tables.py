"""Tables without a limit: all that matches, of every list, in every format, of one snapshot."""

import csv
import hashlib
import io
import json
from datetime import date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurum.api import whole_tables
from aurum.api.encoders import workbook
from aurum.api.formats import TABLES
from aurum.api.routes import Route
from aurum.api.v2 import V2View
from aurum.domains import all_routes
from curves.results import OBSERVATIONS
from iso.views import Negative
from tests.conftest import Api, Market
from tests.contract import bad_field, example
from tests.engines import BOTH
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

PATH = "/v2/curves/observations"
LISTS = [r for r in all_routes() if r.path.startswith("v2/") and "limit=" in r.example]


def without_limit(route: Route, **more: str) -> dict[str, str]:
    return {name: value for name, value in example(route, **more).items() if name != "limit"}


def all_pages(api: Api, route: Route) -> list[dict[str, Any]]:
    found, asked = [], api.get(route.example_path, params=without_limit(route) | {"limit": 997})
    while True:
        body = asked.json()
        found += body["data"]
        if body["links"]["next"] is None:
            return found
        asked = api.get(body["links"]["next"])


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(V2View, "rows_of_piece", 97)
    monkeypatch.setattr(Negative, "rows_of_piece", 97)
    monkeypatch.setattr(whole_tables, "ROWS_AT_ONCE", 31)


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
@pytest.mark.usefixtures("some_demo_data", "small_pieces")
def test_every_list_is_whole_in_every_format(api: Api, route: Route) -> None:
    rows = all_pages(api, route)
    assert rows
    asked = {
        name: api.get(route.example_path, params=without_limit(route, format=name))
        for name in TABLES
    }
    for name, answer in asked.items():
        assert answer.status_code == 200, answer.text
        assert "etag" not in answer.headers
        assert answer.headers["content-disposition"].endswith(f'.{name}"')
    assert [json.loads(line) for line in asked["ndjson"].text.splitlines()] == rows
    table = list(csv.DictReader(io.StringIO(asked["csv"].text)))
    assert [[*row] for row in table] == [[*row] for row in rows]
    assert table == [{name: _cell(value) for name, value in row.items()} for row in rows]
    for found in (
        pa.ipc.open_stream(asked["arrow"].content).read_all(),
        pq.read_table(io.BytesIO(asked["parquet"].content)),
    ):
        assert json.loads(json.dumps(found.to_pylist(), default=_text)) == rows
    head, *cells = sheet(asked["xlsx"].content)
    assert [title.partition(" [")[0] for title in head] == [*rows[0]]
    assert len(cells) == len(rows)


def sheet(content: bytes) -> list[tuple[Any, ...]]:
    (found,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return list(found.iter_rows(values_only=True))


def _text(value: date) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def _cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_with_a_limit_or_a_cursor_it_is_a_page(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 120)))
    assert len(api.get(PATH, params={"format": "ndjson"}).text.splitlines()) == 120
    page = api.get(PATH, params={"format": "ndjson", "limit": 3})
    assert len(page.text.splitlines()) == 3
    cursor = api.get(PATH, params={"limit": 3}).json()["meta"]["next_cursor"]
    rest = api.get(PATH, params={"format": "ndjson", "cursor": cursor})
    assert len(rest.text.splitlines()) == 100
    assert rest.headers["link"].endswith('rel="prev"')
    assert len(api.rows(PATH)) == 100


def test_a_short_table_says_how_many_rows_it_has(
    market: Market, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 9)))
    assert api.get(PATH, params={"format": "csv"}).headers["x-total-count"] == "9"
    monkeypatch.setattr(V2View, "rows_of_piece", 4)
    assert "x-total-count" not in api.get(PATH, params={"format": "csv"}).headers


@pytest.mark.parametrize("form", ["ndjson", "csv"])
@pytest.mark.parametrize("rows", [0, 5])
def test_a_last_record_proves_every_byte_where_it_is_asked_for(
    market: Market, api: Api, form: str, rows: int
) -> None:
    if rows:
        market.load("curves.csv", curve_csv(months("2025-10", rows)))
    plain = api.get(PATH, params={"format": form}).content
    whole = api.get(PATH, params={"format": form, "end_record": "true"}).content
    assert whole.startswith(plain)
    digest, last = hashlib.sha256(plain).hexdigest(), whole[len(plain) :]
    if form == "csv":
        assert last.startswith(f"#end rows={rows} sha256={digest}".encode())
        assert last.count(b",") == plain.splitlines()[0].count(b",")
    else:
        assert json.loads(last) == {"end": {"rows": rows, "sha256": digest}}


@pytest.mark.parametrize(
    "asked",
    [
        {"end_record": "true"},
        {"end_record": "true", "format": "arrow"},
        {"end_record": "true", "format": "csv", "limit": "3"},
        {"timestamps": "spreadsheet"},
        {"timestamps": "iso", "format": "ndjson"},
    ],
)
def test_what_the_format_has_no_use_for_is_refused(
    market: Market, api: Api, asked: dict[str, str]
) -> None:
    assert bad_field(api.get(PATH, params=asked), next(iter(asked)))["code"] == "conflict"


def test_a_stream_is_compressed_where_that_is_taken(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 60)))
    for name in TABLES:
        plain = api.get(PATH, params={"format": name}, headers={"Accept-Encoding": "identity"})
        zipped = api.get(PATH, params={"format": name}, headers={"Accept-Encoding": "gzip"})
        packed = name not in ("parquet", "xlsx")
        assert (zipped.headers.get("content-encoding") == "gzip") is packed
        assert "Accept-Encoding" in zipped.headers["vary"]
        if name != "xlsx":  # which says when it was made
            assert zipped.content == plain.content


def test_all_fields_are_asked_for_by_a_star(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    (head, *_) = api.get(PATH, params={"format": "csv", "fields": "*"}).text.splitlines()
    assert head.split(",") == list(OBSERVATIONS.column_names)
    assert list(api.rows(PATH, params={"fields": "*"})[0]) == list(OBSERVATIONS.column_names)


@pytest.mark.usefixtures("some_demo_data")
def test_a_spreadsheet_reads_times_ids_and_units(api: Api) -> None:
    asked = {
        "location_id": "51288", "start": "2025-09-29", "end": "2025-09-30",
        "fields": "location_id,interval_start,local,delivery_date,price_total",
    }  # fmt: skip
    (head, first, *_) = sheet(api.get("/v2/iso/lmp", params=asked | {"format": "xlsx"}).content)
    assert head[-1] == "price_total [USD/MWh]"
    midnight = datetime.fromisoformat("2025-09-29")
    assert first[:4] == ("51288", midnight.replace(hour=4), midnight, midnight)
    assert isinstance(first[4], float)
    text = api.get(
        "/v2/iso/lmp", params=asked | {"format": "csv", "timestamps": "spreadsheet"}
    ).content.decode()
    assert text.startswith("\ufefflocation_id,")
    assert text.splitlines()[1].startswith(
        "51288,2025-09-29 04:00:00,2025-09-29 00:00:00,2025-09-29,"
    )


def test_a_workbook_with_more_rows_than_a_sheet_is_refused(
    market: Market, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 9)))
    monkeypatch.setattr(V2View, "rows_of_piece", 4)
    monkeypatch.setattr(workbook, "MOST_ROWS", 9)
    assert api.get(PATH, params={"format": "xlsx"}).status_code == 200
    monkeypatch.setattr(workbook, "MOST_ROWS", 8)
    error = bad_field(api.get(PATH, params={"format": "xlsx"}), "format")
    assert (error["code"], error["value"]) == ("too_many_rows", "xlsx")


def test_the_old_address_of_the_stream_leads_to_the_list(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))
    old = "/v2/curves/export?iso=PJM"
    for accept, form in (("*/*", "ndjson"), ("text/csv", "csv")):
        moved = api.get(old, headers={"Accept": accept})
        assert moved.status_code == 308
        assert moved.headers["location"] == f"{PATH}?iso=PJM&format={form}"
        assert len(api.get(moved.headers["location"]).text.splitlines()) == 3 + (form == "csv")
    given = api.get(f"{old}&format=csv").headers["location"]
    assert given == f"{PATH}?iso=PJM&format=csv"
