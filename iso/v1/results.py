"""What each answer of v1 about prices and locations shows."""

from dataclasses import replace

from aurum.results import ResultSchema
from aurum.stores.sql import ascending
from aurum.stores.tables import Column, Kind
from iso.results import AGGREGATES, MARKET, MINUTES, PLACE
from iso.tables import ISO, ISO_LMP, ISO_LOCATION, LOCATION_ID, TABLES


def _price_columns(*names: str) -> tuple[Column, ...]:
    return tuple(ISO_LMP.column(name) for name in names)


ISO_CODE = Column("iso_code", Kind.TEXT, ISO.doc)
UNIT = (
    Column("currency", Kind.TEXT, "ISO 4217 code."),
    Column("uom", Kind.TEXT, "What the price is for: MWh."),
)
LAST_DAY = ResultSchema(
    name="iso_lmp_last_24h",
    columns=(
        *(ISO_CODE, MARKET),
        *_price_columns("delivery_date", "interval_start", "interval_end"),
        MINUTES,
        *(LOCATION_ID, *PLACE[:2]),
        *_price_columns("price_total", "price_energy", "price_congestion", "price_loss"),
        *UNIT,
        Column(
            "settlement_point",
            Kind.TEXT,
            "The location, where its market settles at points.",
            nullable=True,
        ),
        Column("source_run_id", Kind.TEXT, "The load that brought the row."),
        Column("ingest_ts", Kind.INSTANT, "Not kept by row; see known_at of v2.", nullable=True),
        Column(
            "record_hash", Kind.TEXT, "SHA-256 of the series and the interval: the row's identity."
        ),
        Column("metadata", Kind.TEXT, "Nothing further is kept.", nullable=True),
    ),
    tables=TABLES,
)
NEGATIVE = replace(LAST_DAY, name="iso_lmp_negative")

MEAN, LOWEST, HIGHEST, _, DEVIATION, COUNT = AGGREGATES[:6]
HOURLY = ResultSchema(
    name="iso_lmp_hourly",
    columns=(
        *(ISO_CODE, MARKET),
        Column("interval_start", Kind.INSTANT, "Beginning of the hour or day, UTC."),
        *(LOCATION_ID, *UNIT),
        replace(MEAN, name="price_avg"),
        replace(LOWEST, name="price_min"),
        replace(HIGHEST, name="price_max"),
        replace(DEVIATION, name="price_stddev"),
        replace(COUNT, name="sample_count"),
    ),
    tables=TABLES,
)
DAILY = replace(HOURLY, name="iso_lmp_daily")

LOCATIONS = ResultSchema(
    name="locations",
    columns=(ISO, LOCATION_ID, *PLACE, ISO_LOCATION.column("timezone")),
    order=ascending("iso", "location_id"),
    tables=TABLES,
)
LOCATION = replace(LOCATIONS, name="location")
