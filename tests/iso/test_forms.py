"""The spellings, packings and reports of SPP, CAISO and ERCOT."""

import json
from pathlib import Path
from typing import Any

import pytest

from aurum.errors import InvalidFile
from iso.feeds import FEEDS
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso.published import FORMS, caiso, changes, ercot, ercot_json, hours_of, spp
from tests.iso.test_feeds import read, rows

AUTUMN = changes(2025)[1]
SPP = spp(hours_of("spp", AUTUMN))
LONG = "04/01/2026 01:00:00,04/01/2026 06:00:00"
NEXT = "04/01/2026 02:00:00,04/01/2026 07:00:00"
ROW = ",SPP,A_HUB,P,30,0.5,1.25,28.25"
SPP_HEAD = "Interval,GMTIntervalEnd,BAA,Settlement Location,Pnode,LMP,MLC,MCC,MEC\n"


def spp_rows(feed: str, *stamps: str, head: str = SPP_HEAD, row: str = ROW) -> list[Any]:
    return rows(feed, head + "\n".join(f"{stamp}{row}" for stamp in stamps) + "\n")


@pytest.mark.parametrize(
    "stamp",
    [
        *("4/1/2026 1:00,4/1/2026 6:00", "4/1/2026 01:00,4/1/2026 06:00"),
        *("04/01/2026 01:00,04/01/2026 06:00", "4/1/2026 1:00:00,4/1/2026 6:00:00"),
        " 04/01/2026 01:00:00 , 04/01/2026 06:00:00 ",
    ],
)
def test_spp_s_stamps_with_and_without_padding_and_seconds(stamp: str) -> None:
    assert spp_rows("iso.spp_lmp", stamp, NEXT) == spp_rows("iso.spp_lmp", LONG, NEXT)


@pytest.mark.parametrize("stamp", ["1/4/26 6:00", "2026-04-01 06:00", "4/1/2026 6:00 CST",
                                   "4/1/2026", "13/1/2026 6:00"])  # fmt: skip
def test_one_that_could_mean_something_else_is_refused(stamp: str) -> None:
    with pytest.raises(InvalidFile, match="line 2: this time cannot be resolved"):
        spp_rows("iso.spp_lmp", f"04/01/2026 01:00:00,{stamp}", NEXT)


@pytest.mark.parametrize(("publisher", "feed"), [("nyiso", "nyiso_lmp"), ("pjm", "pjm_lmp")])
def test_an_id_with_zeros_before_it_is_the_same_place(publisher: str, feed: str) -> None:
    body = FORMS[publisher](hours_of(publisher, changes(2025)[1]))
    padded = body.replace('"HUB",7,', '"HUB",007,').replace(",7,HUB", ",007,HUB")
    assert padded != body
    assert rows(f"iso.{feed}", padded) == rows(f"iso.{feed}", body)


@pytest.mark.parametrize(
    "head",
    [
        "INTERVAL,GMTINTERVALEND,BAA,SETTLEMENT_LOCATION,PNODE,LMP,MLC,MCC,MEC\n",
        "Interval,GMT Interval End,BAA,Settlement Location Name,PNODE Name,LMP,MLC,MCC,MEC\n",
        "\ufeffInterval, GMT_Interval_End ,BAA, Settlement_Location , Pnode , LMP,MLC,MCC,MEC\n",
    ],
)
def test_spp_s_headings_of_other_days(head: str) -> None:
    assert spp_rows("iso.spp_lmp", LONG, NEXT, head=head) == spp_rows("iso.spp_lmp", LONG, NEXT)


def test_a_bus_is_priced_under_its_own_name() -> None:
    head = "Interval,GMTIntervalEnd,Pnode,LMP,MLC,MCC,MEC,BAA\n"
    row = ",A_BUS,30,0.5,1.25,28.25,SPP"
    got = spp_rows("iso.spp_lmp", LONG, NEXT, head=head, row=row)
    assert {one[0] for one in got} == {"SPP:DAY_AHEAD:A_BUS"}


def test_two_columns_of_one_meaning_are_refused() -> None:
    head = SPP_HEAD.replace("BAA", "GMT Interval")
    with pytest.raises(InvalidFile, match="is there twice"):
        spp_rows("iso.spp_lmp", LONG, NEXT, head=head)


