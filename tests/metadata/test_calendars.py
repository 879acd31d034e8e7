"""v2 of calendars: what follows from rules."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aurum.market.calendars import CALENDARS
from tests.conftest import Api, Market
from tests.contract import bad_field

pytestmark = pytest.mark.usefixtures("market")

V2 = "/v2/metadata/calendars"


def holidays(api: Api, query: str) -> dict[str, str]:
    rows = api.rows(f"{V2}/holidays?calendar=pjm&{query}&limit=1000")
    return {row["date"]: row["name"] for row in rows}


def test_g70_new_year_2023_a_sunday_is_kept_on_monday(api: Api) -> None:
    assert holidays(api, "start=2023-01") == {"2023-01-02": "New Year's Day"}


def test_g71_independence_day_2026_a_saturday_stays(api: Api) -> None:
    assert holidays(api, "start=2026-07") == {"2026-07-04": "Independence Day"}


@pytest.mark.data
def test_holidays_are_those_of_the_reference(api: Api, data: Path) -> None:
    path = data / "reference" / "computed_here" / "nerc_offpeak_holidays_2015_2030.csv"
    with path.open(newline="") as file:
        listed = {row["offpeak_date"]: row["holiday"] for row in csv.DictReader(file)}
    assert len(listed) == 96
    assert holidays(api, "start=2015-01&end=2031-01") == listed


def test_holidays_are_listed_for_every_calendar_that_keeps_them(api: Api) -> None:
    rows = api.rows(f"{V2}/holidays?start=2024-12")
    assert {row["calendar"] for row in rows} == {*CALENDARS} - {"eu_base"}
    body = api.get(f"{V2}/holidays?calendar=eu_base&start=2024-12").json()
    assert (body["data"], body["meta"]["reason"]) == ([], "no_match")


def test_a_calendar_says_its_clock_peak_days_holidays_and_blocks(api: Api) -> None:
    rows = {row["name"]: row for row in api.rows(V2)}
    assert set(rows) == set(CALENDARS)
    assert rows["caiso"] == {
        "name": "caiso",
        "timezone": "America/Los_Angeles",
        "peak_weekdays": "1,2,3,4,5,6",
        "holidays": "NERC",
        "blocks": "1X16,6X16,6X8,7X16,7X24,7X8,OFF_PEAK,ON_PEAK",
        "convention": "As futures and swaps are traded: HE 07-22 Pacific prevailing, Monday to"
        " Saturday less NERC holidays.",
        "source": "NYMEX contract 1Z, CAISO SP15 EZ Gen Hub Peak Calendar-Month",
    }
    assert rows["eu_base"]["holidays"] is None
    assert [row["name"] for row in api.rows(f"{V2}?name=ERCOT,pjm")] == ["ercot", "pjm"]


def hours(api: Api, query: str, **more: Any) -> list[dict[str, Any]]:
    return api.rows(f"{V2}/hours?{query}&limit=1000", **more)


def test_an_hour_is_told_by_both_clocks(api: Api) -> None:
    first, *_ = hours(api, "calendar=pjm&block=peak&start=2024-07-02")
    assert first == {
        "calendar": "pjm",
        "block": "ON_PEAK",
        "hour_beginning": "2024-07-02T07:00:00-04:00",
        "interval_start": "2024-07-02T11:00:00Z",
        "delivery_date": "2024-07-02",
        "hour_ending": 8,
    }


@pytest.mark.parametrize(
    ("query", "first", "last", "days"),
    [
        ("start=2024-02", "2024-02-01", "2024-02-29", 29),
        ("start=2024-02-05", "2024-02-05", "2024-02-05", 1),
        ("start=2024-02&end=2024-02-15", "2024-02-01", "2024-02-14", 14),
        ("start=2024-02-28&end=2024-03", "2024-02-28", "2024-02-29", 2),
    ],
)
def test_a_range_ends_before_its_end(
    api: Api, query: str, first: str, last: str, days: int
) -> None:
    rows = hours(api, f"calendar=pjm&block=7X24&{query}")
    assert (rows[0]["delivery_date"], rows[-1]["delivery_date"]) == (first, last)
    assert len(rows) == 24 * days


def test_miso_s_tariff_has_its_own_peak(api: Api) -> None:
    """In winter it begins an hour before the trade's, in summer they are the same hours."""

    def first_and_last(calendar: str, day: str) -> tuple[str, str]:
        rows = hours(api, f"calendar={calendar}&block=5x16&start={day}&fields=interval_start")
        assert len(rows) == 16
        return rows[0]["interval_start"][11:13], rows[-1]["interval_start"][11:13]

    assert first_and_last("miso", "2026-01-14") == ("12", "03")
    assert first_and_last("miso_tariff", "2026-01-14") == ("11", "02")
    assert first_and_last("miso", "2026-07-15") == ("11", "02")
    assert first_and_last("miso_tariff", "2026-07-15") == ("11", "02")


