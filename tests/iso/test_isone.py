"""ISO New England's reports, preliminary and final, and its five-minute prices."""

import io
import json
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market

REAL_TIME = "Real-Time Energy Market Hourly LMP Report"
PARTS = '"Locational Marginal Price","Energy Component","Congestion Component",'
FINAL = f'"Location ID","Location Name","Location Type",{PARTS}"Marginal Loss Component"'
PRELIMINARY = f'"Location",{PARTS}"Marginal Loss Component"'


def report(
    rows: list[str],
    *,
    title: str = REAL_TIME,
    name: str = "lmp_rt_final_20260903.csv",
    columns: str = f'"Date","Hour Ending",{FINAL}',
    told: str = "Report for: 09/03/2026 - 09/03/2026",
) -> str:
    lines = [
        f'"C","{title}"', f'"C","Filename: {name}"', f'"C","{told}"', f'"H",{columns}',
        '"H"' + ',"String"' * (columns.count(",") + 1), *rows, f'"T","{len(rows)} lines"',
    ]  # fmt: skip
    return "\n".join(lines)


def hours(where: str, price: float = 30.0) -> list[str]:
    return [
        f'"D","09/03/2026","{hour:02}",{where},{price:.2f},{price - 1:.2f},0.5,0.5'
        for hour in range(1, 25)
    ]


HUB = '"4000",".H.INTERNAL_HUB","HUB"'


def preliminary(where: str = '".H.INTERNAL_HUB"', price: float = 45.0) -> str:
    return report(
        hours(where, price),
        name="lmp_rt_prelim_20260903.csv",
        columns=f'"Date","Hour Ending",{PRELIMINARY}',
    )


def read(feed: str, text: str) -> tuple[list[Any], list[str]]:
    """The rows of a file, and why rows were set aside."""
    found = find_feed(feed)
    assert found is not None
    batches = list(found[1].read(io.BytesIO(text.encode())))
    rows = [row for batch in batches for row in batch.rows["iso_lmp"]]
    return rows, [one.reason for batch in batches for one in batch.rejected]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1)])
def test_preliminary_hours_never_stand_in_the_place_of_final_ones(
    market: Market, api: Api, order: tuple[int, ...]
) -> None:
    files = report(hours(HUB)), preliminary()
    for one in order:
        market.load("iso.isone_lmp", files[one])
    rows = api.rows("/v2/iso/lmp?iso=ISONE&location_id=.h.internal_hub&fields=price_total,status")
    assert [tuple(row.values()) for row in rows] == [(30, "FINAL")] * 24


def test_a_preliminary_price_of_a_place_without_a_known_id_is_set_aside() -> None:
    rows, reasons = read("iso.isone_lmp", preliminary('"UN.EXAMPLE 13.8AAAA"'))
    assert (rows, set(reasons), len(reasons)) == ([], {"location_without_id"}, 24)
    rows, reasons = read("iso.isone_lmp", preliminary('".Z.WCMASS"'))
    assert ({row[0] for row in rows}, reasons) == ({"ISONE:REAL_TIME:4007"}, [])


def test_a_report_says_that_it_is_preliminary_in_either_of_its_forms() -> None:
    told = report(hours(HUB), name="lmp_rt_prelim_20260903.csv")
    assert {row[15] for row in read("iso.isone_lmp", told)[0]} == {"PRELIMINARY"}
    title = report(hours(HUB), title=f"Preliminary {REAL_TIME}", name="x")
    assert {row[15] for row in read("iso.isone_lmp", title)[0]} == {"PRELIMINARY"}
    ahead = report(hours(HUB), title="Day-Ahead Energy Market Hourly LMP Report", name="x")
    assert {(row[0], row[15]) for row in read("iso.isone_lmp", ahead)[0]} == {
        ("ISONE:DAY_AHEAD:4000", "FINAL")
    }


def test_headings_and_labels_have_several_spellings() -> None:
    text = report(hours(HUB))
    other = text.replace("Hour Ending", "hour_ending").replace('"LOC', '"loc')
    other = other.replace('"09/03/2026","0', '"9/3/2026","')
    assert other != text
    assert read("iso.isone_lmp", other) == read("iso.isone_lmp", text)


FIVE_COLUMNS = (
    '"Location ID","Local Time","Energy Component","Congestion Component","Loss Component","LMP"'
)


def five(*times: str, day: str = "09/03/2026", title: str = "", rows: int | None = None) -> str:
    made = [f'"D","{place}","{at}",29,0.5,0.5,30' for at in times for place in ("4000", "321")]
    return report(
        made[:rows],
        title=title or "Five-Minute Locational Marginal Prices",
        name="lmp_5min_20260903_00-04.csv",
        columns=FIVE_COLUMNS,
        told=f"Report for: {day}",
    )


def clock(*hours: int) -> list[str]:
    return [f"{hour:02}:{minute:02}:00" for hour in hours for minute in range(0, 60, 5)]


@pytest.mark.parametrize(
    ("feed", "status"),
    [
        ("iso.isone_five_minute_lmp", "FINAL"),
        ("iso.isone_five_minute_prelim_lmp", "PRELIMINARY"),
    ],
)
def test_five_minute_prices_are_as_final_as_their_feed_says(feed: str, status: str) -> None:
    rows, reasons = read(feed, five(*clock(0, 1, 2, 3)))
    assert (len(rows), reasons) == (96, [])
    assert {row[15] for row in rows} == {status}
    assert rows[0][:5] == (
        "ISONE:FIVE_MINUTE:4000", "2026-09-03", "2026-09-03T04:00:00Z", "2026-09-03T04:05:00Z",
        300,
    )  # fmt: skip
    assert rows[0][10:14] == (30, 29, 0.5, 0.5)


