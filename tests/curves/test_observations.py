"""`GET /v2/curves/observations` and the catalogue."""

import pytest

from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH
from tests.factories import PJM_WEST_KEY, curve_csv, months

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

PATH = "/v2/curves/observations"


def days(*asofs: str) -> str:
    return curve_csv(
        {"contract_month": "2025-12", "mid": number, "asof_date": day}
        for number, day in enumerate(asofs)
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["2025-10-02"]),
        ("asof_date=latest", ["2025-10-02"]),
        ("asof_date=2025-09-30", ["2025-09-30"]),
        ("asof_date=2025-09", ["2025-09-29", "2025-09-30"]),
        ("asof_date=2025-09-30..2025-10-02", ["2025-09-30", "2025-10-01"]),
        ("asof_date=2025-09..2025-11", ["2025-09-29", "2025-09-30", "2025-10-01", "2025-10-02"]),
        ("asof_date=all", ["2025-09-29", "2025-09-30", "2025-10-01", "2025-10-02"]),
        ("asof_date=2024-01-01", []),
    ],
)
def test_valuation_dates_are_exact_a_month_or_a_range_without_its_end(
    market: Market, api: Api, asked: str, found: list[str]
) -> None:
    market.load("curves.csv", days("2025-09-29", "2025-09-30", "2025-10-01", "2025-10-02"))
    assert [row["asof_date"] for row in api.rows(f"{PATH}?{asked}")] == found


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2025-02-30", "invalid"), ("2025-13", "invalid"), ("newest", "invalid"),
        ("2025-10-01..2025-10-01", "empty_range"), ("2025-10..2025-09", "empty_range"),
        ("..2025-10", "invalid"), ("20251001", "invalid"), ("9999-12-32", "invalid"),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused(market: Market, api: Api, value: str, code: str) -> None:
    answer = api.get(f"{PATH}?asof_date={value}")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (400, "asof_date", code)
    assert "2026-02-03..2026-03" in error["constraint"]


def test_the_latest_is_that_of_each_curve(market: Market, api: Api) -> None:
    market.load("curves.csv", days("2025-09-29", "2025-09-30"))
    old = {"contract_month": "2025-12", "mid": 7, "asof_date": "2025-09-01", "iso": "MISO"}
    gone = {"contract_month": "2025-09", "mid": 7, "asof_date": "2025-09-29"}
    market.load("curves.csv", curve_csv([old, gone]))
    found = {(row["curve_key"] == PJM_WEST_KEY, row["asof_date"]) for row in api.rows(PATH)}
    assert found == {(True, "2025-09-30"), (False, "2025-09-01")}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("iso=pjm,ercot", 2), ("iso=PJM&iso=ERCOT", 2), ("iso=PJM,PJM", 1), ("iso=MISO", 0),
        ("location=West,North", 2), ("location=west", 1), ("price_type=MID", 2),
        ("price_type=LAST,SETTLE", 0), ("tenor_type=MONTHLY", 2), ("tenor_label=2025-12", 2),
        ("contract_month=2025-12", 2), ("contract_month=2026-01..2027-01", 0),
        (f"curve_key={PJM_WEST_KEY}", 1), ("iso=A,B,C,D,E,PJM", 1),
    ],
)  # fmt: skip
def test_filters_take_lists(market: Market, api: Api, query: str, count: int) -> None:
    market.load("curves.csv", curve_csv([
        {"contract_month": "2025-12", "mid": 1},
        {"contract_month": "2025-12", "mid": 2, "iso": "ERCOT", "location": "North"},
    ]))  # fmt: skip
    for dates in ("", "&asof_date=2025-09-12", "&asof_date=all"):
        assert len(api.rows(f"{PATH}?{query}{dates}")) == count


