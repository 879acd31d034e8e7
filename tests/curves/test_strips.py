"""`GET /v1/curves/strips`: quoted strips, and strips derived from their months."""

from typing import Any

import pytest

from tests.conftest import Api, Market
from tests.curves.test_points import COLUMNS, walk
from tests.engines import BOTH
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)


def strips(api: Api, kind: str, **more: Any) -> dict[str, float]:
    rows = api.rows("/v1/curves/strips", params={"type": kind, **more})
    return {row["tenor_label"]: row["mid"] for row in rows}


def test_a_strip_is_the_plain_mean_of_its_months(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2026-01", 24, asof_date="2025-12-15")))
    assert strips(api, "CALENDAR") == {"Calendar 2026": 55.5, "Calendar 2027": 67.5}
    quarters = strips(api, "QUARTER")
    assert quarters["Q1 2026"] == 51.0
    assert len(quarters) == 8


def test_the_current_period_has_the_months_from_the_valuation_month_on(
    market: Market, api: Api
) -> None:
    rows = months("2025-07", 21, price=7, asof_date="2025-07-29")
    market.load("curves.csv", curve_csv(rows))
    assert strips(api, "CALENDAR") == {"Calendar 2025": 9.5, "Calendar 2026": 18.5}
    assert strips(api, "SEASON") == {
        "Summer 2025": 8.5,  # July to October
        "Winter 2026": 13.0,  # November to March, named for the year it ends in
        "Summer 2026": 19.0,
        "Winter 2027": 25.0,
    }


def test_a_winter_under_way_is_the_mean_of_what_is_left(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-02", 2, price=2, asof_date="2025-02-12")))
    assert strips(api, "SEASON") == {"Winter 2025": 2.5}


def test_a_strip_that_lacks_a_month_ahead_is_left_out(market: Market, api: Api) -> None:
    rows = [row for row in months("2026-01", 12) if row["contract_month"] != "2026-05"]
    market.load("curves.csv", curve_csv(rows))
    assert strips(api, "CALENDAR") == {}
    assert set(strips(api, "QUARTER")) == {"Q1 2026", "Q3 2026", "Q4 2026"}


def test_a_strip_that_lacks_the_month_of_its_valuation_date_is_left_out(
    market: Market, api: Api
) -> None:
    rows = months("2025-12", 4, asof_date="2025-11-28")
    market.load("curves.csv", curve_csv(rows))
    assert set(strips(api, "QUARTER")) == {"Q1 2026"}
    market.load("curves.csv", curve_csv([{**rows[0], "contract_month": "2025-11"}, *rows]))
    assert strips(api, "QUARTER") == {"Q4 2025": 50.0, "Q1 2026": 52.0}


def test_the_row_is_an_ordinary_curve_row(market: Market, api: Api) -> None:
    rows = months("2026-01", 12, price=10, step=0, price_type="SETTLE", bid=9, ask=11)
    market.load("curves.csv", curve_csv(rows))
    (row,) = api.rows("/v1/curves/strips?type=CALENDAR")
    assert list(row) == COLUMNS
    assert (row["tenor_type"], row["contract_month"]) == ("CALENDAR", "2026-01-01")
    assert (row["mid"], row["bid"], row["ask"], row["price_type"]) == (10.0, 9.0, 11.0, "SETTLE")


def test_price_types_are_averaged_apart(market: Market, api: Api) -> None:
    rows = months("2026-01", 12, step=0) + months("2026-01", 12, 80, 0, price_type="LAST")
    market.load("curves.csv", curve_csv(rows))
    found = [(r["price_type"], r["mid"]) for r in api.rows("/v1/curves/strips?type=CALENDAR")]
    assert found == [("LAST", 80.0), ("MID", 50.0)]


def test_a_bid_that_one_month_lacks_is_no_bid_of_the_strip(market: Market, api: Api) -> None:
    rows = [{**row, "bid": 1 if index else ""} for index, row in enumerate(months("2026-01", 12))]
    market.load("curves.csv", curve_csv(rows))
    assert api.rows("/v1/curves/strips?type=CALENDAR")[0]["bid"] is None


def test_a_quoted_strip_stands_in_its_own_spelling(market: Market, api: Api) -> None:
    rows = [*months("2026-04", 3), {"tenor_label": "2026-Q2", "mid": 99}]
    market.load("curves.csv", curve_csv(rows))
    assert strips(api, "QUARTER") == {"2026-Q2": 99.0}


def test_a_derived_strip_is_newer_than_an_older_quote(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv([{"tenor_label": "Q2 2026", "mid": 99}]))
    market.load("curves.csv", curve_csv(months("2026-04", 3, asof_date="2025-09-15")))
    (row,) = api.rows("/v1/curves/strips?type=QUARTER")
    assert (row["mid"], row["asof_date"]) == (51.0, "2025-09-15")
    assert strips(api, "QUARTER", asof="2025-09-12") == {"Q2 2026": 99.0}


def test_months_of_an_older_valuation_date_do_not_mix_in(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2026-04", 3, asof_date="2025-09-11")))
    market.load("curves.csv", curve_csv(months("2026-04", 2, asof_date="2025-09-12")))
    assert strips(api, "QUARTER") == {}
    assert set(strips(api, "QUARTER", asof="2025-09-11")) == {"Q2 2026"}


def test_pages_cover_all_strips_of_many_curves(market: Market, api: Api) -> None:
    rows = [
        {**row, "location": f"Hub {hub:02}"} for hub in range(30) for row in months("2026-01", 12)
    ]
    market.load("curves.csv", curve_csv(rows))
    whole = api.rows("/v1/curves/strips?type=QUARTER&limit=500")
    assert len(whole) == 120
    forward, backward = walk(api, "/v1/curves/strips?type=QUARTER", 50)
    assert forward == whole
    assert backward == whole[:100]
    offset = api.rows("/v1/curves/strips?type=QUARTER&limit=10&offset=95")
    assert offset == whole[95:105]


def test_the_kind_must_be_said(market: Market, api: Api) -> None:
    answer = api.get("/v1/curves/strips?type=CALENDER")
    (error,) = answer.json()["errors"]
    assert "did you mean 'CALENDAR'?" in error["message"]
    assert api.get("/v1/curves/strips").json()["errors"][0]["code"] == "required"