def test_five_minutes_of_the_repeated_hour_are_told_by_their_order() -> None:
    night = [*clock(0, 1), *clock(1, 2, 3)]
    rows, _ = read("iso.isone_five_minute_lmp", five(*night, day="11/02/2025"))
    assert len({row[2] for row in rows}) == 60
    assert rows[-1][2] == "2025-11-02T08:55:00Z"
    with pytest.raises(InvalidFile, match="comes twice and is there once"):
        read("iso.isone_five_minute_lmp", five(*clock(0, 1, 2, 3), day="11/02/2025"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (five(*clock(0)[1:], "01:00:00"), "are these ends"),
        (five(*clock(0), title=REAL_TIME), "the title is not 'Five-Minute"),
        (five(*clock(0), day="09/03/2026 - 09/04/2026"), "with one day is expected"),
        (five(*clock(0)).replace('"T","24', '"T","23'), "the trailer says 23"),
        (five("00:00:00", "24:05:00"), "this time cannot be resolved"),
        (report(hours(HUB)), "the title is not 'Five-Minute"),
    ],
)
def test_a_five_minute_report_that_is_none_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidFile, match=why):
        read("iso.isone_five_minute_lmp", text)


def test_the_hourly_feed_refuses_the_five_minute_report() -> None:
    with pytest.raises(InvalidFile, match="the title is none of Day-Ahead"):
        read("iso.isone_lmp", five(*clock(0)))


def item(begins: str, price: float = 30.0) -> dict[str, Any]:
    where = {"@LocId": "4000", "@LocType": "HUB", "$": ".H.INTERNAL_HUB"}
    return {
        "BeginDate": begins, "Location": where, "LmpTotal": price, "EnergyComponent": price - 1,
        "CongestionComponent": 0.5, "LossComponent": 0.5,
    }  # fmt: skip


def five_json(*begins: str, price: float = 30.0) -> str:
    return json.dumps({"FiveMinLmps": {"FiveMinLmp": [item(one, price) for one in begins]}})


def test_five_minute_prices_of_the_web_service(market: Market, api: Api) -> None:
    at = "2026-09-03T00:05:00.000-04:00"
    market.load("iso.isone_five_minute_json", five_json(at))
    market.load("iso.isone_five_minute_prelim_json", five_json(at, price=45))
    (row,) = api.rows("/v2/iso/lmp?iso=ISONE&fields=series_key,interval_start,price_total,status")
    assert tuple(row.values()) == (
        "ISONE:FIVE_MINUTE:4000", "2026-09-03T04:05:00Z", 30, "FINAL",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff  " + five_json("2026-09-03T00:05:00-04:00"),
        json.dumps({"FiveMinLmps": {"FiveMinLmp": item("2026-09-03T00:05:00-04:00")}}),
        json.dumps({"FiveMinLmp": [item("2026-09-03T04:05:00Z")]}),
    ],
)
def test_json_of_other_shapes(text: str) -> None:
    rows, _ = read("iso.isone_five_minute_json", text)
    assert [row[2] for row in rows] == ["2026-09-03T04:05:00Z"]


def test_a_dispatch_off_the_grid_has_no_known_end() -> None:
    rows, reasons = read("iso.isone_five_minute_json", five_json("2016-11-01T14:10:02-04:00"))
    assert (rows, reasons) == ([], ["interval_does_not_fit"])


@pytest.mark.parametrize(
    ("feed", "other"),
    [("iso.isone_rt_json", "FiveMinLmp"), ("iso.isone_five_minute_json", "HourlyLmp")],
)
def test_hours_are_no_five_minutes(feed: str, other: str) -> None:
    text = json.dumps({f"{other}s": {other: [item("2026-09-03T00:00:00-04:00")]}})
    with pytest.raises(InvalidFile, match="a list of objects is expected"):
        read(feed, text)


def test_preliminary_hours_of_the_web_service(market: Market, api: Api) -> None:
    def hourly(price: float) -> str:
        return json.dumps({"HourlyLmps": {"HourlyLmp": item("2026-09-03T00:00:00-04:00", price)}})

    market.load("iso.isone_rt_json", hourly(30))
    market.load("iso.isone_rt_prelim_json", hourly(45))
    (row,) = api.rows("/v2/iso/lmp?iso=ISONE&fields=series_key,price_total,status")
    assert tuple(row.values()) == ("ISONE:REAL_TIME:4000", 30, "FINAL")


@pytest.mark.parametrize(
    ("told", "vintage"),
    [
        ("Report generated: 06/03/2026 12:57:12 EDT", "2026-06-03T16:57:12Z"),
        ("Report generated: 11/01/2026 01:30:00 EST", "2026-11-01T06:30:00Z"),
        ("Report generated: yesterday", None),
        ("Report generated: 06/03/2026 12:57:12 EST", None),
        ("Report generated: 06/03/2150 12:57:12 EDT", None),
        ("Version 2", None),
    ],
)
def test_a_report_s_vintage_is_when_it_was_generated(told: str, vintage: str | None) -> None:
    hourly = report(hours(HUB)).replace('"H","Date"', f'"C","{told}"\n"H","Date"')
    five_minute = five(*clock(0)).replace('"H","L', f'"C","{told}"\n"H","L', 1)
    for feed, text in (("iso.isone_lmp", hourly), ("iso.isone_five_minute_lmp", five_minute)):
        assert told in text
        found = find_feed(feed)
        assert found is not None
        batches = list(found[1].read(io.BytesIO(text.encode())))
        rows = [row for batch in batches for row in batch.rows.get("iso_lmp", ())]
        assert {row[-1] for row in rows} == {vintage}
        said = any("no vintage is kept" in one for batch in batches for one in batch.warnings)
        assert said == (vintage is None and "generated" in told)
