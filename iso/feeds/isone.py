"""ISO New England: hourly and five-minute LMP as report CSV.

The report's rows say what they are: C comment, H header, D data, T trailer. The trailer counts the
data rows, so that a file cut short is recognised. See docs/feeds/iso.isone_lmp.md.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import BinaryIO, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.cells import wall, whole_number
from aurum.loads.feeds import Batch, Feed
from aurum.loads.reading import Line, csv_lines, has_heading, heading, picker, whole
from aurum.market.time import abbreviated_utc, instant_text, labelled_hour_utc
from iso.feeds import isone_json
from iso.feeds.intervals import Interval, interval, resolved
from iso.feeds.isone_locations import ISO, TO_THE_CENT, ZONE, location_of, named_location
from iso.feeds.locations import Location
from iso.feeds.passes import Passes, passes_of
from iso.feeds.prices import PriceRow, Prices, Read, Values
from iso.tables import TABLES

TITLES = {
    "Day-Ahead Energy Market Hourly LMP Report": "DAY_AHEAD",
    "Real-Time Energy Market Hourly LMP Report": "REAL_TIME",
}
FIVE_MINUTE_TITLE = "Five-Minute Locational Marginal Prices"
GENERATED = "report generated:"
HOUR = ("Date", "Hour Ending")
PLACE = ("Location ID", "Location Name", "Location Type")
MONEY = (
    ("Locational Marginal Price", "LMP"),
    ("Energy Component",),
    ("Congestion Component",),
    ("Marginal Loss Component", "Loss Component"),
)


class Report(NamedTuple):
    """What stands above a report's rows: comments, the first of them the title, and a header."""

    comments: list[str]
    place: str
    header: Line

    @property
    def title(self) -> str:
        return self.comments[0]

    def market(self) -> str:
        """The market of an hourly report, by its title."""
        for title, market in TITLES.items():
            if self.title.casefold().endswith(title.casefold()):
                return market
        raise InvalidFile(f"the title is none of {', '.join(TITLES)}", self.place)

    def says(self, word: str) -> bool:
        """Whether a comment has the word, as that which names the file does."""
        return any(word in comment.casefold() for comment in self.comments)

    def is_preliminary(self) -> bool:
        """Real-time hours are where the comments say so, or the header has one column for the
        location."""
        return self.says("prelim") or not has_heading(self.header, PLACE[0])

    def vintage(self) -> str | None:
        """When it was generated; None where it does not say so, or nobody can tell what it says."""
        told = (one for one in self.comments if one.casefold().startswith(GENERATED))
        shown, _, zone = next(told, "")[len(GENERATED) :].strip().rpartition(" ")
        try:
            made = abbreviated_utc(ZONE, wall(shown, "%m/%d/%Y %H:%M:%S"), zone)
        except ValueError:
            return None
        return instant_text(made) if made <= datetime.now(UTC) else None

    def remarks(self) -> Iterator[Batch]:
        """What is to be said of a vintage that nobody can tell."""
        if self.says(GENERATED) and self.vintage() is None:
            yield Batch(warnings=["the time behind 'Report generated' is none: no vintage is kept"])


def _report(lines: Iterator[Line]) -> Report:
    """What stands above the rows: comments, the names of columns, and their types."""
    comments: list[str] = []
    place = ""
    for line in lines:
        mark = line.cells[0].strip()
        if mark == "C":
            comments.append(line.cells[1].strip() if len(line.cells) > 1 else "")
            place = place or line.place
        elif mark == "H" and comments:
            types = next(lines, None)
            if types is None or types.cells[0].strip() != "H":
                raise InvalidFile("a second header row is expected", f"after {line.place}")
            return Report(comments, place, line)
        else:
            raise InvalidFile("a title, a comment or a header is expected", line.place)
    raise InvalidFile("there is no header row" if comments else "the file is empty")


def _data(lines: Iterator[Line], header: Line) -> Iterator[Line]:
    """The data rows; InvalidFile where they are not whole, or not as many as the trailer says."""
    for count, line in enumerate(lines):
        if line.cells[0].strip() != "D":
            _must_close(line, count)
            break
        yield whole(line, header)
    else:
        raise InvalidFile("the trailer is missing: the file is cut short")
    for line in lines:
        raise InvalidFile("there is something behind the trailer", line.place)


def read(file: BinaryIO, *, preliminary: bool = False) -> Iterator[Batch]:
    """Batches of the hourly report's rows; InvalidFile when it is another one, or not whole.

    Real-time hours are `preliminary` where the file's name says so, which its text may not.
    """
    lines = csv_lines(file, ends_lines=False)  # the trailer says whether it is whole
    report = _report(lines)
    market = report.market()
    if preliminary and (market != "REAL_TIME" or report.says("final")):
        raise InvalidFile(
            "these are no preliminary prices: load them as iso.isone_lmp", report.place
        )
    is_early = market == "REAL_TIME" and (preliminary or report.is_preliminary())
    status = "PRELIMINARY" if is_early else "FINAL"
    by_name = not has_heading(report.header, PLACE[0])
    place = ("Location",) if by_name else PLACE
    names = (*((name,) for name in (*HOUR, *place)), *MONEY)
    pick = picker(report.header, [heading(report.header, *of) for of in names])
    prices = Prices(
        ISO,
        market,
        status=status,
        vintage=report.vintage(),
        check=TO_THE_CENT,
        whole=not by_name,
        labelled=True,
    )

    def rows() -> Iterator[Read]:
        for line in _data(lines, report.header):
            day, hour, *cells = pick(line.cells)
            at: Interval = resolved(line.place, _interval, day, hour)
            where = named_location(cells[0]) if by_name else location_of(*cells[:3])
            if where is None:
                prices.reject(line.place, "location_without_id", line.cells)
                yield None
            else:
                yield line.place, where, at, Values(*cells[-4:]), line.cells, None

    yield from prices.collect(rows())
    yield from report.remarks()


