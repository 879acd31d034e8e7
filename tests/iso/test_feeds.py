"""What the publishers' feeds make of files that are not quite right."""

import io
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso import published
from tests.iso.published import FORMS, changes, hours_of

AUTUMN = changes(2025)[1]
PLAIN = AUTUMN.replace(day=10)


def read(feed: str, text: str) -> list[Any]:
    found = find_feed(feed)
    assert found is not None
    return list(found[1].read(io.BytesIO(text.encode())))


def rows(feed: str, text: str) -> list[Any]:
    return [row for batch in read(feed, text) for row in batch.rows["iso_lmp"]]


@pytest.mark.parametrize("publisher", FORMS)
def test_an_empty_file_is_refused(publisher: str) -> None:
    with pytest.raises(InvalidFile, match="empty"):
        read(f"iso.{publisher}_lmp", "")


@pytest.mark.parametrize("publisher", ["pjm", "spp", "nyiso", "caiso", "ercot"])
def test_columns_go_by_their_names_and_a_missing_one_is_named(publisher: str) -> None:
    text = FORMS[publisher](hours_of(publisher, PLAIN))
    lines = [line.split(",") for line in text.splitlines()]
    turned = "\n".join(",".join(("added" if n == 0 else "", *reversed(cells)))
                       for n, cells in enumerate(lines)) + "\n"  # fmt: skip
    assert sorted(rows(f"iso.{publisher}_lmp", turned)) == sorted(
        rows(f"iso.{publisher}_lmp", text)
    )
    price = {
        "pjm": "datetime_beginning_utc", "spp": "GMTIntervalEnd", "nyiso": "PTID",
        "caiso": "OPR_HR", "ercot": "DSTFlag",
    }[publisher]  # fmt: skip
    with pytest.raises(InvalidFile, match=price):
        read(f"iso.{publisher}_lmp", text.replace(price, "Other", 1))


@pytest.mark.parametrize(
    ("publisher", "before", "after"),
    [
        ("isone", ',"02X",', ',"03X",'),
        ("isone", '"T","25 lines"', '"T","24 lines"'),
        ("isone", "Day-Ahead Energy Market", "Five-Minute"),
        ("pjm", "11/2/2025 2:00:00 AM,7", "11/2/2025 3:00:00 AM,7"),
        ("miso", "ExPost", "ExAnte"),
        ("miso", "Eastern Standard Time", "Eastern Prevailing Time"),
        ("miso", "\n7,Hub,MLC", "\n7,Hub,MXC"),
        ("spp", "11/02/2025 04:00:00,11/02/2025 10", "11/02/2025 05:00:00,11/02/2025 10"),
        ("nyiso", '"11/02/2025 04:00"', '"11/02/2025 24:00"'),
        ("caiso", ",2025-11-02,25,", ",2025-11-02,2,"),
        ("caiso", ",DAM,MCC,", ",RUC,MCC,"),
        ("ercot", ",N\n11/02/2025,05:00", ",Y\n11/02/2025,05:00"),
        ("ercot", "11/02/2025,05:00", "11/02/2025,05:30"),
    ],
)
def test_what_cannot_be_resolved_is_refused_with_its_line(
    publisher: str, before: str, after: str
) -> None:
    text = FORMS[publisher](hours_of(publisher, AUTUMN))
    assert before in text
    with pytest.raises(InvalidFile):
        read(f"iso.{publisher}_lmp", text.replace(before, after, 1))


def test_a_line_is_named() -> None:
    text = FORMS["pjm"](hours_of("pjm", PLAIN))
    with pytest.raises(InvalidFile, match="line 4: "):
        read("iso.pjm_lmp", text.replace("7:00:00 AM,", "8:00:00 AM,", 1))


@pytest.mark.parametrize(
    ("publisher", "before", "after"),
    [("isone", ',"02X",', ',"02",'), ("ercot", ",Y\n", ",N\n")],
)
def test_both_passes_under_one_label_are_refused(publisher: str, before: str, after: str) -> None:
    text = FORMS[publisher](hours_of(publisher, AUTUMN))
    with pytest.raises(InvalidFile, match="comes twice with the same label"):
        read(f"iso.{publisher}_lmp", text.replace(before, after))


def test_a_row_without_one_of_its_components_is_kept() -> None:
    text = FORMS["spp"](hours_of("spp", PLAIN))
    got = rows("iso.spp_lmp", text.rpartition(",")[0] + ",\n")
    assert len(got) == 24
    assert [row for row in got if None in row[11:14]] == [got[-1]]


