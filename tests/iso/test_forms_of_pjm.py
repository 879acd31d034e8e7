"""PJM's reports: which is which, and what each of their forms leaves out."""

import json
from typing import Any

import pytest

from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso.published import FORMS, changes, hours_of
from tests.iso.test_feeds import read, rows

HOURS = hours_of("pjm", changes(2025)[1].replace(day=10))
TEXT = FORMS["pjm"](HOURS)
REAL_TIME = TEXT.replace("_da", "_rt")


def columns(text: str, *names: str) -> str:
    """A CSV with these columns only."""
    lines = [line.split(",") for line in text.splitlines()]
    places = [lines[0].index(name) for name in names]
    return "\n".join(",".join(line[n] for n in places) for line in lines) + "\n"


def item(**more: Any) -> dict[str, Any]:
    return {
        "datetime_beginning_utc": "2026-09-04T08:00:00",
        "datetime_beginning_ept": "2026-09-04T04:00:00",
        "pnode_id": 990010,
        "pnode_name": "EXAMPLE HUB",
        "type": "HUB",
        "zone": None,
        "total_lmp_rt": 34.0,
        **more,
    }


def five_minutes(*minutes: int, **more: Any) -> str:
    return json.dumps(
        [
            item(
                datetime_beginning_utc=f"2026-09-04T08:{minute:02}:00",
                datetime_beginning_ept=f"2026-09-04T04:{minute:02}:00",
                **more,
            )
            for minute in minutes
        ]
    )


UNVERIFIED = {"congestion_price_rt": 1.0, "marginal_loss_price_rt": 0.5}
VERIFIED = {**UNVERIFIED, "system_energy_price_rt": 32.5, "row_is_current": True, "version_nbr": 1}


def test_hours_and_five_minutes_are_told_apart() -> None:
    got = rows("iso.pjm_five_minute_lmp", five_minutes(0, 5, 10, **VERIFIED))
    assert {(row[0], row[4]) for row in got} == {("PJM:FIVE_MINUTE:990010", 300)}
    assert {row[0] for row in rows("iso.pjm_lmp", REAL_TIME)} == {"PJM:REAL_TIME:7"}
    with pytest.raises(InvalidFile, match=r"load five-minute prices as iso\.pjm_five_minute"):
        read("iso.pjm_lmp", five_minutes(0, 5, **VERIFIED))
    with pytest.raises(InvalidFile, match=r"load hourly prices as iso\.pjm_lmp"):
        read("iso.pjm_five_minute_lmp", REAL_TIME)
    with pytest.raises(InvalidFile, match="day-ahead prices are hourly"):
        read("iso.pjm_five_minute_lmp", TEXT)
    with pytest.raises(InvalidFile, match="five minutes"):
        read("iso.pjm_lmp", five_minutes(0, occ_check=1, **UNVERIFIED))


def test_one_interval_on_the_hour_may_be_of_either() -> None:
    for feed, seconds in (("iso.pjm_lmp", 3600), ("iso.pjm_five_minute_lmp", 300)):
        assert [row[4] for row in rows(feed, five_minutes(0, **VERIFIED))] == [seconds]


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"items": items}])
def test_energy_that_is_not_there_is_empty(wrap: Any) -> None:
    items = [item(**UNVERIFIED, row_is_current=True, version_nbr=1), item(total_lmp_rt=35.0)]
    items[1] |= {f"datetime_beginning_{zone}": f"2026-09-04T0{hour}:00:00"
                 for zone, hour in (("utc", 9), ("ept", 5))}  # fmt: skip
    got = rows("iso.pjm_lmp", f"\ufeff \n{json.dumps(wrap(items))}")
    assert [row[10:14] for row in got] == [(34, None, 1, 0.5), (35, None, None, None)]


def test_a_cell_that_is_empty_is_as_a_column_that_is_not_there() -> None:
    lines = TEXT.splitlines()
    cells = lines[3].split(",")
    cells[8] = ""
    text = "\n".join((*lines[:3], ",".join(cells), *lines[4:])) + "\n"
    got = rows("iso.pjm_lmp", text)
    assert len(got) == 24
    assert [row[11] is None for row in got].count(True) == 1


