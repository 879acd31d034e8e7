"""Archives, and archives in archives: what is unpacked of them and what is not."""

import gzip
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aurum.errors import InvalidFile
from ops.sources import LeftOut, find_sources
from ops.unpacking import Allowance
from tests.ops.arguments import found, left_out, packed

# Packed


def test_archives_in_archives_and_gzip_files_are_unpacked(inbox: Path) -> None:
    day = packed({"da_hrl_lmps_1.csv": "one\n", "lmp.csv.gz": gzip.compress(b"two\n")})
    months = {"june/1.zip": day, "da_hrl_lmps_2.csv": "three\n"}
    (inbox / "year.zip").write_bytes(packed(months))
    (inbox / "rest.zip.gz").write_bytes(gzip.compress(day))
    two_members = gzip.compress(b"four\n") + gzip.compress(b"five\n")
    (inbox / "da_hrl_lmps_3.csv.gz").write_bytes(two_members)
    with find_sources(None, [str(inbox)]) as sources:
        contents = {}
        for one in sources.files:
            with one.source.open() as first, one.source.open() as second:
                contents[one.source.name] = first.read()
                assert second.read() == contents[one.source.name]
    assert (sources.not_taken, sources.refused) == ([], [])
    assert contents == {
        "da_hrl_lmps_3.csv.gz": b"four\nfive\n",
        "rest.zip.gz/da_hrl_lmps_1.csv": b"one\n",
        "rest.zip.gz/lmp.csv.gz": b"two\n",
        "year.zip/da_hrl_lmps_2.csv": b"three\n",
        "year.zip/june/1.zip/da_hrl_lmps_1.csv": b"one\n",
        "year.zip/june/1.zip/lmp.csv.gz": b"two\n",
    }


def test_members_of_one_name_are_both_there(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "june.zip", "w") as archive:
        archive.writestr("lmp.csv", "one\n")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("lmp.csv", "two\n")
    with find_sources(None, [str(inbox / "june.zip")]) as sources:
        contents = []
        for one in sources.files:
            with one.source.open() as file:
                contents.append(file.read())
    assert contents == [b"one\n", b"two\n"]


def test_names_are_safe_to_print_and_fit_the_log(inbox: Path) -> None:
    odd, long = "\x1b[2J\nlmp.csv", f"lmp{'x' * 600}.csv"
    (inbox / "june.zip").write_bytes(packed({f"june\\{odd}": "one\n", long: "two\n", "\r": ""}))
    (inbox / "lmp\udcff.csv").write_text("three\n")
    with find_sources(None, [str(inbox)]) as sources:
        names = [one.source.name for one in sources.files] + [one.name for one in sources.not_taken]
    assert all(name.isprintable() and len(name) <= 500 for name in names)
    assert len(names) == 4


# Too much of it


def nested(levels: int) -> bytes:
    content = packed({"lmp.csv": "one\n"})
    for _ in range(levels - 1):
        content = packed({"inner.zip": content})
    return content


def test_archives_are_in_one_another_three_deep_at_most(inbox: Path) -> None:
    three, four = inbox / "three.zip", inbox / "four.zip"
    three.write_bytes(nested(3))
    four.write_bytes(nested(4))
    assert found(three) == [("three.zip/inner.zip/inner.zip/lmp.csv", "iso.csv")]
    innermost = f"{four}/inner.zip/inner.zip/inner.zip"
    assert left_out(four)[1] == [LeftOut(innermost, "more than 3 archives are in one another")]


def test_an_archive_that_unpacks_to_500_times_its_size_is_refused(inbox: Path) -> None:
    path = inbox / "bomb.zip"
    path.write_bytes(packed({"lmp.csv": bytes(20 * 2**20)}))
    told = "it unpacks to more than 500 times its size"
    assert left_out(path) == ([], [LeftOut(str(path), told)])


def test_a_gzip_file_that_unpacks_to_500_times_its_size_is_refused_when_it_is_read(
    inbox: Path,
) -> None:
    path = inbox / "lmp.csv.gz"
    path.write_bytes(gzip.compress(bytes(20 * 2**20)))
    with find_sources(None, [str(path)]) as sources:
        (one,) = sources.files
        with pytest.raises(InvalidFile, match="it unpacks to more than 16,777,216 bytes: unpack"):
            one.source.open()


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("members", "it holds more than 20,000 files: unpack it and load what is in it"),
        ("size", "it unpacks to more than 8,589,934,592 bytes: unpack it and load what is in it"),
    ],
)
def test_of_an_archive_with_all_that_is_in_it_no_more_is_unpacked_than_is_allowed(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str
) -> None:
    inner = packed({"lmp1.csv": "one\n", "lmp2.csv": "two\n"})
    path = inbox / "june.zip"
    path.write_bytes(packed({"1.zip": inner, "2.zip": inner}))
    allowed = {"members": 5} if limit == "members" else {"size": 2 * len(inner) + 15}
    monkeypatch.setattr("ops.sources.Allowance", partial(Allowance, **allowed))
    assert left_out(path)[1] == [LeftOut(f"{path}/2.zip", told)]
    assert [name for name, _ in found(path)] == [f"june.zip/1.zip/lmp{n}.csv" for n in (1, 2)]


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-9], lambda whole: b"PK" + whole])
def test_a_gzip_file_that_is_cut_off_is_refused_when_it_is_read(inbox: Path, spoil: Any) -> None:
    path = inbox / "lmp.csv.gz"
    path.write_bytes(spoil(gzip.compress(b"one\n" * 1000)))
    with find_sources(None, [str(path)]) as sources:
        (one,) = sources.files
        with pytest.raises(InvalidFile, match="it cannot be unpacked"):
            one.source.open()


def test_whatever_is_wrong_with_an_archive_is_a_refusal(inbox: Path) -> None:
    """No garbage ends the command: each of its bytes is changed, one after another."""
    path = inbox / "june.zip"
    whole = packed({"lmp.csv": "one\n" * 9, "inner.zip": packed({"lmp.csv": "two\n"})})
    for place in range(len(whole)):
        for value in (0, 0xFF):
            path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
            with find_sources(None, [str(path)]) as sources:
                for one in sources.files:
                    with suppress(InvalidFile):
                        one.source.open().close()
