"""No secret of a key is kept in a log or shown in a problem, wherever a caller has put it."""

import json
import logging
import time
from typing import Any

import pytest
import structlog
from django.conf import settings as configured
from structlog.stdlib import ProcessorFormatter

from aurum.domains import all_routes
from aurum.redaction import KEY_PARAMETERS, key_parameter, redacted
from tests.conftest import Api, Market
from tests.contract import problem

SECRET = "Sg-9_xYz" * 5 + "abc"
KEY = f"au_0123abcdef.{SECRET}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (KEY, "au_0123abcdef.***"),
        (f"q={KEY}&z=1", "q=au_0123abcdef.***&z=1"),
        (f"x{KEY},{KEY}", "xau_0123abcdef.***,au_0123abcdef.***"),
        (f"key%3D{KEY.replace('.', '%2E')}", "key%3Dau_0123abcdef.***"),
        (KEY.replace("_", "%5f"), "au%5f0123abcdef.***"),
        ("api_key=au_12.confidential", "api_key=au_12.***"),
        ("au_0123abcdef.x", "au_0123abcdef.***"),
        ("au_2024.csv and plateau_3.confidential", "au_2024.csv and plateau_3.confidential"),
        ("aurum_x.y", "aurum_x.y"),
        (KEY.upper(), "AU_0123ABCDEF.***"),
        (f"/v2/%2561u_0123abcdef.{SECRET}?a=%20", "/v2/au_0123abcdef.***?a=%20"),
        (f"%252561u_0123abcdef.{SECRET}", "au_0123abcdef.***"),
        ("name=%61b%2Ec&q=au", "name=%61b%2Ec&q=au"),
    ],
)
def test_the_secret_is_left_out_and_the_prefix_stays(text: str, shown: str) -> None:
    assert redacted(text) == shown


class Lines(logging.Handler):
    """The lines as they would stand in the log."""

    def __init__(self) -> None:
        super().__init__()
        given = configured.LOGGING["formatters"]["json"]
        self.setFormatter(
            ProcessorFormatter(
                processors=given["processors"], foreign_pre_chain=given["foreign_pre_chain"]
            )
        )
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Any:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


PLACES = [
    f"/v2/curves?api_key={KEY}",
    f"/v2/curves?iso={KEY}",
    f"/v2/curves?{'x' * 440}={KEY}",
    f"/v2/curves?limit={KEY}",
    f"/v2/{KEY}",
    f"/nowhere/{KEY}?token={KEY}",
    f"/v2/curves?q={KEY.replace('.', '%2E').replace('_', '%5F', 1)}",
    f"/v2/curves?q=%FF{KEY}",
    f"/v2/%2561u_0123abcdef.{SECRET}",
    f"/v2/{KEY.upper()}",
]


@pytest.mark.parametrize("target", PLACES)
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_neither_the_log_nor_the_problem_has_it(
    market: Market, api: Api, lines: list[str], target: str, host: str
) -> None:
    answer = api.get(target, headers={"Host": host})
    assert answer.status_code >= 400
    assert lines
    for text in (*lines, answer.text):
        for part in (SECRET, SECRET[:10], SECRET[-10:]):
            assert part.lower() not in text.lower()
    assert json.loads(lines[-1])["status"] == answer.status_code


def test_nor_has_the_traceback_of_a_crash(lines: list[str]) -> None:
    try:
        raise RuntimeError(f"cannot read {KEY}")
    except RuntimeError:
        logging.getLogger("django.request").exception("Internal Server Error")
        structlog.get_logger("aurum.test").error("failed", url=f"/?k={KEY}", exc_info=True)
    assert len(lines) == 2
    assert all("au_0123abcdef.***" in line and SECRET not in line for line in lines)


IN_ADDRESSES = [
    "api_key=hush-hush", "API_KEY=hush-hush", "apikey=hush-hush", "x-api-key=hush-hush",
    "access_token=hush-hush", "limit=1&token=hush-hush", "api%5Fkey=hush-hush",
    "%61pi_key=hush-hush", "+token=hush-hush", "token=hush-hush&q=%FF",
    f"key={KEY}", f"iso={KEY}", f"q=x%20{KEY}", f"q=%61u_0123abcdef.{SECRET}",
    f"q=au%255F0123abcdef.{SECRET}", f"{KEY}=1", KEY, f"next=/v2/curves%3Fkey={KEY}",
    f"{'x' * 9000}&token=hush-hush", f"x=%2561u_0123abcdef.{SECRET}", "key=hush-hush",
    "access-token=hush-hush", "a;api_key=hush-hush", "Aurum-Key=hush-hush", "auth=hush-hush",
    f"q={KEY.upper()}",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/v2/curves", "/v1/none", "/docs", "/admin/", "/nowhere"])
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_a_key_in_an_address_is_refused_and_repeated_nowhere(
    api: Api, lines: list[str], path: str, host: str
) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        for query in IN_ADDRESSES:
            answer = api.ask(method, f"{path}?{query}", headers={"Host": host})
            body = problem(answer, 400, "key-in-address")
            assert "'X-API-Key: <key>'" in body["detail"]
            assert body["instance"] == path
            for text in (*lines, answer.text, str(answer.headers)):
                assert "hush-hush" not in text
                assert SECRET[:10].lower() not in text.lower()
            (line,) = (json.loads(line) for line in lines)
            assert (line["path"], line["status"], line["query"]) == (path, 400, "")
            lines.clear()


def test_the_refusal_of_a_key_names_its_parameter(api: Api) -> None:
    for query, name in (("a=1&Api-Key=x", "api-key"), (f"iso={KEY}", "iso"), (KEY, "…")):
        (error,) = api.get(f"/v2/curves?{query}").json()["errors"]
        assert (error["field"], error["code"]) == (name, "key_in_address")
        assert "value" not in error


@pytest.mark.parametrize(
    "query",
    ["", "curve_key=ab", "q=au_2024.csv", "q=token", "cursor=au_x", "api_keys=1", "q=%26token%3D1"],
)
def test_what_only_resembles_a_key_is_left_alone(query: str) -> None:
    assert key_parameter(query.encode()) is None


def test_no_route_has_a_parameter_that_is_taken_for_a_key() -> None:
    for route in all_routes():
        assert not KEY_PARAMETERS & set(route.view.query_serializer().fields)  # type: ignore[attr-defined]


def test_a_long_address_takes_no_longer_than_its_length() -> None:
    began = time.process_time()
    text = "%61&" + "x" * 50_000
    assert redacted(text) == text
    assert time.process_time() - began < 0.5