def test_day_ahead_and_real_time_of_spp_are_told_apart(data: Path) -> None:
    with pytest.raises(InvalidFile, match=r"line 2: .* no end of an interval of 60 minutes"):
        read("iso.spp_lmp", (data / "lmp/spp/RTBM-LMP-SL-202503310840.csv").read_text())
    rows_of = [LONG + ROW.replace("A_HUB", f"PLACE_{n}") for n in range(100)]
    with pytest.raises(InvalidFile, match="one interval of all places"):
        read("iso.spp_lmp", SPP_HEAD + "\n".join((*rows_of, "")))
    (batch,) = read("iso.spp_lmp", f"{SPP_HEAD}{LONG}{ROW}\n")
    assert batch.warnings == ["incomplete: SPP DAY_AHEAD has 1 of 24 hours of 2026-04-01"]
    with pytest.raises(InvalidFile, match=r"load day-ahead prices as iso\.spp_lmp"):
        read("iso.spp_rtbm_lmp", SPP)


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_roll_up_of_a_day_stands_above_its_intervals(
    market: Market, api: Api, order: tuple[int, int]
) -> None:
    """What SPP corrects in the days after comes with the roll-up, whose headings are its own."""
    interval = SPP_HEAD + "04/01/2026 00:05:00,04/01/2026 05:05:00" + ROW + "\n"
    day = interval.replace("GMTIntervalEnd", "GMT Interval").replace("n,P", "n Name,PNODE N")
    day = day.replace("30,0.5,1.25,28.25", "31,0.5,1.25,29.25")
    for n in order:
        market.load("iso.spp_rtbm_lmp", (interval, day)[n])
    (row,) = api.rows("/v2/iso/lmp?fields=price_total,status")
    assert tuple(row.values()) == (31, "FINAL")


HOURS = hours_of("caiso", AUTUMN)
CAISO = caiso(HOURS).splitlines()
KINDS = ("LMP", "MCE", "MCC", "MCL", "MGHG")


def part(kind: str, *, price: str = "MW", run: str = "DAM", mark: str = "") -> str:
    """The file of one component, as an archive of all nodes has it."""
    lines = [line for line in CAISO[1:] if f",DAM,{kind}," in line]
    head = CAISO[0].replace(",MW,", f",{price},")
    return mark + "\n".join((head, *lines)).replace(",DAM,", f",{run},") + "\n"


@pytest.mark.parametrize("kinds", [KINDS, ("MCC", "LMP", "MCL", "MCE")])
def test_a_file_a_component_is_read_as_one(kinds: tuple[str, ...]) -> None:
    got = rows("iso.caiso_lmp", "".join(map(part, kinds)))
    assert len(got) == 25
    ghg = {0.0} if "MGHG" in kinds else {None}
    assert {row[14] for row in got} == ghg
    whole = rows("iso.caiso_lmp", "\n".join((*CAISO, "")))
    assert sorted(row[:14] for row in got) == sorted(row[:14] for row in whole)


def test_parts_may_call_their_price_what_they_like() -> None:
    parts = [part("LMP"), part("MCE", price="VALUE"), part("MCL", price="PRC", mark="\ufeff")]
    assert len(rows("iso.caiso_lmp", "".join((*parts, part("MCC"))))) == 25


def test_without_greenhouse_gas_day_ahead_is_no_guaranteed_sum() -> None:
    parts = "".join(part(kind) for kind in KINDS[:-1])
    batches = read("iso.caiso_lmp", parts.replace(",-0.30,", ",-0.20,", 2))
    assert sum(len(batch.flagged) for batch in batches) == 2
    assert sum(len(batch.rows.get("iso_lmp", ())) for batch in batches) == 25


def test_what_a_file_has_no_row_of_is_empty_and_said() -> None:
    (batch, told) = read("iso.caiso_lmp", part("LMP") + part("MCC"))
    assert {row[11] for row in batch.rows["iso_lmp"]} == {None}
    assert told.warnings == ["incomplete: there is no row of MCE, MCL"]
    with pytest.raises(InvalidFile, match="there is no LMP of 7"):
        read("iso.caiso_lmp", part("MCC"))


