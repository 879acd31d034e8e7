"""A page reads no more than it shows, however long the history and however many the series."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from aurum.stores.embedded import EmbeddedStore
from aurum.stores.sql import Select, compose
from aurum.stores.timescale import TimescaleStore
from tests.conftest import Api, Market
from tests.iso.conftest import hours, lmp

Asked = list[tuple[Select, Mapping[str, Any]]]
PLACES, DAYS, LIMIT = 5, 40, 10


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the stores are asked for prices, in turn."""
    found: Asked = []

    def remembering(fetch: Any) -> Any:
        async def remember(store: Any, select: Select, params: Mapping[str, Any]) -> Any:
            if "FROM iso_lmp AS o" in select.sql or "CROSS JOIN iso_lmp" in select.sql:
                found.append((select, params))
            return await fetch(store, select, params)

        return remember

    for store in (EmbeddedStore, TimescaleStore):
        monkeypatch.setattr(store, "fetch", remembering(store.fetch))
    return found


def load_history(market: Market) -> None:
    start = "2025-06-01T04:00:00Z"
    series = (f"PJM:DAY_AHEAD:{place}" for place in range(1, PLACES + 1))
    market.load("iso.csv", lmp(*(hours(start, 24 * DAYS, series=key) for key in series)))


@pytest.mark.timescale
@pytest.mark.parametrize("engine", ["timescale"], indirect=True)
def test_a_page_of_one_place_reads_its_own_rows_alone(
    market: Market, api: Api, asked: Asked, settings: Any
) -> None:
    load_history(market)
    with psycopg.connect(settings.AURUM_TIMESCALE_DSN, autocommit=True) as database:
        database.execute("ANALYZE")
        first = api.get(f"/v2/iso/lmp?location_id=3&limit={LIMIT}").json()
        second = api.get(first["links"]["next"]).json()
        api.get(second["links"]["prev"])
        assert len(asked) == 4  # the page back looks for series before the only one
        for select, params in asked:
            text = f"EXPLAIN (ANALYZE, FORMAT JSON) {compose(select, 'postgres')}"
            (((found,),),) = database.execute(text, params).fetchall()
            assert max(rows_of_prices(found["Plan"])) <= LIMIT + 1


def rows_of_prices(plan: Mapping[str, Any]) -> Iterator[float]:
    """How many rows each node of a plan that reads prices has given: from the table, or from a part
    of it, which TimescaleDB gives a name of its own and a numbered alias."""
    if plan.get("Alias", "").partition("_")[0] == "o":
        yield plan["Actual Rows"] * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from rows_of_prices(part)


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_the_newest_prices_of_a_market_operator_are_not_sorted(
    market: Market, api: Api, asked: Asked, home: Path
) -> None:
    load_history(market)
    api.get("/v2/iso/lmp/latest?iso=PJM&limit=2")
    api.get("/v2/iso/lmp/latest?iso=PJM,SPP&market=DAY_AHEAD&limit=2")
    with sqlite3.connect(home / "market.sqlite3") as database:
        for select, params in asked:
            text = f"EXPLAIN QUERY PLAN {compose(select, 'sqlite')}"
            plan = [step for *_, step in database.execute(text, params)]
            assert not [step for step in plan if "TEMP B-TREE" in step], plan
    database.close()
    assert len(asked) == 2


@pytest.mark.parametrize("engine", ["embedded"], indirect=True)
def test_the_newest_days_of_v1_are_read_of_no_more_series_than_are_shown(
    market: Market, api: Api, asked: Asked, home: Path
) -> None:
    load_history(market)
    shown = api.get("/v1/iso/lmp/daily?limit=2").json()["data"]
    assert [row["location_id"] for row in shown] == ["1", "2"]
    with sqlite3.connect(home / "market.sqlite3") as database:
        read = [database.execute(compose(s, "sqlite"), p).fetchall() for s, p in asked]
    database.close()
    assert sum(map(len, read)) < PLACES
