"""The demo files of curves: made up, shaped like the real thing, the same on every machine."""

import csv
import io
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest

from curves.demo import demo_files
from curves.domain import DOMAIN

Row = dict[str, str]
Curve = tuple[str, ...]

DIGEST = """
import hashlib
from curves.demo import demo_files
whole = hashlib.sha256()
for name, make in demo_files():
    whole.update(name.encode() + make())
print(whole.hexdigest())
"""


@pytest.fixture(scope="module")
def files() -> dict[str, list[Row]]:
    return {name: list(csv.DictReader(io.StringIO(make().decode()))) for name, make in demo_files()}


@pytest.fixture(scope="module")
def rows(files: dict[str, list[Row]]) -> list[Row]:
    return [row for content in files.values() for row in content]


@pytest.fixture(scope="module")
def curves(rows: list[Row]) -> dict[Curve, list[Row]]:
    """The rows of each curve on the newest valuation date."""
    newest = max(row["asof_date"] for row in rows)
    found: dict[Curve, list[Row]] = defaultdict(list)
    for row in rows:
        if row["asof_date"] == newest:
            parts = ("asset_class", "iso", "location", "market", "product", "block")
            found[tuple(row[name] for name in parts)].append(row)
    return found


def test_there_are_curves_tenors_and_valuation_dates_enough(
    rows: list[Row], curves: dict[Curve, list[Row]]
) -> None:
    assert len(curves) >= 40
    assert sum(len(months) >= 60 for months in curves.values()) > len(curves) / 2
    assert len({row["contract_month"] for row in rows}) >= 60
    assert len({row["asof_date"] for row in rows}) >= 20


def test_each_file_is_one_business_day_of_2025_named_for_it(files: dict[str, list[Row]]) -> None:
    for name, content in files.items():
        (day,) = {row["asof_date"] for row in content}
        assert name == f"demo-curves-{day}.csv"
        assert date.fromisoformat(day).year == 2025
        assert date.fromisoformat(day).weekday() < 5


def test_a_feed_of_the_domain_takes_each_file(files: dict[str, list[Row]]) -> None:
    assert {DOMAIN.feed_for(name).name for name in files} == {"curves.csv"}


def test_bid_middle_and_ask_are_in_order_and_positive(rows: list[Row]) -> None:
    for row in rows:
        assert 0 < float(row["bid"]) <= float(row["mid"]) <= float(row["ask"]), row


def test_no_price_is_quoted_twice(files: dict[str, list[Row]]) -> None:
    for content in files.values():
        keys = {
            tuple(v for k, v in row.items() if k not in ("mid", "bid", "ask")) for row in content
        }
        assert len(keys) == len(content)


def test_months_begin_with_that_of_the_valuation_date_and_some_curves_lack_some(
    curves: dict[Curve, list[Row]],
) -> None:
    counts = set()
    for months in curves.values():
        assert months[0]["contract_month"] == "2025-09-01"
        assert all(row["contract_month"].endswith("-01") for row in months)
        counts.add(len(months))
    assert len(counts) >= 3
    assert max(counts) >= 60


@pytest.mark.parametrize(
    ("asset_class", "iso", "high", "low"),
    [
        ("power", "ERCOT", "07", "01"),
        ("power", "PJM", "07", "01"),
        ("power", "ISONE", "01", "07"),
        ("gas", "", "01", "07"),
    ],
)
def test_prices_have_their_season(
    curves: dict[Curve, list[Row]], asset_class: str, iso: str, high: str, low: str
) -> None:
    seen = [months for curve, months in curves.items() if curve[:2] == (asset_class, iso)]
    assert seen
    for months in seen:
        peak, trough = (
            fmean(float(row["mid"]) for row in months if row["contract_month"][5:7] == month)
            for month in (high, low)
        )
        assert peak > 1.2 * trough


def test_prices_move_from_day_to_day_but_not_wildly(rows: list[Row]) -> None:
    one = [row for row in rows if row["location"] == "Henry Hub"]
    series = [float(row["mid"]) for row in one if row["contract_month"] == "2026-01-01"]
    moves = [abs(late / early - 1) for early, late in pairwise(series)]
    assert 0 < max(moves) < 0.05
    assert fmean(moves) > 0.001


def test_the_bytes_are_the_same_in_every_process(tmp_path: Path) -> None:
    told = []
    for seed in ("1", "2"):
        environment = os.environ | {
            "PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}", "AURUM_HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "aurum.settings",
        }  # fmt: skip
        told.append(
            subprocess.Popen(
                [sys.executable, "-c", DIGEST],
                cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
    one, two = (process.communicate()[0] for process in told)
    assert one == two != ""
