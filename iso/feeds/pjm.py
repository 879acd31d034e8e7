"""PJM's Data Miner: hourly and five-minute LMP, as CSV and as JSON.

Rows carry the interval's beginning in UTC and in Eastern prevailing time; the first is what counts,
and the second, where it is there, must agree. See docs/feeds/iso.pjm_lmp.md.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, BinaryIO, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, moment, wall, whole_number
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import (
    begins_json,
)
from aurum.market.calendars import calendar_of
from aurum.market.time import local_hour
from iso.feeds.columns import Coded, Numbers, coded
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.locations import Location, digits_of
from iso.feeds.pjm_forms import (
    ISSUE,
    PRICES_OF,
    RUNS,
    UTC_STAMP,
    WHERE,
    Rows,
    Table,
    csv_table,
    json_table,
)
from iso.feeds.prices import Prices, Values
from iso.feeds.wholeness import Sum
from iso.tables import TABLES

ISO = "PJM"
ZONE = calendar_of(ISO).market_zone
ADDS_UP = Sum(within=0.01)
KINDS = {
    "ZONE": "ZONE",
    "HUB": "HUB",
    "AGGREGATE": "AGGREGATE",
    "RESIDUAL_METERED_EDC": "AGGREGATE",
    "INTERFACE": "INTERFACE",
    "GEN": "RESOURCE",
    "LOAD": "NODE",
    "EHV": "NODE",
    "BUS": "NODE",
}
FIVE_MINUTE_ONLY = ("occ_check", "ref_caseid_used_multi_interval")
STATUSES = {
    60: {
        "da_hrl_lmps": "FINAL",
        "rt_hrl_lmps": "FINAL",
        "rt_unverified_hrl_lmps": "PRELIMINARY",
        "rt_da_monthly_lmps": "CORRECTED",
    },
    5: {
        "rt_fivemin_hrl_lmps": "FINAL",
        "rt_unverified_fivemin_lmps": "PRELIMINARY",
        "rt_fivemin_mnt_lmps": "CORRECTED",
    },
}
"""How final the prices of a report are, by the length of its intervals in minutes."""
SETTLED = ("system_energy_price_rt", "voltage", "equipment", "zone")
"""Columns that settled five-minute prices have, and no version."""
NAMED = {
    "AECO": ("51291", "ZONE"), "AEP": ("8445784", "ZONE"), "APS": ("8394954", "ZONE"),
    "ATSI": ("116013753", "ZONE"), "BGE": ("51292", "ZONE"), "COMED": ("33092371", "ZONE"),
    "DAY": ("34508503", "ZONE"), "DEOK": ("124076095", "ZONE"), "DOM": ("34964545", "ZONE"),
    "DPL": ("51293", "ZONE"), "DUQ": ("37737283", "ZONE"), "EKPC": ("970242670", "ZONE"),
    "JCPL": ("51295", "ZONE"), "METED": ("51296", "ZONE"), "MID-ATL/APS": ("3", "ZONE"),
    "OVEC": ("1709725933", "ZONE"), "PECO": ("51297", "ZONE"), "PENELEC": ("51300", "ZONE"),
    "PEPCO": ("51298", "ZONE"), "PJM-RTO": ("1", "ZONE"), "PPL": ("51299", "ZONE"),
    "PSEG": ("51301", "ZONE"), "RECO": ("7633629", "ZONE"),
    "AEP-DAYTON HUB": ("34497127", "HUB"), "EASTERN HUB": ("51217", "HUB"),
    "N ILLINOIS HUB": ("33092315", "HUB"), "WESTERN HUB": ("51288", "HUB"),
}  # fmt: skip
"""Ids and types of places by name, for the report that has no ids."""


_Collectors = list[tuple[Prices, slice]]
"""For each run of a file, and where its prices stand among all prices."""


class _Plain(NamedTuple):
    """What some rows say, column by column."""

    when: Coded[Interval]
    where: Coded[Location]
    versions: list[int | None]
    prices: Sequence[Sequence[Any]]


def read(file: BinaryIO, *, minutes: int) -> Iterator[Batch]:
    """Batches of rows; InvalidFile when the file is of neither form, or of another report."""
    table = json_table(file) if begins_json(file) else csv_table(file)
    runs = _runs(table, minutes)
    by_name = not table.has("pnode_id")
    whole = not by_name and all(map(table.has, WHERE))
    collectors = [
        (
            Prices(
                ISO,
                RUNS[run] if minutes == 60 else "FIVE_MINUTE",
                status=_status(table, runs, run, minutes),
                check=ADDS_UP,
                whole=whole,
            ),
            PRICES_OF[run],
        )
        for run in runs
    ]
    starts: set[str] = set()
    for rows in table.rows:
        plain = _plain(rows, minutes)
        sound = plain and _sound(plain, collectors)
        if plain and sound:
            starts.update(at.interval_start for at in plain.when.means.values())
            for (prices, _), columns in zip(collectors, sound, strict=True):
                prices.add_all(rows.places, plain.where, plain.when, columns, plain.versions)
        else:  # something is to be said of one of them, or of the file
            for row in zip(rows.places, rows.raws, zip(*rows.columns, strict=True), strict=True):
                starts.add(_add(*row, collectors, minutes, by_name=by_name))
                yield from (prices.take() for prices, _ in collectors if prices.full)
        yield from (prices.take() for prices, _ in collectors if prices.full)
    if minutes < 60 and len(starts) > 1 and all(start.endswith(":00:00Z") for start in starts):
        raise InvalidFile("every interval begins on the hour: load hourly prices as iso.pjm_lmp")
    for prices, _ in collectors:
        yield prices.finish()
    if table.warnings:
        yield Batch(warnings=table.warnings)


def _add(
    place: str,
    raw: Any,
    cells: Sequence[Any],
    collectors: _Collectors,
    minutes: int,
    *,
    by_name: bool,
) -> str:
    """One row, which may be set aside; the beginning of its interval."""
    utc, ept, node, name, kind, zone, current, issue, *values = cells
    at: Interval = resolved(place, _interval, utc, ept, minutes)
    location, version = _location(node, name, kind, zone), _version(issue, place)
    if not _is_number(location.location_id):
        raise InvalidFile("pnode_id is no number", place)
    try:
        _must_count(current, location, by_name=by_name)
    except InvalidRow as reason:
        collectors[0][0].reject(place, str(reason), raw)
        return at.interval_start
    for prices, part in collectors:
        prices.add(place, location, at, Values(*values[part]), raw, version)
    return at.interval_start


def _plain(rows: Rows, minutes: int) -> _Plain | None:
    """What rows say, column by column; None where one of them may not count, or not be."""
    utc, ept, node, name, kind, zone, current, issue, *prices = rows.columns
    where = coded(_location, node, name, kind, zone)
    try:
        when = coded(partial(_interval, minutes=minutes), utc, ept)
        versions = {cell: _version(cell, "") for cell in {*issue}}
    except (ValueError, OverflowError, InvalidFile):
        return None
    ids = {location.location_id for location in where.means.values()}
    # A number and its text, or 1 and 1.0, are one to a set.
    if len({*map(type, issue)}) > 1 or not all(ids) or not all(map(_is_number, ids)):
        return None
    if not all(map(_is_current, {*current})):
        return None
    return _Plain(when, where, [*map(versions.__getitem__, issue)], prices)


def _sound(plain: _Plain, collectors: _Collectors) -> list[list[Numbers]] | None:
    """Of each collector the columns of its prices; None where one of them has to be set aside."""
    when, where = plain.when.means.values(), plain.where.means.values()
    found, blank = [], [None] * len(plain.versions)
    for prices, part in collectors:
        columns = prices.sound(where, when, [*plain.prices[part], blank])
        if columns is None:
            return None
        found.append(columns)
    return found


def _runs(table: Table, minutes: int) -> list[str]:
    """The runs a table has prices of, by its columns; InvalidFile where it is another report."""
    for name in (UTC_STAMP, "pnode_id" if table.has("pnode_id") else "pnode_name"):
        if not table.has(name):
            raise InvalidFile(f"column '{name}' is missing", table.place)
    runs = [run for run in RUNS if table.has(f"total_lmp_{run}")]
    if not runs:
        raise InvalidFile("one of total_lmp_da and total_lmp_rt is expected", table.place)
    if table.report and table.report not in STATUSES[minutes]:
        raise InvalidFile(f"this is the report {table.report}", table.place)
    if minutes < 60 and "da" in runs:
        raise InvalidFile("day-ahead prices are hourly: load them with iso.pjm_lmp", table.place)
    if minutes == 60 and any(map(table.has, FIVE_MINUTE_ONLY)):
        raise InvalidFile(
            "these are prices of five minutes: load them with iso.pjm_five_minute_lmp", table.place
        )
    return runs


def _status(table: Table, runs: list[str], run: str, minutes: int) -> str:
    """How final a run's prices are: as their report, else by what only settled prices leave out.

    Real-time prices that show nothing of verification are taken for unverified ones.
    """
    if table.report:
        return STATUSES[minutes][table.report]
    numbered = any(map(table.has, ISSUE))
    if len(runs) > 1 or (minutes < 60 and not numbered and all(map(table.has, SETTLED))):
        return "CORRECTED"
    verified = run == "da" or numbered or table.has(f"system_energy_price_{run}")
    return "FINAL" if verified else "PRELIMINARY"


def _must_count(current: Any, location: Location, *, by_name: bool) -> None:
    """InvalidRow for one that another has replaced, or whose place goes by an unknown name."""
    if not _is_current(current):
        raise InvalidRow("not_current")
    if by_name and not location.location_id:
        raise InvalidRow("location_without_id")


def _is_current(current: Any) -> bool:
    return current is None or str(current).strip().lower() == "true"


def _is_number(node: str) -> bool:
    return node.isascii() and not node.strip("0123456789")


def _version(issue: Any, place: str) -> int | None:
    if issue is None:
        return None
    try:
        return whole_number(str(issue))
    except ValueError:
        raise InvalidFile("version_nbr is no whole number", place) from None


@lru_cache(maxsize=2**15)
def _location(node: Any, name: Any, kind: Any, zone: Any) -> Location:
    node, name, kind, zone = (str(one or "").strip() for one in (node, name, kind, zone))
    node = digits_of(node.removesuffix(".0"))  # as a spreadsheet writes a number
    if not node and (known := NAMED.get(name.upper())) and kind.upper() in ("", known[1]):
        node, kind = known
    return Location(node, name or None, KINDS.get(kind.upper(), "OTHER"), zone or None)


@lru_cache(maxsize=2**15)
def _interval(utc: Any, ept: Any, minutes: int) -> Interval:
    start = _stamp(str(utc))
    start = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
    if minutes == 60 and (start.minute or start.second):
        raise ValueError(
            f"{utc} is no beginning of an hour; load five-minute prices as iso.pjm_five_minute_lmp"
        )
    shown = datetime.fromisoformat(local_hour(ZONE, start).begins).replace(
        minute=start.minute, second=start.second, tzinfo=None
    )
    if ept and _stamp(str(ept)) != shown:
        raise ValueError(f"{utc} UTC is {shown} Eastern, not {ept}")
    return interval(ISO, start, minutes)


def _stamp(text: str) -> datetime:
    """`6/16/2025 4:00:00 AM` of the CSV, `2025-06-16T04:00:00` of the JSON."""
    text = text.strip()
    if "/" not in text:
        return moment(text)
    seconds = ":%S" if text.count(":") == 2 else ""
    hours = f"%I:%M{seconds} %p" if text.upper().endswith("M") else f"%H:%M{seconds}"
    return wall(text, f"%m/%d/%Y {hours}")


FEED = Feed(
    name="iso.pjm_lmp",
    title="PJM hourly LMP, day-ahead or real-time, of Data Miner as CSV or JSON",
    tables=TABLES,
    patterns=("*da_hrl_lmps*", "*rt_hrl_lmps*", "*rt_unverified_hrl_lmps*", "*rt_da_monthly_lmps*"),
    read=partial(read, minutes=60),
)
FIVE_MINUTE = Feed(
    name="iso.pjm_five_minute_lmp",
    title="PJM five-minute real-time LMP of Data Miner as CSV or JSON",
    tables=TABLES,
    patterns=("*rt_fivemin_hrl_lmps*", "*rt_unverified_fivemin_lmps*", "*rt_fivemin_mnt_lmps*"),
    read=partial(read, minutes=5),
)
FEEDS = (FEED, FIVE_MINUTE)
