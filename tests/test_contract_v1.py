"""What every route of v1 promises beside the common contract."""

from typing import Any

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import BOTH, Api
from tests.contract import ask, bad_field, example, same_answers_are_304, takes

ROUTES = [route for route in all_routes() if route.path.startswith("v1/") and takes(route, "limit")]
pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name),
    pytest.mark.usefixtures("some_demo_data"),
]


def test_the_envelope_counts_its_rows(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"X-Request-Id": "desk-7"})
    body = answer.json()
    assert body["data"]
    assert body["meta"]["count"] == len(body["data"])
    assert body["meta"]["limit"] == int(example(route)["limit"])
    assert body["meta"]["request_id"] == "desk-7"
    assert "store;dur=" in answer.headers["server-timing"]


def test_a_limit_outside_1_to_500_is_refused_and_not_clamped(api: Api, route: Route) -> None:
    for value in ("0", "-1", "501", "ten", "", "1e2", "1_0", "\u0663", "9" * 400):
        error = bad_field(ask(api, route, limit=value), "limit")
        assert error["constraint"] == "a whole number from 1 to 500", value


def test_an_answer_the_caller_has_is_304(api: Api, route: Route) -> None:
    assert same_answers_are_304(api, route).startswith('W/"')


def test_gzip_is_the_same_answer_under_another_tag(api: Api, route: Route, settings: Any) -> None:
    settings.AURUM_API_GZIP_MIN_BYTES = 10
    plain = ask(api, route, headers={"Accept-Encoding": "gzip;q=0, identity"})
    zipped = ask(api, route, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json()["data"] == plain.json()["data"]
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in zipped.headers["vary"]


def test_v1_says_that_it_is_deprecated_and_what_succeeds_it(api: Api, route: Route) -> None:
    for answer in (ask(api, route), ask(api, route, limit=0), api.ask("POST", f"/{route.path}")):
        assert answer.headers["deprecation"] == "@1767139200"
        assert answer.headers["sunset"] == "Fri, 31 Dec 2027 00:00:00 GMT"
        assert '</deprecations/v1>; rel="deprecation"' in answer.headers["link"]
        assert 'rel="successor-version"' in answer.headers["link"]
    assert api.get("/deprecations/v1").status_code == 200


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
