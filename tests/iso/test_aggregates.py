"""`resample`: hours, days, weeks, months and years of the market's clock, and what they lack."""

from typing import Any

import pytest

from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

MONDAY = "2025-03-03T05:00:00Z"
"""Midnight in New York, six days before the spring change."""


QUARTERS: dict[str, Any] = {"series": "PJM:FIFTEEN_MINUTE:1", "minutes": 15}


def buckets(api: Api, question: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in api.rows(f"/v2/iso/lmp?limit=1000&{question}")]


def test_days_are_the_market_s_own_and_have_23_and_25_hours(market: Market, api: Api) -> None:
    market.load(
        "iso.csv", lmp(hours("2025-03-08T05:00:00Z", 71), hours("2025-11-01T04:00:00Z", 73))
    )
    got = buckets(api, "resample=day&fields=delivery_date,interval_start,local,count,expected,mean")
    assert got == [
        ("2025-03-08", "2025-03-08T05:00:00Z", "2025-03-08T00:00:00-05:00", 24, 24, 11.5),
        ("2025-03-09", "2025-03-09T05:00:00Z", "2025-03-09T00:00:00-05:00", 23, 23, 35.0),
        ("2025-03-10", "2025-03-10T04:00:00Z", "2025-03-10T00:00:00-04:00", 24, 24, 58.5),
        ("2025-11-01", "2025-11-01T04:00:00Z", "2025-11-01T00:00:00-04:00", 24, 24, 11.5),
        ("2025-11-02", "2025-11-02T04:00:00Z", "2025-11-02T00:00:00-04:00", 25, 25, 36.0),
        ("2025-11-03", "2025-11-03T05:00:00Z", "2025-11-03T00:00:00-05:00", 24, 24, 60.5),
    ]


def test_every_aggregate_of_a_bucket(market: Market, api: Api) -> None:
    prices = [4.0, -2.0, 7.0, 7.0]
    market.load("iso.csv", lmp(hours(MONDAY, 4, lambda n: prices[n], **QUARTERS)))
    aggregates = "mean,min,max,sum,std,count,first,last,expected"
    (row,) = api.rows(f"/v2/iso/lmp?resample=hour&fields={aggregates}")
    assert row == {
        "mean": 4.0, "min": -2.0, "max": 7.0, "sum": 16.0, "std": 3.6742, "count": 4,
        "first": 4.0, "last": 7.0, "expected": 4,
    }  # fmt: skip
    (day,) = api.rows(f"/v2/iso/lmp?resample=day&fields={aggregates}")
    assert day == {**row, "expected": 96}


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("week", [("2025-02-24", 0), ("2025-03-03", 1), ("2025-03-10", 168)]),
        ("month", [("2025-03-01", 0), ("2025-04-01", 696)]),
        ("year", [("2025-01-01", 0)]),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first(
    market: Market, api: Api, length: str, expected: list[tuple[str, int]]
) -> None:
    """From Sunday 23:00 on; the first price of each bucket is its number of hours since."""
    market.load("iso.csv", lmp(hours("2025-03-03T04:00:00Z", 24 * 30)))
    got = buckets(api, f"resample={length}&fields=delivery_date,first")
    assert got[: len(expected)] == expected


def test_aggregates_are_shown_in_their_usual_order(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(MONDAY, 2)))
    for asked in ("max,mean", "mean,max"):
        (row,) = api.rows(f"/v2/iso/lmp?resample=day&agg={asked}")
        assert list(row)[-7:] == [
            *("mean", "max", "count", "expected", "hours_expected", "hours_covered", "partial")
        ]


def test_days_of_utc_when_asked(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(MONDAY, 48)))
    got = buckets(api, "resample=day&tz=UTC&fields=interval_start,local,count,expected,mean")
    assert got == [
        ("2025-03-03T00:00:00Z", "2025-03-03T00:00:00+00:00", 19, 24, 9.0),
        ("2025-03-04T00:00:00Z", "2025-03-04T00:00:00+00:00", 24, 24, 30.5),
        ("2025-03-05T00:00:00Z", "2025-03-05T00:00:00+00:00", 5, 24, 45.0),
    ]


def test_expected_is_of_the_range_and_the_block(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours("2025-03-01T05:00:00Z", 743)))
    question = "resample=month&block=ON_PEAK&fields=count,expected"
    assert buckets(api, question) == [(336, 336)]
    assert buckets(api, f"{question}&start=2025-03-03&end=2025-03-05") == [(32, 32)]
    assert buckets(api, f"{question}&start=2025-03-03T20:00Z&end=2025-03-04") == [(8, 8)]


