"""What every route of v1 promises beside the common contract."""

import json
from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import Api
from tests.contract import (
    ask,
    bad_field,
    example,
    offers_csv,
    problem,
    same_answers_are_304,
    tables_of,
    takes,
)
from tests.engines import BOTH

ROUTES = [route for route in all_routes() if route.path.startswith("v1/")]
PAGED = [route for route in ROUTES if takes(route, "cursor")]
pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.usefixtures("some_demo_data"),
]
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
each_limited = pytest.mark.parametrize(
    "route", [route for route in ROUTES if takes(route, "limit")], ids=lambda route: route.name
)
each_paged = pytest.mark.parametrize("route", PAGED, ids=lambda route: route.name)


@each_route
def test_the_envelope_counts_its_rows(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"X-Request-Id": "desk-7"})
    body = answer.json()
    assert body["data"]
    if isinstance(body["data"], list):
        assert body["meta"]["count"] == len(body["data"])
    assert body["meta"].get("limit") == (
        int(example(route)["limit"]) if takes(route, "limit") else None
    )
    if takes(route, "cursor"):
        assert body["meta"]["has_more"] is (body["meta"]["next_cursor"] is not None)
    else:
        assert body["meta"]["next_cursor"] is body["meta"]["prev_cursor"] is None
    assert body["meta"]["request_id"] == "desk-7"
    assert ("store;dur=" in answer.headers["server-timing"]) is bool(tables_of(route))


@each_limited
def test_a_list_cut_at_its_limit_says_that_there_is_more(api: Api, route: Route) -> None:
    whole = ask(api, route, limit=500).json()
    assert whole["meta"]["has_more"] is False
    count = len(whole["data"])
    assert count > 1
    for limit, more in ((1, True), (count - 1, True), (count, False)):
        meta = ask(api, route, limit=limit).json()["meta"]
        assert (meta["count"], meta["has_more"]) == (limit, more)


@each_paged
def test_a_limit_outside_1_to_500_is_refused_and_not_clamped(api: Api, route: Route) -> None:
    for value in ("0", "-1", "501", "ten", "", "1e2", "1_0", "\u0663", "9" * 400):
        error = bad_field(ask(api, route, limit=value), "limit")
        assert error["constraint"] == "a whole number from 1 to 500", value


@each_route
def test_an_answer_the_caller_has_is_304(api: Api, route: Route) -> None:
    assert same_answers_are_304(api, route).startswith('W/"')


@each_route
def test_gzip_is_the_same_answer_under_another_tag(api: Api, route: Route, settings: Any) -> None:
    settings.AURUM_API_GZIP_MIN_BYTES = 10
    plain = ask(api, route, headers={"Accept-Encoding": "gzip;q=0, identity"})
    zipped = ask(api, route, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json()["data"] == plain.json()["data"]
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in zipped.headers["vary"]


@each_route
def test_v1_says_that_it_is_deprecated_and_what_succeeds_it(api: Api, route: Route) -> None:
    for answer in (ask(api, route), ask(api, route, limit=0), api.ask("POST", route.example_path)):
        assert answer.headers["deprecation"] == "@1767139200"
        assert answer.headers["sunset"] == "Fri, 31 Dec 2027 00:00:00 GMT"
        assert '</deprecations/v1>; rel="deprecation"' in answer.headers["link"]
        assert 'rel="successor-version"' in answer.headers["link"]
    assert api.get("/deprecations/v1").status_code == 200


def pages(api: Api, route: Route, limit: int) -> Iterator[dict[str, Any]]:
    params = example(route, limit=limit)
    while True:
        body = api.get(f"/{route.path}", params=params).json()
        yield body
        if not body["meta"]["next_cursor"]:
            return
        params["cursor"] = body["meta"]["next_cursor"]


@each_paged
def test_pages_follow_one_another_without_gap_or_repeat(api: Api, route: Route) -> None:
    whole = ask(api, route, limit=500).json()["data"]
    limit = max(1, len(whole) // 4)
    found = [body["data"] for body in pages(api, route, limit)]
    assert len(found) == ceil(len(whole) / limit) > 1
    walked = [row for rows in found for row in rows]
    assert walked == whole
    assert len({json.dumps(row) for row in walked}) == len(walked)


@each_paged
def test_equal_questions_have_equal_cursors(api: Api, route: Route) -> None:
    one, two = (ask(api, route).json()["meta"]["next_cursor"] for _ in range(2))
    assert one == two is not None


@each_paged
def test_a_cursor_that_cannot_be_used_says_why(api: Api, route: Route) -> None:
    token = ask(api, route).json()["meta"]["next_cursor"]
    for broken, words in (
        (token[:-1] + ("A" if token[-1] != "A" else "B"), "Invalid cursor"),
        (token[3:], "Invalid cursor"),
        ("?", "Invalid cursor"),
        ("x" * 1001, "longer than 1000"),
        ("né", "Invalid cursor"),
    ):
        body = problem(ask(api, route, cursor=broken), 400, "invalid-cursor")
        assert words in body["detail"]
        assert body["errors"][0]["field"] == "cursor"
    changed = ask(api, route, cursor=token, iso="MISO")
    assert "filters do not match" in problem(changed, 400, "invalid-cursor")["detail"]
    both = ask(api, route, cursor=token, since_cursor=token)
    assert "only one" in problem(both, 400, "invalid-cursor")["detail"]
    assert problem(ask(api, route, cursor=token, offset=3), 400, "invalid-cursor")


@each_paged
def test_a_cursor_of_another_route_is_refused(api: Api, route: Route) -> None:
    for other in PAGED:
        if other is not route:
            token = ask(api, other).json()["meta"]["next_cursor"]
            body = problem(ask(api, route, cursor=token), 400, "invalid-cursor")
            assert "another endpoint" in body["detail"]


@each_route
def test_csv_states_what_json_states(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"Accept": "text/csv"})
    if not offers_csv(route):
        problem(answer, 406, "not-acceptable")
        return
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *lines = answer.text.splitlines()
    rows = ask(api, route).json()["data"]
    assert header.split(",") == list(rows[0])
    assert len(lines) == len(rows)
    assert ask(api, route, format="csv").content == answer.content
