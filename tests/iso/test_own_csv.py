"""Aurum's own CSV of prices."""

import pytest

from aurum.errors import InvalidFile
from tests.iso.test_feeds import read


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("PJM,DAY_AHEAD,1,2025-11-02T05:00:00,9,", "invalid_interval"),
        ("PJM,DAY_AHEAD,1,2025-11-02T05:10Z,9,", "invalid_interval"),
        ("PJM,DAY_AHEAD,,2025-11-02T05:00Z,9,", "missing_location"),
        ("PJM,DAY_AHEAD,1,2025-11-02T05:00Z,,", "missing_measurement"),
        ("PJM,DAY_AHEAD,1,2025-11-02T05:00Z,9,MOON", "invalid_location_type"),
    ],
)
def test_a_row_of_our_own_csv_that_cannot_be(line: str, reason: str) -> None:
    header = "iso,market,location_id,interval_start,price_total,location_type\n"
    batches = read("iso.csv", header + line)
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