def test_gaps_are_nulls_only_when_asked(market: Market, api: Api) -> None:
    whole = hours(MONDAY, 96, leave_out=range(24, 72))
    market.load("iso.csv", lmp(whole, hours(MONDAY, 2, series="SPP:DAY_AHEAD:9")))
    question = "resample=day&fields=iso,delivery_date,mean,count,expected"
    days = buckets(api, question)
    assert days == [
        ("PJM", "2025-03-03", 11.5, 24, 24),
        ("PJM", "2025-03-06", 83.5, 24, 24),
        ("SPP", "2025-03-02", 0.0, 1, 24),
        ("SPP", "2025-03-03", 1.0, 1, 24),
    ]
    filled = buckets(api, f"{question}&fill=null&iso=PJM")
    assert filled == [
        ("PJM", "2025-03-03", 11.5, 24, 24),
        ("PJM", "2025-03-04", None, 0, 24),
        ("PJM", "2025-03-05", None, 0, 24),
        ("PJM", "2025-03-06", 83.5, 24, 24),
    ]


def test_a_gap_of_years_is_shown_page_by_page(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours("2001-03-03T05:00:00Z", 1), hours("2025-03-03T05:00:00Z", 1)))
    body = api.get("/v2/iso/lmp?resample=hour&fill=null&limit=3&fields=interval_start,count").json()
    assert [row["count"] for row in body["data"]] == [1, 0, 0]
    body = api.get(body["links"]["next"]).json()
    assert [row["interval_start"] for row in body["data"]] == [
        "2001-03-03T08:00:00Z", "2001-03-03T09:00:00Z", "2001-03-03T10:00:00Z",
    ]  # fmt: skip


@pytest.mark.parametrize("fill", ["", "&fill=null"])
@pytest.mark.parametrize("length", ["hour", "day", "week", "day&tz=UTC"])
def test_pages_of_buckets_lead_there_and_back(
    market: Market, api: Api, length: str, fill: str
) -> None:
    gap = range(40, 200)
    some = hours(MONDAY, 300, leave_out=gap)
    other = hours(MONDAY, 90, series="SPP:FIFTEEN_MINUTE:Hub", minutes=15)
    market.load("iso.csv", lmp(some, other))
    url: str | None = f"/v2/iso/lmp?resample={length}{fill}"
    whole = api.rows(f"{url}&limit=1000")
    walked, last = [], ""
    url = f"{url}&limit=3"
    while url:
        body = api.get(url).json()
        walked += body["data"]
        last, url = url, body["links"]["next"]
    assert walked == whole
    back, url = body["data"], body["links"]["prev"]
    while url:
        body = api.get(url).json()
        back, url = body["data"] + back, body["links"]["prev"]
    assert back == whole
    assert last


def test_a_spread_is_one_series_where_both_have_prices(market: Market, api: Api) -> None:
    """Day-ahead by the hour less real-time by five minutes, with an hour missing on each side."""
    ahead = hours(MONDAY, 6, lambda n: 50.0 + n, leave_out=[1])
    real = hours(
        MONDAY, 72, lambda n: 40.0 + n / 12, series="PJM:FIVE_MINUTE:1", minutes=5,
        leave_out=range(36, 48),
    )  # fmt: skip
    market.load("iso.csv", lmp(ahead, real))
    question = "/v2/iso/spreads?leg_a=PJM:DAY_AHEAD:1&leg_b=PJM:FIVE_MINUTE:1"
    rows = api.rows(f"{question}&fields=interval_start,mean_a,spread,count_b")
    assert [(row["interval_start"][11:13], row["mean_a"], row["count_b"]) for row in rows] == [
        ("05", 50.0, 12), ("07", 52.0, 12), ("09", 54.0, 12), ("10", 55.0, 12),
    ]  # fmt: skip
    assert rows[0]["spread"] == pytest.approx(10 - 5.5 / 12, abs=1e-6)
    (day,) = api.rows(f"{question}&resample=day")
    # Of the hours 0, 2, 4 and 5 alone: an hour that one leg lacks is of neither mean.
    assert (day["mean_a"], day["count_a"], day["count_b"]) == (52.75, 4, 48)
    assert day["spread"] == pytest.approx(52.75 - (40 + 2.75 + 5.5 / 12), abs=1e-6)
    assert (day["hours_covered"], day["hours_expected"], day["partial"]) == (4.0, 24.0, True)
    pages = api.get(f"{question}&limit=1&fields=interval_start").json()
    second = api.get(pages["links"]["next"]).json()
    assert second["data"] == [{"interval_start": rows[1]["interval_start"]}]
    assert api.get(second["links"]["prev"]).json()["data"] == pages["data"]


