"""Reports that come as several files: read as one, with places in the file that a person has."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pytest

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.loads.reading import csv_lines
from iso.feeds import caiso
from ops.parts import Parts
from ops.sources import find_sources
from tests.conftest import Api
from tests.iso import published
from tests.iso.published import Hour
from tests.ops.conftest import Command
from tests.ops.test_sources import packed

DAY = "20260904_20260904_PRC_LMP_DAM"
HOUR = "20260904_20260904_PRC_INTVL_LMP_RTM_01"
PARTS = ("LMP", "MCC", "MCE", "MCL", "MGHG")


def read(file: BinaryIO) -> Iterator[Batch]:
    """A row for each line, set aside or flagged; `fault` is a fault of the file."""
    for line in csv_lines(file):
        if line.cells == ["fault"]:
            raise InvalidFile("this is a fault", f"line {line.number}, column 2")
        row = RejectedRow(line.place, "odd", line.cells[0])
        yield Batch(places={"prices": [line.place]}, rejected=[row], flagged=[row])


FEED = Feed("made.up", "made up", (), ("*",), read)


def parts(**contents: bytes) -> Parts:
    return Parts(FEED, [(name, lambda c=c: io.BytesIO(c)) for name, c in contents.items()])


def test_every_place_is_that_in_its_part() -> None:
    whole = parts(a=b"1\n\n3\r\n", b=b"1\n", c=b"1\n2\n")
    with whole.open() as file:
        batches = list(whole.feed.read(file))
    told = ["a: line 1", "a: line 3", "b: line 1", "c: line 1", "c: line 2"]
    assert [batch.rejected[0].place for batch in batches] == told
    assert [batch.flagged[0].place for batch in batches] == told
    assert [batch.places["prices"] for batch in batches] == [[place] for place in told]


def test_a_fault_of_the_whole_is_told_at_its_part() -> None:
    whole = parts(a=b"1\n2\n", b=b"1\nfault\n")
    with whole.open() as file, pytest.raises(InvalidFile) as told:
        list(whole.feed.read(file))
    assert str(told.value) == "b: line 2, column 2: this is a fault"


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"1\n2", "a: its last line has no line end: it is cut off"), (b"", "a: it is empty")],
)
def test_a_part_that_is_cut_off_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(InvalidFile) as error:
        parts(a=content, b=b"1\n").open()
    assert str(error.value) == told


def test_parts_of_a_report_are_one_file_and_other_files_are_not(inbox: Path) -> None:
    members = [f"{of}_{part}_v12.csv" for of in (DAY, HOUR) for part in PARTS]
    members += [f"other/{DAY}_LMP_v12.csv", f"{DAY}_20260905_08_00_00_v12.csv"]
    (inbox / "group.zip").write_bytes(packed({name: f"{name}\n" for name in members}))
    with find_sources(None, [str(inbox)]) as sources:
        contents = {}
        for one in sources.files:
            with one.source.open() as file:
                contents[one.source.name] = file.read().decode().split()
    assert contents == {
        f"group.zip/{HOUR}_v12.csv": members[5:10],
        f"group.zip/{DAY}_v12.csv": members[:5],
        f"group.zip/{DAY}_20260905_08_00_00_v12.csv": [members[11]],
        f"group.zip/other/{DAY}_LMP_v12.csv": [members[10]],
    }


def test_parts_that_are_named_one_by_one_are_one_file_too(inbox: Path) -> None:
    paths = [inbox / f"{DAY}_{part}_v12.csv" for part in PARTS]
    for path in paths:
        path.write_text(f"{path.name}\n")
    for arguments in (paths, [inbox], [inbox / "*MC*.csv", inbox / "*LMP_v*", inbox / "*MG*"]):
        with find_sources(None, map(str, arguments)) as sources:
            assert [one.source.name for one in sources.files] == [f"{DAY}_v12.csv"]
            with sources.files[0].source.open() as file:
                assert len(file.read().split()) == 5
            assert sources.refused == []


def test_a_component_is_no_part_of_the_name_of_the_whole() -> None:
    assert {caiso.whole_name(f"{DAY}_{part}_v1.csv") for part in PARTS} == {f"{DAY}_v1.csv"}
    assert caiso.whole_name(f"{DAY}_20260905_v1.csv") == f"{DAY}_20260905_v1.csv"


def components(hours: list[Hour]) -> dict[str, str]:
    """A day as CAISO's archive of all nodes has it: a file with a header for each component."""
    header, *rows = published.caiso(hours).splitlines(keepends=True)
    return {
        f"{DAY}_{part}_v12.csv": header + "".join(row for row in rows if f",{part}," in row)
        for part in PARTS
    }


def test_an_archive_of_components_is_one_load(load: Command, inbox: Path, api: Api) -> None:
    hours = published.hours_of("caiso", date(2026, 9, 4))
    members = components(hours)
    (inbox / "group.zip").write_bytes(packed(members))
    outcome = load(inbox / "group.zip")
    assert (outcome.status, outcome.err) == (0, "")
    assert re.match(
        rf"group\.zip/{DAY}_v12\.csv: load \d+ of iso\.caiso_lmp, 24 new, 0 revised", outcome.out
    )
    rows = api.rows("/v2/iso/lmp?location_id=7&limit=24&fields=price_total,price_energy,price_ghg")
    assert [row["price_total"] for row in rows] == [published.total(hour) for hour in hours]
    assert all(row["price_energy"] is not None and row["price_ghg"] == 0 for row in rows)


def test_what_is_wrong_in_an_archive_of_components_is_told_with_the_member(
    load: Command, inbox: Path
) -> None:
    members = components(published.hours_of("caiso", date(2026, 9, 4)))
    of_congestion = f"{DAY}_MCC_v12.csv"
    lines = members[of_congestion].splitlines(keepends=True)
    lines[2] = re.sub(r",[-\d.]+,1\n", ",dear,1\n", lines[2])
    (inbox / "group.zip").write_bytes(packed(members | {of_congestion: "".join(lines)}))
    outcome = load(inbox / "group.zip", "--dry-run")
    assert f"set aside: 1 invalid_price (first at {of_congestion}: line 3)" in outcome.out
    lines[2] = "short,line\n"
    (inbox / "group.zip").write_bytes(packed(members | {of_congestion: "".join(lines)}))
    outcome = load(inbox / "group.zip")
    assert f"refused, {of_congestion}: line 3: 16 cells are expected, 2 are there" in outcome.err
