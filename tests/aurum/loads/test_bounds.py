"""What a file may hold: lines, documents, texts, numbers and times, each within bounds."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from aurum.loads import documents, reading
from aurum.loads.cells import AHEAD, calendar_day, is_name, moment, wall, whole_number
from aurum.loads.documents import json_document
from aurum.loads.feeds import Batch
from aurum.loads.reading import ROWS_AT_ONCE, csv_lines
from tests.conftest import Api, Market
from tests.engines import EVERY
from tests.factories import curve_csv, months, nymex
from tests.iso import published

NOON = datetime(2025, 9, 12, 12, tzinfo=UTC)


def batches_of(feed: str, text: str) -> list[Batch]:
    found = find_feed(feed)
    assert found is not None
    return list(found[1].read(io.BytesIO(text.encode())))


class Endless(io.RawIOBase):
    """A file whose only line never ends, and how much of it was asked for."""

    def __init__(self, unit: bytes, size: int) -> None:
        self.unit, self.left, self.read_so_far = unit, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left)
        buffer[:size] = (self.unit * (size // len(self.unit) + 1))[:size]
        self.left -= size
        self.read_so_far += size
        return size


@pytest.mark.parametrize("unit", [b"a", b"1,", b'"a\n"\n'.strip() + b"x", b'"a\n",'])
def test_a_line_is_refused_before_it_fills_the_memory(unit: bytes) -> None:
    file = Endless(unit, 2**31)
    lines = csv_lines(io.BufferedReader(file), ends_lines=False)
    with pytest.raises(InvalidFile, match=r"^line"):
        list(lines)
    assert file.read_so_far < 4 * reading.LONGEST_LINE


def test_lines_are_counted_apart() -> None:
    many = b"a,b\n" * (reading.LONGEST_LINE // 4 + 10)
    assert len(list(csv_lines(io.BytesIO(many)))) == many.count(b"\n")


def test_a_document_is_refused_before_it_is_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST_DOCUMENT", 1000)
    with pytest.raises(InvalidFile, match="more than 1,000 bytes"):
        json_document(io.BytesIO(b"[" + b" " * 1000 + b"]"))


def test_a_zip_of_one_endless_line_is_refused(tmp_path: Path) -> None:
    """As an archive of 100 kB that unpacks to a line of 16 MB."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lmp.csv", b"7" * (15 * 2**20))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, archive.open("lmp.csv") as line:
        unpacked = io.BytesIO(line.read())
    feed = find_feed("iso.csv")
    assert feed is not None
    with pytest.raises(InvalidFile, match=r"^line 1: it has more than 1,048,576 characters"):
        list(feed[1].read(unpacked))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": [1, "x\\u0000"]}', r"a\[1\]"),
        ('{"a": {"b": "\\ud800"}}', "b"),
        ('{"a": 1, "\\udfff": 2}', "a name in the top level"),
    ],
)
def test_a_text_that_is_none_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidFile, match=f"^{place}: it has a character that is in no text"):
        json_document(io.BytesIO(text.encode()))


def test_what_looks_like_it_is_taken() -> None:
    text = r'["\ud83c\udf00", "\\u0000", "\\ud800"]'
    assert json_document(io.BytesIO(text.encode())) == ["\U0001f300", r"\u0000", r"\ud800"]
    with pytest.raises(InvalidFile, match=r"^line 2: it has a character that is in no text"):
        list(csv_lines(io.BytesIO(b"a\nb\0\n")))


def test_integers_that_no_engine_keeps_are_text() -> None:
    digits = "9" * 5_000
    assert json_document(io.BytesIO(f"[{digits}, {'9' * 18}]".encode())) == [digits, 10**18 - 1]


def test_numbers_are_ascii_digits_and_few() -> None:
    assert whole_number(" 24 ") == 24
    for text in ("1_0", "\u0661", "9" * 10, "9" * 5_000, "-1", "1.0", "", "True"):
        with pytest.raises(ValueError, match="no whole number"):
            whole_number(text)


def test_times_keep_away_from_the_ends_of_the_calendar() -> None:
    for year in ("0001", "1949", "2200", "9999"):
        for read in (calendar_day, moment):
            with pytest.raises(ValueError, match="not within the years 1950 to 2199"):
                read(f"{year}-01-01")
        with pytest.raises(ValueError, match="not within"):
            wall(f"01/01/{year}", "%m/%d/%Y")
    assert moment("2199-12-31T23:00Z").year == 2199


def test_a_name_is_what_queries_can_say() -> None:
    assert all(map(is_name, (None, "a", "a b", "\u00e9", "a" * 100)))
    assert not any(map(is_name, ("", " a", "a ", "a\nb", "\x1b[0m", "a" * 101, "\x7f")))


