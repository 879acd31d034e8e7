"""Which feed gets which file, and which file is not loaded, and why."""

import gzip
import io
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from ops.sources import LeftOut, find_sources
from ops.unpacking import Allowance


def found(*arguments: Path | str, feed: str | None = None) -> list[tuple[str, str]]:
    """Name and feed of each file that would be loaded."""
    with find_sources(feed and find_feed(feed), map(str, arguments)) as sources:
        return [(one.source.name, one.feed.name) for one in sources.files]


def left_out(*arguments: Path | str, feed: str | None = None) -> tuple[list[Any], list[Any]]:
    """What is not taken, and what is refused."""
    with find_sources(feed and find_feed(feed), map(str, arguments)) as sources:
        return sources.not_taken, sources.refused


def packed(files: dict[str, str | bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("x\n")


# By its name


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("da_hrl_lmps_20260609.json", "iso.pjm_lmp"),
        ("DA_HRL_LMPS_20260609.CSV", "iso.pjm_lmp"),
        ("20220718damlbmp_zone.csv", "iso.nyiso_lmp"),
        ("20260904_20260904_PRC_LMP_DAM_LMP_v12.csv", "iso.caiso_lmp"),
        ("2-lmp_hourly.csv", "iso.csv"),
        ("isos.csv", "metadata.isos"),
        ("products-2026.csv.gz", "metadata.products"),
        ("prices.csv", "curves.csv"),
    ],
)
def test_a_file_goes_to_the_feed_that_knows_its_name(inbox: Path, name: str, feed: str) -> None:
    put(inbox, name)
    assert found(inbox / name) == found(inbox) == [(name, feed)]


REPORTS = {
    "iso.isone_lmp": ["WW_DALMP_ISO_20260604", "lmp_rt_final_20260903", "lmp_rt_prelim_20260903"],
    "iso.miso_lmp": ["20110716_da_lmp", "20260714_da_expost_lmp", "20260904_rt_lmp_final"],
    "iso.miso_rt_prelim_lmp": ["20260904_rt_lmp_prelim"],
    "iso.miso_five_minute_lmp": ["20260907_5MIN_LMP"],
    "iso.nyiso_lmp": ["20260922damlbmp_zone", "20260922damlbmp_gen"],
    "iso.nyiso_rt_lmp": ["20260922realtime_zone", "20260922realtime_gen"],
    "iso.nyiso_rt_hourly_lmp": ["20260922rtlbmp_zone", "20260922rtlbmp_gen"],
    "iso.pjm_lmp": [
        *("da_hrl_lmps", "rt_hrl_lmps", "rt_unverified_hrl_lmps", "rt_da_monthly_lmps"),
    ],
    "iso.pjm_five_minute_lmp": [
        *("rt_fivemin_hrl_lmps", "rt_unverified_fivemin_lmps", "rt_fivemin_mnt_lmps"),
    ],
    "iso.spp_lmp": ["DA-LMP-SL-202609300100", "DA-LMP-B-202609300100"],
    "iso.spp_rtbm_lmp": [
        *("RTBM-LMP-SL-202609300105", "RTBM-LMP-B-202609300105", "RTBM-LMP-DAILY-SL-20260930"),
    ],
    "iso.caiso_lmp": [
        *("20260904_20260904_PRC_INTVL_LMP_RTM_v3", "20260904_20260904_PRC_HASP_LMP_HASP_v3"),
    ],
    "iso.ercot_lmp": ["cdr.00012331.0.20260904.1230.DAMSPNP4190", "dam_stlmnt_pnt_prices"],
    "iso.ercot_rt_lmp": ["cdr.00012301.0.20260904.1230.SPPHLZNP6905", "spp_node_zone_hub"],
}
"""Files as their publishers name them, without the ending."""


@pytest.mark.parametrize("feed", REPORTS)
def test_a_report_by_its_publishers_own_name_goes_to_one_feed(inbox: Path, feed: str) -> None:
    names = [f"{name}.csv" for name in REPORTS[feed]]
    put(inbox, *names)
    assert found(inbox) == [(name, feed) for name in sorted(names)]


@pytest.mark.parametrize(
    "name", ["WEIS-RTBM-LMP-SL-202609300105.csv", "20260904_da_exante_lmp.csv"]
)
def test_a_report_that_has_no_feed_goes_to_no_publishers(inbox: Path, name: str) -> None:
    put(inbox, name)
    assert found(inbox) == [(name, "iso.csv")]  # which refuses its columns


