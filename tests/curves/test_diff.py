"""`GET /v1/curves/diff`."""

from typing import Any

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import PJM_WEST_KEY, curve_csv

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

BETWEEN = "/v1/curves/diff?asof_a=2025-09-11&asof_b=2025-09-12&iso=PJM"


def on(day: str, *rows: dict[str, Any]) -> str:
    return curve_csv({"contract_month": "2025-10", "asof_date": day, **row} for row in rows)


def test_it_answers_the_ten_fields_in_their_order(market: Market, api: Api) -> None:
    market.load("curves.csv", on("2025-09-11", {"mid": 50}))
    market.load("curves.csv", on("2025-09-12", {"mid": 55}))
    (row,) = api.rows(BETWEEN)
    assert list(row.items()) == [
        ("curve_key", PJM_WEST_KEY),
        ("tenor_label", "2025-10"),
        ("tenor_type", "MONTHLY"),
        ("contract_month", "2025-10-01"),
        ("asof_a", "2025-09-11"),
        ("mid_a", 50.0),
        ("asof_b", "2025-09-12"),
        ("mid_b", 55.0),
        ("diff_abs", 5.0),
        ("diff_pct", 0.1),
    ]


@pytest.mark.parametrize(
    ("mid_a", "mid_b", "change", "fraction"),
    [(0, 5, 5.0, None), (-20, -10, 10.0, -0.5), (50, 50, 0.0, 0.0), (0.1, 0.3, 0.2, 2.0)],
)
def test_the_fraction_is_of_the_first_price(
    market: Market, api: Api, mid_a: float, mid_b: float, change: float, fraction: float | None
) -> None:
    market.load("curves.csv", on("2025-09-11", {"mid": mid_a}))
    market.load("curves.csv", on("2025-09-12", {"mid": mid_b}))
    (row,) = api.rows(BETWEEN)
    assert (row["diff_abs"], row["diff_pct"]) == (change, fraction)


def test_a_missing_middle_gives_no_change(market: Market, api: Api) -> None:
    market.load("curves.csv", on("2025-09-11", {"mid": "", "bid": 4}))
    market.load("curves.csv", on("2025-09-12", {"mid": 5}))
    (row,) = api.rows(BETWEEN)
    assert (row["mid_a"], row["diff_abs"], row["diff_pct"]) == (None, None, None)


def test_price_types_are_not_mixed(market: Market, api: Api) -> None:
    for day, base in (("2025-09-11", 50), ("2025-09-12", 51)):
        market.load("curves.csv", on(day, {"mid": base}, {"mid": base + 9, "price_type": "SETTLE"}))
    rows = api.rows(BETWEEN)
    assert [(row["mid_a"], row["mid_b"]) for row in rows] == [(50.0, 51.0), (59.0, 60.0)]


def test_a_tenor_quoted_on_one_date_alone_is_left_out(market: Market, api: Api) -> None:
    market.load(
        "curves.csv", on("2025-09-11", {"mid": 50}, {"mid": 1, "contract_month": "2025-11"})
    )
    market.load(
        "curves.csv", on("2025-09-12", {"mid": 55}, {"mid": 1, "contract_month": "2025-12"})
    )
    assert [row["tenor_label"] for row in api.rows(BETWEEN)] == ["2025-10"]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("asof_a=2025-09-11&asof_b=2025-09-11&iso=PJM", "asof_b", "same_date"),
        ("asof_a=2024-09-11&asof_b=2025-09-12&iso=PJM", "asof_b", "too_far"),
        ("asof_a=2025-09-11&asof_b=2025-09-12", "curve_key", "dimension_required"),
        ("asof_a=2025-09-11&asof_b=2025-09-12&tenor_type=MONTHLY", "curve_key",
         "dimension_required"),
        ("asof_b=2025-09-12&iso=PJM", "asof_a", "required"),
        ("asof_a=11.9.2025&asof_b=2025-09-12&iso=PJM", "asof_a", "invalid"),
        ("asof_a=2025-9-1&asof_b=2025-09-12&iso=PJM", "asof_a", "invalid"),
        ("asof_a=2025-09-11&asof_b=2025-09-12&iso=PJM&format=csv", "format", "unknown_parameter"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_with_the_reason(
    market: Market, api: Api, query: str, field: str, code: str
) -> None:
    answer = api.get(f"/v1/curves/diff?{query}")
    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_365_days_apart_is_still_allowed(market: Market, api: Api) -> None:
    assert api.rows("/v1/curves/diff?asof_a=2024-09-12&asof_b=2025-09-12&iso=PJM") == []
