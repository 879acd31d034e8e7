"""What every engine's store does alike."""

import asyncio
import sqlite3
import time
from typing import Any

import psycopg
import pytest

from aurum.errors import DeadlineExceeded, StoreUnavailable
from aurum.stores import embedded
from aurum.stores.contract import TableUnreadable
from aurum.stores.registry import close_stores, store_of
from aurum.stores.sql import Select
from tests.conftest import Api, Market, Run
from tests.engines import EVERY, lose_store
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", EVERY, indirect=True)

ENDLESS = {
    "embedded": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT COUNT(*) FROM n",
    "timescale": "SELECT pg_sleep(30)",
    "clickhouse": "SELECT SUM(n.number % 7) FROM numbers(1000000000000) AS n",
    "trino": "SELECT COUNT(*) FROM"
    " UNNEST(sequence(1, 10000)) AS a (i) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (i)"
    " CROSS JOIN UNNEST(sequence(1, 10000)) AS c (i)",
}


UNDER_WAY = {
    "timescale": "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    "trino": "SELECT query FROM system.runtime.queries WHERE query LIKE '%curves.named%'",
}


async def fetch(sql: str, **params: Any) -> list[Any]:
    store = await store_of("curves")
    return await store.fetch(Select(sql), params)


def test_dates_are_iso_text_and_numbers_floats(market: Market, run: Run[Any]) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1, price=45)))
    found = run(fetch("SELECT asof_date, contract_month, mid, bid FROM curve_observation"))
    assert found == [("2025-09-12", "2025-10-01", 45.0, None)]


def test_text_is_ordered_by_code_point(market: Market, run: Run[Any]) -> None:
    labels = ["a", "B", "é", "Z", "z", "É", "1", "~", "中", "😀"]
    rows = [{"tenor_label": label, "mid": 1} for label in labels]
    market.load("curves.csv", curve_csv(rows))
    found = run(fetch("SELECT tenor_label FROM curve_observation AS o ORDER BY o.tenor_label"))
    assert [label for (label,) in found] == sorted(labels)


def test_the_engine_sees_what_a_question_is_called(
    market: Market, run: Run[Any], engine: str
) -> None:
    if engine not in UNDER_WAY:
        pytest.skip("SQLite has nobody to look, and ClickHouse is told by the id of a query")

    async def ask() -> list[Any]:
        store = await store_of("curves")
        return await store.fetch(Select(UNDER_WAY[engine], name="curves.named"), {})

    assert run(ask())[0][0].startswith("/* curves.named */")


