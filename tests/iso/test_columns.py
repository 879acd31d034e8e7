"""Prices are read a column at a time where nothing is to be said of any, and all are read alike."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, price, prices_at_once
from iso.feeds.prices import Prices
from tests.iso.published import FORMS, changes, hours_of
from tests.iso.test_feeds import read

DAY = hours_of("pjm", changes(2025)[1])
TEXT = FORMS["pjm"](DAY)
HEADER, *LINES = TEXT.splitlines()
CELLS = st.one_of(
    st.floats(-2e9, 2e9).map(str),
    st.floats(-50, 50).map(str),
    st.sampled_from(["", " 5 ", "1_0", "nan", "inf", "1e400", "\u0661", "-", "1,5", "0x1", "-0"]),
    st.none(),
    st.integers(-100, 10**10),
    st.floats(),
)


@settings(max_examples=300)
@given(cells=st.lists(CELLS, max_size=6))
def test_a_column_is_what_its_cells_are(cells: list[Any]) -> None:
    try:
        wanted = list(map(price, cells))
    except InvalidRow:
        with pytest.raises(InvalidRow):
            prices_at_once(cells)
        return
    if math.hypot(*(number or 0 for number in wanted)) <= 1e9:
        assert list(map(repr, prices_at_once(cells))) == list(map(repr, wanted))


def text_of(*changed: tuple[int, str, str]) -> str:
    """A day's file, of which some cells are others: of each the line, the column and the cell."""
    lines = [line.split(",") for line in TEXT.splitlines()]
    for line, column, cell in changed:
        lines[line - 1][lines[0].index(column)] = cell
    return "\n".join(map(",".join, lines)) + "\n"


def outcome(feed: str, text: str) -> Any:
    try:
        return read(feed, text)
    except InvalidFile as refused:
        return str(refused)


BAD = [
    ("total_lmp_da", "N/A"),
    ("total_lmp_da", ""),
    ("total_lmp_da", "99"),
    ("congestion_price_da", "1e12"),
    ("marginal_loss_price_da", ""),
    ("system_energy_price_da", "nan"),
    ("row_is_current", "False"),
    ("version_nbr", "x"),
    ("version_nbr", "2"),
    ("pnode_id", ""),
    ("pnode_id", "A"),
    ("pnode_name", " a\x01 "),
    ("datetime_beginning_utc", "11/02/2025 05:30:00 AM"),
    ("datetime_beginning_utc", "soon"),
    ("datetime_beginning_ept", "11/02/2025 09:00:00 AM"),
    ("datetime_beginning_utc", "11/02/2099 05:00:00 AM"),
]


@pytest.mark.parametrize(("column", "cell"), BAD)
def test_a_bad_cell_is_found_as_it_is_row_by_row(
    column: str, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text_of((line, column, cell)) for line in (2, 9, len(LINES) + 1)]
    texts.append(text_of((3, column, cell), (7, "total_lmp_da", "?")))
    found = [outcome("iso.pjm_lmp", text) for text in texts]
    monkeypatch.setattr(Prices, "sound", lambda *args: None)
    assert [outcome("iso.pjm_lmp", text) for text in texts] == found


def test_a_document_too(monkeypatch: pytest.MonkeyPatch) -> None:
    names = HEADER.split(",")
    items = [dict(zip(names, line.split(","), strict=True)) for line in LINES]
    texts = [json.dumps(items)]
    for value in (None, "", 12, 12.5, True, "N/A", 10**400):
        texts += [json.dumps([*items[:5], {**items[5], name: value}, *items[6:]]) for name in names]
    for item in items:
        item["version_nbr"] = 1
    texts.append(json.dumps([*items[:5], {**items[5], "version_nbr": 1.0}, *items[6:]]))
    found = [outcome("iso.pjm_lmp", text) for text in texts]
    monkeypatch.setattr(Prices, "sound", lambda *args: None)
    assert [outcome("iso.pjm_lmp", text) for text in texts] == found


def test_a_whole_day_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prices, "add", lambda *args: pytest.fail("one by one"))
    (batch,) = read("iso.pjm_lmp", TEXT)
    assert len(batch.rows["iso_lmp"]) == len(LINES) == len(batch.places["iso_lmp"])
