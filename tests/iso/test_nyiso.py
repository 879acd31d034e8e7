"""NYISO's dispatch, which runs when it must, its look-ahead, and the hours made of it."""

import io
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.iso.published import FORMS, changes, hours_of

HEADER = (
    '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)",'
    '"Marginal Cost Congestion ($/MWHr)"'
)
DAY = "09/26/2026"
ZONES = (("WEST", 61752, 0.0), ("N.Y.C.", 61761, 4.0), ("NORTH", 61755, -2.5))
"""Name, id, and what its losses add to the price."""


class Got(NamedTuple):
    rows: list[Any]
    reasons: list[str]
    warnings: list[str]


def read(feed: str, text: str) -> Got:
    found = find_feed(feed)
    assert found is not None
    batches = list(found[1].read(io.BytesIO(text.encode())))
    return Got(
        [row for batch in batches for row in batch.rows.get("iso_lmp", ())],
        [one.reason for batch in batches for one in batch.rejected],
        [text for batch in batches for text in batch.warnings],
    )


def dispatch(*stamps: str, price: float = 30.0, zones: tuple[Any, ...] = ZONES[:1]) -> list[str]:
    """Rows of these stamps, each with its own energy price, at each of the zones."""
    return [
        f'"{f"{DAY} {stamp}" if stamp[2:3] == ":" else stamp}","{name}",{ptid},'
        f"{price + n + loss:.2f},{loss:.2f},0.00"
        for n, stamp in enumerate(stamps)
        for name, ptid, loss in zones
    ]


def text_of(*rows: str) -> str:
    return "\n".join((HEADER, *rows, ""))


def clock(first: str, last: str, minutes: int = 5) -> list[str]:
    """Stamps from one to another, `HH:MM:SS`, both included."""
    at, end = (datetime.fromisoformat(f"2026-09-26 {text}") for text in (first, last))
    found = []
    while at <= end:
        found.append(f"{at:%H:%M:%S}")
        at += timedelta(minutes=minutes)
    return found


def times(rows: list[Any]) -> list[tuple[str, str, int]]:
    """Beginning and end by the clock of New York in summer, and the length in seconds."""

    def shown(text: str) -> str:
        local = datetime.fromisoformat(text) - timedelta(hours=4)
        return f"{local:%H:%M:%S}"

    return [(shown(row[2]), shown(row[3]), row[4]) for row in rows]


def test_a_dispatch_between_is_kept_with_its_beginning_and_end() -> None:
    got = read(
        "iso.nyiso_rt_lmp", text_of(*dispatch("00:15:00", "00:15:12", "00:20:00", "00:25:00"))
    )
    assert times(got.rows) == [
        ("00:10:00", "00:15:00", 300),
        ("00:15:00", "00:15:12", 12),
        ("00:15:12", "00:20:00", 288),
        ("00:20:00", "00:25:00", 300),
    ]
    assert {row[0] for row in got.rows} == {"NYISO:FIVE_MINUTE:61752"}
    assert got.reasons == []


@pytest.mark.parametrize(
    ("stamps", "begins"),
    [
        (("00:07:31", "00:10:00"), ["00:05:00", "00:07:31"]),
        (("00:25:00", "00:40:00", "00:45:00"), ["00:20:00", "00:35:00", "00:40:00"]),
        (("00:57:00", "01:01:30", "01:05:00"), ["00:55:00", "01:00:00", "01:01:30"]),
        (("00:54:00", "00:59:00", "01:00:00"), ["00:50:00", "00:54:00", "00:59:00"]),
    ],
)  # fmt: skip
def test_where_stamps_are_missing_an_interval_begins_on_the_five_minutes(
    stamps: tuple[str, ...], begins: list[str]
) -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch(*stamps)))
    assert [one[0] for one in times(got.rows)] == begins
    assert got.reasons == []


def test_the_last_interval_of_a_day_ends_with_it() -> None:
    rows = dispatch("23:55:00", "09/27/2026 00:00:00")
    got = read("iso.nyiso_rt_lmp", text_of(*rows))
    assert [row[1] for row in got.rows] == ["2026-09-26", "2026-09-26"]
    (warning,) = got.warnings
    assert warning == "incomplete: NYISO FIVE_MINUTE has 0.166667 of 24 hours of 2026-09-26"


def test_an_hour_is_weighed_by_time_as_the_publisher_weighs_it(market: Market, api: Api) -> None:
    """56 minutes at 30 and 4 at 1030, and the publisher's own hour of the same day."""
    cells = [f"{DAY} {stamp}" for stamp in sorted((*clock("00:05:00", "01:00:00"), "00:54:00"))]
    rows = [f'"{at}","WEST",61752,{1030 if "54" in at else 30},1,0' for at in cells]
    market.load("iso.nyiso_rt_lmp", text_of(*rows))
    market.load("iso.nyiso_rt_hourly_lmp", text_of(f'"{DAY} 00:00","WEST",61752,96.67,1,0'))
    ask = "/v2/iso/lmp?iso=NYISO&resample=hour&agg=mean,max&market="
    (five,) = api.rows(f"{ask}FIVE_MINUTE")
    (hour,) = api.rows(f"{ask}REAL_TIME")
    assert (five["mean"], five["max"]) == (pytest.approx(96.666667, abs=1e-6), 1030)
    assert round(five["mean"], 2) == hour["mean"]