def test_a_leg_that_is_not_there_is_named_with_what_is_near(market: Market, api: Api) -> None:
    series = ("PJM:DAY_AHEAD:WESTERN HUB", "PJM:REAL_TIME:8", "SPP:DAY_AHEAD:WESTERN HUBS")
    market.load("iso.csv", lmp(*(hours(MONDAY, 1, series=key) for key in series)))
    for given, said in (
        ("PJM:DAY_AHEAD:westren hub", "one of PJM:DAY_AHEAD:WESTERN HUB"),
        ("PJM:DAY_AHEAD:8", "one of PJM:REAL_TIME:8"),
        ("PJM:DAY_AHEAD:nowhere", "one of the series of /v2/iso/lmp/latest"),
        ("PJM:western hub", "ISO:MARKET:place, as PJM:DAY_AHEAD:WESTERN HUB"),
        ("PJM:DAY_AHED:8", "ISO:MARKET:place, as PJM:DAY_AHEAD:WESTERN HUB"),
    ):
        answer = api.get(f"/v2/iso/spreads?leg_a=PJM:DAY_AHEAD:western hub name&leg_b={given}")
        assert bad_field(answer, "leg_b")["constraint"].startswith(said), given


def test_legs_on_two_clocks_share_the_hours_of_leg_a_s_day(market: Market, api: Api) -> None:
    """Midnight in New York is eleven o'clock of the day before in Chicago."""
    other = hours(MONDAY, 24, lambda n: 10.0, series="ERCOT:DAY_AHEAD:HB_NORTH")
    market.load("iso.csv", lmp(hours(MONDAY, 24, lambda n: 30.0 + n), other))
    question = "/v2/iso/spreads?leg_a=PJM:DAY_AHEAD:1&leg_b=ERCOT:DAY_AHEAD:hb_north"
    fields = "fields=delivery_date,spread,hours_expected,hours_covered,partial"
    asked = f"{question}&resample=day&start=2025-03-03&end=2025-03-04&{fields}"
    (day,) = api.rows(asked)
    assert tuple(day.values()) == ("2025-03-03", 31.5, 24.0, 24.0, False)
    # On-peak hours end 08 to 23 in the one market, 07 to 22 by the other's clock: the same hours.
    (day,) = api.rows(f"{asked}&block=ON_PEAK")
    assert tuple(day.values())[2:] == (16.0, 16.0, False)


@pytest.mark.parametrize("fill", ["", "&fill=null"])
def test_a_page_of_many_buckets_has_each_of_them_once(market: Market, api: Api, fill: str) -> None:
    """So many that other requests get their turn while they are made."""
    market.load("iso.csv", lmp(hours(MONDAY, 700)))
    question = f"resample=hour&fields=mean{fill}"
    assert buckets(api, question) == [(float(n),) for n in range(700)]
    page = api.rows(f"/v2/iso/lmp?limit=600&{question}")
    assert [row["mean"] for row in page] == [float(n) for n in range(600)]


def test_an_aggregate_of_a_component(market: Market, api: Api) -> None:
    header = "iso,market,location_id,interval_start,price_total,price_congestion\n"
    lines = (f"PJM,DAY_AHEAD,1,2025-03-03T0{n}:00:00Z,9,{n or ''}" for n in range(5, 9))
    market.load("iso.csv", header + "\n".join((*lines, "")))
    assert buckets(api, "resample=day&price=price_congestion&fields=mean,count") == [(6.5, 4)]
    assert buckets(api, "resample=day&price=price_loss&fields=mean") == []


@pytest.mark.parametrize("series", ["PJM:DAY_AHEAD:1", "PJM:FIFTEEN_MINUTE:1"])
@pytest.mark.parametrize("length", ["month", "year"])
@pytest.mark.parametrize("limit", [1, 3, 20])
def test_months_are_the_same_whatever_else_is_asked_and_read_in_whichever_pages(
    market: Market, api: Api, series: str, length: str, limit: int
) -> None:
    """Months without the prices of their ends are added up by the store, others here."""
    minutes = 15 if "FIFTEEN" in series else 60
    market.load("iso.csv", lmp(hours(
        "2024-11-20T05:00:00Z", 24 * 110, lambda n: n % 97 - 40.125, series=series, minutes=minutes,
        leave_out=range(300, 900),
    )))  # fmt: skip
    shown = "delivery_date,mean,min,max,sum,count,expected,hours_covered,partial"
    question = f"/v2/iso/lmp?location_id=1&resample={length}&limit={limit}&fields={shown}"
    whole = api.rows(f"/v2/iso/lmp?location_id=1&resample={length}&fields={shown},std,first,last")
    there: list[dict[str, Any]] = []
    body: dict[str, Any] = {"links": {"next": question}}
    while body["links"].get("next"):
        body = api.get(body["links"]["next"]).json()
        there += body["data"]
    assert there == [{name: row[name] for name in shown.split(",")} for row in whole]
    back = body["data"]
    while body["links"].get("prev"):
        body = api.get(body["links"]["prev"]).json()
        back = body["data"] + back
    assert back == there
