"""What a schema cannot say of a question, said to Schemathesis: its command loads this.

The formats give values of kinds for which OpenAPI has no name. A question that ought to be answered
is mended where its parameters do not go together; one that ought to be refused is left as it is.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import strategies as st

from curves.serializers import GAS, POWER
from curves.v1.serializers import DIMENSIONS
from iso.serializers import HUB, NODE

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
MONTHS = st.builds("{:04}-{:02}".format, st.integers(1900, 2100), st.integers(1, 12))
SPANS = st.integers(1, 120)
LAST = date.max - timedelta(days=30)
PAST = st.datetimes(datetime(1900, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001

Query = dict[str, Any]


def _later(month: str, months: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{year:04}-{number + 1:02}"


# A range must not be empty, and of months it has 120 at the most.
month_ranges = st.builds(lambda month, span: f"{month}..{_later(month, span)}", MONTHS, SPANS)
day_ranges = st.builds(lambda day, span: f"{day}..{day + timedelta(days=span)}", DAYS, SPANS)
schemathesis.openapi.format("month-range", MONTHS | month_ranges)
BACK = st.builds("-{}{}".format, st.integers(0, 60), st.sampled_from("dwmy"))
BACK |= st.sampled_from(("today", "yesterday"))
HOURS_BACK = st.builds("-{}h".format, st.integers(0, 9999)) | st.just("now")
schemathesis.openapi.format(
    "day-range", BACK | DAYS.map(str) | MONTHS | day_ranges | month_ranges | st.just("all")
)
schemathesis.openapi.format("day-or-month", BACK | DAYS.map(str) | MONTHS)
schemathesis.openapi.format("day", BACK | DAYS.map(str))
schemathesis.openapi.format("one-of-days", BACK | DAYS.map(str) | st.just("latest"))
schemathesis.openapi.format(
    "past-moment", BACK | HOURS_BACK | DAYS.map(str) | MONTHS | PAST.map(datetime.isoformat)
)
schemathesis.openapi.format("moment", DAYS.map(str) | MONTHS | PAST.map(datetime.isoformat))
schemathesis.openapi.format("zone-name", st.sampled_from(("market", "UTC", "America/Chicago")))
# What will be known in the future is refused.
schemathesis.openapi.format("date-time", PAST.map(datetime.isoformat))


@schemathesis.hook
def before_add_examples(context: Any, examples: list[Any]) -> None:
    for case in examples:
        map_case(context, case)


@schemathesis.hook
def map_case(context: Any, case: Any) -> Any:
    if case.meta.generation.mode.is_positive:
        query = {name: value for name, value in case.query.items() if not _is_cursor(name)}
        mend = MENDED.get(case.operation.path)
        query = _of_its_format(query)
        case.query = mend(query) if mend else query
        if "/calendars/{name}/" in case.operation.path:
            case.path_parameters["name"] = "pjm"
    return case


def _of_its_format(query: Query) -> Query:
    """Without what the format that it names has no use for."""
    name = query.get("format")
    unused = set() if name in ("csv", "xlsx") else {"timestamps"}
    if name not in ("svg", "png", "vegalite", "html"):
        unused.add("plot")
    if name not in ("csv", "ndjson") or "limit" in query:
        unused.add("end_record")
    return {name: value for name, value in query.items() if name not in unused}


def _is_cursor(name: str) -> bool:
    """A cursor is good for the question it came with; tests/test_contract*.py follow them."""
    return name in ("cursor", "since_cursor", "prev_cursor")


def _v1_diff(query: Query) -> Query:
    """Two dates at most a year apart, and one dimension of a curve."""
    first = min(date.fromisoformat(query["asof_a"]), LAST)
    chosen = {} if any(name in query for name in DIMENSIONS) else {"iso": "PJM"}
    return {**query, **chosen, "asof_a": str(first), "asof_b": str(first + timedelta(days=30))}


def _diff(query: Query) -> Query:
    """Two dates, or one at two moments."""
    if "asof_date" in query:
        rest = {k: v for k, v in query.items() if k not in ("asof_date_a", "asof_date_b")}
        return {**rest, "known_at_a": "2025-10-01T06:00:00Z", "known_at_b": "2025-10-02T06:00:00Z"}
    return {**query, "asof_date_a": "-7d", "asof_date_b": "2025-09-29"}


def _strips(query: Query) -> Query:
    """Strips of a type, or of some months."""
    return {name: value for name, value in query.items() if name != "months" or "type" not in query}


def _spreads(query: Query) -> Query:
    """Two curves that there are, and units that there are."""
    units = {"heat_rate_unit": "GJ/MWh", "unit": "c/kWh"}
    known = {name: units[name] for name in units if name in query}
    rest = {
        name: value for name, value in query.items() if name != "fx_rate"
    }  # both are in dollars
    return {**rest, **known, "leg_a": POWER, "leg_b": GAS}


def _day_hours(query: Query) -> Query:
    """A block that every calendar has, on a day that calendars reach."""
    return {**query, "block": "OFF_PEAK", "date": "2024-03-10"}


def _expand(query: Query) -> Query:
    """The same, from a day to a later one."""
    return {**query, "block": "OFF_PEAK", "start": "2024-03-10", "end": "2024-03-11"}


def _span(query: Query) -> Query:
    """At most a year, that does not end before it starts."""
    ends = {"end": "2024-05"} if "end" in query else {}
    return {**query, "start": "2024-03", **ends}


def _block_hours(query: Query) -> Query:
    """A block that every calendar has."""
    return _span({**query, "block": "OFF_PEAK"})


def _months(query: Query) -> Query:
    """The same, in months that calendars reach."""
    blocks = {"block": ["OFF_PEAK"]} if "block" in query else {}
    return {**query, **blocks, "months": "2024-01..2024-07"}


RANGE = {"start": "2025-03-08", "end": "2025-03-11"}


def _range(query: Query) -> Query:
    """A range that is not empty, whole where one number is made of it, and a block that every
    calendar has."""
    query = {**query, **(RANGE if query.get("resample") == "all" else {})}
    fixed = {**RANGE, "block": "ON_PEAK"}
    return {**query, **{name: value for name, value in fixed.items() if name in query}}


def _lmp(query: Query) -> Query:
    """Aggregates, with what goes with them, or prices."""
    query = _range(query)
    if query.get("resample", "none") != "none":
        named = {"fields": "mean,count", "tz": "UTC", "plot": "line"}
        return {**query, **{name: value for name, value in named.items() if name in query}}
    query = {k: v for k, v in query.items() if k not in ("agg", "price", "fill")}
    return query | ({"fields": "iso,price_total"} if "fields" in query else {})


def _negative(query: Query) -> Query:
    """What was released by a moment is asked of a range."""
    return _range({**query, **(RANGE if "vintage" in query else {})})


def _iso_spreads(query: Query) -> Query:
    """Two series that there are, by days of the market or of UTC."""
    tz = {"tz": "UTC"} if "tz" in query else {}
    return {**_range(query), **tz, "leg_a": NODE, "leg_b": HUB}


MENDED = {
    "/v1/iso/lmp/hourly": _range,
    "/v1/iso/lmp/daily": _range,
    "/v2/iso/lmp": _lmp,
    "/v2/iso/lmp/negative": _negative,
    "/v2/iso/spreads": _iso_spreads,
    "/v1/curves/diff": _v1_diff,
    "/v2/curves/diff": _diff,
    "/v2/curves/strips": _strips,
    "/v2/curves/spreads": _spreads,
    "/v1/metadata/calendars/{name}/hours": _day_hours,
    "/v1/metadata/calendars/{name}/expand": _expand,
    "/v2/metadata/calendars/hours": _block_hours,
    "/v2/metadata/calendars/holidays": _span,
    "/v2/metadata/calendars/months": _months,
}