@given(st.lists(st.integers(1, 3599), max_size=8, unique=True), st.data())
def test_the_publisher_s_hour_is_the_time_weighted_mean_of_its_dispatches(
    extra: list[int], data: st.DataObject
) -> None:
    ends = sorted({*range(300, 3601, 300), *extra})
    prices = [data.draw(st.integers(-1000, 100_000)) / 100 for _ in ends]
    midnight = datetime(2026, 9, 26)  # noqa: DTZ001 - the publisher's stamps have no zone
    rows = [
        f'"{midnight + timedelta(seconds=end):%m/%d/%Y %H:%M:%S}","WEST",61752,{price},0,0'
        for end, price in zip(ends, prices, strict=True)
    ]
    got = read("iso.nyiso_rt_lmp", text_of(*rows))
    weighed = sum(
        price * (end - begin) for price, begin, end in zip(prices, [0, *ends], ends, strict=False)
    )
    assert sum(row[4] for row in got.rows) == 3600
    assert sum(row[10] * row[4] for row in got.rows) / 3600 == pytest.approx(weighed / 3600)


LIVE = [*clock("09:50:00", "10:10:00"), *clock("10:15:00", "12:30:00", 15)]


def test_the_look_ahead_behind_the_dispatch_is_another_market() -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch(*LIVE, zones=ZONES)))
    five = [row for row in got.rows if ":FIVE_MINUTE:" in row[0]]
    later = [row for row in got.rows if ":FIFTEEN_MINUTE:" in row[0]]
    assert {end for _, end, _ in times(five)} == {*clock("09:50:00", "10:10:00")}
    assert {end for _, end, _ in times(later)} == {*clock("10:30:00", "12:30:00", 15)}
    assert {row[4] for row in later} == {900}
    assert {row[15] for row in later} == {"PRELIMINARY"}
    # 10:15 is five minutes behind the dispatch, and may be of either run.
    assert got.reasons == ["look_ahead"] * 3


def test_a_file_of_the_look_ahead_alone_has_no_dispatch() -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch("00:15:00", "00:30:00", "00:45:00")))
    assert {row[0] for row in got.rows} == {"NYISO:FIFTEEN_MINUTE:61752"}
    assert len(got.rows) == 3


@pytest.mark.parametrize("stamps", [("23:45:00", "23:50:00", "09/27/2026 00:00:00"), ("00:15:00",)])
def test_a_stamp_that_may_be_of_either_run_is_set_aside(stamps: tuple[str, ...]) -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch(*stamps)))
    assert got.reasons == ["look_ahead"]
    assert len(got.rows) == len(stamps) - 1


def test_one_wrong_stamp_makes_no_dispatch_of_the_look_ahead() -> None:
    for wrong in ("12:17:30", "12:33:00", "10:12:30"):
        rows = dispatch(*LIVE, zones=ZONES)
        rows[-1] = rows[-1].replace("12:30:00", wrong)
        got = read("iso.nyiso_rt_lmp", text_of(*rows))
        five = [row for row in got.rows if ":FIVE_MINUTE:" in row[0]]
        assert {end for _, end, _ in times(five)} == {*clock("09:50:00", "10:10:00")}, wrong


def test_the_latest_interval_alone_is_dispatch() -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch("10:30:00", zones=ZONES)))
    assert times(got.rows) == [("10:25:00", "10:30:00", 300)] * 3


def test_rows_out_of_order_are_set_aside() -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch("10:05:00", "10:10:00", "10:00:00")))
    assert (len(got.rows), got.reasons) == (2, ["not_in_order"])


def test_the_dispatch_passes_the_repeated_hour_twice() -> None:
    def stamps(hour: int) -> list[str]:
        return [f"11/02/2025 {hour:02}:{minute:02}:00" for minute in range(0, 60, 5)]

    night = [*stamps(0)[1:], *stamps(1), *stamps(1), *stamps(2)]
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch(*night)))
    assert len(got.rows) == len(night)
    assert sum(row[4] for row in got.rows) == len(night) * 300
    assert got.rows[-1][3] == "2025-11-02T07:55:00Z"
    with pytest.raises(InvalidFile, match="comes twice"):
        read("iso.nyiso_rt_lmp", text_of(*dispatch(*stamps(0), *stamps(1), *stamps(2))))


HOURLY = text_of(*dispatch("00:00", "01:00", "02:00"))
FIVE = text_of(*dispatch("00:05:00", "00:10:00"))


