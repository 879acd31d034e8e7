"""What every list endpoint promises, whatever its domain.

Each route is asked its own example over demo data; a route joins by being declared.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes, domains
from tests.conftest import BOTH, Api, Market

DEMO_DAYS, DEMO_LINES = 2, 450

pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.parametrize("route", all_routes(), ids=lambda route: route.name),
]


@pytest.fixture(autouse=True)
def _some_demo_data(market: Market) -> None:
    for domain in domains():
        for name, make in list(domain.demo())[-DEMO_DAYS:]:
            lines = make().splitlines(keepends=True)[:DEMO_LINES]
            market.load(domain.feed_for(name).name, b"".join(lines), name)


def example(route: Route, **more: Any) -> dict[str, Any]:
    return {**dict(parse_qsl(route.example)), **more}


def ask(api: Api, route: Route, headers: Any = None, **more: Any) -> httpx.Response:
    return api.get(f"/{route.path}", params=example(route, **more), headers=headers or {})


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def bad_field(answer: httpx.Response, field: str) -> dict[str, Any]:
    body = problem(answer, 400, "validation-error")
    (error,) = (error for error in body["errors"] if error["field"] == field)
    return dict(error)


def test_the_example_finds_something(api: Api, route: Route) -> None:
    answer = ask(api, route)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["data"]
    assert body["meta"]["count"] == len(body["data"])
    assert body["meta"]["limit"] == int(example(route)["limit"])


def test_a_misspelt_parameter_is_named_with_what_was_meant(api: Api, route: Route) -> None:
    error = bad_field(ask(api, route, limti=5), "limti")
    assert "did you mean 'limit'?" in error["message"]
    assert "limit" in error["constraint"]


def test_a_limit_outside_1_to_500_is_refused_and_not_clamped(api: Api, route: Route) -> None:
    for value in ("0", "-1", "501", "ten", "", "1e2", "1_0", "\u0663", "9" * 400):
        error = bad_field(ask(api, route, limit=value), "limit")
        assert error["constraint"] == "a whole number from 1 to 500", value


def test_a_parameter_given_twice_is_refused(api: Api, route: Route) -> None:
    answer = api.get(f"/{route.path}?{route.example}&limit=3")
    assert bad_field(answer, "limit")["code"] == "repeated"


def test_all_mistakes_are_reported_at_once(api: Api, route: Route) -> None:
    body = problem(ask(api, route, limit=0, colour="red"), 400, "validation-error")
    assert {error["field"] for error in body["errors"]} == {"limit", "colour"}


def test_other_methods_are_405_and_say_what_is_allowed(api: Api, route: Route) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = api.ask(method, f"/{route.path}")
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert api.ask("OPTIONS", f"/{route.path}").headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_format_that_is_not_there_is_406(api: Api, route: Route) -> None:
    body = problem(ask(api, route, headers={"Accept": "image/png"}), 406, "not-acceptable")
    assert "application/json" in body["detail"]
    assert ask(api, route, headers={"Accept": "image/png, */*;q=0.1"}).status_code == 200


def test_an_answer_the_caller_has_is_304(api: Api, route: Route) -> None:
    whole = ask(api, route, headers={"Accept-Encoding": "identity"})
    tag = whole.headers["etag"]
    opaque = tag.removeprefix("W/")
    for given in (tag, opaque, f'"other", {tag}', "*"):
        again = ask(api, route, headers={"Accept-Encoding": "identity", "If-None-Match": given})
        assert again.status_code == 304, given
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == whole.headers["cache-control"]
    for given in ('"other"', opaque[1:-1], opaque[:-2] + '"'):
        headers = {"Accept-Encoding": "identity", "If-None-Match": given}
        assert ask(api, route, headers=headers).status_code == 200, given


def test_gzip_is_the_same_answer_under_another_tag(api: Api, route: Route, settings: Any) -> None:
    settings.AURUM_API_GZIP_MIN_BYTES = 10
    plain = ask(api, route, headers={"Accept-Encoding": "gzip;q=0, identity"})
    zipped = ask(api, route, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json()["data"] == plain.json()["data"]
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in zipped.headers["vary"]


def test_head_has_the_headers_of_get(api: Api, route: Route) -> None:
    full = ask(api, route)
    head = api.ask("HEAD", f"/{route.path}", params=example(route))
    assert head.status_code == 200
    for name in ("etag", "content-type", "cache-control", "link"):
        assert head.headers[name] == full.headers[name]


def test_the_caller_s_request_id_comes_back(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"X-Request-Id": "desk-7.42"})
    assert answer.headers["x-request-id"] == "desk-7.42"
    assert answer.json()["meta"]["request_id"] == "desk-7.42"
    hostile = ask(api, route, headers={"X-Request-Id": "a b<script>"})
    assert hostile.headers["x-request-id"] != "a b<script>"


def test_timings_and_freshness_are_in_the_headers(api: Api, route: Route) -> None:
    answer = ask(api, route)
    assert "store;dur=" in answer.headers["server-timing"]
    assert "total;dur=" in answer.headers["server-timing"]
    assert answer.headers["cache-control"] == (
        "public, max-age=120, stale-while-revalidate=60, stale-if-error=360"
    )
    assert {"Accept", "Authorization", "X-API-Key"} <= set(answer.headers["vary"].split(", "))


def test_v1_says_that_it_is_deprecated_and_what_succeeds_it(api: Api, route: Route) -> None:
    for answer in (ask(api, route), ask(api, route, limit=0), api.ask("POST", f"/{route.path}")):
        assert answer.headers["deprecation"] == "@1767139200"
        assert answer.headers["sunset"] == "Fri, 31 Dec 2027 00:00:00 GMT"
        assert '</deprecations/v1>; rel="deprecation"' in answer.headers["link"]
        assert 'rel="successor-version"' in answer.headers["link"]
    assert api.get("/deprecations/v1").status_code == 200


def pages(api: Api, route: Route) -> Iterator[dict[str, Any]]:
    params = example(route, limit=40)
    while True:
        body = api.get(f"/{route.path}", params=params).json()
        yield body
        if not body["meta"]["next_cursor"]:
            return
        params["cursor"] = body["meta"]["next_cursor"]


def test_pages_follow_one_another_without_gap_or_repeat(api: Api, route: Route) -> None:
    walked = [row for body in pages(api, route) for row in body["data"]]
    assert walked == ask(api, route, limit=500).json()["data"]
    assert len({json.dumps(row) for row in walked}) == len(walked)


def test_equal_questions_have_equal_cursors(api: Api, route: Route) -> None:
    one, two = (ask(api, route).json()["meta"]["next_cursor"] for _ in range(2))
    assert one == two


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
    changed = ask(api, route, cursor=token, iso="MISO", block="OFF_PEAK")
    assert "filters do not match" in problem(changed, 400, "invalid-cursor")["detail"]
    both = ask(api, route, cursor=token, since_cursor=token)
    assert "only one" in problem(both, 400, "invalid-cursor")["detail"]
    assert problem(ask(api, route, cursor=token, offset=3), 400, "invalid-cursor")


def test_a_cursor_of_another_route_is_refused(api: Api, route: Route) -> None:
    for other in all_routes():
        if other is not route:
            token = ask(api, other).json()["meta"]["next_cursor"]
            body = problem(ask(api, route, cursor=token), 400, "invalid-cursor")
            assert "another endpoint" in body["detail"]


def test_csv_states_what_json_states(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"Accept": "text/csv"})
    if answer.status_code == 406:
        return  # this route has no CSV, which its own test insists on
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *lines = answer.text.splitlines()
    rows = ask(api, route).json()["data"]
    assert header.split(",") == list(rows[0])
    assert len(lines) == len(rows)
    assert ask(api, route, format="csv").content == answer.content
