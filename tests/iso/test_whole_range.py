"""`resample=all`: one number of a range; and `below`: only the prices below one."""

from typing import Any

import pytest

from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

LMP = "/v2/iso/lmp"
MIDNIGHT = "2025-03-01T05:00:00Z"
DAYS = 45


@pytest.fixture
def prices(market: Market, engine: str) -> None:
    """Forty-five days of two places from midnight in New York on, over the change of the clock:
    0, 1, 2… USD/MWh."""
    market.load(
        "iso.csv",
        lmp(
            hours(MIDNIGHT, 24 * DAYS - 1),
            hours(MIDNIGHT, 24 * DAYS - 1, lambda n: -float(n), series="PJM:DAY_AHEAD:other"),
        ),
    )


def rows(api: Api, **asked: Any) -> list[dict[str, Any]]:
    return api.rows(LMP, params=asked)


@pytest.mark.usefixtures("prices")
def test_all_is_one_number_of_each_series(api: Api) -> None:
    found = rows(api, resample="all", start="2025-03-01", end="2025-04-15", fields="*")
    assert len(found) == 2
    for row, sign in zip(found, (1, -1), strict=True):
        count = 24 * DAYS - 1
        assert row["count"] == row["expected"] == count
        assert row["partial"] is False
        assert row["mean"] == sign * (count - 1) / 2
        assert row["sum"] == sign * (count - 1) / 2 * count
        assert {row["min"], row["max"]} == {0.0, sign * (count - 1.0)}
        assert (row["interval_start"], row["interval_end"]) == (MIDNIGHT, "2025-04-15T04:00:00Z")


@pytest.mark.usefixtures("prices")
def test_a_range_of_instants_is_its_own_bucket(api: Api) -> None:
    (row, _) = rows(
        api, resample="all", start="2025-03-02T07:00:00Z", end="2025-03-20T12:00:00Z", fields="*"
    )
    assert row["count"] == row["expected"] == 18 * 24 + 5
    assert row["mean"] == 26 + (row["count"] - 1) / 2
    assert row["interval_start"] == "2025-03-02T07:00:00Z"
    assert row["interval_end"] == "2025-03-20T12:00:00Z"


@pytest.mark.usefixtures("prices")
def test_what_lies_outside_of_the_data_is_missing(api: Api) -> None:
    (row, _) = rows(api, resample="all", start="2025-02-01", end="2025-03-03")
    assert (row["count"], row["expected"], row["partial"]) == (48, 30 * 24, True)


@pytest.mark.usefixtures("prices")
def test_all_agrees_with_the_months_and_pages_as_they_do(api: Api) -> None:
    asked = {"start": "2025-03-01", "end": "2025-05-01", "block": "ON_PEAK", "agg": "mean,std"}
    months = rows(api, **asked, resample="month", location_id="1")
    (one,) = rows(api, **asked, resample="all", location_id="1")
    assert one["count"] == sum(month["count"] for month in months)
    assert one["expected"] == sum(month["expected"] for month in months)
    weighted = sum(month["mean"] * month["count"] for month in months) / one["count"]
    assert one["mean"] == pytest.approx(weighted)
    first = api.get(LMP, params={**asked, "resample": "all", "limit": 1}).json()
    second = api.get(first["links"]["next"]).json()
    assert second["links"]["next"] is None
    assert first["data"] + second["data"] == rows(api, **asked, resample="all")
    assert api.get(second["links"]["prev"]).json()["data"] == first["data"]


@pytest.mark.usefixtures("prices")
def test_a_spread_over_a_range_is_one_number(api: Api) -> None:
    legs = {"leg_a": "PJM:DAY_AHEAD:1", "leg_b": "PJM:DAY_AHEAD:other"}
    (row,) = api.rows(
        "/v2/iso/spreads",
        params={**legs, "resample": "all", "start": "2025-03-01", "end": "2025-03-03"},
    )
    assert (row["spread"], row["count_a"], row["partial"]) == (47.0, 48, False)


@pytest.mark.parametrize("path", [LMP, "/v2/iso/spreads"])
def test_all_needs_a_range(market: Market, api: Api, path: str) -> None:
    legs = {} if path == LMP else {"leg_a": "PJM:DAY_AHEAD:1", "leg_b": "PJM:DAY_AHEAD:2"}
    for more in ({}, {"start": "2025-03-01"}, {"end": "2025-03-01"}):
        error = bad_field(api.get(path, params={**legs, "resample": "all", **more}), "resample")
        assert error["code"] == "range_needed"


@pytest.mark.usefixtures("prices")
def test_none_is_as_if_it_were_absent(api: Api) -> None:
    assert rows(api, resample="none", limit=5) == rows(api, limit=5)
    assert bad_field(api.get(LMP, params={"resample": "none", "agg": "mean"}), "agg")


@pytest.mark.usefixtures("prices")
def test_below_counts_the_prices_below_one(api: Api) -> None:
    asked = {"start": "2025-03-01", "end": "2025-04-15"}
    found = rows(api, **asked, resample="all", agg="count,max", below="-10.5")
    assert [(row["location_id"], row["count"], row["max"]) for row in found] == [
        ("other", 24 * DAYS - 12, -11.0)
    ]
    assert "partial" not in found[0]
    assert "expected" not in found[0]
    assert bad_field(
        api.get(LMP, params={**asked, "resample": "day", "below": 0, "fields": "partial"}), "fields"
    )
    assert {row["price_total"] for row in rows(api, below=2, location_id="1")} == {0.0, 1.0}
    assert bad_field(api.get(LMP, params={"below": "cheap"}), "below")["constraint"].startswith(
        "a number"
    )
