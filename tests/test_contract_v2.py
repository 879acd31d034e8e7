"""What every list of v2 promises beside the common contract: one grammar."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from math import ceil
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import Api
from tests.contract import (
    another_filter,
    ask,
    bad_field,
    example,
    problem,
    same_answers_are_304,
    tables_of,
)
from tests.engines import BOTH

ROUTES = [r for r in all_routes() if r.path.startswith("v2/") and "limit=" in r.example]
pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name),
    pytest.mark.usefixtures("some_demo_data"),
]


def test_the_envelope_says_what_the_answer_stands_on(api: Api, route: Route) -> None:
    body = ask(api, route).json()
    assert list(body) == ["data", "meta", "links"]
    meta = body["meta"]
    assert meta["count"] == len(body["data"]) > 0
    assert meta["limit"] == int(example(route)["limit"])
    assert str(meta["known_at"]).endswith("Z") if tables_of(route) else meta["known_at"] is None
    assert (meta["latest"] or "")[:7] in (
        ("2025-09", "2025-10") if any(t.time for t in tables_of(route)) else ("",)
    )
    assert body["links"]["self"].startswith(f"/{route.path}?")


def test_the_same_question_has_the_same_bytes(api: Api, route: Route) -> None:
    one = ask(api, route, headers={"X-Request-Id": "one"})
    two = ask(api, route, headers={"X-Request-Id": "two"})
    assert one.content == two.content
    assert one.headers["etag"] == two.headers["etag"]


def test_a_limit_outside_1_to_10000_is_refused(api: Api, route: Route) -> None:
    for value in ("0", "10001", "ten", "", "\u0663"):
        error = bad_field(ask(api, route, limit=value), "limit")
        assert error["constraint"] == "a whole number from 1 to 10000", value


def test_an_answer_the_caller_has_is_304(api: Api, route: Route) -> None:
    for form in route.view.formats():
        assert same_answers_are_304(api, route, format=form).startswith('"')


def test_gzip_is_the_same_answer_under_another_tag(api: Api, route: Route, settings: Any) -> None:
    settings.AURUM_API_GZIP_MIN_BYTES = 10
    plain = ask(api, route, headers={"Accept-Encoding": "identity"})
    zipped = ask(api, route, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content
    assert zipped.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'


def test_fields_choose_the_columns_and_their_order(api: Api, route: Route) -> None:
    names = list(ask(api, route).json()["data"][0])
    chosen = [names[-1], names[0]]
    body = ask(api, route, fields=",".join(chosen)).json()
    assert [list(row) for row in body["data"]] == [chosen] * len(body["data"])
    error = bad_field(ask(api, route, fields=f"{names[0]}x"), "fields")
    assert f"did you mean '{names[0]}'?" in error["message"]


def test_columns_state_what_rows_state(api: Api, route: Route) -> None:
    rows = ask(api, route).json()["data"]
    columns = ask(api, route, shape="columns").json()["data"]
    turned = zip(*columns.values(), strict=True)
    assert [dict(zip(columns, values, strict=True)) for values in turned] == rows


def test_every_format_states_the_same(api: Api, route: Route) -> None:
    rows = ask(api, route).json()["data"]
    lines = ask(api, route, format="ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == rows
    table = list(csv.DictReader(io.StringIO(ask(api, route, format="csv").text)))
    assert [list(row) for row in table] == [list(row) for row in rows]
    assert table == [{k: _cell(v) for k, v in row.items()} for row in rows]
    stream = pa.ipc.open_stream(ask(api, route, format="arrow").content).read_all()
    file = pq.read_table(io.BytesIO(ask(api, route, format="parquet").content))
    for found in (stream, file):
        assert found.column_names == list(rows[0])
        assert json.loads(json.dumps(found.to_pylist(), default=_text)) == rows


def _text(value: date) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def test_accept_chooses_the_format_as_well(api: Api, route: Route) -> None:
    for form, media_type in route.view.formats().items():
        answer = ask(api, route, headers={"Accept": media_type})
        assert answer.headers["content-type"].split(";")[0] == media_type
        assert answer.content == ask(api, route, format=form).content or form in ("json", "html")


def pages(api: Api, route: Route, limit: int) -> Iterator[dict[str, Any]]:
    url = f"{route.example_path}?{route.example.replace('limit=2', f'limit={limit}')}"
    while url:
        body = api.get(url).json()
        yield body
        url = body["links"]["next"]


def test_links_lead_through_everything_once_and_back(api: Api, route: Route) -> None:
    whole = ask(api, route, limit=1000).json()["data"]
    limit = max(1, len(whole) // 4)
    walked = list(pages(api, route, limit))
    assert len(walked) == ceil(len(whole) / limit) > 1
    assert [row for body in walked for row in body["data"]] == whole
    back, url = [], walked[-1]["links"]["prev"]
    while url:
        body = api.get(url).json()
        back = body["data"] + back
        url = body["links"]["prev"]
    assert back == whole[: len(whole) - len(walked[-1]["data"])]


def test_link_headers_serve_formats_without_an_envelope(api: Api, route: Route) -> None:
    first = ask(api, route, format="csv", limit=1)
    url = first.headers["link"].partition(">")[0].lstrip("<")
    second = api.get(url)
    assert second.text.splitlines()[0] == first.text.splitlines()[0]
    assert second.text.splitlines()[1] != first.text.splitlines()[1]


def test_a_cursor_that_cannot_be_used_says_why(api: Api, route: Route) -> None:
    token = ask(api, route, limit=1).json()["meta"]["next_cursor"]
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    for broken in (altered, token[3:], "?", "x" * 1001):
        body = problem(ask(api, route, cursor=broken), 400, "invalid-cursor")
        assert body["errors"][0]["field"] == "cursor"
    for other in ROUTES:
        if other is not route:
            body = problem(ask(api, other, cursor=token), 400, "invalid-cursor")
            assert "another endpoint" in body["detail"]
    changed = ask(api, route, cursor=token, **another_filter(route))
    assert "filters do not match" in problem(changed, 400, "invalid-cursor")["detail"]


def test_columns_and_limit_may_change_on_the_way(api: Api, route: Route) -> None:
    first = ask(api, route, limit=1).json()
    name = next(iter(first["data"][0]))
    more = ask(api, route, cursor=first["meta"]["next_cursor"], limit=2, fields=name)
    assert list(more.json()["data"][0]) == [name]


def test_a_moment_that_cannot_be_is_refused(api: Api, route: Route) -> None:
    if not tables_of(route):
        error = bad_field(ask(api, route, known_at="2025-09-30T10:00:00Z"), "known_at")
        assert error["code"] == "unknown_parameter", "rules have no history"
        return
    for moment, code in (
        ("2999-01-01T00:00:00Z", "future"),
        ("2025-09-30", "invalid"),
        ("2025-09-30T10:00:00", "invalid"),
        ("yesterday", "invalid"),
        ("0001-01-01T00:00:00+14:00", "invalid"),
    ):
        assert bad_field(ask(api, route, known_at=moment), "known_at")["code"] == code
