"""MISO's hourly reports, preliminary and final, and its weekly five-minute report."""

import io
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.engines import BOTH

HOURS = range(1, 25)


def hourly(
    title: str = "Realtime Market LMPs", day: str = "9/4/2026", *, price: float = 30.0
) -> str:
    """A day of two nodes whose energy is `price` - 1.5 in every hour."""
    header = "Node,Type,Value," + ",".join(f"HE {hour}" for hour in HOURS)
    rows = [
        f"{node},{kind},{part},{','.join([f'{value:g}'] * 24)}"
        for node, kind, more in (("A.HUB", "Hub", 0.0), ("B.GEN", "Gennode", 2.0))
        for part, value in (("LMP", price + more), ("MCC", 1.0 + more), ("MLC", 0.5))
    ]
    clock = ",,,All Hours-Ending are Eastern Standard Time (EST)"
    return "\n".join((title, day, "", clock, header, *rows, ""))


def read(feed: str, text: str) -> tuple[list[Any], list[str]]:
    """The rows of a file, and why rows were set aside."""
    found = find_feed(feed)
    assert found is not None
    batches = list(found[1].read(io.BytesIO(text.encode())))
    rows = [row for batch in batches for row in batch.rows["iso_lmp"]]
    return rows, [one.reason for batch in batches for one in batch.rejected]


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("order", [("prelim", "final"), ("final", "prelim")])
def test_a_preliminary_price_never_stands_in_the_place_of_a_final_one(
    market: Market, api: Api, order: tuple[str, ...]
) -> None:
    for report in order:
        if report == "prelim":
            market.load("iso.miso_rt_prelim_lmp", hourly(price=45))
        else:
            market.load("iso.miso_lmp", hourly(price=30))
    (row,) = api.rows("/v2/iso/lmp?iso=MISO&location_id=a.hub&resample=day&agg=mean")
    assert row["mean"] == 30
    rows = api.rows("/v2/iso/lmp?iso=MISO&location_id=a.hub&fields=price_total,status")
    assert {tuple(row.values()) for row in rows} == {(30, "FINAL")}


def test_until_the_final_report_the_preliminary_one_is_shown_as_such(
    market: Market, api: Api
) -> None:
    market.load("iso.miso_rt_prelim_lmp", hourly(price=45))
    rows = api.rows("/v2/iso/lmp?iso=MISO&location_id=a.hub&fields=price_total,status")
    assert {tuple(row.values()) for row in rows} == {(45, "PRELIMINARY")}


def test_the_preliminary_report_is_of_real_time_only() -> None:
    with pytest.raises(InvalidFile, match="the title is none of Realtime Market LMPs"):
        read("iso.miso_rt_prelim_lmp", hourly("Day Ahead Market ExPost LMPs"))


@pytest.mark.parametrize("feed", ["iso.miso_lmp", "iso.miso_rt_prelim_lmp"])
def test_ex_ante_prices_are_another_product(feed: str) -> None:
    with pytest.raises(InvalidFile, match="line 1: the title is none of"):
        read(feed, hourly("Day Ahead Market ExAnte LMPs"))


def test_a_preamble_may_be_padded_to_the_width_of_the_table() -> None:
    plain = hourly("Day Ahead Market ExPost LMPs")
    top, header, rest = plain.partition("Node,")
    padded = "".join(f"{line},,,,\n" for line in top.splitlines()) + header + rest
    assert read("iso.miso_lmp", padded) == read("iso.miso_lmp", plain)
    assert len(read("iso.miso_lmp", plain)[0]) == 48


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Realtime Market LMPs", "REALTIME MARKET LMPS "),
        ("9/4/2026", "09/04/2026"),
        ("Node,Type,Value", "NODE,TYPE,VALUE"),
        ("HE 1,HE 2,", "HE1,he_2,"),
        ("\n", "\r\n"),
    ],
)
def test_titles_dates_and_headings_have_several_spellings(before: str, after: str) -> None:
    text = hourly()
    assert before in text
    assert read("iso.miso_lmp", text.replace(before, after)) == read("iso.miso_lmp", text)


def test_energy_is_the_same_at_every_node_or_the_price_is_set_aside() -> None:
    lines = hourly().splitlines()
    third = next(n for n, line in enumerate(lines) if line.startswith("B.GEN,Gennode,LMP"))
    more = [line.replace("B.GEN", "C.GEN") for line in lines[third : third + 3]]
    lines[third] = lines[third].replace(",32,", ",32.02,", 1)
    rows, reasons = read("iso.miso_lmp", "\n".join((*lines, *more, "")))
    assert (len(rows), reasons) == (71, ["energy_differs"])


def weekly(*rows: str, last: str = "*** END OF REPORT ***") -> str:
    top = ("Real-Time Final Market LMPs", "08/31/2026 - 09/06/2026", "", "5 Min LMP")
    header = "MKTHOUR_EST,PNODENAME,LMP,CON_LMP,LOSS_LMP"
    return "\n".join((*top, header, *rows, *([last] if last else []), ""))


FIVE = [
    f"08/31/2026 00:{minute:02},{node},{30 + more},{1 + more},0.5"
    for minute in (0, 5, 10)
    for node, more in (("A.HUB", 0), ("B.GEN", 2))
]


def test_a_week_of_final_five_minute_prices() -> None:
    rows, reasons = read("iso.miso_five_minute_lmp", weekly(*FIVE))
    assert [row[0] for row in rows[:2]] == ["MISO:FIVE_MINUTE:A.HUB", "MISO:FIVE_MINUTE:B.GEN"]
    assert [row[2] for row in rows[::2]] == [
        "2026-08-31T05:00:00Z", "2026-08-31T05:05:00Z", "2026-08-31T05:10:00Z",
    ]  # fmt: skip
    assert rows[0][10:14] == (30, 28.5, 1, 0.5)
    assert {(row[4], row[15]) for row in rows} == {(300, "FINAL")}
    assert reasons == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (weekly(*FIVE, last=""), "cut short"),
        (weekly(*FIVE)[:-40], "no line end"),
        (weekly(*FIVE[2:]), "are these ends"),
        (hourly(), "there is no header with MKTHOUR_EST, PNODENAME"),
        ("", "there is no header"),
        (weekly("8/31/2026,A.HUB,1,1,1"), "this time cannot be resolved"),
    ],
)
def test_a_week_that_is_none_or_not_whole_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidFile, match=why):
        read("iso.miso_five_minute_lmp", text)