def test_a_query_past_its_deadline_is_stopped(
    market: Market, run: Run[Any], settings: Any, engine: str
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    settings.AURUM_STORE_DEADLINE_SECONDS = 0.2
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        run(fetch(ENDLESS[engine]))
    assert time.monotonic() - began < 2
    settings.AURUM_STORE_DEADLINE_SECONDS = 10
    run(close_stores())
    assert run(fetch("SELECT 1 AS one")) == [(1,)]


def test_the_deadline_is_that_of_a_query_which_cannot_be_stopped_too(
    market: Market, run: Run[Any], settings: Any, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller goes at the deadline, and what the query holds is used again when it has ended."""
    if engine not in ("embedded", "timescale"):
        pytest.skip("tests of threaded stores have it")
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    settings.AURUM_STORE_DEADLINE_SECONDS = 0.2
    settings.AURUM_STORE_WORKERS = settings.AURUM_POOL_MAX_SIZE = 1
    read, cancel = embedded._read, psycopg.AsyncConnection.cancel_safe

    def slow_thread(connection: Any, sql: str, params: Any) -> list[Any]:
        if "RECURSIVE" not in sql:
            return read(connection, sql, params)
        time.sleep(1.5)
        return []

    async def slow_cancel(connection: Any, **more: Any) -> None:
        await asyncio.sleep(1.2)
        await cancel(connection, **more)

    monkeypatch.setattr(embedded, "_read", slow_thread)
    monkeypatch.setattr(psycopg.AsyncConnection, "cancel_safe", slow_cancel)

    async def hang() -> tuple[float, list[Any]]:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            await fetch(ENDLESS[engine])
        took = time.monotonic() - began
        with pytest.raises(StoreUnavailable):  # there is but the one, and it is not free
            await (await store_of("curves")).ping()
        await asyncio.sleep(1.4)
        return took, await fetch("SELECT 1 AS one")

    took, found = run(hang())
    assert took < 1
    assert found == [(1,)]


def test_a_caller_who_leaves_stops_the_query(market: Market, run: Run[Any], engine: str) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))

    async def leave() -> float:
        task = asyncio.ensure_future(fetch(ENDLESS[engine]))
        await asyncio.sleep(0.1)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert run(leave()) < 1
    assert run(fetch("SELECT 1 AS one")) == [(1,)]


def test_a_table_that_is_missing_is_told_from_an_engine_that_is_away(
    market: Market, run: Run[Any]
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    for _ in range(6):  # more than would have the engine left alone
        with pytest.raises(TableUnreadable):
            run(fetch("SELECT n.a FROM no_such_table AS n"))
    assert run(fetch("SELECT COUNT(*) FROM curve_observation")) == [(1,)]


def test_many_callers_share_the_store(market: Market, run: Run[Any]) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))

    async def crowd() -> list[list[Any]]:
        return await asyncio.gather(
            *(fetch("SELECT COUNT(*) FROM curve_observation") for _ in range(40))
        )

    assert run(crowd()) == [[(3,)]] * 40


def test_a_store_that_answers_says_so_and_counts_its_connections(
    market: Market, run: Run[Any]
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))

    async def state() -> dict[str, int]:
        store = await store_of("curves")
        await store.ping()
        return dict(store.stats())

    counts = run(state())
    # A pool takes a connection back in a task of its own, so it may not be idle yet.
    assert 0 <= counts["idle"] <= counts["open"] >= 1
    assert counts["waiting"] == 0


def test_the_ping_of_a_store_that_is_gone_or_too_slow_fails(
    market: Market, run: Run[Any], settings: Any, engine: str
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))

    async def ping() -> None:
        await (await store_of("curves")).ping()

    settings.AURUM_STORE_DEADLINE_SECONDS = 0
    with pytest.raises(StoreUnavailable):
        run(ping())
    run(close_stores())
    settings.AURUM_STORE_DEADLINE_SECONDS = 10
    run(ping())
    if engine != "embedded":
        run(close_stores())
    lose_store(engine, settings)
    with pytest.raises(StoreUnavailable):
        run(ping())


def test_a_store_that_is_gone_is_503_with_a_time_to_come_back(
    market: Market, api: Api, run: Run[Any], settings: Any, engine: str
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    run(close_stores())
    lose_store(engine, settings)
    answer = api.get("/v1/curves")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/service-unavailable"
    assert answer.headers["retry-after"] == "5"
    assert "sqlite" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_a_store_that_comes_back_is_used_again(
    market: Market, api: Api, engine: str, home: Any
) -> None:
    if engine != "embedded":
        pytest.skip("a whole server is stopped and started in the drills")
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    (home / "market.sqlite3").rename(home / "elsewhere")
    assert api.get("/v1/curves").status_code == 503
    (home / "elsewhere").rename(home / "market.sqlite3")
    assert len(api.rows("/v1/curves")) == 1


def test_a_store_that_is_locked_is_503(
    market: Market, api: Api, engine: str, home: Any, settings: Any
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    if engine not in ("embedded", "timescale"):
        pytest.skip("its readers wait for no lock")
    if engine == "embedded":
        with sqlite3.connect(home / "market.sqlite3", isolation_level=None) as other:
            other.execute("PRAGMA journal_mode = DELETE")
            other.execute("BEGIN EXCLUSIVE")
            answer = api.get("/v1/curves")
            other.execute("ROLLBACK")
        other.close()
    else:
        with psycopg.connect(settings.AURUM_TIMESCALE_DSN) as other:
            other.execute("LOCK TABLE curve_observation IN ACCESS EXCLUSIVE MODE")
            answer = api.get("/v1/curves")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


def test_a_request_past_the_deadline_is_504(
    market: Market, api: Api, engine: str, settings: Any
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    settings.AURUM_STORE_DEADLINE_SECONDS = 0
    answer = api.get("/v1/curves")
    assert answer.status_code == 504
    assert answer.json()["type"] == "/problems/request-timeout"
    assert answer.headers["retry-after"] == "10"
