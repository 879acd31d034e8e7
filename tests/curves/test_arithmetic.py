"""v2's diff, strips and spreads over HTTP; their formulas."""

from typing import Any

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.factories import PJM_WEST_KEY, curve_csv, months, nymex

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

STRIPS, SPREADS = "/v2/curves/strips", "/v2/curves/spreads"
GAS = {"asset_class": "gas", "iso": "", "location": "Henry Hub", "units_raw": "$/MMBtu"}


def strips(api: Api, query: str) -> dict[str, Any]:
    return {row["tenor_label"]: row for row in api.rows(f"{STRIPS}?{query}")}


def test_a_diff_names_what_came_went_and_changed(market: Market, api: Api) -> None:
    for day, rows in (
        ("2025-09-11", [("2025-10", 50), ("2025-11", 60), ("2026-01", -20), ("2026-02", 0)]),
        ("2025-09-12", [("2025-10", 55), ("2025-12", 70), ("2026-01", -10), ("2026-02", 0)]),
    ):
        made = [{"contract_month": m, "mid": mid, "asof_date": day} for m, mid in rows]
        market.load("curves.csv", curve_csv(made))
    path = "/v2/curves/diff?asof_date_a=2025-09-11&asof_date_b=2025-09-12"
    found = [
        (r["tenor_label"], r["status"], r["change"], r["change_fraction"]) for r in api.rows(path)
    ]
    assert found == [
        ("2025-10", "changed", 5.0, 0.1),
        ("2025-11", "removed", None, None),
        ("2025-12", "added", None, None),
        ("2026-01", "changed", 10.0, 0.5),  # of |mid_a|: a rise is a rise
    ]
    (same,) = api.rows(f"{path}&status=unchanged")
    assert (same["tenor_label"], same["change"], same["change_fraction"]) == ("2026-02", 0.0, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("asof_date_a=2025-09-11", "asof_date_b"),
        ("", "asof_date_a"),
        ("asof_date_a=2025-09-11&asof_date_b=2025-09-11", "asof_date_b"),
        ("asof_date=2025-09-11", "known_at_a"),
        ("asof_date=2025-09-11&asof_date_a=2025-09-11", "asof_date_a"),
    ],
)
def test_a_diff_of_nothing_is_refused(market: Market, api: Api, query: str, field: str) -> None:
    answer = api.get(f"/v2/curves/diff?{query}")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_strips_say_how_much_of_them_is_known(market: Market, api: Api) -> None:
    rows = [r for r in months("2025-09", 10) if r["contract_month"] != "2026-02"]
    market.load("curves.csv", curve_csv(rows))
    found = strips(api, "type=QUARTER")
    facts = ("months_expected", "months_covered", "months_missing", "partial")
    assert [found["Q3 2025"][fact] for fact in facts] == [3, 1, 0, True]
    assert [found["Q4 2025"][fact] for fact in facts] == [3, 3, 0, False]
    assert [found["Q1 2026"][fact] for fact in facts] == [3, 2, 1, True]


def test_the_month_of_the_valuation_date_counts_as_still_to_deliver(
    market: Market, api: Api
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3, asof_date="2025-09-30")))
    market.load("curves.csv", curve_csv(months("2025-12", 4, asof_date="2025-11-28", iso="MISO")))
    found = {
        (row["asof_date"], row["tenor_label"]): row["months_missing"]
        for row in api.rows(f"{STRIPS}?type=QUARTER&asof_date=all")
    }
    assert found == {
        ("2025-09-30", "Q4 2025"): 0,
        ("2025-11-28", "Q4 2025"): 1,  # November itself; October is delivered
        ("2025-11-28", "Q1 2026"): 0,
    }


def test_an_expired_contract_is_in_no_strip_and_is_not_the_front(market: Market, api: Api) -> None:
    expiry = {"2026-06": "2026-05-27", "2026-07": "2026-06-26"}
    prices = {"2026-06": 3.0, "2026-07": 4.0, "2026-08": 6.0}
    for day in ("2026-05-27", "2026-05-29"):
        market.load("curves.nymex", nymex(prices, day, expiry))
    facts = ("mid", "months_covered", "months_missing", "partial")
    found = {
        row["asof_date"]: [row[fact] for fact in facts]
        for row in api.rows(f"{STRIPS}?months=2026-06..2026-09&asof_date=all")
    }
    assert found == {
        "2026-05-27": [round(13 / 3, 10), 3, 0, False],  # the day on which June trades last
        "2026-05-29": [5.0, 2, 1, True],
    }
    assert api.rows(f"{STRIPS}?months=2026-06&asof_date=2026-05-29") == []
    question = "/v2/curves/observations?contract_month=front&fields=asof_date,tenor_label"
    assert [row["tenor_label"] for row in api.rows(f"{question}&asof_date=all")] == [
        "2026-06", "2026-07",
    ]  # fmt: skip
    assert [row["tenor_label"] for row in api.rows(question)] == ["2026-07"]