@pytest.mark.parametrize("spelled", [str.upper, lambda text: text.replace("_", " ").title()])
def test_headings_come_in_any_case(spelled: Any) -> None:
    head, _, body = TEXT.partition("\r\n")
    assert rows("iso.pjm_lmp", f"{spelled(head)}\r\n{body}") == rows("iso.pjm_lmp", TEXT)
    data = [{spelled(name): value for name, value in item(**VERIFIED).items()}]
    if spelled is str.upper:
        assert len(rows("iso.pjm_lmp", json.dumps(data))) == 1


@pytest.mark.parametrize("stamp", ["9/4/2026 8:00", "09/04/2026 08:00:00", "2026-09-04 08:00:00",
                                   "2026-09-04T08:00:00Z", "9/4/2026 8:00 AM"])  # fmt: skip
def test_stamps_come_in_several_spellings(stamp: str) -> None:
    (row,) = rows("iso.pjm_lmp", json.dumps([item(datetime_beginning_utc=stamp)]))
    assert row[2] == "2026-09-04T08:00:00Z"


@pytest.mark.parametrize("current", [False, "False", "false", ""])
def test_rows_that_are_replaced_are_set_aside_in_json_as_in_csv(current: Any) -> None:
    kept = item(**{**VERIFIED, "row_is_current": current})
    (batch,) = read("iso.pjm_lmp", json.dumps([kept]))
    assert [one.reason for one in batch.rejected] == ["not_current"]
    assert not batch.rows["iso_lmp"]


def test_a_version_is_a_number() -> None:
    for version in ("x", True, 1.5, "9" * 20):
        with pytest.raises(InvalidFile, match=r"items.0.: version_nbr"):
            read("iso.pjm_lmp", json.dumps([item(version_nbr=version)]))


def test_an_id_is_a_number_though_a_spreadsheet_may_have_written_it() -> None:
    (row,) = rows("iso.pjm_lmp", json.dumps([item(pnode_id=51288.0)]))
    assert row[0] == "PJM:REAL_TIME:51288"
    swapped = TEXT.replace("pnode_id,pnode_name", "pnode_name,pnode_id", 1)
    with pytest.raises(InvalidFile, match="line 2: pnode_id is no number"):
        read("iso.pjm_lmp", swapped)


def statuses(feed: str, text: str) -> set[str]:
    return {row[-3] for row in rows(feed, text)}


def test_how_final_a_price_is_its_columns_show() -> None:
    assert statuses("iso.pjm_lmp", TEXT) == {"FINAL"}
    assert statuses("iso.pjm_lmp", REAL_TIME) == {"FINAL"}
    unverified = (
        *("datetime_beginning_utc", "datetime_beginning_ept", "pnode_id", "pnode_name", "type"),
        *("total_lmp_rt", "congestion_price_rt", "marginal_loss_price_rt"),
    )
    assert statuses("iso.pjm_lmp", columns(REAL_TIME, *unverified)) == {"PRELIMINARY"}
    day_ahead = ("datetime_beginning_utc", "pnode_id", "total_lmp_da")
    assert statuses("iso.pjm_lmp", columns(TEXT, *day_ahead)) == {"FINAL"}
    five = "iso.pjm_five_minute_lmp"
    assert statuses(five, five_minutes(0, 5, **UNVERIFIED, occ_check=1)) == {"PRELIMINARY"}
    assert statuses(five, five_minutes(0, 5, **VERIFIED)) == {"FINAL"}
    settled = {**UNVERIFIED, "system_energy_price_rt": 32.5, "voltage": "", "equipment": ""}
    assert statuses(five, five_minutes(0, 5, **settled)) == {"CORRECTED"}


@pytest.mark.parametrize(
    ("report", "feed", "status"),
    [
        ("rt_hrl_lmps", "iso.pjm_lmp", "FINAL"),
        ("rt_unverified_hrl_lmps", "iso.pjm_lmp", "PRELIMINARY"),
        ("rt_fivemin_hrl_lmps", "iso.pjm_five_minute_lmp", "FINAL"),
        ("rt_fivemin_mnt_lmps", "iso.pjm_five_minute_lmp", "CORRECTED"),
    ],
)
def test_a_document_that_says_its_report_is_taken_at_its_word(
    report: str, feed: str, status: str
) -> None:
    href = f"https://api.pjm.com/api/v1/{report}?RowCount=1"
    document = {"links": [{"rel": "self", "href": href}], "items": [item()]}
    assert statuses(feed, json.dumps(document)) == {status}
    (other,) = {"iso.pjm_lmp", "iso.pjm_five_minute_lmp"} - {feed}
    with pytest.raises(InvalidFile, match=f"this is the report {report}"):
        read(other, json.dumps(document))


