"""What each v2 answer about prices can show."""

from dataclasses import replace
from functools import cache

from aurum.results import Plot, ResultSchema
from aurum.stores.sql import ascending
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

MARKET = ISO_SERIES.column("market")
PLACE = tuple(ISO_LOCATION.column(n) for n in ("location_name", "location_type", "zone", "hub"))
START = ISO_LMP.column("interval_start")
LOCAL = Column("local", Kind.LOCAL, "The interval's beginning, or its end, on the clock of `tz`.")
MINUTES = Column(
    "interval_minutes",
    Kind.INTEGER,
    "Length of the interval; null where it is no whole minute.",
    "min",
    nullable=True,
)
DAY = ISO_LMP.column("delivery_date")
LOAD = Column("load_id", Kind.INTEGER, "The load that brought the row.", link="/v2/loads/{}")

BY_TIME = ascending(*ISO_LMP.key)

BY_PLACE = ("iso", "market", "location_id")
OF_TIME = (*BY_PLACE, "interval_end", "local", "delivery_date", "series_key")
LINE, DURATION, HEAT = (
    Plot(kind, kind, "interval_start", ("price_total",), BY_PLACE, OF_TIME)
    for kind in ("line", "duration", "heat")
)

PRICES = ResultSchema(
    name="v2/iso/lmp",
    columns=(*(ISO, MARKET, LOCATION_ID, *PLACE, LOCAL, MINUTES), *ISO_LMP.columns, LOAD),
    default_columns=(
        *("iso", "market", "location_id", "interval_start", "interval_minutes", "local"),
        *("delivery_date", "hour_ending"),
        *("price_total", "price_energy", "price_congestion", "price_loss", "status"),
    ),
    order=BY_TIME,
    tables=TABLES,
    plots=(LINE, DURATION, HEAT),
)
NEWEST = replace(PRICES, name="v2/iso/lmp/latest", order=ascending("series_key"), plots=())
NEGATIVE = replace(
    PRICES,
    name="v2/iso/lmp/negative",
    order=ascending("price_total", "series_key", "interval_start"),
    plots=(),
)


def _aggregate(name: str, doc: str) -> Column:
    return Column(name, Kind.REAL, doc, UNIT, nullable=True)


AGGREGATES = (
    _aggregate("mean", "Mean of the prices, each weighted by how long it held."),
    _aggregate("min", "Lowest price."),
    _aggregate("max", "Highest price."),
    _aggregate("sum", "Sum of the prices, each by its share of an interval of the usual length."),
    _aggregate("std", "Standard deviation about the mean, weighted as that; not of a sample."),
    Column("count", Kind.INTEGER, "How many intervals the bucket has."),
    _aggregate("first", "Price of the first interval."),
    _aggregate("last", "Price of the last interval."),
)
PLOTTED = ("mean", "min", "max", "first", "last", "sum", "std")
COMPLETENESS = (
    Column(
        "expected",
        Kind.INTEGER,
        "How many, of the market's length, it would have within the range and block asked for.",
    ),
    Column("hours_expected", Kind.REAL, "The hours of the range and block in the bucket.", "h"),
    Column("hours_covered", Kind.REAL, "The hours for which there is a price.", "h"),
    Column(
        "partial",
        Kind.BOOLEAN,
        "Whether that is not what is expected: less, or overlapping.",
    ),
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
        *COMPLETENESS,
    ),
    default_columns=("iso", "market", "location_id", "interval_start", "local", "delivery_date"),
    order=ascending("series_key", "interval_start"),
    tables=TABLES,
    plots=(
        Plot("line", "line", "interval_start", ("mean",), BY_PLACE, OF_TIME),
        Plot("duration", "duration", "interval_start", ("mean",), BY_PLACE, OF_TIME),
    ),
)
"""`default_columns` goes on with the aggregates asked for; see `buckets_of`."""


