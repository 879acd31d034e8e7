"""What callers meet where an engine fails again and again, and what is seen of its questions."""

import asyncio
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog

from aurum.cache.process import CACHE
from aurum.errors import DeadlineExceeded, Overloaded, StoreBusy, StoreUnavailable
from aurum.stores.clickhouse import ClickHouseStore
from aurum.stores.guarded import GuardedStore
from aurum.stores.measures import MILLISECONDS, measures
from aurum.stores.registry import store_of
from aurum.stores.sql import Select
from aurum.stores.turns import ExportTurns
from tests.conftest import Api, Market, Run
from tests.factories import curve_csv, months

QUESTION = Select("SELECT 'secret' AS a", name="curves.test")
TOO_MANY = 3


class Scripted:
    """An engine that does what it is told: answers, raises, or waits until it is told more."""

    def __init__(self) -> None:
        self.exports = ExportTurns(1)
        self.asked = 0
        self.answer: list[Any] | Exception | asyncio.Future[list[Any]] = []

    async def open(self) -> None: ...

    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Any]:
        self.asked += 1
        answer = await self.answer if isinstance(self.answer, asyncio.Future) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def ping(self) -> None: ...

    def stats(self) -> Mapping[str, int]:
        return {"open": 3, "idle": 2, "waiting": 1}

    async def close(self) -> None: ...


class Desk:
    def __init__(self, settings: Any) -> None:
        settings.AURUM_BREAKER_FAILURES = TOO_MANY
        settings.AURUM_BREAKER_SECONDS = 60
        self.engine = f"engine-{uuid.uuid4().hex}"
        self.scripted = Scripted()
        self.store = GuardedStore(self.engine, self.scripted)
        self.clock = 0.0
        self.store._breaker._now = lambda: self.clock

    async def ask(self, answer: Any = None) -> Any:
        """What the caller is given, or told."""
        self.scripted.answer = [(1,)] if answer is None else answer
        try:
            return await self.store.fetch(QUESTION, {})
        except StoreUnavailable as problem:
            return problem

    async def break_it(self) -> None:
        for _ in range(TOO_MANY):
            await self.ask(StoreUnavailable())

    async def is_asked(self, answer: Any = None) -> bool:
        """Whether the engine itself hears the next caller."""
        before = self.scripted.asked
        with suppress(DeadlineExceeded):
            await self.ask(answer)
        return self.scripted.asked > before

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = measures()[self.engine]
        return found


@pytest.fixture
def desk(settings: Any) -> Desk:
    return Desk(settings)


def test_a_store_that_fails_on_and_on_is_left_alone_for_a_while(
    market: Market, api: Api, run: Run[Any], home: Path, settings: Any
) -> None:
    settings.AURUM_BREAKER_SECONDS = 60
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    (home / "market.sqlite3").rename(home / "elsewhere")
    for _ in range(settings.AURUM_BREAKER_FAILURES):
        answer = api.get("/v1/curves")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    (home / "elsewhere").rename(home / "market.sqlite3")
    for path in ("/v1/curves", "/v2/curves/observations", "/v2/curves/observations?format=csv"):
        answer = api.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert answer.json()["type"] == "/problems/service-unavailable"

    async def ping() -> None:
        await (await store_of("curves")).ping()

    run(ping())
    assert len(api.rows("/v1/curves")) == 1


