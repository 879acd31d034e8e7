"""Errors from wherever they come."""

from typing import Any

import pytest

from aurum.domains import domains
from aurum.errors import catalogue
from tests.conftest import Api, Market
from tests.factories import curve_csv, months


def test_an_unknown_path_is_404(api: Api) -> None:
    for path in ("/v1/curvs", "/nothing", "/v1/curves/", "/v3"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body["type"] == "/problems/not-found"
        assert body["instance"] == path
        assert path in body["detail"]


def test_a_url_too_long_is_414(api: Api, settings: Any) -> None:
    answer = api.get("/v1/curves?location=" + "x" * settings.AURUM_API_MAX_URL_BYTES)
    assert answer.status_code == 414
    assert answer.json()["type"] == "/problems/uri-too-long"


@pytest.mark.parametrize("path", ["/v1/curves", "/v2/curves"])
def test_more_parameters_than_anyone_means_are_400(api: Api, path: str) -> None:
    # With a charset Django counts the fields before its handler is there to answer.
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = api.get(f"{path}?{'&' * 10}{'a=1&' * 1500}", headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == {"a"}


def test_a_host_that_is_not_ours_is_400(api: Api) -> None:
    answer = api.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_crash_is_500_and_shows_nothing_of_itself(
    market: Market, api: Api, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    settings.AURUM_STORES = None  # the registry trips over it inside the view
    for debug in (False, True):
        settings.DEBUG = debug
        answer = api.get("/v1/curves?iso=PJM", headers={"X-Request-Id": "night-shift"})
        assert answer.status_code == 500
        assert answer.headers["x-request-id"] == "night-shift"
        if not debug:
            assert answer.json()["type"] == "/problems/internal-error"
            assert "NoneType" not in answer.text
    assert "AttributeError" in caplog.text


def test_the_base_of_problem_types_is_a_setting(api: Api, settings: Any) -> None:
    settings.AURUM_PROBLEM_BASE = "https://docs.example.com"
    assert api.get("/x").json()["type"] == "https://docs.example.com/problems/not-found"


def test_every_problem_has_its_page(api: Api) -> None:
    index = api.get("/problems")
    assert index.status_code == 200
    for slug, entry in catalogue().items():
        page = api.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert entry.title in page.text
        assert f'href="/problems/{slug}"' in index.text
    assert api.get("/problems/none-such").status_code == 404


def test_the_console_keeps_its_own_error_pages(api: Api) -> None:
    answer = api.get("/admin/nothing/", follow_redirects=False)
    assert answer.status_code == 302


def test_a_long_value_is_cut_in_the_answer(api: Api) -> None:
    answer = api.get("/v1/curves?tenor_type=" + "x" * 500)
    assert len(answer.json()["errors"][0]["value"]) == 201


def test_what_to_click_answers(market: Market, api: Api) -> None:
    index = api.get("/")
    assert index.status_code == 200
    for domain in domains():
        for what, where in domain.look_at:
            assert what in index.text
            assert api.get(where).status_code == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/problems/not-found", "/openapi/v2.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_page_is_only_read(api: Api, method: str, path: str) -> None:
    answer = api.ask(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["type"] == "/problems/method-not-allowed"
