"""Files of every feed with cells that are none: numbers, texts and times that no engine keeps."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable
from copy import deepcopy
from datetime import date, datetime
from random import Random
from typing import Any

from aurum.domains import domains
from aurum.loads.feeds import Batch, Feed
from aurum.stores.tables import Column, Kind, Table
from tests.conftest import demo_of
from tests.drills.mutations import good
from tests.factories import curve_csv, months, nymex
from tests.iso import published, test_forms, test_forms_of_pjm, test_isone, test_miso, test_nyiso

DAY = date(2025, 9, 3)
NO_TEXT = re.compile("[\0\ud800-\udfff]")
NINES = "9" * 5_000
TOKENS = (
    *("", " ", "\0", "a\0b", "\ud800", "\udfff", "\x1b]0;x\x07", "a" * 101, "\U0001f300" * 100),
    *(
        NINES,
        "9" * 19,
        "-" + "9" * 19,
        "1e400",
        "-1e400",
        "1_0",
        "\u0663",
        "nan",
        "inf",
        "-0",
        "0x1",
    ),
    *("1e30", "1.5", "true", "[1]", "{}", "null", "=1+1", "24", "25", "02X", "\u00e9", "None"),
    *("0001-01-01", "9999-12-31", "9998-12-31", "01/01/0001", "12/31/9999", "12/31/9998"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:00:00Z", "9999-12-31T23:00:00-08:00", "2025-W36-3"),
    *("01/01/0001 00:00:00", "12/31/9999 23:55:00", "12/31/9998 23:55:00", "2025-11-02T01:00:00"),
    *("0001-01-01T00:00:00+14:00", "99999-01-01", "2025-02-30", "3000-01-01", "01/01/3000 00:00"),
)
VALUES: tuple[Any, ...] = (
    *TOKENS, True, False, None, [], [1], {}, {"a": 1}, 0, -1, 1.5, 10**18, 10**19, 10**30, 1e308,
    float("nan"), float("inf"), [[]],
)  # fmt: skip


OASIS = (
    "Eastern Date Hour,Eastern Date Hour Time Zone,Zone Name,Zone PTID,DAM Zonal LBMP,"
    "DAM Zonal Losses,DAM Zonal Congestion,DAM Zonal Price Version\n"
    "09/03/2025 00:00,EDT,WEST,61752,30,1,-2,1\n09/03/2025 01:00,EDT,WEST,61752,31,1,-2,1"
)
DISPATCH = (
    "RTD End Time Stamp,Zone Name,Zone PTID,RTD Zonal LBMP,RTD Zonal Losses,RTD Zonal Congestion\n"
    "9/26/26 0:05,WEST,61752,30,1,-2\n9/26/26 0:10,WEST,61752,31,1,-2"
)


def _json(name: str, *items: dict[str, Any]) -> str:
    return json.dumps({f"{name}s": {name: list(items)}})


def samples() -> dict[str, list[str]]:
    """Small good files of every feed, in each of its forms."""
    day = {name: published.hours_of(name, DAY)[:3] for name in published.STANDARD}
    full = published.hours_of("miso", DAY)
    five, at = test_isone.five(*test_isone.clock(0)), "2025-09-03T0{}:00:00.000-04:00"
    hourly = _json("HourlyLmp", *(test_isone.item(at.format(hour)) for hour in range(3)))
    fives = test_isone.five_json(at.format(0), "2025-09-03T00:05:00.000-04:00")
    spp = test_forms.SPP_HEAD + "04/01/2026 00:05:00,04/01/2026 05:05:00" + test_forms.ROW + "\n"
    quarter = ["2025-11-02", 2, 4, "HB_WEST", "HU", 20.5, True]
    curve = months("2026-01", 3, bid=1, ask=2, mid=1.5, units_raw="$/MWh", expiry_date="2026-01-01")
    made = {
        "curves.nymex": [
            nymex({"2026-07": 3.27, "2026-08": 3.3}, expiry={"2026-07": "2026-06-26"})
        ],
        "curves.csv": [curve_csv(curve), curve_csv([{"curve_key": "k", **row} for row in curve])],
        "iso.isone_lmp": [good("isone", day["isone"])],
        "iso.isone_rt_prelim_lmp": [test_isone.preliminary()],
        "iso.isone_five_minute_lmp": [five],
        "iso.isone_five_minute_prelim_lmp": [five],
        **{f"iso.isone_{name}_json": [hourly] for name in ("da", "rt", "rt_prelim")},
        **{f"iso.isone_{name}_json": [fives] for name in ("five_minute", "five_minute_prelim")},
        "iso.isone_locations": [
            _json("Location", {"LocationID": 4001, "LocationName": "A", "LocationType": "HUB"})
        ],
        "iso.nyiso_lmp": [good("nyiso", day["nyiso"])],
        "iso.nyiso_rt_lmp": [test_nyiso.text_of(*test_nyiso.dispatch(*test_nyiso.LIVE))],
        "iso.nyiso_rt_hourly_lmp": [test_nyiso.HOURLY],
        "iso.nyiso_oasis_lmp": [OASIS],
        "iso.nyiso_oasis_rt_lmp": [DISPATCH],
        "iso.pjm_lmp": [good("pjm", day["pjm"]), test_forms_of_pjm.REAL_TIME],
        "iso.pjm_five_minute_lmp": [
            test_forms_of_pjm.five_minutes(0, 5, **test_forms_of_pjm.VERIFIED)
        ],
        "iso.miso_lmp": [good("miso", full)],
        "iso.miso_rt_prelim_lmp": [
            good("miso", full).replace("Day Ahead Market ExPost LMPs", "Realtime Market LMPs")
        ],
        "iso.miso_five_minute_lmp": [test_miso.weekly(*test_miso.FIVE)],
        "iso.spp_lmp": [good("spp", day["spp"])],
        "iso.spp_rtbm_lmp": [spp],
        "iso.caiso_lmp": [good("caiso", day["caiso"])],
        "iso.ercot_lmp": [good("ercot", day["ercot"]), good("ercot_json", day["ercot"])],
        "iso.ercot_rt_lmp": [test_forms.quarters(quarter)],
        "iso.csv": [good("own", day["pjm"])],
    }
    for domain in domains():
        for feed in domain.feeds:
            if domain.name == "metadata":
                made[feed.name] = [file().decode() for _, file in demo_of(domain, feed)]
    return made


def hostile(text: str, at: Random) -> bytes:
    """The file with a few cells that are none, or with a few bytes that are."""
    if at.random() < 0.15:
        raw = bytearray(text.encode())
        for _ in range(at.choice((1, 1, 3))):
            place = at.randrange(len(raw))
            raw[place : place + at.choice((0, 1))] = bytes([at.randrange(256)])
        return bytes(raw)
    made = (_document if text.lstrip("\ufeff")[:1] in "{[" else _table)(text, at)
    return made.encode("utf-8", "surrogatepass")


def _table(text: str, at: Random) -> str:
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(at.choice((1, 1, 1, 4))):
        row = at.choice([one for one in rows if one])
        row[at.randrange(len(row))] = at.choice(TOKENS)
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()


def _document(text: str, at: Random) -> str:
    document = json.loads(text.lstrip("\ufeff"))
    for _ in range(at.choice((1, 1, 1, 4))):
        document = _spoilt(document, at)
    # What stands for a number of five thousand digits is one.
    return json.dumps(document).replace(f'"{NINES}"', at.choice((f'"{NINES}"', NINES)))


def _spoilt(node: Any, at: Random) -> Any:
    if not isinstance(node, dict | list) or not node or at.random() < 0.03:
        return deepcopy(at.choice(VALUES))
    key = at.choice(list(node) if isinstance(node, dict) else range(len(node)))
    if isinstance(node, dict) and at.random() < 0.03:
        node[at.choice(TOKENS)] = node.pop(key)
    else:
        node[key] = _spoilt(node[key], at)
    return node


def faults(feed: Feed, batches: Iterable[Batch]) -> list[str]:
    """Cells of the rows that no engine could keep, and rows that are set aside without a word."""
    found = []
    for batch in batches:
        aside = (*batch.rejected, *batch.flagged)
        found += [f"{one} says nothing" for one in aside if not (one.place and one.reason)]
        found += [
            f"{one} cannot be kept"
            for one in aside
            if NO_TEXT.search("".join((one.place, one.reason, one.raw)))
        ]
        for table in feed.tables:
            for row in (*batch.rows.get(table.name, ()), *batch.insert_if_new.get(table.name, ())):
                found += _faults_of(table, row)
    return found


def _faults_of(table: Table, row: tuple[Any, ...]) -> list[str]:
    return [
        f"{table.name}.{column.name} is {str(value)[:60]!r}"
        for column, value in zip(table.columns, row, strict=True)
        if not _fits(column, value)
    ]


def _fits(column: Column, value: Any) -> bool:
    if value is None:
        return column.nullable
    match column.kind:
        case Kind.INTEGER:
            return type(value) is int and -(2**63) <= value < 2**63
        case Kind.REAL:
            return type(value) in (int, float) and math.isfinite(value)
        case Kind.BOOLEAN:
            return type(value) is bool
        case Kind.DATE:
            return date.fromisoformat(value).isoformat() == value
        case Kind.INSTANT:
            return datetime.fromisoformat(value).year < 2200
    return type(value) is str and not NO_TEXT.search(value)