def test_what_has_expired_is_served_meanwhile(
    market: Market, api: Api, home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    before = api.get("/v2/curves/observations")
    (home / "market.sqlite3").rename(home / "elsewhere")
    for _ in range(settings.AURUM_BREAKER_FAILURES):
        api.get("/v1/curves")
    assert measures()["embedded"]["breaker"]["state"] == "open"
    clock = CACHE._now
    monkeypatch.setattr(CACHE, "_now", lambda: clock() + 500)
    stale = api.get("/v2/curves/observations")
    assert stale.content == before.content
    assert "detail=stale-if-error" in stale.headers["cache-status"]


def test_one_caller_tries_it_again_and_the_others_wait_for_the_outcome(
    desk: Desk, run: Run[Any]
) -> None:
    async def try_again(outcome: Any) -> str:
        await desk.break_it()
        desk.clock += 59
        refused = await desk.ask()
        assert refused.headers["Retry-After"] == "1"
        desk.clock += 2
        open_end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        probe = asyncio.create_task(desk.ask(open_end))
        await asyncio.sleep(0)
        assert [await desk.is_asked() for _ in range(3)] == [False] * 3
        open_end.set_result(outcome)
        await probe
        return str(desk.store._state()["breaker"]["state"])

    assert run(try_again(StoreUnavailable())) == "open"
    desk.clock += 61
    assert run(desk.ask()) == [(1,)]
    assert run(try_again([(1,)])) == "closed"
    assert run(desk.is_asked())


@pytest.mark.parametrize("outcome", [DeadlineExceeded(), Overloaded(), None])
def test_where_that_caller_learns_nothing_the_next_one_tries(
    desk: Desk, run: Run[Any], outcome: Exception | None
) -> None:
    async def leave() -> None:
        await desk.break_it()
        desk.clock += 61
        open_end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        probe = asyncio.create_task(desk.ask(open_end))
        await asyncio.sleep(0)
        if outcome is None:
            probe.cancel()
        else:
            open_end.set_result(outcome)
        await asyncio.wait([probe])
        with suppress(asyncio.CancelledError, DeadlineExceeded):
            probe.result()

    run(leave())
    assert run(desk.is_asked())
    assert desk.store._state()["breaker"]["state"] == "closed"


@pytest.mark.parametrize(
    "problem", [DeadlineExceeded(), Overloaded(), StoreBusy(), OverflowError()]
)
def test_what_says_nothing_of_the_engine_keeps_nobody_away(
    desk: Desk, run: Run[Any], problem: Exception
) -> None:
    async def ask() -> None:
        for _ in range(3 * TOO_MANY):
            with suppress(DeadlineExceeded, OverflowError):
                await desk.ask(problem)

    run(ask())
    assert run(desk.is_asked())


def test_only_failures_in_a_row_count(desk: Desk, run: Run[Any]) -> None:
    for _ in range(TOO_MANY):
        for answer in [StoreUnavailable()] * (TOO_MANY - 1) + [[]]:
            run(desk.ask(answer))
    assert run(desk.is_asked())


def test_it_can_be_turned_off(settings: Any, run: Run[Any]) -> None:
    desk = Desk(settings)
    settings.AURUM_BREAKER_FAILURES = 0
    desk.store = GuardedStore(desk.engine, desk.scripted)
    run(desk.break_it())
    assert run(desk.is_asked())


def test_questions_are_counted_by_name(desk: Desk, run: Run[Any]) -> None:
    async def ask() -> dict[str, Any]:
        await desk.store.open()
        await desk.ask([(1,), (2,)])
        await desk.ask([(3,)])
        await desk.ask(StoreUnavailable())
        open_end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting = asyncio.create_task(desk.ask(open_end))
        await asyncio.sleep(0)
        seen = desk.seen()
        waiting.cancel()
        await asyncio.wait([waiting])
        return seen

    seen = run(ask())
    assert seen["breaker"] == {"state": "closed", "failures": 1, "refused": 0}
    assert seen["pool"] == {"open": 3, "idle": 2, "waiting": 1}
    question = seen["questions"]["curves.test"]
    counts = [question[name] for name in ("count", "rows", "errors", "in_flight")]
    assert counts == [3, 3, 1, 1]
    assert sum(question["buckets"]) == 3
    assert len(question["buckets"]) == len(MILLISECONDS) + 1
    assert 0 < question["seconds"] < 1
    after = desk.seen()["questions"]["curves.test"]
    assert (after["count"], after["in_flight"]) == (3, 0)  # who left is in no bucket
    run(desk.store.close())
    assert desk.seen().keys() == {"questions"}


def test_a_duration_is_in_the_bucket_up_to_its_bound(desk: Desk, run: Run[Any]) -> None:
    question = desk.store._measures.of("curves.test")
    for milliseconds in (1, 1.5, 700, 60_000):
        question.ended(milliseconds / 1000, 0)
    bounds = [*MILLISECONDS, "more"]
    buckets = zip(bounds, question.as_data()["buckets"], strict=True)
    assert [bound for bound, count in buckets if count] == [1, 2.5, 1000, "more"]


def test_a_slow_question_is_logged_by_its_name_and_nothing_else(
    settings: Any, run: Run[Any]
) -> None:
    settings.AURUM_STORE_SLOW_MS = 20
    desk = Desk(settings)

    async def ask(seconds: float, answer: Any) -> None:
        open_end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(seconds, open_end.set_result, answer)
        await desk.ask(open_end)

    with structlog.testing.capture_logs() as logged:
        run(ask(0, [(1,)]))
        run(ask(0.05, [(1,), (2,)]))
        run(ask(0.05, StoreUnavailable()))
    slow = [line for line in logged if line["event"] == "slow_statement"]
    assert all(line.pop("ms") >= 20 for line in slow)
    same = {"event": "slow_statement", "log_level": "warning", "store": desk.engine}
    same |= {"question": "curves.test"}
    assert slow == [{**same, "rows": 2}, {**same, "rows": None}]


def test_clickhouse_is_told_the_name_by_the_id_of_the_query(run: Run[Any]) -> None:
    class Told:
        ids: list[str] = []

        def execute(self, sql: str, params: Any, *, query_id: str, **more: Any) -> Any:
            self.ids.append(query_id)
            return [(1,)], [("a", "Int64")]

    class Store(ClickHouseStore):
        def connect(self) -> Any:
            return Told()

        def close_connection(self, connection: Any) -> None: ...

    url = "clickhouse://nobody@127.0.0.1:9/none"
    store = Store(url, workers=1, acquire_seconds=1, deadline_seconds=5)

    async def ask() -> None:
        for _ in range(2):
            assert await store.fetch(Select("SELECT 1 AS a", name="curves.test"), {}) == [(1,)]
        await store.close()

    run(ask())
    assert all(re.fullmatch("aurum-read-curves.test-[0-9a-f]{32}", one) for one in Told.ids)
    assert len({*Told.ids}) == 2
