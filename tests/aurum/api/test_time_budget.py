"""One question has one budget of time, for all that is done for it."""

import asyncio
from typing import Any

import pytest

from aurum.stores.registry import DomainStore
from curves.dao import pages
from tests.conftest import Api, Market
from tests.factories import curve_csv, months

LIMIT = 0.3


@pytest.fixture
def history(market: Market, settings: Any) -> None:
    days = [f"2025-09-{day:02}" for day in range(1, 30)]
    rows = [row for day in days for row in months("2026-01", 3, asof_date=day)]
    market.load("curves.csv", curve_csv(rows))
    settings.AURUM_STORE_DEADLINE_SECONDS = LIMIT


def test_many_queries_that_are_each_in_time_are_together_too_late(
    history: None, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = DomainStore.fetch

    async def slow(self: DomainStore, *args: Any) -> Any:
        await asyncio.sleep(LIMIT / 2)
        return await fetch(self, *args)

    monkeypatch.setattr(DomainStore, "fetch", slow)
    answer = api.get("/v2/curves/diff?asof_date_a=2025-09-01&asof_date_b=2025-09-02")
    assert answer.status_code == 504
    assert answer.json()["type"] == "/problems/request-timeout"
    assert answer.headers["Retry-After"]


def test_arithmetic_counts_too(history: None, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = asyncio.sleep
    monkeypatch.setattr(pages.asyncio, "sleep", lambda _: pause(LIMIT / 5))
    answer = api.get("/v2/curves/strips?asof_date=all&type=CALENDAR")
    assert answer.status_code == 504
