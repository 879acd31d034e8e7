"""v1 of calendars and units: shapes, hours on odd days, and what is refused."""

from typing import Any

import pytest

from tests.conftest import Api
from tests.contract import bad_field, problem

pytestmark = pytest.mark.usefixtures("market")

PJM = "/v1/metadata/calendars/pjm"


def data(api: Api, path: str) -> Any:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def expand(api: Api, calendar: str, block: str, start: str, end: str) -> list[str]:
    path = f"/v1/metadata/calendars/{calendar}/expand?block={block}&start={start}&end={end}"
    found: list[str] = data(api, path)
    return found


def test_a_calendar_is_its_name_and_its_clock(api: Api) -> None:
    rows = data(api, "/v1/metadata/calendars")
    assert [list(row) for row in rows] == [["name", "timezone"]] * 10
    assert rows == sorted(rows, key=lambda row: row["name"])
    assert {"name": "pjm", "timezone": "America/New_York"} in rows
    assert {"name": "miso", "timezone": "America/New_York"} in rows


def test_an_answer_without_pages_says_so(api: Api) -> None:
    meta = api.get("/v1/metadata/calendars").json()["meta"]
    assert list(meta) == [
        *("request_id", "query_time_ms", "next_cursor", "prev_cursor", "has_more", "count"),
    ]
    assert (meta["next_cursor"], meta["has_more"], meta["count"]) == (None, False, 10)


def test_blocks_are_sorted_names(api: Api) -> None:
    assert data(api, f"{PJM}/blocks") == [
        *("2X16", "5X16", "5X8", "7X16", "7X24", "7X8", "OFF_PEAK", "ON_PEAK"),
    ]
    assert data(api, "/v1/metadata/calendars/PJM/blocks") == data(api, f"{PJM}/blocks")


def test_hours_are_local_with_their_offset(api: Api) -> None:
    hours = data(api, f"{PJM}/hours?block=ON_PEAK&date=2024-01-02")
    assert len(hours) == 16
    assert (hours[0], hours[-1]) == ("2024-01-02T07:00:00-05:00", "2024-01-02T22:00:00-05:00")
    assert data(api, f"{PJM}/hours?block=onpeak&date=2024-01-02") == hours


@pytest.mark.parametrize(
    ("date", "count", "around"),
    [
        ("2024-03-10", 23, ["2024-03-10T01:00:00-05:00", "2024-03-10T03:00:00-04:00"]),
        ("2024-11-03", 25, ["2024-11-03T01:00:00-04:00", "2024-11-03T01:00:00-05:00"]),
    ],
)
def test_the_days_of_a_change_of_the_clock_have_23_and_25_hours(
    api: Api, date: str, count: int, around: list[str]
) -> None:
    hours = data(api, f"{PJM}/hours?block=7X24&date={date}")
    assert len(hours) == len(set(hours)) == count
    assert hours[1:3] == around


def test_miso_s_blocks_go_by_eastern_prevailing_time(api: Api) -> None:
    hours = data(api, "/v1/metadata/calendars/miso/hours?block=ON_PEAK&date=2024-07-02")
    assert (hours[0], len(hours)) == ("2024-07-02T07:00:00-04:00", 16)


@pytest.mark.parametrize(
    ("calendar", "block", "month", "count"),
    [
        ("pjm", "ON_PEAK", "2024-01", 352),
        ("pjm", "OFF_PEAK", "2024-01", 392),
        ("pjm", "7X24", "2024-03", 743),
        ("ercot", "7X24", "2024-03", 743),
        ("miso", "7X24", "2024-03", 743),
        ("eu_base", "BASE", "2024-01", 744),
        ("eu_base", "PEAK", "2024-01", 276),
    ],
)
def test_a_range_has_its_last_day_too(
    api: Api, calendar: str, block: str, month: str, count: int
) -> None:
    assert len(expand(api, calendar, block, f"{month}-01", f"{month}-31")) == count


def test_a_holiday_is_off_peak_and_none_of_its_hours_is_lost(api: Api) -> None:
    assert expand(api, "pjm", "ON_PEAK", "2024-07-04", "2024-07-04") == []
    assert len(expand(api, "pjm", "OFF_PEAK", "2024-07-04", "2024-07-04")) == 24


def test_an_unknown_calendar_is_a_404_that_names_the_known_ones(api: Api) -> None:
    for path in ("blocks", "hours?block=ON_PEAK&date=2024-01-02"):
        body = problem(api.get(f"/v1/metadata/calendars/pjn/{path}"), 404, "not-found")
        (error,) = body["errors"]
        assert (error["field"], error["value"]) == ("name", "pjn")
        assert "caiso, ercot, eu_base" in error["constraint"]


def test_an_unknown_block_is_refused_with_those_there_are(api: Api) -> None:
    error = bad_field(api.get(f"{PJM}/hours?block=6X16&date=2024-01-02"), "block")
    assert error["code"] == "unknown_block"
    assert error["value"] == "6X16"
    assert error["constraint"] == "one of 2X16, 5X16, 5X8, 7X16, 7X24, 7X8, OFF_PEAK, ON_PEAK"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("hours?block=ON_PEAK", "date", "required"),
        ("hours?date=2024-01-02", "block", "required"),
        ("hours?block=ON_PEAK&date=0001-01-01", "date", "out_of_range"),
        ("hours?block=ON_PEAK&date=9999-12-31", "date", "out_of_range"),
        ("expand?block=ON_PEAK&start=2024-01-02&end=2024-01-01", "end", "empty_range"),
        ("expand?block=ON_PEAK&start=2023-01-01&end=2024-01-02", "end", "range_size"),
        ("expand?block=ON_PEAK&start=1948-03-14&end=1948-03-14", "start", "out_of_range"),
    ],
)
def test_days_that_cannot_be_answered_are_refused(
    api: Api, query: str, field: str, code: str
) -> None:
    assert bad_field(api.get(f"{PJM}/{query}"), field)["code"] == code


def test_a_leap_year_is_the_longest_range(api: Api) -> None:
    assert len(expand(api, "pjm", "7X24", "2024-01-01", "2024-12-31")) == 8784


def test_units_are_two_lists_of_words(api: Api) -> None:
    found = data(api, "/v1/metadata/units")
    assert list(found) == ["currencies", "units"]
    assert {"USD", "GBP", "EUR"} < set(found["currencies"])
    assert {"MWh", "therm", "MMBtu"} < set(found["units"])
    assert all(words == sorted(words) and None not in words for words in found.values())
    assert data(api, "/v1/metadata/units?prefix=us") == {"currencies": ["USD"], "units": []}


def test_a_source_s_text_has_its_currency_and_its_measure(api: Api) -> None:
    rows = data(api, "/v1/metadata/units/mapping?prefix=%24/MW")
    assert {"units_raw": "$/MWh", "currency": "USD", "per_unit": "MWh"} in rows
    assert all(row["units_raw"].startswith("$/MW") for row in rows)
    (pence,) = data(api, "/v1/metadata/units/mapping?prefix=p/therms")
    assert pence == {"units_raw": "p/THERMS", "currency": "GBP", "per_unit": "therm"}
