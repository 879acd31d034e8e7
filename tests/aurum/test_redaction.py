"""No secret of a key is kept in a log or shown in a problem, wherever a caller has put it."""

import json
import logging
from typing import Any

import pytest
import structlog
from django.conf import settings as configured
from structlog.stdlib import ProcessorFormatter

from aurum.redaction import redacted
from tests.conftest import Api, Market

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
            assert part not in text
    assert json.loads(lines[-1])["status"] == answer.status_code


def test_nor_has_the_traceback_of_a_crash(lines: list[str]) -> None:
    try:
        raise RuntimeError(f"cannot read {KEY}")
    except RuntimeError:
        logging.getLogger("django.request").exception("Internal Server Error")
        structlog.get_logger("aurum.test").error("failed", url=f"/?k={KEY}", exc_info=True)
    assert len(lines) == 2
    assert all("au_0123abcdef.***" in line and SECRET not in line for line in lines)
