"""`GET /v2/curves/export`: all of it, with a last record that proves the end."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from aurum.api import export
from aurum.errors import StoreUnavailable
from curves.results import OBSERVATIONS
from tests.conftest import BOTH, Api, Market, Run
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

PATH = "/v2/curves/export"


def test_it_has_everything_in_the_order_of_the_list(market: Market, api: Api) -> None:
    rows = [{**row, "location": f"Hub {n}"} for n in range(20) for row in months("2025-10", 72)]
    market.load("curves.csv", curve_csv(rows))
    lines = [json.loads(line) for line in api.get(PATH).text.splitlines()]
    assert lines[-1]["end"]["rows"] == len(lines) - 1 == 1440
    listed, url = [], "/v2/curves/observations?limit=1000"
    while url:
        body = api.get(url).json()
        listed, url = listed + body["data"], body["links"]["next"]
    assert lines[:-1] == listed


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_the_last_record_proves_every_byte_before_it(market: Market, api: Api, form: str) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))
    whole = api.get(PATH, params={"format": form}).content
    *body, last = whole.splitlines(keepends=True)
    digest = hashlib.sha256(b"".join(body)).hexdigest()
    if form == "csv":
        assert last.startswith(f"#end rows=5 sha256={digest}".encode())
        assert last.count(b",") == body[0].count(b",")
    else:
        assert json.loads(last) == {"end": {"rows": 5, "sha256": digest}}


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_nothing_is_proved_too(market: Market, api: Api, form: str) -> None:
    whole = api.get(PATH, params={"format": form}).text
    assert "end" in whole.splitlines()[-1]
    assert len(whole.splitlines()) == (2 if form == "csv" else 1)


def test_it_takes_the_filters_of_the_list(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 5)))
    asked = api.get(f"{PATH}?tenor_label=2025-11,2026-01&asof_date=all&fields=tenor_label,mid")
    assert asked.text.splitlines()[:2] == [
        '{"tenor_label":"2025-11","mid":51.0}',
        '{"tenor_label":"2026-01","mid":53.0}',
    ]


def test_an_export_that_fails_on_the_way_lacks_its_end(engine: str, run: Run[Any]) -> None:
    async def pieces() -> Any:
        yield [tuple("abcdefghij")]
        await asyncio.sleep(0)
        raise StoreUnavailable

    async def collect() -> bytes:
        columns = tuple(OBSERVATIONS.by_name[name] for name in OBSERVATIONS.default_columns)
        rest = pieces()
        first = await anext(rest)
        return b"".join([part async for part in export._body("csv", columns, first, rest)])

    text = run(collect()).decode()
    assert text.splitlines()[-1] == "a,b,c,d,e,f,g,h,i,j"
    assert "#end" not in text


def test_who_leaves_after_the_header_leaves_no_question_open(engine: str, run: Run[Any]) -> None:
    closed = []

    async def pieces() -> Any:
        try:
            yield [tuple("abcdefghij")]
            yield [tuple("abcdefghij")]
        finally:
            closed.append(True)

    async def leave() -> None:
        columns = tuple(OBSERVATIONS.by_name[name] for name in OBSERVATIONS.default_columns)
        rest = pieces()
        body: Any = export._body("csv", columns, await anext(rest), rest)
        await anext(body)
        await body.aclose()
        assert closed

    run(leave())


def test_a_store_that_is_gone_from_the_start_is_a_problem(
    market: Market, api: Api, settings: Any, engine: str, home: Any
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    if engine == "embedded":
        (home / "market.sqlite3").rename(home / "gone")
    else:
        settings.AURUM_TIMESCALE_DSN = "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1"
        settings.AURUM_POOL_ACQUIRE_SECONDS = 0.3
    answer = api.get(PATH)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
