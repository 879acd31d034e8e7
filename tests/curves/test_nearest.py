"""`asof_date=nearest:…`: each curve's newest valuation date on or before a day."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aurum.api import v2
from aurum.snapshot import current_snapshot
from aurum.stores.sql import Select, compose
from curves import dao
from curves.results import OBSERVATIONS
from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH
from tests.factories import curve_csv, months

OBSERVED = "/v2/curves/observations?fields=location,asof_date,mid"
DAYS = {
    "A": ("2025-09-24", "2025-09-26", "2025-09-30"),
    "B": ("2025-09-24", "2025-09-25", "2025-09-30"),
}
both = pytest.mark.parametrize("engine", BOTH, indirect=True)


@pytest.fixture
def history(market: Market) -> None:
    market.load(
        "curves.csv",
        curve_csv(
            row
            for hub, days in DAYS.items()
            for day in days
            for row in months("2026-01", 3, asof_date=day, location=hub, units_raw="$/MWh")
        ),
    )


def dates(api: Api, path: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in api.rows(path):
        found.setdefault(row.get("location", ""), set()).add(row["asof_date"])
    return found


@both
@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2025-09-27", {"A": {"2025-09-26"}, "B": {"2025-09-25"}}),
        ("2025-09-26", {"A": {"2025-09-26"}, "B": {"2025-09-25"}}),
        ("2025-09-25", {"A": {"2025-09-24"}, "B": {"2025-09-25"}}),
        ("9999-12-31", {"A": {"2025-09-30"}, "B": {"2025-09-30"}}),
    ],
)
def test_each_curve_has_its_own(
    history: None, api: Api, day: str, found: dict[str, set[str]]
) -> None:
    assert dates(api, f"{OBSERVED}&asof_date=nearest:{day}") == found
    strips = f"/v2/curves/strips?months=2026-01..2026-03&asof_date=nearest:{day}&location="
    assert {hub: dates(api, strips + hub)[""] for hub in DAYS} == found
    front = f"{OBSERVED}&contract_month=front&asof_date=nearest:{day}"
    assert dates(api, front) == found


@both
def test_its_pages_are_the_whole(history: None, api: Api) -> None:
    asked = f"{OBSERVED}&asof_date=nearest:2025-09-27"
    page = api.get(f"{asked}&limit=2").json()
    rows = page["data"]
    while page["links"]["next"]:
        page = api.get(page["links"]["next"]).json()
        rows += page["data"]
    assert rows == api.rows(asked)
    assert len(rows) == 6


@both
def test_a_day_before_the_first_says_so(history: None, api: Api) -> None:
    answer = api.get(f"{OBSERVED}&asof_date=nearest:2025-09-23").json()
    assert (answer["data"], answer["meta"]["reason"]) == ([], "outside_coverage")
    later = api.get(f"{OBSERVED}&asof_date=nearest:2025-09-27&location=C").json()
    assert later["meta"]["reason"] == "no_match"


@both
@pytest.mark.parametrize(
    ("day", "found"), [("2025-10-01", {"2025-09-30"}), ("2025-09-29", {"2025-09-24"})]
)
def test_spreads_have_the_newest_of_both(
    history: None, api: Api, day: str, found: set[str]
) -> None:
    a, b = (row["curve_key"] for row in api.rows("/v2/curves?limit=2"))
    asked = f"/v2/curves/spreads?leg_a={a}&leg_b={b}&asof_date=nearest:"
    assert dates(api, asked + day) == {"": found}
    too_early = api.get(asked + "2025-09-23").json()
    assert (too_early["data"], too_early["meta"]["reason"]) == ([], "outside_coverage")


@both
def test_curves_without_a_common_date_have_no_spread(
    history: None, market: Market, api: Api
) -> None:
    rows = months("2026-01", 1, asof_date="2025-09-28", location="C", units_raw="$/MWh")
    market.load("curves.csv", curve_csv(rows))
    a, c = (api.rows(f"/v2/curves?location={hub}")[0]["curve_key"] for hub in "AC")
    for asked in ("latest", "nearest:2025-09-29"):
        answer = api.get(f"/v2/curves/spreads?leg_a={a}&leg_b={c}&asof_date={asked}").json()
        assert (answer["data"], answer["meta"]["reason"]) == ([], "no_match")


@pytest.mark.django_db(transaction=True)  # known_at is looked up in a thread of its own
def test_it_is_what_was_known_then(history: None, market: Market, api: Api) -> None:
    known = api.get(OBSERVED).json()["meta"]["known_at"]
    rows = months("2026-01", 1, asof_date="2025-09-27", location="A", units_raw="$/MWh")
    market.load("curves.csv", curve_csv(rows))
    asked = f"{OBSERVED}&location=A&asof_date=nearest:2025-09-28"
    assert dates(api, asked) == {"A": {"2025-09-27"}}
    assert dates(api, f"{asked}&known_at={known}") == {"A": {"2025-09-26"}}


def test_the_day_may_lie_back(history: None, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v2, "this_moment", lambda: datetime(2025, 9, 28, 12, tzinfo=UTC))
    answer = api.get(f"{OBSERVED}&asof_date=nearest:yesterday")
    assert {row["asof_date"] for row in answer.json()["data"]} == {"2025-09-25", "2025-09-26"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "value", ["nearest:2025-09", "nearest:", "nearest:all", "nearest:2025-02-30"]
)
def test_only_a_date_has_a_nearest(market: Market, api: Api, value: str) -> None:
    assert (
        "nearest:" in bad_field(api.get(f"{OBSERVED}&asof_date={value}"), "asof_date")["constraint"]
    )
    assert api.get(f"{OBSERVED}&contract_month=nearest:2025-09-27").status_code == 400


def test_the_date_is_looked_up_in_the_index(history: None, home: Path) -> None:
    snapshot = current_snapshot(OBSERVATIONS.table_names)
    select = Select(dao.OF_NEAREST_DATE, dao.BESIDE_CURVE, ("mid",), dao.BY_KEY)
    with sqlite3.connect(home / "market.sqlite3") as database:
        text = f"EXPLAIN QUERY PLAN {compose(select, 'sqlite')}"
        values = {**snapshot.parameters, "nearest": "2025-09-27"}
        plan = [step for *_, step in database.execute(text, values)]
    database.close()
    assert any("(curve_key=? AND asof_date<?)" in step for step in plan), plan
