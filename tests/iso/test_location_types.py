"""Prices at places of one type, or of some."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from aurum.snapshot import current_snapshot
from aurum.stores.sql import compose
from iso.dao.prices import BESIDE_SERIES, NEWEST, selected
from iso.results import PRICES
from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH

both = pytest.mark.parametrize("engine", BOTH, indirect=True)

PLACES = (
    ("PJM", "1", "HUB", "-1"), ("PJM", "2", "ZONE", "2"), ("PJM", "3", "", "-3"),
    ("SPP", "1", "NODE", "-4"), ("SPP", "4", "HUB", "5"),
)  # fmt: skip


@pytest.fixture
def prices(market: Market) -> None:
    lines = ["iso,market,location_id,location_type,interval_start,price_total"]
    for iso, place, kind, price in PLACES:
        lines += [
            f"{iso},DAY_AHEAD,{place},{kind},2025-11-02T{hour:02}:00Z,{price}" for hour in (6, 7)
        ]
    market.load("iso.csv", "\n".join(lines) + "\n")


def places(api: Api, path: str) -> set[tuple[str, str]]:
    return {(row["iso"], row["location_id"]) for row in api.rows(path)}


HUBS = {("PJM", "1"), ("SPP", "4")}


@both
@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("location_type=hub", HUBS),
        ("location_type=HUB,NODE", HUBS | {("SPP", "1")}),
        ("location_type=NODE&iso=PJM", set()),
        ("location_type=HUB&iso=PJM", {("PJM", "1")}),
        ("location_type=HUB&iso=PJM,SPP&location_id=1", {("PJM", "1")}),
        ("location_type=ZONE&location_id=1&iso=PJM", set()),
        ("location_type=OTHER", set()),
    ],
)
def test_only_places_of_the_type_are_found(
    api: Api, asked: str, found: set[tuple[str, str]]
) -> None:
    day = "start=2025-11-02&end=2025-11-03"
    for path in ("lmp?", "lmp/latest?", "lmp?resample=hour&", "lmp?resample=day&"):
        assert places(api, f"/v2/iso/{path}{asked}") == found, path
    below = found & {(iso, place) for iso, place, _, price in PLACES if price[0] == "-"}
    assert places(api, f"/v2/iso/lmp/negative?{asked}") == below
    assert places(api, f"/v2/iso/lmp/negative?{asked}&{day}") == below


@both
@pytest.mark.usefixtures("prices")
def test_pages_of_a_type_are_the_whole(api: Api) -> None:
    for path in ("lmp", "lmp/latest", "lmp/negative"):
        asked = f"/v2/iso/{path}?location_type=HUB,NODE"
        page = api.get(f"{asked}&limit=1").json()
        rows = page["data"]
        while page["links"]["next"]:
            page = api.get(page["links"]["next"]).json()
            rows += page["data"]
        assert rows == api.rows(asked)
        assert len(rows) > 1


def test_another_type_is_refused(market: Market, api: Api) -> None:
    error = bad_field(api.get("/v2/iso/lmp?location_type=moon"), "location_type")
    assert "HUB" in error["constraint"]


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize("more", [{}, {"iso": ("PJM",)}, {"market": ("DAY_AHEAD",)}])
def test_the_newest_of_a_type_are_not_sorted(home: Path, more: dict[str, Any]) -> None:
    filters = {"location_type": ("HUB",), **more}
    order = PRICES.order[:1]
    select = selected("iso.newest", NEWEST, BESIDE_SERIES, ("price_total",), order, filters)
    values = {**select.values, **current_snapshot(PRICES.table_names).parameters}
    with sqlite3.connect(home / "market.sqlite3") as database:
        text = f"EXPLAIN QUERY PLAN {compose(select, 'sqlite')}"
        plan = [step for *_, step in database.execute(text, values)]
    database.close()
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