def test_a_page_of_more_rows_says_so() -> None:
    document = {"items": [item(**VERIFIED)], "totalRows": 552}
    warnings = [
        one for batch in read("iso.pjm_lmp", json.dumps(document)) for one in batch.warnings
    ]
    assert "incomplete: 1 of 552 rows: the document is one page of more" in warnings


def test_the_unverified_hours_have_names_and_no_ids() -> None:
    text = columns(
        REAL_TIME.replace(",7,HUB,,,HUB,", ",7,WESTERN HUB,,,HUB,"),
        *("datetime_beginning_utc", "datetime_beginning_ept", "pnode_name", "type"),
        *("total_lmp_rt", "congestion_price_rt", "marginal_loss_price_rt"),
    )
    assert {row[0] for row in rows("iso.pjm_lmp", text)} == {"PJM:REAL_TIME:51288"}
    (batch,) = read("iso.pjm_lmp", text.replace("WESTERN HUB", "NO SUCH HUB", 1))
    assert [one.reason for one in batch.rejected] == ["location_without_id"]
    assert len(batch.rows["iso_lmp"]) == 23
    # A zone's name is no hub's.
    (batch,) = read("iso.pjm_lmp", text.replace(",HUB,", ",ZONE,"))
    assert not batch.rows["iso_lmp"]


def test_settled_hours_have_both_markets() -> None:
    part = "system_energy_price_{0},total_lmp_{0},congestion_price_{0},marginal_loss_price_{0}"
    text = (
        "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,"
        f"zone,{part.format('rt')},{part.format('da')}\n"
        "1/15/2024 5:00:00 AM,1/15/2024 12:00:00 AM,51288,WESTERN HUB,,,HUB,,30,32,1.5,.5,"
        "20,21,0.75,.25\n"
    )
    got = [row for batch in read("iso.pjm_lmp", text) for row in batch.rows["iso_lmp"]]
    assert [(row[0], row[10:14], row[-3]) for row in got] == [
        ("PJM:DAY_AHEAD:51288", (21, 20, 0.75, 0.25), "CORRECTED"),
        ("PJM:REAL_TIME:51288", (32, 30, 1.5, 0.5), "CORRECTED"),
    ]
    with pytest.raises(InvalidFile, match="day-ahead"):
        read("iso.pjm_five_minute_lmp", text)


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("verified_first", [True, False])
def test_an_unverified_price_never_replaces_a_verified_one(
    market: Market, api: Api, verified_first: bool
) -> None:
    verified = json.dumps([item(**VERIFIED)])
    unverified = json.dumps([item(**UNVERIFIED) | {"total_lmp_rt": 40.0}])
    order = [verified, unverified] if verified_first else [unverified, verified]
    for text in order:
        market.load("iso.pjm_lmp", text)
    fields = "price_total,price_energy,status,version"
    (row,) = api.rows(f"/v2/iso/lmp?fields={fields}")
    assert tuple(row.values()) == (34, 32.5, "FINAL", 1)


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_older_file_says_nothing_of_what_a_place_is_today(
    market: Market, api: Api, order: tuple[int, int]
) -> None:
    of_2026 = TEXT.replace(",7,HUB,,,HUB,,", ",7,NEW NAME,,,HUB,NEW,")
    of_2024 = FORMS["pjm"](hours_of("pjm", HOURS[0].wall.date().replace(year=2024)))
    of_2024 = of_2024.replace(",7,HUB,,,HUB,,", ",7,OLD NAME,,,LOAD,OLD,")
    for n in order:
        market.load("iso.pjm_lmp", (of_2026, of_2024)[n])
    fields = "location_id,location_name,location_type,zone"
    (row,) = api.rows(f"/v2/iso/locations?fields={fields}")
    assert tuple(row.values()) == ("7", "NEW NAME", "HUB", "NEW")
    assert len(api.rows("/v2/iso/lmp?location_id=old name&limit=100")) == 48
