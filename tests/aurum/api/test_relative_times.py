"""Days and moments said by how far they lie back: whose day it is, and for how long it holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurum.api import v2
from aurum.api.relative_times import DAYS, MOMENTS, absolute, is_relative, zone_asked
from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.factories import curve_csv, months
from tests.iso.conftest import hours, lmp

NIGHT = datetime(2025, 9, 30, 2, tzinfo=UTC)
"""In New York still the evening of the 29th."""
NEW_YORK = "America/New_York"
LMP = "/v2/iso/lmp?fields=delivery_date,interval_start"


class Clock:
    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(v2, "this_moment", found)
    return found


@pytest.fixture
def prices(market: Market) -> None:
    """Nine days of hours that end at the beginning of 1 October in New York."""
    market.load("iso.csv", lmp(hours("2025-09-22T04:00Z", 24 * 9)))


@pytest.mark.parametrize(
    ("word", "zone", "meant"),
    [
        ("today", "UTC", "2025-09-30"),
        ("today", NEW_YORK, "2025-09-29"),
        ("yesterday", NEW_YORK, "2025-09-28"),
        ("-0d", "UTC", "2025-09-30"),
        ("-2w", "UTC", "2025-09-16"),
        ("-7m", "UTC", "2025-02-28"),
        ("-1y", "UTC", "2024-09-30"),
        ("-9m..today", "UTC", "2024-12-30..2025-09-30"),
        ("2025-09-01..-1d", "UTC", "2025-09-01..2025-09-29"),
        ("now", NEW_YORK, "2025-09-30T02:00:00Z"),
        ("-48h", NEW_YORK, "2025-09-28T02:00:00Z"),
        ("-9999y", "UTC", "-9999y"),
        ("latest", "UTC", "latest"),
        ("2025-09", "UTC", "2025-09"),
    ],
)
def test_a_word_is_the_day_of_its_zone(word: str, zone: str, meant: str) -> None:
    assert absolute(word, MOMENTS, NIGHT, zone) == meant


def test_hours_are_no_days() -> None:
    assert not is_relative("-48h", DAYS)
    assert not is_relative("now", DAYS)


@pytest.mark.parametrize(
    ("asked", "zone"),
    [
        ({}, "UTC"),
        ({"tz": "market"}, "UTC"),
        ({"iso": ("PJM",)}, NEW_YORK),
        ({"iso": ("PJM",), "tz": "Europe/Paris"}, "Europe/Paris"),
        ({"iso": ("CAISO", "PJM")}, "UTC"),
        ({"iso": ("NYISO", "PJM")}, "UTC"),
        ({"iso": ("TTF",)}, "UTC"),
        ({"calendar": "caiso"}, "America/Los_Angeles"),
        ({"leg_a": "PJM:DAY_AHEAD:1", "leg_b": "PJM:REAL_TIME:1"}, NEW_YORK),
        ({"leg_a": "PJM:DAY_AHEAD:1", "leg_b": "CAISO:REAL_TIME:1"}, "UTC"),
    ],
)
def test_days_are_those_of_the_one_market_that_is_asked_for(asked: Any, zone: str) -> None:
    assert zone_asked(asked) == zone


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("iso=PJM&start=yesterday", "2025-09-28T04:00:00Z", "2025-10-01T03:00:00Z"),
        ("iso=PJM&start=-1d&end=today", "2025-09-28T04:00:00Z", "2025-09-29T03:00:00Z"),
        ("start=-1d&end=today", "2025-09-29T04:00:00Z", "2025-09-30T03:00:00Z"),
        ("tz=UTC&start=-1d&end=today", "2025-09-29T00:00:00Z", "2025-09-29T23:00:00Z"),
        ("start=-48h&end=now", "2025-09-28T02:00:00Z", "2025-09-30T01:00:00Z"),
    ],
)
def test_prices_are_those_of_the_days_back(
    prices: None, api: Api, clock: Clock, asked: str, first: str, last: str
) -> None:
    rows = api.rows(f"{LMP}&{asked}")
    assert (rows[0]["interval_start"], rows[-1]["interval_start"]) == (first, last)


def test_valuation_dates_and_calendars_take_days_back(
    market: Market, api: Api, clock: Clock
) -> None:
    days = ("2025-09-28", "2025-09-29", "2025-09-30")
    market.load(
        "curves.csv", curve_csv([r for d in days for r in months("2026-01", 1, asof_date=d)])
    )
    asked = "/v2/curves/observations?fields=asof_date&asof_date="
    found = {
        word: [r["asof_date"] for r in api.rows(asked + word)] for word in ("today", "-2d..today")
    }
    assert found == {"today": [days[2]], "-2d..today": [*days[:2]]}
    diff = api.rows("/v2/curves/diff?asof_date_a=-2d&asof_date_b=today&status=unchanged")
    assert [row["asof_date_b"] for row in diff] == ["2025-09-30"]
    hours = "/v2/metadata/calendars/hours?calendar=pjm&block=ATC&fields=delivery_date&start=today"
    assert {row["delivery_date"] for row in api.rows(hours)} == {"2025-09-29"}


def test_an_answer_is_of_its_own_day_and_never_kept(prices: None, api: Api, clock: Clock) -> None:
    for path in (f"{LMP}&tz=UTC&start=-1d&limit=1", f"{LMP}&tz=UTC&start=%2D1d&limit=1"):
        clock.now = NIGHT
        before = api.get(path)
        assert before.headers["cache-control"] == "no-store"
        clock.now += timedelta(days=1)
        after = api.get(path, headers={"If-None-Match": before.headers["etag"]})
        assert [a.json()["data"][0]["interval_start"] for a in (before, after)] == [
            "2025-09-29T00:00:00Z",
            "2025-09-30T00:00:00Z",
        ]


def test_an_answer_of_the_past_to_a_question_of_today_is_not_for_ever(
    prices: None, api: Api, clock: Clock
) -> None:
    known = api.get(LMP).json()["meta"]["known_at"]
    asked = f"{LMP}&start=-1d&known_at={known}"
    assert api.get(asked).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("asked", ["tz=UTC&start=-2d&end=today", "start=-48h&end=now"])
def test_pages_stay_within_the_range_of_the_first(
    prices: None, api: Api, clock: Clock, asked: str
) -> None:
    whole = api.rows(f"{LMP}&{asked}")
    page = api.get(f"{LMP}&{asked}&limit=20").json()
    rows = page["data"]
    while page["links"]["next"]:
        clock.now += timedelta(hours=30)
        page = api.get(page["links"]["next"]).json()
        rows += page["data"]
    assert rows == whole
    assert api.get(page["links"]["prev"]).json()["data"] == whole[-len(page["data"]) - 20 :][:20]


def test_a_cursor_is_refused_with_other_days(prices: None, api: Api, clock: Clock) -> None:
    page = api.get(f"{LMP}&start=-2d&limit=1").json()
    other = api.get(f"{LMP}&start=-3d&limit=1&cursor={page['meta']['next_cursor']}")
    assert other.status_code == 400
    assert other.json()["errors"][0]["code"] == "filters_changed"
    broken = api.get(f"{LMP}&start=-3d&limit=1&cursor=abc")
    assert broken.json()["errors"][0]["code"] == "tampered"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"{LMP}&start=-7x", "start"),
        (f"{LMP}&start=-9999y", "start"),
        (f"{LMP}&start=tomorrow", "start"),
        ("/v2/curves/observations?asof_date=-48h", "asof_date"),
        ("/v2/curves/diff?asof_date_b=today&asof_date_a=soon", "asof_date_a"),
        ("/v2/metadata/calendars/holidays?start=now", "start"),
    ],
)
def test_what_is_no_day_is_refused_with_the_forms(
    market: Market, api: Api, path: str, field: str
) -> None:
    constraint = bad_field(api.get(path), field)["constraint"]
    for form in ("today", "yesterday", "-7d", "-2w", "-3m", "-1y"):
        assert form in constraint
    assert ("-48h" in constraint) == (path.startswith(LMP))


def test_v1_takes_no_days_back(market: Market, api: Api) -> None:
    assert api.get("/v1/iso/lmp/hourly?start=-1d").status_code in (400, 422)
