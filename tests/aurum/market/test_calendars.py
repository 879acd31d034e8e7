from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.market.calendars import (
    CALENDARS,
    UnknownBlock,
    UnknownCalendar,
    calendar_of,
    holidays,
)
from aurum.market.time import hour_starts, local_hour_starts

Published = Callable[[str], list[dict[str, str]]]

PJM, CAISO, MISO, EU = (CALENDARS[name] for name in ("pjm", "caiso", "miso", "eu_base"))
FIVE_DAY = ("pjm", "nyiso", "isone", "miso", "miso_tariff", "ercot", "spp")
SIX_DAY = ("caiso", "wecc")
JANUARY, MARCH, NOVEMBER = date(2024, 1, 1), date(2024, 3, 1), date(2024, 11, 1)

PARTITIONS = {
    **dict.fromkeys(
        FIVE_DAY,
        (("ON_PEAK", "OFF_PEAK"), ("5X16", "2X16", "7X8"), ("7X16", "7X8"), ("7X24",)),
    ),
    **dict.fromkeys(
        SIX_DAY,
        (("ON_PEAK", "OFF_PEAK"), ("6X16", "1X16", "7X8"), ("7X16", "7X8"), ("7X24",)),
    ),
    "eu_base": (("PEAK", "OFF_PEAK"), ("BASE",)),
}


def stamps(calendar: str, block: str, day: date) -> list[str]:
    hours = CALENDARS[calendar].hours(block, day, day + timedelta(days=1))
    return [hour.isoformat() for hour in hours]


def hour_ending(calendar: str, block: str, day: date) -> tuple[int, int]:
    """The first and last hour ending of a block on a day."""
    hours = [int(stamp[11:13]) + 1 for stamp in stamps(calendar, block, day)]
    return hours[0], hours[-1]


@pytest.mark.parametrize(
    ("holiday", "kept"),
    [
        ("New Year's Day", date(2023, 1, 2)),  # a Sunday
        ("Independence Day", date(2026, 7, 4)),  # a Saturday
        ("Memorial Day", date(2024, 5, 27)),
        ("Labor Day", date(2024, 9, 2)),
        ("Thanksgiving Day", date(2024, 11, 28)),
        ("Christmas Day", date(2022, 12, 26)),
        ("Independence Day", date(1965, 7, 5)),
    ],
)
def test_it_keeps_a_holiday_on_its_day_or_the_monday_after_a_sunday(
    holiday: str, kept: date
) -> None:
    assert holidays(kept.year)[kept] == holiday


@given(st.integers(1900, 2100))
def test_it_has_six_holidays_a_year_and_none_on_a_sunday(year: int) -> None:
    days = list(holidays(year))

    assert len(days) == 6
    assert days == sorted(days)
    assert all(day.year == year and day.isoweekday() != 7 for day in days)


def test_it_agrees_with_the_reference_holidays(published: Published) -> None:
    rows = published("reference/computed_here/nerc_offpeak_holidays_2015_2030.csv")
    listed = {date.fromisoformat(row["offpeak_date"]): row["holiday"] for row in rows}

    assert listed == {
        day: name for year in range(2015, 2031) for day, name in holidays(year).items()
    }


YEARS = (2000, *range(2004, 2015), 2040)
"""Years that begin on each weekday, leap years, and the years around the clock rule of 2007."""


@pytest.mark.parametrize("name", CALENDARS)
def test_it_splits_every_day_of_many_years_into_its_blocks(name: str) -> None:
    calendar = CALENDARS[name]
    for first in (date(year, 1, 1) for year in YEARS):
        end = date(first.year + 1, 1, 1)
        days = (first + timedelta(days=n) for n in range((end - first).days))
        whole = [start for day in days for start in local_hour_starts(calendar.zone, day)]
        for partition in PARTITIONS[name]:
            taken = [hour for block in partition for hour in calendar.hours(block, first, end)]
            assert sorted(taken) == whole


@pytest.mark.parametrize(("names", "days"), [(FIVE_DAY, 5), (SIX_DAY, 6)])
def test_it_fills_peak_days_with_their_day_and_night_blocks(
    names: tuple[str, ...], days: int
) -> None:
    for calendar in (CALENDARS[name] for name in names):
        for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(366)):
            after = day + timedelta(days=1)
            both = calendar.count(f"{days}X16", day, after) + calendar.count(
                f"{days}X8", day, after
            )
            whole = len(hour_starts(calendar.zone, day))
            assert both == (whole if calendar.is_peak_day(day) else 0)


