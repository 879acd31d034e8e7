"""How whole tables are read: in pieces of one snapshot that hold nothing between them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from aurum.api import encoders, whole_tables
from aurum.api.formats import TABLES
from aurum.errors import StoreUnavailable
from aurum.market.spans import Span
from aurum.polling import refresh_all
from aurum.query import Query, pieces
from aurum.results import Result
from aurum.stores.paging import Page
from aurum.stores.registry import close_stores, store_of
from curves import services
from curves.results import OBSERVATIONS
from tests.conftest import Api, Market, Run
from tests.engines import BOTH
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

PATH = "/v2/curves/observations"
ALL = {"asof_date": Span(None, None)}


def test_a_table_beside_loads_is_that_of_its_first_piece(market: Market, run: Run[Any]) -> None:
    """Between its pieces every row is revised, curves come and go, and its own are long past."""
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
        parts, found = pieces(asked, services.list_observations, 7), []
        while (page := run(anext(parts, None))) is not None:
            piece = page.page.select(asked.columns)
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


def test_between_its_pieces_a_table_holds_nothing(
    market: Market, run: Run[Any], engine: str, settings: Any
) -> None:
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
        asked = Query.inside(OBSERVATIONS, None)
        stalled = [pieces(asked, services.list_observations, 2) for _ in range(9)]
        for parts in stalled:
            assert len((await anext(parts)).page.rows) == 2
        store = await store_of("curves")
        await asyncio.sleep(0.05)  # a pool takes connections back in a task of its own
        counts = store.stats()
        assert counts["open"] == counts["idle"] > 0
        if engine == "timescale":
            # Other tests read the same database: only what stays would be one of ours.
            before = transactions()
            await asyncio.sleep(0.2)
            assert not before & transactions()
        for parts in stalled:
            assert sum([len(piece.page.rows) async for piece in parts]) == 7

    run(stall())


def test_who_cannot_begin_in_time_is_told_to_come_back(
    market: Market, api: Api, run: Run[Any], settings: Any
) -> None:
    settings.AURUM_POOL_ACQUIRE_SECONDS = 0.05
    market.load("curves.csv", curve_csv(months("2025-10", 2)))

    async def turns() -> Any:
        return (await store_of("curves")).exports

    run(run(turns()).take())
    answer = api.get(f"{PATH}?format=csv")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert len(api.rows(PATH)) == 2
    run(turns()).give_back()
    assert api.get(f"{PATH}?format=csv").status_code == 200


@pytest.mark.parametrize("form", TABLES)
def test_head_reads_nothing(
    market: Market, api: Api, run: Run[Any], settings: Any, form: str
) -> None:
    path = f"{PATH}?format={form}"
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    whole = api.get(path)
    run(close_stores())
    settings.AURUM_STORE_DEADLINE_SECONDS = 0
    assert api.get(path).status_code == 504
    head = api.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-disposition", "vary"):
        assert head.headers[name] == whole.headers[name]
    assert api.ask("HEAD", f"{path}&no_such=1").status_code == 400


def body_of(name: str, rest: Any, **more: Any) -> Any:
    query = Query.inside(OBSERVATIONS, None, ("curve_key", "tenor_label"))
    encoder = encoders.ENCODERS[name]([OBSERVATIONS.by_name[c] for c in query.columns])
    return whole_tables._encoded(encoder, query, Result(Page(query.columns, [("a", "b")])), rest)


async def failing() -> Any:
    yield Result(Page(("curve_key", "tenor_label"), [("c", "d")]))
    await asyncio.sleep(0)
    raise StoreUnavailable


@pytest.mark.parametrize("name", ["csv", "ndjson", "arrow", "parquet"])
def test_a_table_that_fails_on_the_way_ends_with_an_error(
    engine: str, run: Run[Any], name: str
) -> None:
    async def collect() -> bytes:
        found = b""
        with suppress(StoreUnavailable):
            async for part in body_of(name, failing()):
                found += part
            pytest.fail("it ended as if it were whole")
        return found

    text = run(collect())
    if name == "csv":
        assert text.decode().splitlines()[-1] == "c,d"


def test_who_leaves_after_the_header_leaves_no_question_open(engine: str, run: Run[Any]) -> None:
    closed = []

    async def rest() -> Any:
        try:
            yield Result(Page(("curve_key", "tenor_label"), [("c", "d")]))
        finally:
            closed.append(True)

    async def leave() -> None:
        parts = rest()
        body: Any = body_of("csv", parts)
        await anext(body)
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
    answer = api.get(f"{PATH}?format=csv")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
