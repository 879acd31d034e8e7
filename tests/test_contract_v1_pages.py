"""What every route of v1 promises whose answers have pages."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import BOTH, Api
from tests.contract import ask, example, further, problem, takes

ROUTES = [
    route for route in all_routes() if route.path.startswith("v1/") and takes(route, "cursor")
]
pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name),
    pytest.mark.usefixtures("some_demo_data"),
]


def pages(api: Api, route: Route) -> Iterator[dict[str, Any]]:
    params = example(route, limit=7)
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
    changed = ask(api, route, cursor=token, **further(route))
    assert "filters do not match" in problem(changed, 400, "invalid-cursor")["detail"]
    both = ask(api, route, cursor=token, since_cursor=token)
    assert "only one" in problem(both, 400, "invalid-cursor")["detail"]
    assert problem(ask(api, route, cursor=token, offset=3), 400, "invalid-cursor")


def test_a_cursor_of_another_route_is_refused(api: Api, route: Route) -> None:
    for other in ROUTES:
        if other is not route:
            token = ask(api, other).json()["meta"]["next_cursor"]
            body = problem(ask(api, route, cursor=token), 400, "invalid-cursor")
            assert "another endpoint" in body["detail"]
