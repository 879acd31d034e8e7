"""Delivery periods and their labels."""

from datetime import date

import pytest

from aurum.market.tenors import (
    TenorType,
    calendar,
    month_named,
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
        ("Bal-Month", "SEASON"), ("Cal-27", "CALENDAR"), ("Oct-26", "MONTHLY"),
        # What is not understood is no month, and no strip either.
        ("anything", "CUSTOM"), ("Wk38-2026", "CUSTOM"), ("2026-10-05", "CUSTOM"),
        ("BOM", "CUSTOM"), ("Next Day", "CUSTOM"), ("Calgary", "CUSTOM"), ("Q5 2026", "CUSTOM"),
        ("Calendar Week 38", "CUSTOM"), ("Q4 2026 wk1", "CUSTOM"), ("Bal Week", "CUSTOM"),
        ("V26", "CUSTOM"), ("Oct 26", "CUSTOM"), ("2026-13", "CUSTOM"), ("Fallback", "CUSTOM"),
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


@pytest.mark.parametrize(
    ("spelling", "month"),
    [
        ("2026-10", date(2026, 10, 1)), ("Oct-26", date(2026, 10, 1)),
        ("OCT26", date(2026, 10, 1)), ("oct 2026", date(2026, 10, 1)),
        ("October-2026", date(2026, 10, 1)), ("Sept-26", date(2026, 9, 1)),
        ("June 2026", date(2026, 6, 1)), ("May-27", date(2027, 5, 1)),
        ("Oct 26", None), ("V26", None), ("Octo-26", None), ("Oct-026", None), ("26-Oct", None),
    ],
)  # fmt: skip
def test_a_month_has_several_spellings(spelling: str, month: date | None) -> None:
    assert month_named(spelling) == month


def test_a_month_has_no_strip_of_its_own() -> None:
    assert strips_of(TenorType.MONTHLY, date(2026, 1, 1)) is None
    assert month_of("2026-13") is None
    assert month_of("2026-01") == date(2026, 1, 1)


def test_calendar_and_quarters_share_their_months() -> None:
    quarters = [month for number in range(1, 5) for month in quarter(2026, number).months]
    assert tuple(quarters) == calendar(2026).months
