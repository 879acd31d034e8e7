"""Delivery periods and their labels."""

from datetime import date

import pytest

from aurum.market.tenors import (
    TenorType,
    calendar,
    month_of,
    parse_strip_label,
    quarter,
    strips_of,
    summer,
    tenor_type_of,
    winter,
)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Calendar 2026", "CALENDAR"), ("Winter 2026", "SEASON"), ("Summer 2025", "SEASON"),
        ("Q1 2026", "QUARTER"), ("2024-Q2", "QUARTER"), ("2026-01", "MONTHLY"),
        ("Bal-Month", "SEASON"), ("anything", "MONTHLY"),
    ],
)  # fmt: skip
def test_a_label_says_its_kind(label: str, kind: str) -> None:
    assert tenor_type_of(label) == kind


def test_a_winter_is_named_for_the_year_it_ends_in() -> None:
    assert winter(2026).months[0] == date(2025, 11, 1)
    assert winter(2026).months[-1] == date(2026, 3, 1)
    assert len(winter(2026).months) == 5


def test_a_summer_has_the_seven_months_from_april() -> None:
    assert [month.month for month in summer(2026).months] == [4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize("kind", [TenorType.CALENDAR, TenorType.QUARTER, TenorType.SEASON])
def test_every_month_lies_in_exactly_the_strip_it_is_said_to(kind: TenorType) -> None:
    for year in (1999, 2025, 2026):
        for month in range(1, 13):
            strip = strips_of(kind, date(year, month, 1))
            assert strip is not None
            assert date(year, month, 1) in strip.months
            assert parse_strip_label(strip.label) == strip


@pytest.mark.parametrize(
    ("spelling", "label"),
    [
        ("2024-Q2", "Q2 2024"), ("q2-2024", "Q2 2024"), ("Cal-27", None),
        ("Cal 2027", "Calendar 2027"),
        ("CALENDAR 2027", "Calendar 2027"), ("winter 2026", "Winter 2026"), ("Calendar 0000", None),
        ("Calendar 9999", None), ("Q5 2026", None), ("2026-01", None),
    ],
)  # fmt: skip
def test_other_spellings_name_the_same_strip(spelling: str, label: str | None) -> None:
    strip = parse_strip_label(spelling)
    assert (strip.label if strip else None) == label


def test_a_month_has_no_strip_of_its_own() -> None:
    assert strips_of(TenorType.MONTHLY, date(2026, 1, 1)) is None
    assert month_of("2026-13") is None
    assert month_of("2026-01") == date(2026, 1, 1)


def test_calendar_and_quarters_share_their_months() -> None:
    quarters = [month for number in range(1, 5) for month in quarter(2026, number).months]
    assert tuple(quarters) == calendar(2026).months