@cache
def buckets_of(aggregates: tuple[str, ...], *, of_some: bool = False) -> ResultSchema:
    """BUCKETS as it is shown: with these aggregates in their usual order, and what is missing.

    Of `of_some` of the prices, those below one, nothing can be said of what is missing.
    """
    asked = (column.name for column in AGGREGATES if column.name in aggregates)
    completeness = () if of_some else COMPLETENESS
    more = dict.fromkeys((*asked, "count", *(column.name for column in completeness)))
    shown = tuple(name for name in more if name in PLOTTED) or PLOTTED[:1]
    return replace(
        BUCKETS,
        columns=tuple(
            one for one in BUCKETS.columns if one in completeness or one not in COMPLETENESS
        ),
        default_columns=(*BUCKETS.default_columns, *more),
        plots=tuple(replace(plot, y=shown) for plot in BUCKETS.plots),
    )


EITHER = replace(
    PRICES,
    columns=tuple({c.name: c for c in (*PRICES.columns, *BUCKETS.columns)}.values()),
)
"""What /v2/iso/lmp can show: prices, or with `resample` their aggregates."""

LOCATIONS = ResultSchema(
    name="v2/iso/locations",
    columns=ISO_LOCATION.columns,
    default_columns=ISO_LOCATION.names,
    order=ascending("iso", "location_id"),
    tables=(ISO_LOCATION, ISO_LOCATION_NAME),
)

SERIES = ResultSchema(
    name="v2/iso/series",
    columns=(
        *ISO_SERIES.columns,
        *PLACE[:3],
        Column("first_start", Kind.INSTANT, "Beginning of its first interval.", nullable=True),
        Column("last_start", Kind.INSTANT, "Beginning of its newest interval.", nullable=True),
        Column("last_end", Kind.INSTANT, "End of its newest interval.", nullable=True),
        replace(MINUTES, doc="Length of its intervals; null where they may be of any."),
        Column(
            "intervals_expected",
            Kind.INTEGER,
            "How many intervals lie from its first to its newest, both with it, by their length;"
            " how many of them are priced is not counted.",
            nullable=True,
        ),
        Column("last_load", Kind.INTEGER, "The load that brought its newest one.", nullable=True),
    ),
    order=ascending("series_key"),
    tables=TABLES,
)

SPREADS = ResultSchema(
    name="v2/iso/spreads",
    columns=(
        Column("interval_start", Kind.INSTANT, "Beginning of the bucket, UTC."),
        Column("interval_end", Kind.INSTANT, "End of the bucket, UTC."),
        Column("local", Kind.LOCAL, "Its beginning, or its end, on the clock of `tz`."),
        Column("delivery_date", Kind.DATE, "First delivery date of the bucket, of leg a."),
        Column("mean_a", Kind.REAL, "Mean price of leg a.", UNIT),
        Column("mean_b", Kind.REAL, "Mean price of leg b.", UNIT),
        Column("spread", Kind.REAL, "mean_a less mean_b.", UNIT),
        Column("count_a", Kind.INTEGER, "How many intervals of leg a."),
        Column("count_b", Kind.INTEGER, "How many intervals of leg b."),
        Column("hours_expected", Kind.REAL, "The hours of the range and block in the bucket.", "h"),
        Column("hours_covered", Kind.REAL, "The hours for which both have prices.", "h"),
        COMPLETENESS[-1],
    ),
    default_columns=(
        *("interval_start", "local", "delivery_date", "mean_a", "mean_b", "spread"),
        *("count_a", "count_b", "hours_expected", "hours_covered", "partial"),
    ),
    order=ascending("interval_start"),
    tables=TABLES,
    plots=(
        Plot("line", "line", "interval_start", ("spread",), (), ("interval_end", "local")),
        Plot("legs", "line", "interval_start", ("mean_a", "mean_b"), (), ("interval_end", "local")),
        Plot("duration", "duration", "interval_start", ("spread",)),
    ),
)
