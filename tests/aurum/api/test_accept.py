"""What callers accept, as RFC 9110 reads it, and that no spelling of it costs memory."""

import pytest

from aurum.api.accept import LONGEST, accepts_gzip, preferred
from aurum.cache.process import CACHE
from tests.conftest import Api, Market, forget_answers
from tests.contract import problem
from tests.factories import curve_csv, months

FORMATS = {"json": "application/json", "csv": "text/csv", "arrow": "application/vnd.arrow"}


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/json; charset=utf-8", "json"),
        ('Text/CSV;charset="UTF-8"', "csv"),
        ("application/*", "json"),
        ("*/*;q=0.1", "json"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "json"),
        ("application/json;q=0.5, text/csv", "csv"),
        ("text/csv;q=0.5, application/json;q=0.5", "json"),
        ("*/*, application/json;q=0", "csv"),
        ("application/json;q=0, application/*", "arrow"),
        ("application/json;q=0.001", "json"),
        ('a/b;x="c,d", text/csv', "csv"),
        ("text/csv;q=2", "csv"),
        ("*/*;q=0", None),
        ("text/csv;q=0", None),
        ("image/png", None),
        ("application/json;version=2", None),
        ("application/json;charset=latin-1", None),
        (",", None),
        ("application/json," + " " * LONGEST, None),
    ],
)
def test_the_format_that_is_liked_best(accept: str, name: str | None) -> None:
    assert preferred(accept, FORMATS) == name


def test_where_there_is_no_format_none_is_chosen() -> None:
    assert preferred("*/*", {}) is None
    assert preferred("text/csv", {}) is None


@pytest.mark.parametrize(
    ("accepted", "gzip"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip;q=1;x=y", True),
        ("gzip ; q=0.001", True),
        ("identity;q=0, *", True),
        ("br;q=1.0, *;q=0.1", True),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity;q=0", False),
        ("gzip," + " " * LONGEST, False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(accepted: str, gzip: bool) -> None:
    assert accepts_gzip(accepted) is gzip


def test_what_aurum_says_it_sends_can_be_asked_for(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    for path, name in (
        ("/v1/curves", "csv"),
        ("/v2/curves/observations", "ndjson"),
        ("/v2/curves", "csv"),
    ):
        sent = api.get(path, params={"format": name})
        asked = api.get(path, headers={"Accept": sent.headers["content-type"]})
        assert asked.status_code == 200
        assert asked.headers["content-type"] == sent.headers["content-type"]


def test_every_spelling_of_accept_shares_one_answer(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    forget_answers()
    for number in range(50):
        answer = api.get("/v2/curves", headers={"Accept": f"application/json, x/{number}"})
        assert answer.status_code == 200
    assert CACHE.stats()["curve-catalogue"].entries == 1
    csv = api.get("/v2/curves?limit=9", headers={"Accept": "text/csv, x/1"})
    assert csv.headers["content-type"].startswith("text/csv")
    assert CACHE.stats()["curve-catalogue"].entries == 2


def test_a_format_that_is_asked_for_by_name_wins_also_over_what_is_kept(
    market: Market, api: Api
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    for accept in ("application/json", "image/png", "text/csv"):
        for _ in range(2):
            answer = api.get("/v2/curves", params={"format": "csv"}, headers={"Accept": accept})
            assert answer.headers["content-type"].startswith("text/csv")
    for _ in range(2):
        refused = api.get("/v2/curves", headers={"Accept": "image/png"})
        problem(refused, 406, "not-acceptable")


def test_a_header_that_is_too_long_to_be_read_is_called_so(market: Market, api: Api) -> None:
    accept = "a/b;q=0.1," * (LONGEST // 10) + "*/*"
    said = problem(api.get("/v2/curves", headers={"Accept": accept}), 406, "not-acceptable")
    assert said["detail"].startswith("`Accept` is longer than 1,000 characters. Available are app")
    assert api.get("/v2/curves?format=json", headers={"Accept": accept}).status_code == 200