def test_what_names_the_curve_can_be_shown_beside_its_prices(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-12", 1, units_raw="$/MWh")))
    for dates in ("", "&asof_date=all"):
        (row,) = api.rows(f"{PATH}?fields=location,iso,mid,load_id{dates}")
        assert row == {"location": "West", "iso": "PJM", "mid": 50.0, "load_id": row["load_id"]}


def test_the_unit_of_a_price_is_said_even_if_its_column_is_not_shown(
    market: Market, api: Api
) -> None:
    rows = months("2025-12", 1, units_raw="$/MWh")
    market.load("curves.csv", curve_csv(rows))
    assert api.get(f"{PATH}?fields=mid").json()["meta"]["units"] == {"mid": "USD/MWh"}
    other = months("2025-12", 1, units_raw="p/therm", iso="NBP")
    market.load("curves.csv", curve_csv(other))
    assert api.get(f"{PATH}?fields=mid").json()["meta"]["units"] == {"mid": "=unit"}


def test_a_page_whose_prices_have_no_unit_names_none(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-12", 2)))
    body = api.get(f"{PATH}?fields=mid,unit").json()
    assert [row["unit"] for row in body["data"]] == [None, None]
    assert body["meta"]["units"] == {"mid": "=unit"}
    market.load("curves.csv", curve_csv(months("2025-12", 1, units_raw="$/MWh", iso="MISO")))
    assert api.get(f"{PATH}?fields=mid").json()["meta"]["units"] == {"mid": "=unit"}


@pytest.mark.parametrize(
    ("query", "reason", "near"),
    [
        ("iso=PJN", "no_match", {"iso": ["PJM"]}),
        ("location=Wets", "no_match", {"location": ["West"]}),
        ("iso=PJM&tenor_label=2031-01", "no_match", None),
        ("asof_date=2031-01", "outside_coverage", None),
        ("asof_date=2001-01-01", "outside_coverage", None),
    ],
)
def test_an_empty_answer_says_why(
    market: Market, api: Api, query: str, reason: str, near: dict[str, list[str]] | None
) -> None:
    market.load("curves.csv", curve_csv(months("2025-12", 1)))
    answer = api.get(f"{PATH}?{query}")
    assert answer.status_code == 200
    assert answer.json()["data"] == []
    assert answer.json()["meta"]["reason"] == reason
    assert answer.json()["meta"].get("did_you_mean") == near


def test_before_the_first_load_there_is_no_data_yet(market: Market, api: Api) -> None:
    for path in (PATH, "/v2/curves", "/v2/curves/strips", f"{PATH}?asof_date=all"):
        assert api.get(path).json()["meta"]["reason"] == "no_data_yet"
    assert api.get("/v2/curves/x").status_code == 404


def test_the_catalogue_says_from_when_to_when_and_in_which_unit(market: Market, api: Api) -> None:
    rows = months("2025-12", 2, units_raw="p/therm", asof_date="2025-09-11")
    market.load("curves.csv", curve_csv(rows))
    last = market.load("curves.csv", curve_csv(months("2026-01", 2, units_raw="p/therm"))).load
    (curve,) = api.rows("/v2/curves?iso=PJM")
    assert curve["curve_key"] == PJM_WEST_KEY
    assert (curve["first_asof"], curve["last_asof"]) == ("2025-09-11", "2025-09-12")
    assert (curve["unit"], curve["currency"], curve["per_unit"]) == ("p/therm", "GBP", "therm")
    assert (curve["tenors"], curve["last_load"]) == (3, last)


def test_one_curve_is_an_object_and_an_unknown_one_is_404_with_near_names(
    market: Market, api: Api
) -> None:
    market.load("curves.csv", curve_csv(months("2025-12", 1)))
    one = api.get(f"/v2/curves/{PJM_WEST_KEY}")
    assert one.json()["data"]["location"] == "West"
    assert api.get(f"/v2/curves/{PJM_WEST_KEY}?format=csv").text.count("\n") == 2
    missing = api.get(f"/v2/curves/{PJM_WEST_KEY[:9]}")
    assert missing.status_code == 404
    assert PJM_WEST_KEY in missing.json()["detail"]
    assert missing.json()["errors"][0]["field"] == "curve_key"


def test_a_value_with_a_comma_stands_in_quotes(market: Market, api: Api) -> None:
    for place in ('"Hub, north"', "West"):
        market.load("curves.csv", curve_csv(months("2025-10", 1, location=place)))
    question = "/v2/curves?fields=location"
    assert api.rows(f'{question}&location="Hub, north"') == [{"location": "Hub, north"}]
    both = api.rows(f'{question}&location=West,"Hub, north"')
    assert sorted(row["location"] for row in both) == ["Hub, north", "West"]
    for broken in ('"Hub', '"Hub"x', '"'):
        answer = api.get(f"{question}&location={broken}")
        assert bad_field(answer, "location")["code"] == "invalid"
