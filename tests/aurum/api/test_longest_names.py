"""What may be loaded may be asked for: the longest names there can be, page by page."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from aurum.api.cursors import MAX_LENGTH, encode_cursor
from aurum.loads.cells import LONGEST_NAME
from aurum.results import ResultSchema
from aurum.snapshot import Snapshot
from aurum.stores.paging import CursorPosition
from curves import results as curves
from curves.v1 import results as v1_curves
from iso import results as iso
from tests.conftest import Api, Market
from tests.engines import BOTH

WIDE = "\U0001f300"
NAMES = [
    f"{letter}{quoted}{WIDE * (LONGEST_NAME - 2)}" for letter in "abc" for quoted in ('"', "\\")
]
"""As long as may be, in the letters that take most bytes, and with those that are escaped."""
TOO_LONG = "a" * (LONGEST_NAME + 1)
KEY = "k" * 128


def as_csv(columns: str, rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns.split(","), *rows])
    return text.getvalue()


PRICES = "iso,market,location_id,location_name,interval_start,price_total"
CURVES = "curve_key,asof_date,tenor_label,location,mid,units_raw"


def price(place: str, name: str | None = None) -> list[Any]:
    shown = place if name is None else name
    return ["CAISO", "FIFTEEN_MINUTE", place, shown, "2025-09-01T00:00Z", -5.25]


@pytest.fixture
def longest(market: Market) -> None:
    prices = market.load("iso.csv", as_csv(PRICES, map(price, NAMES)))
    assert (prices.counts.new, prices.counts.quarantined) == (len(NAMES), 0)
    rows = [[f"{KEY[1:]}{n}", "2025-09-01", name, NAMES[0], 5, "$/MWh"]
            for n in range(2) for name in NAMES]  # fmt: skip
    prices = market.load("curves.csv", as_csv(CURVES, rows))
    assert (prices.counts.new, prices.counts.quarantined) == (2 * len(NAMES), 0)


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/v2/iso/lmp?x", 6), ("/v2/iso/lmp/latest?x", 6), ("/v2/iso/locations?x", 6),
        ("/v2/iso/lmp/negative?x", 6), ("/v2/iso/lmp?resample=day", 6),
        ("/v2/curves?x", 2), ("/v2/curves/observations?asof_date=all", 12),
        ("/v2/curves/observations?x", 12),
    ],
)  # fmt: skip
def test_all_pages_can_be_walked(longest: None, api: Api, path: str, count: int) -> None:
    url: str | None = path.replace("?x", "?limit=1").replace("=all", "=all&limit=1")
    url = f"{url}&limit=1" if "resample" in path else url
    pages = []
    while url:
        answer = api.get(url)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        url = pages[-1]["links"]["next"]
    assert sum(len(page["data"]) for page in pages) == count
    assert api.get(pages[-1]["links"]["prev"]).json()["data"] == pages[-2]["data"]


@pytest.mark.parametrize("name", NAMES[:2])
def test_they_can_be_asked_for(longest: None, api: Api, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    assert len(api.rows("/v2/iso/lmp", params={"location_id": quoted})) == 1
    assert (
        len(api.rows("/v2/curves", params={"location": '"' + NAMES[0].replace('"', '""') + '"'}))
        == 2
    )


def test_longer_ones_and_those_with_control_characters_are_set_aside(market: Market) -> None:
    wrong = [price(TOO_LONG), price("1", TOO_LONG), price("a\x1b]0;b"), price("2", "b\tc")]
    done = market.load("iso.csv", as_csv(PRICES, [price("7"), *wrong]))
    assert (done.counts.new, done.counts.quarantined) == (1, len(wrong))
    assert [remark.reason for remark in done.remarks] == ["invalid_location"]
    rows = [
        ["k", "2025-09-01", "2026-01", "West", 5, "$/MWh"],
        ["l", "2025-09-01", "2026-01", TOO_LONG, 5, "$/MWh"],
        ["m", "2025-09-01", TOO_LONG, "West", 5, "$/MWh"],
        [f"{KEY}n", "2025-09-01", "2026-01", "West", 5, "$/MWh"],
    ]
    done = market.load("curves.csv", as_csv(CURVES, rows))
    assert (done.counts.new, done.counts.quarantined) == (1, 3)
    reasons = {"invalid_identity", "invalid_tenor_label", "invalid_curve_key"}
    assert {remark.reason for remark in done.remarks} == reasons


def test_a_row_that_is_set_aside_makes_no_curve(market: Market, api: Api) -> None:
    rows = [
        [key, "2025-09-01", "2026-01", "West", mid, "$/MWh"] for key, mid in (("k", 5), ("l", "x"))
    ]
    market.load("curves.csv", as_csv(CURVES, rows))
    assert [row["curve_key"] for row in api.rows("/v2/curves")] == ["k"]


WIDEST = WIDE * LONGEST_NAME
SERIES = f"CAISO:FIFTEEN_MINUTE:{WIDEST}"
DAY, INSTANT = "2025-09-01", "2025-09-01T00:00:00Z"


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (curves.OBSERVATIONS, (KEY, DAY, WIDEST, "SETTLE")),
        (curves.SPREADS, (DAY, WIDEST, DAY, "SETTLE", "SETTLE")),
        (v1_curves.POINTS, (KEY, WIDEST, DAY, DAY, "SETTLE")),
        (iso.PRICES, (SERIES, DAY, INSTANT)),
        (iso.NEGATIVE, (-123456789.123456, SERIES, INSTANT)),
        (iso.LOCATIONS, ("CAISO", WIDEST)),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_no_cursor_of_the_longest_names_is_too_long(
    schema: ResultSchema, values: tuple[Any, ...]
) -> None:
    """Under a million million loads."""
    assert len(values) == len(schema.order)
    known = Snapshot(dict.fromkeys(schema.table_names, 10**12), datetime.now(UTC))
    token = encode_cursor(schema.name, CursorPosition(values, backward=True), {}, known)
    assert len(token) <= MAX_LENGTH
