"""`/v1/iso/lmp/*` and `/v1/metadata/locations*`: the contract of old clients."""

import hashlib

import pytest

from tests.conftest import Api, Market
from tests.contract import bad_field, problem
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

START = "2025-11-01T04:00:00Z"


def test_a_point_has_all_its_fields(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(START, 1, lambda n: 42.5)))
    market.load("iso.csv", lmp(hours(START, 1, series="SPP:DAY_AHEAD:HUB")))
    first, second = api.rows("/v1/iso/lmp/last-24h")
    assert first == {
        "iso_code": "PJM",
        "market": "DAY_AHEAD",
        "delivery_date": "2025-11-01",
        "interval_start": "2025-11-01T04:00:00Z",
        "interval_end": "2025-11-01T05:00:00Z",
        "interval_minutes": 60,
        "location_id": "1",
        "location_name": "1 name",
        "location_type": None,
        "price_total": 42.5,
        "price_energy": None,
        "price_congestion": None,
        "price_loss": None,
        "currency": "USD",
        "uom": "MWh",
        "settlement_point": None,
        "source_run_id": first["source_run_id"],
        "ingest_ts": None,
        "record_hash": hashlib.sha256(b"PJM:DAY_AHEAD:1:2025-11-01T04:00:00Z").hexdigest(),
        "metadata": None,
    }
    assert second["settlement_point"] == "HUB"


def test_the_last_24_hours_end_with_each_market_s_newest_interval(market: Market, api: Api) -> None:
    late = hours("2019-05-01T00:00:00Z", 48, series="MISO:DAY_AHEAD:2")
    market.load("iso.csv", lmp(hours(START, 60), late))
    rows = api.rows("/v1/iso/lmp/last-24h")
    assert [row["price_total"] for row in rows if row["iso_code"] == "PJM"] == list(
        map(float, reversed(range(36, 60)))
    )
    assert [row["price_total"] for row in rows if row["iso_code"] == "MISO"] == list(
        map(float, reversed(range(24, 48)))
    )
    starts = [row["interval_start"] for row in rows]
    assert starts == sorted(starts, reverse=True)
    assert len(api.rows("/v1/iso/lmp/last-24h?limit=7")) == 7
    assert api.rows("/v1/iso/lmp/last-24h?iso_code=caiso") == []


def test_daily_is_the_market_s_own_day_and_the_newest_first(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(START, 73)))
    rows = api.rows("/v1/iso/lmp/daily")
    assert [(row["interval_start"], row["sample_count"], row["price_avg"]) for row in rows] == [
        ("2025-11-03T05:00:00Z", 24, 60.5),
        ("2025-11-02T04:00:00Z", 25, 36.0),
        ("2025-11-01T04:00:00Z", 24, 11.5),
    ]
    assert list(rows[0]) == [
        "iso_code", "market", "interval_start", "location_id", "currency", "uom", "price_avg",
        "price_min", "price_max", "price_stddev", "sample_count",
    ]  # fmt: skip


def test_hourly_sums_up_what_is_within_the_hour(market: Market, api: Api) -> None:
    prices = hours(START, 24, minutes=5, series="SPP:FIVE_MINUTE:HUB")
    market.load("iso.csv", lmp(prices, hours(START, 3)))
    rows = api.rows("/v1/iso/lmp/hourly?iso_code=spp&market=five_minute&location_id=hub")
    assert [(r["interval_start"][11:13], r["price_avg"], r["sample_count"]) for r in rows] == [
        ("05", 17.5, 12), ("04", 5.5, 12),
    ]  # fmt: skip
    assert [row["price_max"] for row in rows] == [23, 11]
    assert rows[0]["price_stddev"] == pytest.approx(3.4521, abs=1e-4)
    both = api.rows("/v1/iso/lmp/hourly")
    assert [row["interval_start"][11:13] for row in both] == ["06", "05", "05", "04", "04"]


def test_both_ends_of_a_range_count(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(START, 24 * 40)))
    span = "start=2025-11-10T03:00:00Z&end=2025-11-10T05:00:00Z"
    rows = api.rows(f"/v1/iso/lmp/hourly?{span}")
    assert [row["interval_start"][11:13] for row in rows] == ["05", "04", "03"]
    days = api.rows("/v1/iso/lmp/daily?start=2025-11-09T05:00:00Z&end=2025-11-11T05:00:00Z")
    assert [row["interval_start"][:10] for row in days] == [
        "2025-11-11", "2025-11-10", "2025-11-09",
    ]  # fmt: skip
    assert len(api.rows("/v1/iso/lmp/hourly")) == 500
    error = bad_field(api.get("/v1/iso/lmp/hourly?start=2025-11-10T03:00Z&end=2025-11-09"), "start")
    assert error["code"] == "start_after_end"