def test_the_front_of_a_curve_without_expiries_is_its_first_month(market: Market, api: Api) -> None:
    strip = {"tenor_label": "Calendar 2026", "mid": 1}
    market.load("curves.csv", curve_csv([strip, *months("2026-02", 3)]))
    (row,) = api.rows("/v2/curves/observations?contract_month=front")
    assert row["tenor_label"] == "2026-02"


def test_any_range_of_months_is_a_strip(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2026-11", 6, price=1)))
    strip = strips(api, "months=2026-11..2027-04")["2026-11..2027-04"]
    assert (strip["mid"], strip["first_month"], strip["last_month"]) == (
        3.0, "2026-11-01", "2027-03-01",
    )  # fmt: skip
    assert strips(api, "months=2026-12")["2026-12"]["mid"] == 2.0


@pytest.mark.parametrize(
    ("value", "code"),
    [("2026-11..2026-11", "range_size"), ("2026-11-01..2027-01-01", "invalid"),
     ("2026-01..2040-01", "range_size"), ("winter", "invalid")],
)  # fmt: skip
def test_months_that_make_no_strip_are_refused(
    market: Market, api: Api, value: str, code: str
) -> None:
    (error,) = api.get(f"{STRIPS}?months={value}").json()["errors"]
    assert (error["field"], error["code"]) == ("months", code)


def test_days_weigh_months_by_their_length(market: Market, api: Api) -> None:
    rows = [{"contract_month": f"2026-0{n}", "mid": mid} for n, mid in ((1, 10), (2, 20), (3, 30))]
    market.load("curves.csv", curve_csv(rows))
    mean = (10 * 31 + 20 * 28 + 30 * 31) / 90
    assert strips(api, "type=QUARTER&weighting=days")["Q1 2026"]["mid"] == round(mean, 10)


@pytest.mark.parametrize(
    ("iso", "block", "hours"),
    [
        # January to March 2026, counted by hand: weekdays less NERC holidays times 16, and so on.
        ("PJM", "ON_PEAK", (336, 320, 352)),
        ("PJM", "OFF_PEAK", (408, 352, 391)),
        ("PJM", "7X24", (744, 672, 743)),
        ("MISO", "7X24", (744, 672, 743)),
        ("CAISO", "ON_PEAK", (416, 384, 416)),
        ("ERCOT", "ON_PEAK", (336, 320, 352)),
    ],
)
def test_hours_weigh_months_by_their_block(
    market: Market, api: Api, iso: str, block: str, hours: tuple[int, ...]
) -> None:
    prices = (10, 20, 40)
    rows = [
        {"contract_month": f"2026-0{n}", "mid": mid, "iso": iso, "block": block}
        for n, mid in enumerate(prices, 1)
    ]
    market.load("curves.csv", curve_csv(rows))
    expected = sum(p * h for p, h in zip(prices, hours, strict=True)) / sum(hours)
    assert strips(api, "type=QUARTER&weighting=hours")["Q1 2026"]["mid"] == round(expected, 10)


def test_without_a_calendar_hours_give_no_price_and_say_so(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv([{**row, **GAS} for row in months("2026-01", 3)]))
    strip = strips(api, "type=QUARTER&weighting=hours")["Q1 2026"]
    assert (strip["mid"], strip["note"]) == (None, "no_calendar")


def test_a_quoted_strip_says_that_it_is_quoted(market: Market, api: Api) -> None:
    rows = [*months("2026-04", 3), {"tenor_label": "2026-Q2", "mid": 99}]
    market.load("curves.csv", curve_csv(rows))
    (row,) = api.rows(f"{STRIPS}?type=QUARTER")
    assert (row["origin"], row["mid"], row["tenor_label"]) == ("quoted", 99.0, "2026-Q2")


def legs(market: Market, power: str, gas: str) -> str:
    """Loads two curves; the query that names them."""
    market.load("curves.csv", curve_csv(months("2026-01", 3, 80, 0, units_raw=power)))
    market.load(
        "curves.csv",
        curve_csv([{**row, **GAS, "units_raw": gas} for row in months("2026-02", 3, 30, 0)]),
    )
    return f"leg_a={PJM_WEST_KEY}"


def gas_key(api: Api) -> str:
    return str(api.rows("/v2/curves?asset_class=gas")[0]["curve_key"])


def test_a_spread_is_of_common_tenors(market: Market, api: Api) -> None:
    leg_a = legs(market, "$/MWh", "$/MWh")
    rows = api.rows(f"{SPREADS}?{leg_a}&leg_b={gas_key(api)}")
    assert [(r["tenor_label"], r["mid_a"], r["mid_b"], r["spread"]) for r in rows] == [
        ("2026-02", 80.0, 30.0, 50.0),
        ("2026-03", 80.0, 30.0, 50.0),
    ]


@pytest.mark.parametrize(
    ("power", "gas", "terms", "spread"),
    [
        ("EUR/MWh", "EUR/MWh", "heat_rate=2&heat_rate_unit=MWh/MWh", 20.0),
        ("$/MWh", "$/MMBtu", "heat_rate=2.5", 5.0),
        ("$/MWh", "$/MMBtu", "", 80 - 30 / 0.29307107),
        ("$/MWh", "c/kWh", "", 80 - 300.0),
        ("EUR/MWh", "$/MWh", "fx_rate=0.9", 80 - 27.0),
        ("$/MWh", "$/MWh", "unit=c/kWh", 5.0),
        ("GBP/MWh", "p/therm", "heat_rate=2.0354162426&heat_rate_unit=MWh/MWh", 80 - 0.6945 * 30),
    ],
)
def test_legs_are_brought_into_one_unit(
    market: Market, api: Api, power: str, gas: str, terms: str, spread: float
) -> None:
    leg_a = legs(market, power, gas)
    row = api.rows(f"{SPREADS}?{leg_a}&leg_b={gas_key(api)}&{terms}")[0]
    assert row["spread"] == pytest.approx(spread, rel=1e-4)


@pytest.mark.parametrize(
    ("power", "gas", "terms", "field"),
    [
        ("$/MWh", "$/MW", "", "leg_b"),
        ("$/MWh", "EUR/MWh", "", "leg_b"),
        ("$/MWh", "$/tonne", "heat_rate=2", "leg_b"),
        ("$/MWh", "$/MMBtu", "unit=furlong", "unit"),
        ("$/MWh", "$/MMBtu", "heat_rate=2&heat_rate_unit=furlong", "heat_rate_unit"),
        ("$/MWh", "$/MMBtu", "unit=$/MW", "leg_a"),
        ("$/MWh", "$/MMBtu", "heat_rate=0", "heat_rate"),
        ("$/MWh", "$/MMBtu", "heat_rate=2&fx_rate=2", "fx_rate"),
        ("$/MWh", "c/kWh", "fx_rate=2", "fx_rate"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    market: Market, api: Api, power: str, gas: str, terms: str, field: str
) -> None:
    leg_a = legs(market, power, gas)
    answer = api.get(f"{SPREADS}?{leg_a}&leg_b={gas_key(api)}&{terms}")
    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_leg_that_is_not_there_is_named(market: Market, api: Api) -> None:
    leg_a = legs(market, "$/MWh", "$/MWh")
    answer = api.get(f"{SPREADS}?{leg_a}&leg_b={PJM_WEST_KEY[:-1]}")
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("leg_b", "unknown_curve")
    assert PJM_WEST_KEY in error["constraint"]


def test_the_front_is_that_of_its_price_type_whatever_else_is_asked(
    market: Market, api: Api
) -> None:
    rows = [
        {"tenor_label": "2026-02", "price_type": "MID", "mid": 1, "expiry_date": "2025-01-01"},
        {"tenor_label": "2026-03", "price_type": "MID", "mid": 2, "expiry_date": "2099-01-01"},
        {"tenor_label": "2026-04", "price_type": "MID", "mid": 3},
        {"tenor_label": "2026-04", "price_type": "SETTLE", "mid": 4},
        {"tenor_label": "2026-05", "price_type": "SETTLE", "mid": 5},
    ]
    market.load("curves.csv", curve_csv(rows))
    question = "/v2/curves/observations?contract_month=front&asof_date=all"
    mids = [row["mid"] for row in api.rows(question)]
    assert mids == [2.0, 4.0]
    assert [row["mid"] for row in api.rows(f"{question}&price_type=SETTLE")] == [4.0]
    assert [row["mid"] for row in api.rows(f"{question}&tenor_label=2026-04")] == [4.0]
    assert [row["mid"] for row in api.rows(f"{question}&tenor_type=MONTHLY")] == mids
    assert api.rows(f"{question}&tenor_type=CALENDAR") == []
    first = api.get(f"{question}&limit=1&fields=mid").json()
    second = api.get(first["links"]["next"]).json()
    assert [first["data"], second["data"]] == [[{"mid": 2.0}], [{"mid": 4.0}]]
    assert api.get(second["links"]["prev"]).json()["data"] == [{"mid": 2.0}]
