"""Publishers' own files, and answers that were computed without this code."""

from datetime import date
from pathlib import Path

import pytest

from aurum.loads.log import Counts
from tests.conftest import Api, Market
from tests.engines import BOTH

pytestmark = [pytest.mark.data, pytest.mark.parametrize("engine", BOTH, indirect=True)]


def load(market: Market, data: Path, day: str) -> Counts:
    path = data / "curves" / "nymex_ng_yahoo" / f"forward-curve_{day}.json"
    return market.load("curves.nymex", path.read_bytes(), path.name).counts


def strip(api: Api, kind: str, label: str) -> float:
    rows = api.rows(f"/v1/curves/strips?type={kind}&asof=2026-05-29")
    return next(float(row["mid"]) for row in rows if row["tenor_label"] == label)


def test_g43_the_plain_strips_of_29_may_2026(market: Market, api: Api, data: Path) -> None:
    load(market, data, "2026-05-29")
    assert strip(api, "CALENDAR", "Calendar 2027") == pytest.approx(3.500333, abs=5e-7)
    assert strip(api, "SEASON", "Winter 2027") == pytest.approx(3.905400, abs=5e-7)
    assert strip(api, "SEASON", "Summer 2027") == pytest.approx(3.176143, abs=5e-7)


def test_g43_weighted_by_days_and_for_any_months(market: Market, api: Api, data: Path) -> None:
    load(market, data, "2026-05-29")
    months = {
        "2027-01..2028-01": (3.500333, 3.498312),
        "2026-11..2027-04": (3.905400, 3.904060),
        "2027-04..2027-11": (3.176143, 3.177070),
    }
    for span, expected in months.items():
        for weighting, price in zip(("simple", "days"), expected, strict=True):
            question = f"months={span}&weighting={weighting}&asof_date=2026-05-29"
            (row,) = api.rows(f"/v2/curves/strips?{question}")
            assert row["mid"] == pytest.approx(price, abs=5e-7), (span, weighting)
            assert row["months_covered"] == row["months_expected"]


def test_g43_the_expired_front_month_is_still_quoted(market: Market, api: Api, data: Path) -> None:
    load(market, data, "2026-05-29")
    front = api.rows("/v1/curves?asof=2026-05-29&limit=1")[0]
    assert (front["tenor_label"], front["mid"], front["price_type"]) == ("2026-06", 3.036, "LAST")


def test_g43_the_front_is_july_and_june_is_in_no_strip(
    market: Market, api: Api, data: Path
) -> None:
    load(market, data, "2026-05-29")
    (front,) = api.rows("/v2/curves/observations?contract_month=front&fields=tenor_label,mid")
    assert front["tenor_label"] == "2026-07"
    (june,) = api.rows("/v2/curves/observations?tenor_label=Jun-26&fields=mid,expiry_date")
    assert june == {"mid": 3.036, "expiry_date": "2026-05-27"}
    (whole,) = api.rows("/v2/curves/strips?months=2026-06..2026-09&asof_date=2026-05-29")
    (ahead,) = api.rows("/v2/curves/strips?months=2026-07..2026-09&asof_date=2026-05-29")
    assert whole["mid"] == ahead["mid"]
    assert (whole["months_covered"], whole["months_missing"], whole["partial"]) == (2, 1, True)


def test_every_snapshot_loads_whole_and_twice_is_once(
    market: Market, api: Api, data: Path, engine: str
) -> None:
    files = sorted((data / "curves" / "nymex_ng_yahoo").glob("forward-curve_*.json"))
    days = [path.stem.removeprefix("forward-curve_") for path in files]
    assert len(days) == 84
    if engine != "embedded":
        days = days[-5:]
    for day in days:
        assert date.fromisoformat(day)
        counts = load(market, data, day)
        assert counts.new in (34, 35)
        assert counts == Counts(new=counts.new)
        assert len(api.rows(f"/v1/curves?asof={day}")) == counts.new
    assert load(market, data, days[0]) == Counts(same=len(api.rows(f"/v1/curves?asof={days[0]}")))
