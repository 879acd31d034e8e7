"""What each v2 answer about prices can show."""

from collections.abc import Collection
from dataclasses import replace

from aurum.results import ResultSchema
from aurum.stores.sql import Key
from aurum.stores.tables import Column, Kind
from iso.tables import (
    ISO,
    ISO_LMP,
    ISO_LOCATION,
    ISO_LOCATION_NAME,
    ISO_SERIES,
    LOCATION_ID,
    SERIES_KEY,
    TABLES,
    UNIT,
)

MAX_AGE = 120

MARKET = ISO_SERIES.column("market")
PLACE = tuple(ISO_LOCATION.column(n) for n in ("location_name", "location_type", "zone", "hub"))
START = ISO_LMP.column("interval_start")
LOCAL = Column("local", Kind.TEXT, "The interval's beginning, or its end, on the clock of `tz`.")
DAY = ISO_LMP.column("delivery_date")
LOAD = Column("load_id", Kind.INTEGER, "The load that brought the row.")

BY_SERIES = Key("series_key", "o.series_key")
BY_TIME = (
    BY_SERIES,
    Key("delivery_date", "o.delivery_date"),
    Key("interval_start", "o.interval_start"),
)

PRICES = ResultSchema(
    name="v2/iso/lmp",
    columns=(*(ISO, MARKET, LOCATION_ID, *PLACE, LOCAL), *ISO_LMP.columns, LOAD),
    shown=(
        *("iso", "market", "location_id", "interval_start", "interval_minutes", "local"),
        *("delivery_date", "hour_ending"),
        *("price_total", "price_energy", "price_congestion", "price_loss"),
    ),
    order=BY_TIME,
    tables=TABLES,
    max_age=MAX_AGE,
)
NEWEST = replace(PRICES, name="v2/iso/lmp/latest", order=(Key("series_key", "s.series_key"),))
NEGATIVE = replace(
    PRICES,
    name="v2/iso/lmp/negative",
    order=(Key("price_total", "o.price_total"), BY_SERIES, BY_TIME[-1]),
)


def _aggregate(name: str, doc: str) -> Column:
    return Column(name, Kind.REAL, doc, UNIT, nullable=True)


AGGREGATES = (
    _aggregate("mean", "Mean of the intervals."),
    _aggregate("min", "Lowest price."),
    _aggregate("max", "Highest price."),
    _aggregate("sum", "Sum of the intervals' prices."),
    _aggregate("std", "Standard deviation of the intervals, of all of them and not of a sample."),
    Column("count", Kind.INTEGER, "How many intervals the bucket has."),
    _aggregate("first", "Price of the first interval."),
    _aggregate("last", "Price of the last interval."),
)
EXPECTED = Column(
    "expected", Kind.INTEGER, "How many it would have, within the range and block asked for."
)
BUCKETS = ResultSchema(
    name="v2/iso/lmp",
    columns=(
        *(ISO, MARKET, LOCATION_ID, *PLACE, SERIES_KEY),
        Column("interval_start", Kind.INSTANT, "Beginning of the bucket, UTC."),
        Column("interval_end", Kind.INSTANT, "End of the bucket, UTC."),
        LOCAL,
        Column("delivery_date", Kind.DATE, "First delivery date of the bucket."),
        *AGGREGATES,
        EXPECTED,
    ),
    shown=("iso", "market", "location_id", "interval_start", "local", "delivery_date"),
    order=(BY_SERIES, Key("interval_start", "o.interval_start")),
    tables=TABLES,
    max_age=MAX_AGE,
)
"""`shown` goes on with the aggregates asked for; see `buckets_of`."""


def buckets_of(aggregates: Collection[str]) -> ResultSchema:
    """BUCKETS as it is shown: with these aggregates in their usual order, `count`, `expected`."""
    asked = (column.name for column in AGGREGATES if column.name in aggregates)
    more = dict.fromkeys((*asked, "count", "expected"))
    return replace(BUCKETS, shown=(*BUCKETS.shown, *more))


EITHER = replace(
    PRICES,
    columns=tuple({c.name: c for c in (*PRICES.columns, *BUCKETS.columns)}.values()),
)
"""What /v2/iso/lmp can show: prices, or with `resample` their aggregates."""

V1_POINT = (
    Column("iso_code", Kind.TEXT, ISO.doc),
    *(MARKET, DAY, START),
    *(ISO_LMP.column(name) for name in ("interval_end", "interval_minutes")),
    *(LOCATION_ID, *PLACE[:2]),
    *(ISO_LMP.column(n) for n in ("price_total", "price_energy", "price_congestion", "price_loss")),
    Column("currency", Kind.TEXT, "ISO 4217 code."),
    Column("uom", Kind.TEXT, "What the price is for: MWh."),
    Column(
        "settlement_point",
        Kind.TEXT,
        "The location, where its market settles at points.",
        nullable=True,
    ),
    Column("source_run_id", Kind.TEXT, "The load that brought the row."),
    Column("ingest_ts", Kind.INSTANT, "Not kept by row; see known_at of v2.", nullable=True),
    Column("record_hash", Kind.TEXT, "SHA-256 of the series and the interval: the row's identity."),
    Column("metadata", Kind.TEXT, "Nothing further is kept.", nullable=True),
)
V1_AGGREGATE = (
    *(V1_POINT[0], MARKET),
    Column("interval_start", Kind.INSTANT, "Beginning of the hour or day, UTC."),
    *(LOCATION_ID, *(c for c in V1_POINT if c.name in ("currency", "uom"))),
    *(replace(column, name=name) for column, name in zip(
        AGGREGATES[:3] + AGGREGATES[4:6],
        ("price_avg", "price_min", "price_max", "price_stddev", "sample_count"),
        strict=True,
    )),
)  # fmt: skip
V1_LOCATION = (ISO, LOCATION_ID, *PLACE, ISO_LOCATION.column("timezone"))

LOCATIONS = ResultSchema(
    name="v2/iso/locations",
    columns=ISO_LOCATION.columns,
    shown=ISO_LOCATION.names,
    order=(Key("iso", "l.iso"), Key("location_id", "l.location_id")),
    tables=(ISO_LOCATION, ISO_LOCATION_NAME),
    max_age=MAX_AGE,
)

SPREADS = ResultSchema(
    name="v2/iso/spreads",
    columns=(
        Column("interval_start", Kind.INSTANT, "Beginning of the bucket, UTC."),
        Column("interval_end", Kind.INSTANT, "End of the bucket, UTC."),
        Column("local", Kind.TEXT, "Its beginning, or its end, on the clock of `tz`."),
        Column("delivery_date", Kind.DATE, "First delivery date of the bucket, of leg a."),
        Column("mean_a", Kind.REAL, "Mean price of leg a.", UNIT),
        Column("mean_b", Kind.REAL, "Mean price of leg b.", UNIT),
        Column("spread", Kind.REAL, "mean_a less mean_b.", UNIT),
        Column("count_a", Kind.INTEGER, "How many intervals of leg a."),
        Column("count_b", Kind.INTEGER, "How many intervals of leg b."),
    ),
    shown=(
        *("interval_start", "local", "delivery_date", "mean_a", "mean_b", "spread"),
        *("count_a", "count_b"),
    ),
    order=(Key("interval_start", "o.interval_start"),),
    tables=TABLES,
    max_age=MAX_AGE,
)
