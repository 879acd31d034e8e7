"""A page deep in a long history is the same rows, and no more work, than one at its start."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aurum.stores.embedded import EmbeddedStore
from aurum.stores.sql import Select, compose
from iso.dao import series
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import curve_csv, months
from tests.iso.conftest import hours, lmp

START = "2025-06-01T04:00:00Z"
LMP = "/v2/iso/lmp"
Steps = Callable[[str], int]


@pytest.fixture
def steps(api: Api, home: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """How many tens of steps of SQLite's machine an answer takes."""
    asked: list[tuple[Select, Mapping[str, Any]]] = []
    fetch = EmbeddedStore.fetch

    async def remember(store: Any, select: Select, params: Mapping[str, Any]) -> Any:
        asked.append((select, params))
        return await fetch(store, select, params)

    monkeypatch.setattr(EmbeddedStore, "fetch", remember)

    def count(path: str) -> int:
        asked.clear()
        assert api.rows(path)
        seen: list[None] = []
        database = sqlite3.connect(home / "market.sqlite3")
        database.set_progress_handler(lambda: seen.append(None), 10)
        for select, params in asked:
            database.execute(compose(select, "sqlite"), params).fetchall()
        database.close()
        return len(seen)

    return count


def last_cursor(api: Api, path: str, most: int = 1000) -> str:
    """The cursor of the last page but one, and so the place of the one before the last rows."""
    page = api.get(f"{path}&limit={most}").json()
    while page["links"]["next"]:
        cursor = page["meta"]["next_cursor"]
        page = api.get(page["links"]["next"]).json()
    return str(cursor)


@pytest.mark.parametrize(
    "question",
    [
        f"{LMP}?fields=price_total",
        f"{LMP}?market=DAY_AHEAD&fields=price_total",
        f"{LMP}?location_id=3&fields=price_total",
        f"{LMP}?resample=day&fields=mean,first",
        f"{LMP}?resample=hour&fields=mean",
    ],
)
def test_a_page_of_prices_costs_the_same_wherever_it_lies(
    market: Market, api: Api, steps: Steps, question: str
) -> None:
    keys = (f"PJM:DAY_AHEAD:{place}" for place in (1, 3))
    market.load("iso.csv", lmp(*(hours(START, 24 * 160, series=key) for key in keys)))
    most = 100 if "=day" in question else 1000
    deep = last_cursor(api, question, most)
    first = steps(f"{question}&limit=10")
    assert steps(f"{question}&limit=10&cursor={deep}") < 2 * first
    page = api.get(f"{question}&limit=10&cursor={deep}").json()
    assert steps(f"{question}&limit=10&cursor={page['meta']['prev_cursor']}") < 2 * first


def test_a_page_of_observations_costs_the_same_wherever_it_lies(
    market: Market, api: Api, steps: Steps
) -> None:
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 10) for day in range(1, 21)]
    rows = [
        row
        for hub in ("A", "B")
        for day in days
        for row in months("2026-01", 12, asof_date=day, location=hub)
    ]
    market.load("curves.csv", curve_csv(rows))
    question = "/v2/curves/observations?asof_date=all&fields=mid"
    deep = last_cursor(api, question)
    first = steps(f"{question}&limit=10")
    assert steps(f"{question}&limit=10&cursor={deep}") < 2 * first


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("limit", [1, 3, 7, 10])
@pytest.mark.parametrize(
    "question",
    [
        f"{LMP}?fields=location_id,interval_start,price_total",
        f"{LMP}?fields=location_id,interval_start&block=ON_PEAK",
        f"{LMP}?fields=location_id,interval_start&location_id=2,4",
        f"{LMP}?resample=hour&fields=location_id,interval_start,mean",
        f"{LMP}?resample=day&fields=location_id,interval_start,mean",
    ],
)
def test_pages_that_end_within_and_between_series_are_the_whole_both_ways(
    market: Market, api: Api, question: str, limit: int
) -> None:
    keys = (f"PJM:DAY_AHEAD:{place}" for place in (1, 2, 3, 4))
    market.load("iso.csv", lmp(*(hours("2025-06-04T01:00Z", 7, series=key) for key in keys)))
    whole = api.rows(f"{question}&limit=1000")
    pages = [api.get(f"{question}&limit={limit}").json()]
    while pages[-1]["links"]["next"]:
        pages.append(api.get(pages[-1]["links"]["next"]).json())
    assert [row for page in pages for row in page["data"]] == whole
    back = [pages[-1]]
    while back[-1]["links"]["prev"]:
        back.append(api.get(back[-1]["links"]["prev"]).json())
    assert [row for page in reversed(back) for row in page["data"]] == whole


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_places_that_are_looked_up_some_at_a_time_are_all_named(
    market: Market, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "PLACES_AT_ONCE", 2)
    keys = ("PJM:DAY_AHEAD:1", "PJM:DAY_AHEAD:2", "PJM:REAL_TIME:3", "SPP:DAY_AHEAD:1")
    market.load("iso.csv", lmp(*(hours(START, 1, series=key) for key in keys)))
    rows = api.rows(f"{LMP}?fields=iso,location_id,location_name")
    assert [(row["iso"], row["location_name"]) for row in rows] == [
        *(("PJM", f"{place} name") for place in (1, 2, 3)),
        ("SPP", "1 name"),
    ]