@pytest.mark.parametrize("name", CALENDARS)
def test_it_counts_a_month_as_many_hours_as_it_lists(name: str) -> None:
    calendar = CALENDARS[name]
    for block in calendar.block_names:
        for month in (JANUARY, date(2024, 3, 31), NOVEMBER, date(2024, 12, 15)):
            first = month.replace(day=1)
            following = (first + timedelta(days=31)).replace(day=1)
            listed = list(calendar.hours(block, first, following))
            assert calendar.hours_in_month(block, month) == len(listed)
            assert calendar.count(block, first, following) == len(listed)


@pytest.mark.parametrize("name", CALENDARS)
@pytest.mark.parametrize("first", [date(2024, 3, 9), date(2024, 10, 26), date(2024, 11, 2)])
def test_it_says_of_an_instant_what_it_lists(name: str, first: date) -> None:
    calendar = CALENDARS[name]
    last = first + timedelta(days=3)
    for block in calendar.block_names:
        listed = set(calendar.hours(block, first, last))
        for day in (first + timedelta(days=n) for n in range(3)):
            for start in hour_starts(calendar.zone, day):
                inside = start + timedelta(minutes=59)
                assert calendar.is_in(block, inside) == (start in listed)


@pytest.mark.parametrize(
    ("calendar", "block", "month", "hours"),
    [
        ("pjm", "ON_PEAK", JANUARY, 352),
        ("pjm", "OFF_PEAK", JANUARY, 392),
        ("pjm", "5X16", JANUARY, 352),
        ("pjm", "2X16", JANUARY, 144),
        ("pjm", "7X8", JANUARY, 248),
        ("pjm", "5X8", JANUARY, 176),
        ("pjm", "7X24", MARCH, 743),
        ("pjm", "ON_PEAK", MARCH, 336),
        ("pjm", "OFF_PEAK", MARCH, 407),
        ("pjm", "7X24", NOVEMBER, 721),
        ("pjm", "7X16", JANUARY, 496),
        ("miso_tariff", "7X24", MARCH, 744),
        ("miso_tariff", "ON_PEAK", JANUARY, 352),
        ("ercot", "7X24", MARCH, 743),
        ("miso", "7X24", MARCH, 743),
        ("miso", "7X24", NOVEMBER, 721),
        ("caiso", "ON_PEAK", JANUARY, 416),
        ("caiso", "6X16", JANUARY, 416),
        ("caiso", "1X16", JANUARY, 80),
        ("caiso", "ON_PEAK", date(2026, 7, 1), 416),
        ("eu_base", "BASE", JANUARY, 744),
        ("eu_base", "PEAK", JANUARY, 276),
        ("eu_base", "OFF_PEAK", JANUARY, 468),
        ("eu_base", "BASE", MARCH, 743),
        ("eu_base", "BASE", date(2024, 10, 1), 745),
    ],
)
def test_it_counts_the_hours_of_a_month(calendar: str, block: str, month: date, hours: int) -> None:
    assert CALENDARS[calendar].hours_in_month(block, month) == hours


@pytest.mark.parametrize(
    ("calendar", "first", "last"),
    [
        *((name, 8, 23) for name in ("pjm", "nyiso", "isone", "miso")),
        *((name, 7, 22) for name in ("miso_tariff", "ercot", "spp", "caiso", "wecc")),
        ("eu_base", 9, 20),
    ],
)
def test_it_peaks_in_the_hours_of_the_market(calendar: str, first: int, last: int) -> None:
    for day in (date(2024, 1, 2), date(2024, 7, 2)):
        assert hour_ending(calendar, "PEAK", day) == (first, last)


def test_it_lists_hours_with_the_offset_of_the_market() -> None:
    listed = stamps("pjm", "ON_PEAK", date(2024, 1, 2))

    assert len(listed) == 16
    assert (listed[0], listed[-1]) == ("2024-01-02T07:00:00-05:00", "2024-01-02T22:00:00-05:00")
    assert stamps("miso", "ON_PEAK", date(2024, 7, 2))[0] == "2024-07-02T07:00:00-04:00"


