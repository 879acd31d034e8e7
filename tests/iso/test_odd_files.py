"""Files that look right at first sight, and are not what a feed's name says."""

import io
from pathlib import Path
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.iso import published

SPP = "Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC\n"
QUARTERS = (
    "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,"
    "SettlementPointPrice,DSTFlag\n"
)
CAISO = published.caiso(published.hours_of("caiso", published.changes(2025)[1])).splitlines()
STAMPS = "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL"


def read(feed: str, content: str | bytes) -> list[Any]:
    found = find_feed(feed)
    assert found is not None
    body = content.encode() if isinstance(content, str) else content
    return list(found[1].read(io.BytesIO(body)))


def spp(*ends: tuple[str, str]) -> str:
    rows = (f"01/15/2026 {shown},01/15/2026 {gmt},A,P,1,0,0,1" for shown, gmt in ends)
    return SPP + "\n".join((*rows, ""))


def test_a_load_zone_s_energy_weighted_price_is_no_second_price_of_it(
    market: Market, api: Api
) -> None:
    # In the hour that comes twice, where a label may not.
    both = "11/02/2025,2,3,LZ_WEST,LZ,20.5,{0}\n11/02/2025,2,3,LZ_WEST,LZEW,21.75,{0}\n"
    done = market.load("iso.ercot_rt_lmp", QUARTERS + both.format("N") + both.format("Y"))
    assert (done.counts.new, done.counts.quarantined) == (2, 2)
    rows = api.rows("/v2/iso/lmp?iso=ERCOT&location_id=LZ_WEST&fields=price_total")
    assert [row["price_total"] for row in rows] == [20.5, 20.5]


@pytest.mark.parametrize(
    ("kind", "meant"),
    [("HU", "HUB"), ("LZ_DC", "ZONE"), ("PCCRN", "RESOURCE"), ("PUN", "RESOURCE"), ("?", "OTHER")],
)
def test_what_ercot_calls_a_point_is_its_type(kind: str, meant: str) -> None:
    (batch,) = read("iso.ercot_rt_lmp", f"{QUARTERS}07/30/2025,9,3,P,{kind},1,N\n")
    assert [row[3] for row in batch.rows["iso_location"]] == [meant]


def test_five_minute_prices_may_end_on_the_hour() -> None:
    for ends in ([("09:00:00", "15:00:00")], [("09:00:00", "15:00:00"), ("09:05:00", "15:05:00")]):
        (batch,) = read("iso.spp_rtbm_lmp", spp(*ends))
        assert len(batch.rows["iso_lmp"]) == len(ends)


def test_hours_of_a_day_are_no_five_minute_prices(data: Path) -> None:
    with pytest.raises(InvalidFile, match="day-ahead"):
        read("iso.spp_rtbm_lmp", spp(("09:00:00", "15:00:00"), ("10:00:00", "16:00:00")))
    day_ahead = data / "lmp/spp/DA-LMP-SL-20250319_HE01-HE12.csv"
    with pytest.raises(InvalidFile, match="day-ahead"):
        read("iso.spp_rtbm_lmp", day_ahead.read_bytes())


@pytest.mark.parametrize(
    ("feed", "content"),
    [
        ("iso.spp_lmp", SPP + "01/01/0001 00:00:00,01/01/0001 00:00:00,A,P,1,0,0,1\n"),
        (
            "iso.caiso_lmp",
            f"{STAMPS},NODE,MARKET_RUN_ID,LMP_TYPE,MW\n"
            "0001-01-01T00:00:00+05:00,0001-01-01T01:00:00+05:00,2024-01-01,1,0,N,DAM,LMP,1\n",
        ),
    ],
)
def test_the_ends_of_the_calendar_are_refused(feed: str, content: str) -> None:
    with pytest.raises(InvalidFile, match="line 2: this time cannot be resolved"):
        read(feed, content)


def test_a_price_of_no_place_is_refused() -> None:
    with pytest.raises(InvalidFile, match="line 2: the location has no id"):
        read("iso.spp_lmp", spp(("09:00:00", "15:00:00")).replace(",A,", ",,"))


def test_json_nested_without_end_is_refused() -> None:
    with pytest.raises(InvalidFile, match="nested too deeply"):
        read("iso.ercot_lmp", '{"data": ' + "[" * 100_000)


def caiso(*rows: str) -> tuple[list[Any], list[str]]:
    """The prices of a file of these rows, and why rows were set aside."""
    batches = read("iso.caiso_lmp", "\n".join((CAISO[0], *rows, "")))
    rejected = [one.reason for batch in batches for one in batch.rejected]
    return [row for batch in batches for row in batch.rows.get("iso_lmp", [])], rejected


def test_components_come_hour_by_hour_or_one_after_another() -> None:
    by_hour = sorted(CAISO[1:])
    assert by_hour != CAISO[1:]
    assert sorted(caiso(*by_hour)[0]) == sorted(caiso(*CAISO[1:])[0])


def test_a_component_that_is_no_number_takes_its_price_alone() -> None:
    broken = "\n".join(CAISO[1:]).replace(",-0.30,", ",n/a,", 1)
    prices, reasons = caiso(broken)
    assert (len(prices), reasons) == (24, ["invalid_price"])
    assert caiso(*CAISO[1:], CAISO[1]) == (caiso(*CAISO[1:])[0], ["component_twice"])


def test_a_component_that_a_real_time_file_has_is_wanted_of_every_price() -> None:
    text = published.caiso(published.hours_of("caiso", published.changes(2025)[1]), minutes=15)
    hasp = [row.replace(",DAM,", ",HASP,") for row in text.splitlines()[1:]]
    without = [row for row in hasp if ",MGHG," not in row]
    assert len(caiso(*hasp)[0]) == len(caiso(*without)[0]) == 25
    cut = [row for row in hasp if row not in without][1:]
    with pytest.raises(InvalidFile, match="there is no MGHG"):
        caiso(*without, *cut)


@pytest.mark.parametrize("ptid", ["A", "", "7.5", "9" * 5000])
def test_a_ptid_is_a_number(ptid: str) -> None:
    text = published.nyiso(published.hours_of("nyiso", published.changes(2025)[1]))
    header, first, rest = text.split("\n", 2)
    cells = first.split(",")
    cells[2] = ptid
    with pytest.raises(InvalidFile, match=r"line 2: .* is no PTID"):
        read("iso.nyiso_lmp", "\n".join((header, ",".join(cells), rest)))
