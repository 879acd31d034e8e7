"""What every route promises, whatever its domain and version.

Each route is asked its own example over demo data; a route joins by being declared. What only one
version promises is in test_contract_v1.py and test_contract_v2.py.
"""

from typing import Any

import pytest

from aurum.api.routes import Route
from aurum.domains import all_routes
from tests.conftest import Api
from tests.contract import ask, bad_field, example, fields_of, offers_csv, problem
from tests.engines import BOTH

pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.parametrize("route", all_routes(), ids=lambda route: route.name),
    pytest.mark.usefixtures("some_demo_data"),
]


def test_the_example_finds_something(api: Api, route: Route) -> None:
    answer = ask(api, route)
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_a_misspelt_parameter_is_named_with_what_was_meant(api: Api, route: Route) -> None:
    error = bad_field(ask(api, route, frmat="csv"), "frmat")
    assert error["constraint"].startswith("one of ") or not fields_of(route)
    if "format" in error["constraint"]:
        assert "did you mean 'format'?" in error["message"]


def test_a_parameter_given_twice_is_refused(api: Api, route: Route) -> None:
    for name in ("limit", "format", "known_at", "offset"):
        answer = api.get(f"{route.example_path}?{route.example}&{name}=1&{name}=2")
        codes = {error["code"] for error in answer.json()["errors"] if error["field"] == name}
        assert codes & {"repeated", "unknown_parameter"}


def test_all_mistakes_are_reported_at_once(api: Api, route: Route) -> None:
    body = problem(ask(api, route, shade=0, colour="red"), 400, "validation-error")
    assert {error["field"] for error in body["errors"]} == {"shade", "colour"}


def test_other_methods_are_405_and_say_what_is_allowed(api: Api, route: Route) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = api.ask(method, route.example_path)
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    answer = api.ask("OPTIONS", route.example_path)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "content-type" not in answer.headers


def test_a_format_that_is_not_there_is_406(api: Api, route: Route) -> None:
    body = problem(ask(api, route, headers={"Accept": "application/pdf"}), 406, "not-acceptable")
    assert "application/" in body["detail"]
    assert ask(api, route, headers={"Accept": "application/pdf, */*;q=0.1"}).status_code == 200


def test_head_has_the_headers_of_get(api: Api, route: Route) -> None:
    full = ask(api, route)
    head = api.ask("HEAD", route.example_path, params=example(route))
    assert head.status_code == 200
    for name in ("etag", "content-type", "cache-control", "link"):
        assert head.headers.get(name) == full.headers.get(name)


def test_the_caller_s_request_id_comes_back(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"X-Request-Id": "desk-7.42"})
    assert answer.headers["x-request-id"] == "desk-7.42"
    hostile = ask(api, route, headers={"X-Request-Id": "a b<script>"})
    assert hostile.headers["x-request-id"] != "a b<script>"


def test_timings_and_freshness_are_in_the_headers(api: Api, route: Route) -> None:
    answer = ask(api, route)
    assert "total;dur=" in answer.headers["server-timing"]
    view: Any = route.view
    seconds = view.policy.max_age_seconds
    assert seconds in (5, 120, 300)
    assert answer.headers["cache-control"] == (
        f"public, max-age={seconds}, stale-while-revalidate={seconds // 2},"
        f" stale-if-error={3 * seconds}"
    )
    assert {"Accept", "Authorization", "X-API-Key"} <= set(answer.headers["vary"].split(", "))


def test_a_caller_elsewhere_needs_a_key(far_api: Api, route: Route) -> None:
    answer = ask(far_api, route)
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_csv_has_a_header_and_a_file_name(api: Api, route: Route) -> None:
    answer = ask(api, route, headers={"Accept": "text/csv"})
    if not offers_csv(route):
        problem(answer, 406, "not-acceptable")
        return
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert ".csv" in answer.headers["content-disposition"]
    assert len(answer.text.splitlines()) > 1
    assert ask(api, route, format="csv").content == answer.content