def test_a_part_that_is_cut_is_refused() -> None:
    cut = "\n".join(part("MCC").splitlines()[:-3]) + "\n"
    with pytest.raises(InvalidFile, match="there is no MCC of 7"):
        read("iso.caiso_lmp", part("LMP") + cut)


def test_runs_do_not_mix_and_their_lengths_are_their_own() -> None:
    with pytest.raises(InvalidFile, match="no row of RTM and MCC"):
        read("iso.caiso_lmp", part("LMP") + part("MCC", run="RTM"))
    for run in ("HASP", "RTPD", "RTM"):
        (batch,) = read("iso.caiso_lmp", "".join(part(kind, run=run) for kind in KINDS))
        assert {one.reason for one in batch.rejected} == {"interval_does_not_fit"}


def test_prices_of_ties_are_another_report() -> None:
    text = "\n".join(CAISO).replace("NODE_ID,", "TIE,", 1)
    with pytest.raises(InvalidFile, match="ties at scheduling points"):
        read("iso.caiso_lmp", text)


TEXAS = hours_of("ercot", AUTUMN)
QUARTERS = ("deliveryDate", "deliveryHour", "deliveryInterval", "settlementPoint",
            "settlementPointType", "settlementPointPrice", "DSTFlag")  # fmt: skip


def quarters(*data: list[Any], names: tuple[str, ...] = QUARTERS) -> str:
    return json.dumps({"fields": [{"name": name} for name in names], "data": data})


def test_real_time_of_texas_as_the_api_answers() -> None:
    text = quarters(
        ["2025-11-02", 2, 4, "HB_WEST", "HU", 20.5, True],
        ["2025-11-02", 2, 4, "LZ_WEST", "LZ", 21, False],
        ["2025-11-02", 2, 4, "LZ_WEST", "LZEW", 22, False],
    )
    got = rows("iso.ercot_rt_lmp", f"\ufeff{text}")
    assert [(row[0], row[2], row[10]) for row in got] == [
        ("ERCOT:FIFTEEN_MINUTE:HB_WEST", "2025-11-02T07:45:00Z", 20.5),
        ("ERCOT:FIFTEEN_MINUTE:LZ_WEST", "2025-11-02T06:45:00Z", 21),
    ]
    with pytest.raises(InvalidFile, match="fields: column 'HourEnding' is missing"):
        read("iso.ercot_lmp", text)


def test_a_page_of_more_rows_says_so() -> None:
    row = ["2025-11-02", 2, 4, "HB_WEST", "HU", 20.5, True]
    document = json.loads(quarters(row)) | {"_meta": {"totalRecords": 700}}
    batches = read("iso.ercot_rt_lmp", json.dumps(document))
    said = [one for batch in batches for one in batch.warnings]
    assert said == ["incomplete: 1 of 700 rows: the document is one page of more"]


@pytest.mark.parametrize("flags", [("Y", "N"), ("y", "n"), ("true", "false"), ("TRUE", "False")])
def test_the_flag_of_the_second_pass_in_any_case(flags: tuple[str, str]) -> None:
    text = ercot(TEXAS)
    again, first = flags
    spelled = "\n".join(
        f"{line[:-1]}{again if line.endswith('Y') else first}" if n and line else line
        for n, line in enumerate((*text.splitlines(), ""))
    )
    assert rows("iso.ercot_lmp", spelled) == rows("iso.ercot_lmp", text)


def test_texas_under_headings_with_blanks() -> None:
    text = ercot(TEXAS)
    head = "Delivery Date,HOUR_ENDING, SettlementPoint ,Settlement Point Price,DSTFLAG   "
    spelled = "\n".join((head, *text.splitlines()[1:], ""))
    assert rows("iso.ercot_lmp", spelled) == rows("iso.ercot_lmp", text)
    assert rows("iso.ercot_lmp", ercot_json(TEXAS)) == rows("iso.ercot_lmp", text)


