"""Blocks, markets and operators of prices by the names that the trade has for them."""

import pytest

from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

MONDAY = "2025-03-03T05:00:00Z"


@pytest.mark.parametrize(
    ("name", "count"),
    [("5x16", 16), ("peak", 16), ("On-Peak", 16), ("wrap", 8), ("2x16H", 0), ("7x8", 8),
     ("7x16", 16), ("atc", 24), ("24x7", 24), ("Around the Clock", 24)],
)  # fmt: skip
def test_a_block_of_prices_goes_by_the_names_of_the_trade(
    market: Market, api: Api, name: str, count: int
) -> None:
    market.load("iso.csv", lmp(hours(MONDAY, 24)))
    assert len(api.rows("/v2/iso/lmp", params={"iso": "PJM", "block": name})) == count


def test_markets_and_operators_go_by_their_short_names(market: Market, api: Api) -> None:
    ahead = hours(MONDAY, 2, series="ISONE:DAY_AHEAD:1")
    market.load("iso.csv", lmp(ahead, hours(MONDAY, 3, series="ISONE:REAL_TIME:1")))
    for iso in ("ISO-NE", "iso ne", "NEPOOL", "isone"):
        for name, count in (("DA", 2), ("day-ahead", 2), ("rt", 3)):
            asked = {"iso": iso, "market": name}
            assert len(api.rows("/v2/iso/lmp", params=asked)) == count
            asked = {"iso_code": iso, "market": name}
            assert len(api.rows("/v1/iso/lmp/last-24h", params=asked)) == count
    (row, *_) = api.rows("/v2/iso/spreads?leg_a=ISO-NE:DA:1&leg_b=isone:rt:1")
    assert row["spread"] == 0
    assert api.get("/v1/metadata/locations/ISO-NE/1").status_code == 200


def test_a_name_that_is_not_known_is_refused_with_what_was_meant(market: Market, api: Api) -> None:
    error = bad_field(api.get("/v2/iso/lmp?block=5x17"), "block")
    assert "did you mean '5X16'" in error["message"]
    error = bad_field(api.get("/v2/iso/lmp?market=DAY_AHED"), "market")
    assert "did you mean 'DAY_AHEAD'" in error["message"]
    assert bad_field(api.get("/v2/iso/lmp?iso=ISO-NW"), "iso")


def test_a_place_that_is_known_by_name_is_not_taken_for_an_unknown_one(
    market: Market, api: Api
) -> None:
    series = ("PJM:DAY_AHEAD:48592", "SPP:DAY_AHEAD:MALDEN")
    market.load("iso.csv", lmp(*(hours("2025-03-03T06:00:00Z", 2, series=key) for key in series)))
    asked = "/v2/iso/lmp?iso=PJM&location_id="
    for place in ("48592 name", "48592"):
        meta = api.get(f"{asked}{place}&start=2030-01-01").json()["meta"]
        assert meta["reason"] == "outside_coverage"
    meta = api.get(f"{asked}48592 nmae").json()["meta"]
    assert (meta["reason"], meta["did_you_mean"]) == (
        "no_match",
        {"location_id": ["48592 name", "48592"]},
    )


def test_a_market_that_an_operator_does_not_have_suggests_those_it_has(
    market: Market, api: Api
) -> None:
    of_dispatch = hours(MONDAY, 1, series="NYISO:FIVE_MINUTE:61752", minutes=5)
    market.load("iso.csv", lmp(of_dispatch, hours(MONDAY, 1, series="PJM:REAL_TIME:1")))
    meta = api.get("/v2/iso/lmp?iso=NYISO&market=RT").json()["meta"]
    assert (meta["reason"], meta["did_you_mean"]) == ("no_match", {"market": ["FIVE_MINUTE"]})


def test_a_file_of_our_own_takes_the_words_of_the_trade(market: Market, api: Api) -> None:
    rows = hours("2025-03-03T06:00:00Z", 1, series="ISO-NE:RT:4000")
    market.load("iso.csv", lmp(rows))
    assert [row["series_key"] for row in api.rows("/v2/iso/lmp?fields=series_key")] == [
        "ISONE:REAL_TIME:4000"
    ]


def test_a_spread_over_the_whole_calendar_is_answered(market: Market, api: Api) -> None:
    series = ("PJM:DAY_AHEAD:1", "SPP:DAY_AHEAD:2")
    market.load("iso.csv", lmp(*(hours(MONDAY, 2, series=key) for key in series)))
    asked = f"/v2/iso/spreads?leg_a={series[0]}&leg_b={series[1]}"
    assert len(api.rows(f"{asked}&start=0001-01-01&end=9998-12-31")) == 2