@pytest.mark.parametrize("pass_left_out", [2, 3])
def test_new_york_s_repeated_hour_is_there_twice_or_not_told(pass_left_out: int) -> None:
    lines = FORMS["nyiso"](hours_of("nyiso", AUTUMN)).splitlines()
    assert lines[2][:18] == lines[3][:18]
    del lines[pass_left_out]
    with pytest.raises(InvalidFile, match="comes twice"):
        read("iso.nyiso_lmp", "\n".join(lines))


def test_a_file_that_begins_in_the_repeated_hour_is_refused() -> None:
    lines = FORMS["nyiso"](hours_of("nyiso", AUTUMN)).splitlines()
    with pytest.raises(InvalidFile, match="no earlier row of 7 tells which"):
        read("iso.nyiso_lmp", "\n".join((lines[0], *lines[2:])))


def test_new_york_s_custom_report_says_which_pass() -> None:
    header = (
        "Eastern Date Hour,Eastern Date Hour Time Zone,Zone Name,Zone PTID,DAM Zonal LBMP,"
        "DAM Zonal Losses,DAM Zonal Congestion,DAM Zonal Price Version\n"
    )
    text = header + "11/2/25 1:00,EDT,WEST,7,20,1,-2,1\n11/2/25 1:00,EST,WEST,7,21,1,-2,2\n"
    got = rows("iso.nyiso_oasis_lmp", text)
    assert [(row[2], row[11:14], row[-2]) for row in got] == [
        ("2025-11-02T05:00:00Z", (17.0, 2.0, 1.0), 1),
        ("2025-11-02T06:00:00Z", (18.0, 2.0, 1.0), 2),
    ]
    with pytest.raises(InvalidFile, match="never shows"):
        read("iso.nyiso_oasis_lmp", header + "7/2/25 1:00,EST,WEST,7,20,1,0,1\n")


@pytest.mark.parametrize("publisher", ["isone", "pjm", "spp", "caiso"])
def test_where_the_publisher_guarantees_the_sum_a_row_that_is_none_is_set_aside(
    publisher: str,
) -> None:
    hours = hours_of(publisher, PLAIN)
    text = FORMS[publisher](hours)
    wrong = f"{published.total(hours[3]) + 1:.2f}"
    right = f",{published.total(hours[3]):.2f},"
    batches = read(f"iso.{publisher}_lmp", text.replace(right, f",{wrong},", 1))
    rejected = [one for batch in batches for one in batch.rejected]
    assert [one.reason for one in rejected] == ["components_do_not_add_up"]
    assert sum(len(batch.rows["iso_lmp"]) for batch in batches) == 23


def test_where_it_does_not_the_row_is_loaded_and_flagged(market: Market) -> None:
    hours = hours_of("caiso", PLAIN)
    text = published.caiso(hours, minutes=15).replace(",DAM,", ",HASP,")
    short = "".join(line for line in text.splitlines(keepends=True) if ",MGHG," not in line)
    lines = short.replace(f",{published.total(hours[0]):.2f},", ",999,", 1)
    counts = market.load("iso.caiso_lmp", lines).counts
    assert (counts.new, counts.flagged, counts.quarantined) == (24, 1, 0)


@pytest.mark.parametrize("price", ["", "n/a", "1e12", "nan", "1_0"])
@pytest.mark.parametrize("publisher", ["isone", "pjm", "nyiso", "ercot", "miso"])
def test_a_price_that_is_none_is_set_aside_and_the_rest_loaded(publisher: str, price: str) -> None:
    hours = hours_of(publisher, PLAIN)
    text = FORMS[publisher](hours)
    good = f"{published.total(hours[5]):.2f}"
    assert good in text
    batches = read(f"iso.{publisher}_lmp", text.replace(good, price, 1))
    reasons = {one.reason for batch in batches for one in batch.rejected}
    assert len(reasons) == 1
    assert reasons < {"missing_measurement", "invalid_price", "out_of_range"}
    assert sum(len(batch.rows["iso_lmp"]) for batch in batches) == 23


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_a_lower_version_never_replaces_a_higher(market: Market, api: Api) -> None:
    only = FORMS["pjm"](hours_of("pjm", PLAIN)[:1])
    for version, price, outcome in (
        (2, "20", (1, 0, 0, 0)),
        (1, "19", (0, 0, 0, 1)),
        (3, "21", (0, 1, 0, 0)),
        (3, "21", (0, 0, 1, 0)),
    ):
        line = f"True,{version}".join(only.rsplit("True,1", 1))
        cells = line.splitlines()[1].split(",")
        cells[8:12] = price, price, "0", "0"
        one = "\n".join((line.splitlines()[0], ",".join(cells), ""))
        counts = market.load("iso.pjm_lmp", one).counts
        assert (counts.new, counts.revised, counts.same, counts.older) == outcome
    assert [row["price_total"] for row in api.rows("/v2/iso/lmp")] == [21]