def test_years_without_a_price_are_passed_over(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours("2011-11-01T04:00:00Z", 2), hours(START, 2)))
    assert [row["price_avg"] for row in api.rows("/v1/iso/lmp/hourly")] == [1, 0, 1, 0]
    assert [row["price_avg"] for row in api.rows("/v1/iso/lmp/daily")] == [0.5, 0.5]
    for limit, more in ((2, True), (3, True), (4, False)):
        assert api.get(f"/v1/iso/lmp/hourly?limit={limit}").json()["meta"]["has_more"] is more


def test_negative_prices_the_cheapest_first(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(START, 24 * 9, lambda n: 30.0 - n)))
    rows = api.rows("/v1/iso/lmp/negative?limit=3")
    assert [row["price_total"] for row in rows] == [-185, -184, -183]
    assert len(api.rows("/v1/iso/lmp/negative?limit=500")) == 168


def test_an_unknown_location_is_a_404_that_offers_the_nearest(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(START, 1, series="PJM:DAY_AHEAD:WESTERN")))
    assert api.get("/v1/metadata/locations/pjm/western%20NAME").json()["data"] == {
        "iso": "PJM", "location_id": "WESTERN", "location_name": "WESTERN name",
        "location_type": None, "zone": None, "hub": None, "timezone": "America/New_York",
    }  # fmt: skip
    body = problem(api.get("/v1/metadata/locations/PJM/WESTREN"), 404, "not-found")
    assert "Near it are WESTERN" in body["detail"]
    assert problem(api.get("/v1/metadata/locations/MISO/WESTERN"), 404, "not-found")


def test_csv_has_its_name(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(START, 1)))
    for name in ("last-24h", "hourly", "daily", "negative"):
        answer = api.get(f"/v1/iso/lmp/{name}?format=csv")
        assert f'filename="iso-lmp-{name}.csv"' in answer.headers["content-disposition"]


# v1 and v2 agree


def test_v1_says_what_v2_says(market: Market, api: Api) -> None:
    series = ("PJM:DAY_AHEAD:1", "CAISO:DAY_AHEAD:2", "MISO:REAL_TIME:3")
    market.load(
        "iso.csv",
        lmp(*(hours(START, 240, lambda n: n % 7 - 2.25, series=key) for key in series)),
    )
    end, day = "2025-11-11T04:00:00Z", "2025-11-10T04:00:00Z"
    columns = "iso,market,location_id,interval_start,price_total"
    point = ("iso_code", "market", "location_id", "interval_start", "price_total")
    for old, new in (
        ("last-24h", f"/v2/iso/lmp?start={day}&end={end}&fields={columns}&limit=1000"),
        ("negative", f"/v2/iso/lmp/negative?fields={columns}&limit=1000"),
    ):
        ours = sorted(tuple(row.values()) for row in api.rows(new))
        theirs = api.rows(f"/v1/iso/lmp/{old}?limit=500")
        assert len(ours) > 70
        assert sorted(tuple(row[name] for name in point) for row in theirs) == ours
    sums = "iso,market,location_id,interval_start,mean,min,max,std,count"
    point = ("iso_code", "market", "location_id", "interval_start", "price_avg", "price_min",
             "price_max", "price_stddev", "sample_count")  # fmt: skip
    for length, first in (("day", ""), ("hour", "&start=2025-11-05T04:00:00Z")):
        ours = sorted(
            tuple(row.values())
            for row in api.rows(f"/v2/iso/lmp?resample={length}&fields={sums}&limit=1000{first}")
        )
        name = {"day": "daily", "hour": "hourly"}[length]
        theirs = api.rows(f"/v1/iso/lmp/{name}?limit=500{first}")
        assert len(ours) > 20
        assert sorted(tuple(row[n] for n in point) for row in theirs) == ours[-500:] or (
            {tuple(row[n] for n in point) for row in theirs} <= set(ours) and len(theirs) == 432
        )
    old_places = api.rows("/v1/metadata/locations")
    assert old_places == [
        {name: row[name] for name in old_places[0]} for row in api.rows("/v2/iso/locations")
    ]
