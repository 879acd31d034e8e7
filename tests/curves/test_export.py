"""`GET /v2/curves/export`: all of it, with a last record that proves the end."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from aurum import query
from aurum.api import export
from aurum.errors import StoreUnavailable
from aurum.market.spans import Span
from aurum.polling import refresh_all
from aurum.query import Query
from aurum.stores.registry import close_stores, store_of
from curves import services
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


ALL = {"asof_date": Span(None, None)}


def test_an_export_beside_loads_is_that_of_its_first_piece(
    market: Market, run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its pieces every row is revised, curves come and go, and its own are long past."""
    monkeypatch.setattr(query, "ROWS_OF_PIECE", 7)
    hubs = [f"Hub {number}" for number in range(5)]
    days = ["2025-09-11", "2025-09-12"]
    rows = [
        {**row, "location": hub, "asof_date": day}
        for hub in hubs
        for day in days
        for row in months("2025-10", 6)
    ]
    market.load("curves.csv", curve_csv(rows))
    asked = Query.inside(OBSERVATIONS, None, **ALL)

    def read(between: Callable[[int], object]) -> list[Any]:
        pieces, found = services.export_observations(asked), []
        while piece := run(anext(pieces, None)):
            assert len(piece) <= 7
            found += piece
            between(len(found))
        return found

    def revise(number: int) -> None:
        more = [{**row, "location": f"Hub {number}.5"} for row in months("2025-09", 2)]
        revised = [{**row, "mid": row["mid"] + number} for row in rows]
        market.load("curves.csv", curve_csv(revised + more))
        refresh_all()

    alone = read(lambda _: None)
    assert len(alone) == len(rows)
    assert read(revise) == alone
    newest = run(services.observations(columns=OBSERVATIONS.default_columns, **ALL)).rows
    assert len(newest) > len(alone)
    assert not {*newest} & {*alone}


def test_between_its_pieces_an_export_holds_nothing(
    market: Market, run: Run[Any], monkeypatch: pytest.MonkeyPatch, engine: str, settings: Any
) -> None:
    monkeypatch.setattr(query, "ROWS_OF_PIECE", 2)
    market.load("curves.csv", curve_csv(months("2025-10", 9)))

    def transactions() -> set[Any]:
        with psycopg.connect(settings.AURUM_TIMESCALE_DSN) as database:
            return {
                *database.execute(
                    "SELECT pid, xact_start FROM pg_stat_activity"
                    " WHERE state <> 'idle' AND application_name = 'aurum'"
                )
            }

    async def stall() -> None:
        stalled = [services.export_observations(Query.inside(OBSERVATIONS, None)) for _ in range(9)]
        for pieces in stalled:
            assert len(await anext(pieces)) == 2
        store = await store_of("curves")
        await asyncio.sleep(0.05)  # a pool takes connections back in a task of its own
        counts = store.stats()
        assert counts["open"] == counts["idle"] > 0
        if engine == "timescale":
            # Other tests read the same database: only what stays would be one of ours.
            before = transactions()
            await asyncio.sleep(0.2)
            assert not before & transactions()
        for pieces in stalled:
            assert sum([len(piece) async for piece in pieces]) == 7

    run(stall())


def test_who_cannot_begin_in_time_is_told_to_come_back(
    market: Market, api: Api, run: Run[Any], settings: Any
) -> None:
    settings.AURUM_POOL_ACQUIRE_SECONDS = 0.05
    market.load("curves.csv", curve_csv(months("2025-10", 2)))

    async def turns() -> Any:
        return (await store_of("curves")).exports

    run(run(turns()).take())
    answer = api.get(PATH)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert len(api.rows("/v2/curves/observations")) == 2
    run(turns()).give_back()
    assert api.get(PATH).status_code == 200


def test_head_reads_nothing(market: Market, api: Api, run: Run[Any], settings: Any) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    whole = api.get(PATH)
    run(close_stores())
    settings.AURUM_STORE_DEADLINE_SECONDS = 0
    assert api.get(PATH).status_code == 504
    head = api.ask("HEAD", PATH)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-disposition", "vary"):
        assert head.headers[name] == whole.headers[name]
    assert api.ask("HEAD", f"{PATH}?iso=PJM&no_such=1").status_code == 400


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