@pytest.mark.parametrize(
    ("feed", "text", "named"),
    [
        ("iso.nyiso_rt_lmp", HOURLY, "iso.nyiso_rt_hourly_lmp"),
        ("iso.nyiso_rt_lmp", text_of(*dispatch("07:00")), "iso.nyiso_rt_hourly_lmp"),
        ("iso.nyiso_rt_hourly_lmp", FIVE, "iso.nyiso_rt_lmp"),
        ("iso.nyiso_lmp", FIVE, "iso.nyiso_rt_lmp"),
        ("iso.nyiso_lmp", text_of(*dispatch("07:00:00")), "iso.nyiso_rt_lmp"),
        ("iso.nyiso_lmp", text_of(*dispatch("07:00:00", "07:05:00")), "iso.nyiso_rt_lmp"),
    ],
)
def test_a_feed_refuses_another_report_s_file_and_says_which(
    feed: str, text: str, named: str
) -> None:
    with pytest.raises(InvalidFile, match=named):
        read(feed, text)


def test_hours_of_real_time_are_known_by_their_beginning() -> None:
    got = read("iso.nyiso_rt_hourly_lmp", HOURLY)
    assert {row[0] for row in got.rows} == {"NYISO:REAL_TIME:61752"}
    assert times(got.rows)[0] == ("00:00:00", "01:00:00", 3600)


@pytest.mark.parametrize("feed", ["iso.nyiso_rt_lmp", "iso.nyiso_rt_hourly_lmp", "iso.nyiso_lmp"])
def test_energy_is_the_same_everywhere_or_the_row_is_set_aside(feed: str) -> None:
    stamps = ("00:05:00", "00:10:00") if feed == "iso.nyiso_rt_lmp" else ("00:00", "01:00")
    rows = dispatch(*stamps, zones=ZONES)
    cells = rows[1].split(",")
    cells[3] = f"{float(cells[3]) + 0.02:.2f}"
    assert read(feed, text_of(rows[0], ",".join(cells), *rows[2:])).reasons == []
    cells[3] = f"{float(cells[3]) + 0.01:.2f}"
    got = read(feed, text_of(rows[0], ",".join(cells), *rows[2:]))
    assert (len(got.rows), got.reasons) == (5, ["energy_differs"])


@pytest.mark.parametrize(
    "stamp",
    [
        "9/26/2026 0:05", "09/26/2026 00:05", "9/26/26 0:05:00", "2026-09-26 00:05:00",
        "2026-09-26T00:05",
        "09/26/2026 12:05:00 AM", "9/26/2026 12:05 am", " 09/26/2026 00:05:00 ",
    ],
)  # fmt: skip
def test_a_stamp_may_be_spelled_as_other_programs_write_it_again(stamp: str) -> None:
    got = read("iso.nyiso_rt_lmp", text_of(*dispatch(stamp, "00:10:00")))
    assert times(got.rows)[0] == ("00:00:00", "00:05:00", 300)


@pytest.mark.parametrize("stamp", ["26/09/2026 00:05", "09/26/2026", "09/26/2026 0:5:61"])
def test_a_stamp_that_is_none_is_refused_with_its_line(stamp: str) -> None:
    with pytest.raises(InvalidFile, match="line 2: this time cannot be resolved"):
        read("iso.nyiso_rt_lmp", text_of(*dispatch(stamp, "00:10:00")))


def test_headings_may_be_in_another_case_and_of_older_years() -> None:
    plain = FORMS["nyiso"](hours_of("nyiso", changes(2025)[1].replace(day=10)))
    wanted = read("iso.nyiso_lmp", plain).rows
    older = plain.replace("Marginal Cost Congestion ($/MWHr)", "Marginal Cost Congestion ($/MWH")
    lower = plain.replace("Time Stamp", "time_stamp").replace("LBMP ($/MWHr)", "lbmp ($/mwhr)")
    assert read("iso.nyiso_lmp", older).rows == read("iso.nyiso_lmp", lower).rows == wanted


def test_the_custom_report_of_the_dispatch() -> None:
    header = (
        "RTD End Time Stamp,Zone Name,Zone PTID,RTD Zonal LBMP,RTD Zonal Losses,"
        "RTD Zonal Congestion"
    )
    text = f"{header}\n9/26/26 0:05,WEST,61752,30,1,-2\n9/26/26 0:10,WEST,61752,31,1,-2"
    got = read("iso.nyiso_oasis_rt_lmp", text)
    assert [(row[0], row[10:14]) for row in got.rows] == [
        ("NYISO:FIVE_MINUTE:61752", (30, 27, 2, 1)),
        ("NYISO:FIVE_MINUTE:61752", (31, 28, 2, 1)),
    ]


@pytest.mark.parametrize("feed", ["iso.nyiso_rt_lmp", "iso.nyiso_rt_hourly_lmp", "iso.nyiso_lmp"])
def test_a_number_that_is_cut_off_is_refused(feed: str) -> None:
    stamps = ("00:05:00", "00:10:00") if feed == "iso.nyiso_rt_lmp" else ("00:00", "01:00")
    text = text_of(*dispatch(*stamps))
    assert read(feed, text.rstrip()).rows == read(feed, text).rows  # the number is whole
    for cut in (2, 3):
        with pytest.raises(InvalidFile, match=r"line 3: .* cut off"):
            read(feed, text[:-cut])
