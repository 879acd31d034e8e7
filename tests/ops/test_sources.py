"""Which feed gets which file, and which file is not loaded, and why."""

from pathlib import Path

import pytest

from ops.sources import LeftOut
from tests.ops.arguments import found, left_out, packed, put

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
    "iso.isone_lmp": ["WW_DALMP_ISO_20260604", "lmp_rt_final_20260903"],
    "iso.isone_rt_prelim_lmp": ["lmp_rt_prelim_20260903"],
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
    put(inbox, "damlbmp_and_realtime_zone.csv")
    path = inbox / "damlbmp_and_realtime_zone.csv"
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