def _must_close(line: Line, count: int) -> None:
    said = line.cells[1].split()[:1] if len(line.cells) > 1 else []
    if line.cells[0].strip() != "T":
        raise InvalidFile(f"a row of D or T is expected, not '{line.cells[0][:20]}'", line.place)
    if said != [str(count)]:
        there = " ".join(said) or "nothing"
        raise InvalidFile(f"the trailer says {there}, there are {count} data rows", line.place)


@lru_cache(maxsize=4096)
def _interval(day: str, hour: str) -> Interval:
    """`02X` is the second pass of a repeated hour."""
    label = hour.strip().upper()
    shown = wall(day.strip(), "%m/%d/%Y").date()
    start = labelled_hour_utc(
        ZONE, shown, whole_number(label.removesuffix("X")), label.endswith("X")
    )
    return interval(ISO, start, 60)


def read_five_minute(file: BinaryIO, *, status: str) -> Iterator[Batch]:
    """Batches of the five-minute report's rows; InvalidFile when it is another one, or not whole.

    The report is the same for preliminary and for final prices: `status` is the feed's.
    """
    lines = csv_lines(file, ends_lines=False)  # the trailer says whether it is whole
    report = _report(lines)
    if FIVE_MINUTE_TITLE.casefold() not in report.title.casefold():
        raise InvalidFile(f"the title is not '{FIVE_MINUTE_TITLE}'", report.place)
    day = _day_of(report)
    names = (("Location ID",), ("Local Time",), *MONEY)
    pick = picker(report.header, [heading(report.header, *of) for of in names])
    prices = Prices(
        ISO,
        "FIVE_MINUTE",
        status=status,
        vintage=report.vintage(),
        check=TO_THE_CENT,
        whole=False,
        by_day=False,
    )

    def rows() -> Iterator[PriceRow]:
        clock, first = Passes(ZONE), None
        for line in _data(lines, report.header):
            place, shown, *values = pick(line.cells)
            passes = resolved(line.place, _five_minutes_of, day, shown.strip())
            start: datetime = resolved(line.place, clock.instant, passes, place.strip())
            first = min(first or start, start)
            at = interval(ISO, start, 5)
            yield line.place, Location(place.strip()), at, Values(*values), line.cells, None
        if first is not None and first.minute:  # a file begins with an hour
            raise InvalidFile("the first interval does not begin on the hour: are these ends?")

    yield from prices.collect(rows())
    yield from report.remarks()


def _day_of(report: Report) -> date:
    """The day that a report is for, which its rows do not say."""
    told = next((one for one in report.comments if one.casefold().startswith("report for")), "")
    days = re.findall(r"\d+/\d+/\d{4}", told)
    found: set[date] = {resolved(report.place, wall, day, "%m/%d/%Y").date() for day in days}
    if len(found) != 1:
        raise InvalidFile("a comment 'Report for' with one day is expected", report.place)
    return found.pop()


@lru_cache(maxsize=2**12)
def _five_minutes_of(day: date, shown: str) -> tuple[datetime, ...]:
    """The instants at which the day's clock shows a time."""
    form = "%Y-%m-%d %H:%M:%S" if shown.count(":") == 2 else "%Y-%m-%d %H:%M"
    return passes_of(ZONE, wall(f"{day} {shown}", form))


FEED = Feed(
    name="iso.isone_lmp",
    title="ISO-NE hourly LMP, day-ahead or real-time, report CSV",
    tables=TABLES,
    patterns=(
        "WW_DALMP_ISO_*.csv",
        "WW_RT*LMP_ISO_*.csv",
        "lmp_rt_final_*.csv",
    ),
    read=read,
)
PRELIMINARY = Feed(
    name="iso.isone_rt_prelim_lmp",
    title="ISO-NE preliminary hourly real-time LMP, report CSV",
    tables=TABLES,
    patterns=("lmp_rt_prelim_*.csv",),
    read=partial(read, preliminary=True),
)
FIVE_MINUTE = Feed(
    name="iso.isone_five_minute_lmp",
    title="ISO-NE final five-minute LMP, report CSV",
    tables=TABLES,
    patterns=("lmp_5min_*.csv",),
    read=partial(read_five_minute, status="FINAL"),
)
FIVE_MINUTE_PRELIMINARY = Feed(
    name="iso.isone_five_minute_prelim_lmp",
    title="ISO-NE preliminary five-minute LMP, report CSV",
    tables=TABLES,
    patterns=("lmp_5min_*.csv",),
    read=partial(read_five_minute, status="PRELIMINARY"),
)
FEEDS = (FEED, PRELIMINARY, FIVE_MINUTE, FIVE_MINUTE_PRELIMINARY, *isone_json.FEEDS)