HOURS = published.hours_of("pjm", published.changes(2025)[1])
BAD_ROWS = {
    "iso.csv": "iso,market,location_id,interval_start,price_total\n"
    + "PJM,DAY_AHEAD,1,2025-09-01T00:00Z,N/A\n" * 12_000,
    "curves.csv": curve_csv([{"contract_month": "2026-01", "mid": "N/A"}] * 12_000),
    "metadata.markets": "iso,market,interval_minutes\n" + "PJM,NEVER,60\n" * 12_000,
}
BAD_OF_PUBLISHERS = ("pjm", "spp", "isone", "ercot", "nyiso", "caiso", "miso")


@pytest.mark.parametrize("feed", BAD_ROWS)
def test_batches_are_cut_by_rows_read(feed: str) -> None:
    sizes = [len(batch.rejected) for batch in batches_of(feed, BAD_ROWS[feed])]
    assert sum(sizes) == 12_000
    assert max(sizes) <= ROWS_AT_ONCE + 1


@pytest.mark.parametrize("publisher", BAD_OF_PUBLISHERS)
def test_publishers_files_too(publisher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no row is good, and each has its place."""
    for module in ("iso.feeds.prices", "iso.feeds.caiso"):
        monkeypatch.setattr(f"{module}.ROWS_AT_ONCE", 5)
    text = published.FORMS[publisher](published.hours_of(publisher, published.changes(2025)[1]))
    bad = re.sub(r"(?<=[, \"])-?\d+\.\d\d(?=[,\"\n])", "n/a", text)
    if publisher == "nyiso":  # whose last cell tells whether the file is whole
        bad = bad.replace(",n/a\n", ",0.00\n")
    sizes = [len(batch.rejected) for batch in batches_of(f"iso.{publisher}_lmp", bad)]
    assert sum(sizes) >= 24
    assert max(sizes) <= 10


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("engine", EVERY, indirect=True)
def test_a_valuation_date_ahead_is_set_aside_and_the_newest_stays(market: Market, api: Api) -> None:
    last = f"{(NOON + AHEAD).date()}"
    days = ("2025-09-11", last, f"{(NOON + AHEAD + timedelta(days=1)).date()}", "9999-12-31")
    rows = [row for day in days for row in months("2026-01", 1, asof_date=day)]
    done = market.load("curves.csv", curve_csv(rows))
    assert (done.counts.new, done.counts.quarantined) == (2, 2)
    assert [remark.reason for remark in done.remarks] == ["asof_date_ahead"]
    assert [row["asof_date"] for row in api.rows("/v2/curves/observations")] == [last]


@time_machine.travel(NOON, tick=False)
def test_a_snapshot_of_another_year_is_refused(market: Market) -> None:
    with pytest.raises(InvalidFile, match="asof_date_ahead"):
        market.load("curves.nymex", nymex({"2026-01": 3.5}, asof="2026-09-12"))


@time_machine.travel(NOON, tick=False)
def test_a_price_for_a_day_that_no_market_has_priced_is_set_aside(market: Market) -> None:
    starts = ("2025-09-13T00:00Z", "2026-09-13T00:00Z", "9999-12-31T23:00Z", "0001-01-01T00:00Z")
    lines = [f"PJM,DAY_AHEAD,1,{start},9" for start in starts]
    header = "iso,market,location_id,interval_start,price_total"
    done = market.load("iso.csv", "\n".join((header, *lines, "")))
    assert (done.counts.new, done.counts.quarantined) == (1, 3)
    assert {remark.reason for remark in done.remarks} == {"date_ahead", "invalid_interval"}


@pytest.mark.parametrize("value", [[1], {}, 1.5, True, "abc", 10**30, None, 5 * 10**9])
@pytest.mark.parametrize(
    "name", ["version_nbr", "pnode_id", "pnode_name", "zone", "datetime_beginning_utc", "type"]
)
def test_a_document_may_have_anything_anywhere(name: str, value: Any) -> None:
    good = {
        "datetime_beginning_utc": "2025-06-16T04:00:00", "pnode_id": 1, "pnode_name": "A",
        "zone": None, "type": "ZONE", "total_lmp_da": 3.5, "system_energy_price_da": 3.5,
        "congestion_price_da": 0, "marginal_loss_price_da": 0, "row_is_current": True,
        "version_nbr": 1,
    }  # fmt: skip
    document = json.dumps([good, {**good, name: value}])
    try:
        found = batches_of("iso.pjm_lmp", document)
    except InvalidFile:
        with pytest.raises(InvalidFile, match=r"^items\[1\]"):
            batches_of("iso.pjm_lmp", document)
        return
    ids = {row[0] for batch in found for row in batch.rows["iso_lmp"]}
    assert ids <= {"PJM:DAY_AHEAD:1", f"PJM:DAY_AHEAD:{value}"}