def test_a_name_that_fits_two_feeds_of_a_publisher_is_refused_with_both(inbox: Path) -> None:
    put(inbox, "damlbmp_and_realtime.csv")
    path = inbox / "damlbmp_and_realtime.csv"
    told = "its name fits iso.nyiso_lmp and iso.nyiso_rt_lmp: name the feed"
    for argument in (path, inbox):
        assert left_out(argument) == ([], [LeftOut(str(path), told)])
        assert found(argument, feed="iso.nyiso_rt_lmp") == [(path.name, "iso.nyiso_rt_lmp")]


def test_a_name_that_no_feed_knows_is_refused_where_it_was_named(inbox: Path) -> None:
    put(inbox, "notes.txt", "prices.csv")
    notes = str(inbox / "notes.txt")
    advice = "no feed knows this name: name the feed, as in load FEED PATH"
    assert left_out(notes) == ([], [LeftOut(notes, advice)])
    assert left_out(inbox) == ([LeftOut(notes, "no feed knows this name")], [])


# A feed that was named


def test_a_named_feed_gets_a_file_under_any_name_that_is_not_of_its_publisher(inbox: Path) -> None:
    put(inbox, "june", "lmp.csv", "rt_fivemin_hrl_lmps.csv", "da_hrl_lmps.csv")
    for name in ("june", "lmp.csv", "da_hrl_lmps.csv"):
        assert found(inbox / name, feed="iso.pjm_lmp") == [(name, "iso.pjm_lmp")]
    path = inbox / "rt_fivemin_hrl_lmps.csv"
    told = "its name is that of iso.pjm_five_minute_lmp: name that feed, or none"
    assert left_out(path, feed="iso.pjm_lmp") == ([], [LeftOut(str(path), told)])


def test_of_a_folder_a_named_feed_gets_what_it_knows_and_the_rest_is_told_with_its_feed(
    inbox: Path,
) -> None:
    put(inbox, "da_hrl_lmps.csv", "rt_fivemin_hrl_lmps.csv", "notes.txt", ".da_hrl_lmps.csv.swp")
    (inbox / "older").mkdir()
    put(inbox / "older", "da_hrl_lmps.csv")
    assert found(inbox, feed="iso.pjm_lmp") == [("da_hrl_lmps.csv", "iso.pjm_lmp")]
    not_taken, refused = left_out(inbox, feed="iso.pjm_lmp")
    assert refused == []
    assert {one.name.removeprefix(f"{inbox}/"): one.reason for one in not_taken} == {
        ".da_hrl_lmps.csv.swp": "it is hidden",
        "notes.txt": "no feed knows this name",
        "older": "it is no file, and a folder in a folder is not looked into",
        "rt_fivemin_hrl_lmps.csv": "its name is that of iso.pjm_five_minute_lmp",
    }


# Nothing was taken


def test_a_folder_of_which_nothing_is_taken_is_refused(inbox: Path) -> None:
    assert left_out(inbox) == ([], [LeftOut(str(inbox), "nothing in it is taken")])
    put(inbox, "da_hrl_lmps.csv")
    not_taken, refused = left_out(inbox, feed="iso.spp_lmp")
    assert [one.reason for one in not_taken] == ["its name is that of iso.pjm_lmp"]
    assert refused == [LeftOut(str(inbox), "nothing in it is taken")]


ERROR = (
    '<?xml version="1.0"?><m:Report><m:name>CAISO</m:name>\n <m:ERR>No data &amp; no\x1b[31m'
    " prices</m:ERR></m:Report>"
)


def test_an_archive_with_nothing_but_an_error_is_refused_with_the_publishers_words(
    inbox: Path,
) -> None:
    path = inbox / "20260904_PRC_LMP_DAM.zip"
    path.write_bytes(packed({"INVALID_REQUEST.xml": ERROR}))
    put(inbox, "da_hrl_lmps.csv")
    told = (
        "nothing in it is taken; it begins: CAISO No data & no\N{REPLACEMENT CHARACTER}[31m prices"
    )
    for argument, feed in ((path, None), (path, "iso.caiso_lmp"), (inbox, None)):
        not_taken, refused = left_out(argument, feed=feed)
        assert [one.name for one in not_taken] == [f"{path}/INVALID_REQUEST.xml"]
        assert refused == [LeftOut(str(path), told)]


@pytest.mark.parametrize(
    ("content", "quoted"),
    [
        (b"\x89PNG\0\0", ""),
        (b"<html><body>Busy</body></html>", "; it begins: Busy"),
        (b"word " * 100, f"; it begins: {('word ' * 40)[:199]}…"),
    ],
)
def test_only_the_beginning_of_a_text_is_quoted(inbox: Path, content: bytes, quoted: str) -> None:
    path = inbox / "june.zip"
    path.write_bytes(packed({"error": content}))
    _, (refused,) = left_out(path)
    assert refused.reason == f"nothing in it is taken{quoted}"


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
