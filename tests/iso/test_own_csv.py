"""Aurum's own CSV of prices."""

from typing import Any

import pytest

from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.iso.test_feeds import read


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("PJM,DAY_AHEAD,1,2025-11-02T05:00:00,9,", "invalid_interval"),
        ("PJM,DAY_AHEAD,1,2025-11-02T05:10Z,9,", "interval_does_not_fit"),
        ("PJM,DAY_AHEAD,1,9999-12-31T23:30Z,9,", "invalid_interval"),
        ("PJM,DAY_AHEAD,,2025-11-02T05:00Z,9,", "missing_location"),
        ("PJM,DAY_AHEAD,1,2025-11-02T05:00Z,,", "missing_measurement"),
        ("PJM,DAY_AHEAD,1,2025-11-02T05:00Z,9,MOON", "invalid_location_type"),
    ],
)
def test_a_row_of_our_own_csv_that_cannot_be(line: str, reason: str) -> None:
    header = "iso,market,location_id,interval_start,price_total,location_type\n"
    batches = read("iso.csv", f"{header}{line}\n")
    assert [one.reason for batch in batches for one in batch.rejected] == [reason]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("iso,market\n", "column 'location_id' is missing"),
        ("iso,market,location_id,interval_start,price_total,colour\n", "no column 'colour'"),
        ("iso,market,location_id,interval_start,price_total\nXYZ,DAY_AHEAD,1,x,1\n", "iso is one"),
        ("iso,market,location_id,interval_start,price_total\nPJM,SOON,1,x,1\n", "market is one"),
        ("iso,market,location_id,interval_start,price_total\nPJM\n", "5 cells are expected"),
    ],
)
def test_our_own_csv_of_another_form_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        read("iso.csv", text)


def own(columns: str, *lines: str) -> list[Any]:
    head = f"iso,market,location_id,interval_start,price_total,{columns}\n"
    return read("iso.csv", head + "\n".join((*lines, "")))


@pytest.mark.parametrize(
    ("market", "column", "length", "seconds"),
    [
        ("DAY_AHEAD", "interval_minutes", "60", 3600),
        ("REAL_TIME", "interval_minutes", "", 3600),
        ("FIFTEEN_MINUTE", "interval_minutes", "", 900),
        ("FIVE_MINUTE", "interval_seconds", "300", 300),
        ("FIVE_MINUTE", "interval_seconds", "", 300),
        ("HOUR_AHEAD", "interval_seconds", "900", 900),
    ],
)
def test_an_interval_is_as_long_as_its_market_s(
    market: str, column: str, length: str, seconds: int
) -> None:
    (batch,) = own(column, f"CAISO,{market},1,2025-01-02T05:00Z,9,{length}")
    assert [row[4] for row in batch.rows["iso_lmp"]] == [seconds]


@pytest.mark.parametrize(
    ("market", "start", "minutes"),
    [
        ("FIVE_MINUTE", "2025-01-02T05:00Z", "60"),
        ("REAL_TIME", "2025-01-02T05:00Z", "5"),
        ("FIVE_MINUTE", "2025-01-02T05:02Z", "5"),
        ("FIVE_MINUTE", "2025-01-02T05:00:30Z", "5"),
        ("FIFTEEN_MINUTE", "2025-01-02T05:05Z", ""),
    ],
)
def test_one_that_is_not_or_begins_between_two_is_set_aside(
    market: str, start: str, minutes: str
) -> None:
    (batch,) = own("interval_minutes", f"NYISO,{market},1,{start},9,{minutes}")
    assert [one.reason for one in batch.rejected] == ["interval_does_not_fit"]


@pytest.mark.parametrize("minutes", ["0", "-5", "61", "x", "5.5", "9" * 30])
def test_no_length_is_guessed(minutes: str) -> None:
    (batch,) = own("interval_minutes", f"NYISO,FIVE_MINUTE,1,2025-01-02T05:00Z,9,{minutes}")
    assert [one.reason for one in batch.rejected] == ["invalid_interval"]


def test_one_unit_of_length_is_enough() -> None:
    with pytest.raises(InvalidFile, match="interval_minutes and interval_seconds"):
        own("interval_minutes,interval_seconds")


def test_status_and_version_are_the_row_s() -> None:
    line = "PJM,REAL_TIME,{},2025-01-02T05:00Z,9,{},{}"
    rows = (("1", "preliminary", ""), ("2", "", " 3 "), ("3", "CORRECTED", "2"))
    (batch,) = own("status,version", *(line.format(*row) for row in rows))
    assert [row[-3:-1] for row in batch.rows["iso_lmp"]] == [
        ("PRELIMINARY", None), ("FINAL", 3), ("CORRECTED", 2),
    ]  # fmt: skip
    wrong = (("1", "settled", ""), ("1", "", "-1"), ("1", "", "1.0"), ("1", "", "9" * 12))
    (batch,) = own("status,version", *(line.format(*row) for row in wrong))
    assert [one.reason for one in batch.rejected] == ["invalid_status", *["invalid_version"] * 3]


def test_an_hour_is_no_price_of_five_minutes(market: Market, api: Api) -> None:
    """It is a series of its own, whichever of the two comes first."""
    five = (
        f"NYISO,FIVE_MINUTE,61757,2026-09-24T04:{minute:02}Z,{20 + n},5"
        for n, minute in enumerate(range(0, 60, 5))
    )
    head = "iso,market,location_id,interval_start,price_total,interval_minutes\n"
    assert market.load("iso.csv", head + "\n".join((*five, ""))).counts.new == 12
    hour = "NYISO,REAL_TIME,61757,2026-09-24T04:00Z,100,60"
    assert market.load("iso.csv", f"{head}{hour}\n").counts.new == 1
    rows = api.rows("/v2/iso/lmp?resample=hour&agg=mean&iso=NYISO&fields=series_key,mean,count")
    assert [tuple(row.values()) for row in rows] == [
        ("NYISO:FIVE_MINUTE:61757", 25.5, 12),
        ("NYISO:REAL_TIME:61757", 100, 1),
    ]


def test_new_york_s_extra_dispatches_come_with_their_seconds() -> None:
    line = "NYISO,FIVE_MINUTE,1,2026-09-26T04:{}Z,9,{}"
    times = (("10:00", 372), ("15:12", 288), ("20:00", ""))
    (batch,) = own("interval_seconds", *(line.format(*one) for one in times))
    assert [row[4] for row in batch.rows["iso_lmp"]] == [288, 300]
    assert [one.reason for one in batch.rejected] == ["interval_does_not_fit"]
    (batch,) = own("interval_seconds", line.format("15:12", 288).replace("NYISO", "PJM"))
    assert [one.reason for one in batch.rejected] == ["interval_does_not_fit"]


@pytest.mark.parametrize("spelled", [str.upper, lambda text: text.replace("_", " ").title()])
def test_headings_of_our_own_in_any_case(spelled: Any) -> None:
    head = "iso,market,location_id,interval_start,price_total"
    (batch,) = read("iso.csv", f"{spelled(head)}\nPJM,DAY_AHEAD,1,2025-01-02T05:00Z,9\n")
    assert len(batch.rows["iso_lmp"]) == 1
