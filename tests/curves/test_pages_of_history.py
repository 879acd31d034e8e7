"""Pages of whole histories: they read what they need, and no turn of the loop takes long."""

import itertools
from typing import Any

import pytest

from aurum.stores.registry import DomainStore
from curves import dao
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

DAYS = [f"2025-09-{day:02}" for day in (9, 10, 11, 12)]
HUBS = ("A", "B", "C")
UNIT = {"units_raw": "$/MWh"}
STRIPS = "/v2/curves/strips?asof_date=all&months=2026-01..2026-04"


@pytest.fixture
def history(market: Market) -> None:
    """Three curves of twelve months on four days, and a quote on one of them."""
    rows: list[dict[str, Any]] = []
    for hub, day in itertools.product(HUBS, DAYS):
        rows += months("2026-01", 12, asof_date=day, location=hub, **UNIT)
    rows.append({"tenor_label": "Q2 2026", "mid": 9, "asof_date": DAYS[1], "location": "B"})
    market.load("curves.csv", curve_csv(rows))


@pytest.fixture(params=[(1, 5), (13, 13), (500, 20_000)], ids=str)
def rows_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads that end within a day, with a day, and with the history."""
    first, most = request.param
    monkeypatch.setattr(dao, "ROWS_AT_FIRST", first)
    monkeypatch.setattr(dao, "MOST_ROWS", most)


def walk(api: Api, path: str | None, direction: str) -> list[dict[str, Any]]:
    """The answers from a path on."""
    found = []
    while path:
        found.append(api.get(path).json())
        path = found[-1]["links"][direction]
    return found


@pytest.mark.parametrize(
    "question",
    [
        "/v2/curves/strips?asof_date=all",
        "/v2/curves/strips?asof_date=all&weighting=hours&type=QUARTER",
        STRIPS,
        "/v2/curves/strips?asof_date=2025-09-10..2025-09-12",
        "/v2/curves/strips",
    ],
)
def test_pages_of_any_size_are_the_whole_both_ways(
    history: None, rows_at_once: None, api: Api, question: str
) -> None:
    joint = "&" if "?" in question else "?"
    whole = api.rows(f"{question}{joint}limit=1000")
    assert len(whole) >= len(HUBS)
    for limit in (2, 7):
        pages = walk(api, f"{question}{joint}limit={limit}", "next")
        assert [row for page in pages for row in page["data"]] == whole
        back = walk(api, pages[-1]["links"]["prev"], "prev")
        rows = [row for page in (*reversed(back), pages[-1]) for row in page["data"]]
        assert rows == whole


def test_spreads_of_all_dates_are_the_whole_both_ways(
    history: None, rows_at_once: None, api: Api
) -> None:
    a, b = (row["curve_key"] for row in api.rows("/v2/curves?limit=2"))
    question = f"/v2/curves/spreads?leg_a={a}&leg_b={b}&asof_date=all"
    whole = api.rows(f"{question}&limit=1000")
    assert len(whole) == 12 * len(DAYS)
    first = api.get(f"{question}&limit=17").json()
    second = api.get(first["links"]["next"]).json()
    again = api.get(second["links"]["prev"]).json()
    assert first["data"] + second["data"] == whole[:34]
    assert again["data"] == first["data"]


def test_legs_are_paired_on_the_dates_that_both_have(
    market: Market, rows_at_once: None, api: Api
) -> None:
    rows = months("2026-01", 3, asof_date=DAYS[0], location="A", **UNIT)
    for hub, days in (("A", DAYS[2:]), ("B", DAYS[:3])):
        rows += [
            row for day in days for row in months("2026-01", 3, asof_date=day, location=hub, **UNIT)
        ]
    market.load("curves.csv", curve_csv(rows))
    a, b = (row["curve_key"] for row in api.rows("/v2/curves?limit=2"))
    found = api.rows(f"/v2/curves/spreads?leg_a={a}&leg_b={b}&asof_date=all")
    assert [row["asof_date"] for row in found] == [DAYS[0]] * 3 + [DAYS[2]] * 3


@pytest.mark.parametrize(
    "path", ["/v2/curves/strips?asof_date=all&limit=1", f"{STRIPS}&limit=1", "spreads"]
)
def test_a_page_of_one_row_reads_no_history(
    history: None, api: Api, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(dao, "ROWS_AT_FIRST", 30)
    if path == "spreads":
        a, b = (row["curve_key"] for row in api.rows("/v2/curves?limit=2"))
        path = f"/v2/curves/spreads?leg_a={a}&leg_b={b}&asof_date=all&limit=1"
    read: list[int] = []
    rows_from = DomainStore.rows_from

    async def counted(self: DomainStore, *args: Any) -> Any:
        rows = await rows_from(self, *args)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(DomainStore, "rows_from", counted)
    assert len(api.rows(path)) == 1
    assert max(read) == 30  # of 145
