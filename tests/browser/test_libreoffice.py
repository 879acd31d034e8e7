"""Tables as LibreOffice opens them: it converts each file, and the cells it has are looked at."""

import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import Api, Market

pytestmark = pytest.mark.browser

SPECIAL_NUMBERS = "Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true"
"""A comma, UTF-8, and *Detect special numbers*, as its dialog has them."""
PRICES = """iso,market,location_id,interval_start,price_total,location_name
PJM,DAY_AHEAD,000123,2026-01-15T05:00:00Z,-31.5,=1+1
PJM,DAY_AHEAD,000123,2026-01-15T06:00:00Z,42.25,=1+1
"""
ASKED = (
    "/v2/iso/lmp?fields=location_id,location_name,interval_start,local,delivery_date,price_total"
)
START = datetime(2026, 1, 15, 5)  # noqa: DTZ001 - a spreadsheet knows no zones
LOCAL = datetime(2026, 1, 15)  # noqa: DTZ001


@pytest.fixture
def cells(market: Market, api: Api, tmp_path: Path) -> Any:
    market.load("iso.csv", PRICES)
    office = shutil.which("soffice")
    assert office, "no LibreOffice is installed"

    def cells_of(path: str, name: str, *options: str) -> list[tuple[Any, ...]]:
        file = tmp_path / name
        file.write_bytes(api.get(path).content)
        command = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"]
        command += [
            *options,
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "converted"),
            str(file),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        book = openpyxl.load_workbook(tmp_path / "converted" / f"{file.stem}.xlsx")
        (sheet,) = book.worksheets
        return list(sheet.iter_rows(values_only=True))

    return cells_of


def test_a_workbook_has_ids_as_text_times_as_times_and_no_formulas(cells: Any) -> None:
    head, *rows = cells(f"{ASKED}&format=xlsx", "prices.xlsx")
    assert [str(title).partition(" [")[0] for title in head] == ASKED.partition("=")[2].split(",")
    assert rows[0] == ("000123", "=1+1", START, LOCAL, LOCAL, -31.5)
    assert rows[1][-1] == 42.25


def test_a_csv_for_spreadsheets_has_times_as_times(cells: Any) -> None:
    asked = f"{ASKED}&format=csv&timestamps=spreadsheet"
    head, *rows = cells(asked, "prices.csv", f"--infilter={SPECIAL_NUMBERS}")
    assert head[0] == "location_id"
    assert [(row[2], row[3], row[5]) for row in rows] == [
        (START, LOCAL, -31.5),
        (START.replace(hour=6), LOCAL.replace(hour=1), 42.25),
    ]
    assert rows[0][1] == "'=1+1"  # a text, which no spreadsheet runs