def test_blocks_of_the_catalogue_go_by_any_of_their_names(market: Market, api: Api) -> None:
    market.load("metadata.blocks", "block,name,hours_a_week\n7X24,All,168\n2X16,Weekend,32\n")
    for name, block in (("ATC", "7X24"), ("2x16h", "2X16"), ("7x24", "7X24")):
        assert [row["block"] for row in api.rows(f"/v2/metadata/blocks?block={name}")] == [block]


def test_an_hour_that_comes_twice_is_two_rows_and_one_that_is_skipped_none(api: Api) -> None:
    autumn = hours(api, "calendar=pjm&block=7X24&start=2024-11-03")
    assert [row["hour_ending"] for row in autumn] == [1, 2, 2, *range(3, 25)]
    assert len({row["interval_start"] for row in autumn}) == 25
    spring = hours(api, "calendar=pjm&block=7X24&start=2024-03-10")
    assert [row["hour_ending"] for row in spring] == [1, 2, *range(4, 25)]


def test_v1_lists_the_hours_that_v2_lists(api: Api) -> None:
    rows = hours(api, "calendar=caiso&block=OFF_PEAK&start=2024-11")
    v1 = "/v1/metadata/calendars/caiso/expand?block=OFF_PEAK&start=2024-11-01&end=2024-11-30"
    assert api.rows(v1) == [row["hour_beginning"] for row in rows]


def test_months_count_the_hours_of_each_block(api: Api) -> None:
    rows = api.rows(f"{V2}/months?calendar=pjm&months=2024-01..2024-04&block=on_peak,offpeak,7x24")
    counted = {(row["block"], row["month"]): row["hours"] for row in rows}
    assert len(counted) == 9
    assert counted["ON_PEAK", "2024-01-01"] == 352
    assert counted["OFF_PEAK", "2024-01-01"] == 392
    assert counted["7X24", "2024-03-01"] == 743
    whole = api.rows(f"{V2}/months?calendar=pjm&months=2024-03")
    assert {row["block"] for row in whole} == set(CALENDARS["pjm"].block_names)
    assert [row["hours"] for row in whole if row["block"] == "ON_PEAK"] == [
        CALENDARS["pjm"].hours_in_month("ON_PEAK", date(2024, 3, 1))
    ]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("hours?calendar=pjn&block=7X24&start=2024", "calendar", "invalid_choice"),
        ("hours?calendar=pjm&block=7X24&start=2024", "start", "invalid"),
        ("hours?calendar=pjm&block=BASES&start=2024-01", "block", "unknown_block"),
        ("hours?calendar=pjm&block=7X24&start=2024-01&end=2024-01-01", "end", "empty_range"),
        ("hours?calendar=pjm&block=7X24&start=2024-01&end=2025-01-02", "end", "range_size"),
        ("hours?calendar=pjm&block=7X24&start=1900-01", "start", "out_of_range"),
        ("holidays?start=2024-01&end=2200-02", "end", "out_of_range"),
        ("holidays?start=2024-01&end=2150-01", "end", "range_size"),
        ("months?calendar=pjm&months=1900-01", "months", "out_of_range"),
        ("months?calendar=pjm&months=2024-01&block=6X16", "block", "unknown_block"),
    ],
)
def test_what_a_rule_cannot_answer_is_refused(api: Api, query: str, field: str, code: str) -> None:
    assert bad_field(api.get(f"{V2}/{query}"), field)["code"] == code


def test_a_unit_says_what_a_source_s_text_means(api: Api) -> None:
    rows = api.rows("/v2/metadata/units?prefix=p/th")
    assert rows[-1] == {
        "units_raw": "p/therm",
        "unit": "p/therm",
        "currency": "GBP",
        "per_unit": "therm",
    }
    chosen = api.rows("/v2/metadata/units?currency=eur&per_unit=MWh")
    assert {row["unit"] for row in chosen} == {"EUR/MWh"}
    assert "€/MWh" in {row["units_raw"] for row in chosen}