def test_other_reports_of_texas_are_not_taken_for_these(data: Path) -> None:
    files = {path.name: path.read_text() for path in (data / "lmp/ercot").glob("*.csv")}
    for feed, own in (("iso.ercot_lmp", "DAMSPNP4190"), ("iso.ercot_rt_lmp", "SPPHLZNP6905")):
        for name, text in files.items():
            if own in name:
                assert rows(feed, text)
            else:
                with pytest.raises(InvalidFile, match="is missing"):
                    read(feed, text)


@pytest.mark.parametrize("publisher", ["caiso", "ercot", "pjm", "spp"])
def test_a_file_whose_last_line_does_not_end_is_cut_off(publisher: str) -> None:
    text = FORMS[publisher](hours_of(publisher, AUTUMN))
    for off in (1, 2, 3):
        short = text.rstrip("\r\n") if off == 1 else text[:-off]
        with pytest.raises(InvalidFile, match=r"line \d+: "):
            read(f"iso.{publisher}_lmp", short)
    with pytest.raises(InvalidFile, match="no line end"):
        read(f"iso.{publisher}_lmp", text.rstrip("\r\n"))


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("da_hrl_lmps_2026.csv", "iso.pjm_lmp"),
        ("rt_hrl_lmps.json", "iso.pjm_lmp"),
        ("rt_unverified_hrl_lmps.csv", "iso.pjm_lmp"),
        ("PJM_2024_rt_da_monthly_lmps.csv", "iso.pjm_lmp"),
        ("rt_fivemin_hrl_lmps.csv", "iso.pjm_five_minute_lmp"),
        ("rt_unverified_fivemin_lmps.json", "iso.pjm_five_minute_lmp"),
        ("rt_fivemin_mnt_lmps.csv", "iso.pjm_five_minute_lmp"),
        ("DA-LMP-SL-202503190100.csv", "iso.spp_lmp"),
        ("DA-LMP-B-202503190100.csv", "iso.spp_lmp"),
        ("RTBM-LMP-SL-202511020125d.csv", "iso.spp_rtbm_lmp"),
        ("RTBM-LMP-SL-latestInterval.csv", "iso.spp_rtbm_lmp"),
        ("RTBM-LMP-DAILY-SL-20240115.csv", "iso.spp_rtbm_lmp"),
        ("RTBM-LMP-B-202503310840.csv", "iso.spp_rtbm_lmp"),
        ("WEIS-RTBM-LMP-SL-202304010700.csv", None),
        ("20260904_20260904_PRC_LMP_DAM_20260904_04_52_10_v12.csv", "iso.caiso_lmp"),
        ("20260904_20260904_PRC_LMP_DAM_MCC_v12.csv", "iso.caiso_lmp"),
        ("20230601_20230701_PRC_RTPD_LMP_RTPD_20230927_12_19_12_v2.csv", "iso.caiso_lmp"),
        ("20220601_20220601_PRC_INTVL_LMP_RTM_01_v1.csv", "iso.caiso_lmp"),
        ("PRC_HASP_LMP_PALOVRDE_202401_indexed.csv", "iso.caiso_lmp"),
        ("20260904_20260904_PRC_SPTIE_LMP_DAM_v5.csv", None),
        ("cdr.00012331.0000000000000000.20250804.DAMSPNP4190.csv", "iso.ercot_lmp"),
        ("NP4-190-CD_dam_stlmnt_pnt_prices_HB_HUBAVG_20260308.json", "iso.ercot_lmp"),
        ("cdr.00012301.0000.20250730.SPPHLZNP6905_20250730_0845.csv", "iso.ercot_rt_lmp"),
        ("SPPHLZNP6905_retry_20230608_1545_csv", "iso.ercot_rt_lmp"),
        ("np6-905-cd_spp_node_zone_hub.json", "iso.ercot_rt_lmp"),
        ("cdr.00012328.0000.20250804.DAMHRLMPNP4183.csv", None),
        ("cdr.00012300.0000.LMPSROSNODENP6788_20260625_004018.csv", None),
    ],
)
def test_a_publisher_s_own_names_are_known(name: str, feed: str | None) -> None:
    publishers = ("iso.pjm", "iso.spp", "iso.caiso", "iso.ercot")
    ours = [one for one in FEEDS if one.name.startswith(publishers)]
    assert [one.name for one in ours if one.takes(name)] == ([feed] if feed else [])