def test_rows_that_pjm_has_superseded_are_set_aside(market: Market) -> None:
    text = FORMS["pjm"](hours_of("pjm", PLAIN)).replace("True,1", "False,1", 3)
    counts = market.load("iso.pjm_lmp", text).counts
    assert (counts.new, counts.quarantined) == (21, 3)


def test_new_england_s_web_service(market: Market, api: Api) -> None:
    one = (
        '{"BeginDate": "2025-11-02T01:00:00.000-05:00", "Location": {"@LocId": 4000, "@LocType":'
        ' "HUB", "$": ".H.INTERNAL_HUB"}, "LmpTotal": 31.5, "EnergyComponent": 30,'
        ' "CongestionComponent": 1, "LossComponent": 0.5}'
    )
    market.load("iso.isone_da_json", f'{{"HourlyLmps": {{"HourlyLmp": {one}}}}}')
    market.load("iso.isone_rt_json", f'{{"HourlyLmps": {{"HourlyLmp": [{one}, {one}]}}}}')
    got = api.rows("/v2/iso/lmp?location_id=.h.internal_hub&fields=series_key,interval_start")
    assert [tuple(row.values()) for row in got] == [
        ("ISONE:DAY_AHEAD:4000", "2025-11-02T06:00:00Z"),
        ("ISONE:REAL_TIME:4000", "2025-11-02T06:00:00Z"),
    ]
    for broken in (
        '{"HourlyLmps": []}', "[]", "{", '{"HourlyLmps": {"HourlyLmp": [{"BeginDate": 7}]}}',
        f'{{"HourlyLmps": {{"HourlyLmp": {one.replace("-05:00", "")}}}}}',
    ):  # fmt: skip
        with pytest.raises(InvalidFile):
            read("iso.isone_da_json", broken)


def test_new_england_s_list_of_locations(market: Market, api: Api) -> None:
    market.load(
        "iso.isone_locations",
        '{"Locations": {"Location": [{"LocationID": 4001, "LocationType": "LOAD ZONE",'
        ' "LocationName": ".Z.MAINE"}]}}',
    )
    (row,) = api.rows("/v2/iso/locations?fields=location_id,location_name,location_type")
    assert tuple(row.values()) == ("4001", ".Z.MAINE", "ZONE")
    with pytest.raises(InvalidFile):
        read("iso.isone_locations", '{"Locations": {"Location": [{}]}}')


def test_texas_by_quarters_of_an_hour() -> None:
    header = (
        "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,"
        "SettlementPointPrice,DSTFlag\n"
    )
    text = header + "11/02/2025,2,4,HB_WEST,HU,20.5,Y\n11/02/2025,2,4,LZ_WEST,LZ,21,N\n"
    got = rows("iso.ercot_rt_lmp", text)
    assert [(row[0], row[2], row[4]) for row in got] == [
        ("ERCOT:FIFTEEN_MINUTE:HB_WEST", "2025-11-02T07:45:00Z", 900),
        ("ERCOT:FIFTEEN_MINUTE:LZ_WEST", "2025-11-02T06:45:00Z", 900),
    ]
    for broken in ("11/02/2025,2,5,A,RN,1,N", "11/02/2025,2,1,A,RN,1,?", "11/03/2025,2,1,A,RN,1,Y"):
        with pytest.raises(InvalidFile, match="line 2"):
            read("iso.ercot_rt_lmp", header + broken)


@pytest.mark.parametrize(
    "text",
    [
        '{"data": 7}', '{"fields": [], "data": [[]]}', '{"data": []}', '{"fields": 1, "data": []}',
        '{"fields": [{"name": "deliveryDate"}], "data": [[]]}',
    ],
)  # fmt: skip
def test_json_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidFile):
        read("iso.ercot_lmp", text)
    for more in ("[]", '{"items": []}', '{"items": [{}]}', '{"items": [{"total_lmp_da": 1}]}'):
        with pytest.raises(InvalidFile):
            read("iso.pjm_lmp", more)