def test_it_lists_the_night_of_a_changed_day_by_the_clock() -> None:
    assert [stamp[11:] for stamp in stamps("pjm", "7X8", date(2024, 3, 10))][:4] == [
        "00:00:00-05:00",
        "01:00:00-05:00",
        "03:00:00-04:00",
        "04:00:00-04:00",
    ]
    assert len(set(PJM.hours("7X8", date(2024, 11, 3), date(2024, 11, 4)))) == 9
    assert [stamp[11:] for stamp in stamps("pjm", "7X8", date(2024, 11, 3))][:4] == [
        "00:00:00-04:00",
        "01:00:00-04:00",
        "01:00:00-05:00",
        "02:00:00-05:00",
    ]


def test_it_gives_the_whole_of_a_holiday_to_the_off_peak() -> None:
    assert len(stamps("pjm", "OFF_PEAK", date(2024, 7, 4))) == 24
    assert len(stamps("pjm", "2X16", date(2024, 7, 4))) == 16
    assert len(stamps("caiso", "OFF_PEAK", date(2026, 7, 4))) == 24
    assert len(stamps("eu_base", "PEAK", date(2024, 12, 25))) == 12


def test_it_peaks_on_saturday_in_the_west_only() -> None:
    saturday = date(2024, 1, 6)
    assert [name for name in CALENDARS if CALENDARS[name].is_peak_day(saturday)] == list(SIX_DAY)


def test_it_lists_nothing_between_a_date_and_itself() -> None:
    assert list(PJM.hours("7X24", JANUARY, JANUARY)) == []
    assert PJM.count("7X24", NOVEMBER, JANUARY) == 0


def test_it_finds_blocks_and_calendars_in_any_case_and_by_synonym() -> None:
    assert PJM.block("on_peak") == PJM.block("5x16") == PJM.block("Peak") == PJM.block("ONPEAK")
    assert PJM.block("OffPeak") == PJM.block("OFF_PEAK")
    assert PJM.block("BASE") == PJM.block("7X24")
    assert EU.block("on_peak") == EU.block("onpeak") == EU.block("PEAK")
    assert EU.block("7x24") == EU.block("BASE")
    assert calendar_of(" PJM ") is PJM


def test_it_refuses_a_block_or_calendar_that_is_not_there() -> None:
    with pytest.raises(UnknownBlock, match=r"caiso has ON_PEAK, .*, not '5X16'"):
        CAISO.block("5X16")
    with pytest.raises(UnknownBlock):
        EU.hours("2X16", JANUARY, NOVEMBER)
    with pytest.raises(UnknownCalendar, match=r"the calendars are pjm, .*, not 'nordpool'"):
        calendar_of("nordpool")


def test_it_refuses_an_instant_without_offset() -> None:
    with pytest.raises(ValueError, match="has no offset"):
        PJM.is_in("ON_PEAK", datetime.fromisoformat("2024-01-02 12:00"))


def test_it_counts_a_year_of_pjm_hours() -> None:
    first, last = date(2025, 6, 16), date(2026, 6, 15)
    midnight = hour_starts(PJM.zone, last)[0]

    assert PJM.count("ON_PEAK", first, last) + PJM.is_in("ON_PEAK", midnight) == 4064
    assert PJM.count("OFF_PEAK", first, last) + PJM.is_in("OFF_PEAK", midnight) == 4673


def test_it_averages_published_prices_by_block_and_month(published: Published) -> None:
    prices = {
        datetime.strptime(row["datetime_beginning_utc"], "%m/%d/%Y %I:%M:%S %p").replace(
            tzinfo=UTC
        ): float(row["total_lmp_da"])
        for row in published("lmp/pjm/da_hrl_lmps_ALDENE_20250616_20260615.csv")
    }

    def mean(hours: list[float]) -> float:
        return fsum(hours) / len(hours)

    def of_block(block: str) -> list[float]:
        return [price for start, price in prices.items() if PJM.is_in(block, start)]

    def of_month(first: date, following: date) -> list[float]:
        return [prices[hour.astimezone(UTC)] for hour in PJM.hours("7X24", first, following)]

    assert mean(of_block("ON_PEAK")) == pytest.approx(59.290748, abs=1e-6)
    assert mean(of_block("OFF_PEAK")) == pytest.approx(44.105626, abs=1e-6)
    november = of_month(date(2025, 11, 1), date(2025, 12, 1))
    assert (len(november), round(mean(november), 6)) == (721, 42.751040)
    march = of_month(date(2026, 3, 1), date(2026, 4, 1))
    assert (len(march), round(mean(march), 6)) == (743, 32.297604)
