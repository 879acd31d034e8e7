"""The tables of forward curves.

A curve's identity is kept apart from its prices, because it never changes; `curve_tenor` lists what
has ever been quoted, so that the newest price of each tenor is found without reading the history.
"""

from aurum.stores.tables import Column, Kind, Table

IDENTITY = (
    "asset_class",
    "iso",
    "region",
    "location",
    "market",
    "product",
    "block",
    "spark_location",
)

LONGEST = {
    **dict.fromkeys(("asset_class", "iso", "region", "market", "product", "block"), 50),
    **dict.fromkeys(("location", "spark_location"), 100),
}
"""Characters of the parts of an identity."""

PRICE_TYPES = ("MID", "BID", "ASK", "LAST", "SETTLE", "INDEX", "STRIP", "CUSTOM")
CURVE_KEY = Column(
    "curve_key",
    Kind.TEXT,
    "Identity of the curve: SHA-256 of its eight parts.",
    link="/v2/curves/{}",
)
TENOR_LABEL = Column(
    "tenor_label", Kind.TEXT, "The delivery period: 2026-01, Q1 2026, Summer 2026, Calendar 2026."
)
PRICE_TYPE = Column(
    "price_type",
    Kind.TEXT,
    f"What kind of price: {', '.join(PRICE_TYPES)}.",
)

CURVE = Table(
    name="curve",
    doc="Every curve there is, and what it is a price of.",
    columns=(
        CURVE_KEY,
        Column("asset_class", Kind.TEXT, "power, gas, renewable, carbon, storage.", nullable=True),
        Column("iso", Kind.TEXT, "Market operator or hub: PJM, ERCOT, TTF.", nullable=True),
        Column("region", Kind.TEXT, "US, CA, EU or APAC.", nullable=True),
        Column("location", Kind.TEXT, "Hub, zone or node.", nullable=True),
        Column("market", Kind.TEXT, "Day-ahead or real-time.", nullable=True),
        Column("product", Kind.TEXT, "What is delivered.", nullable=True),
        Column("block", Kind.TEXT, "Hours of delivery: ON_PEAK, OFF_PEAK, 7X24.", nullable=True),
        Column("spark_location", Kind.TEXT, "Gas leg of a spark spread.", nullable=True),
    ),
    key=("curve_key",),
    needed_by="curve_observation",
)

CURVE_TENOR = Table(
    name="curve_tenor",
    doc="Every tenor and price type a curve was ever quoted in.",
    columns=(CURVE_KEY, TENOR_LABEL, PRICE_TYPE),
    key=("curve_key", "tenor_label", "price_type"),
    needed_by="curve_observation",
)

CURVE_OBSERVATION = Table(
    name="curve_observation",
    doc="The price of one tenor of one curve as seen on one valuation date.",
    columns=(
        CURVE_KEY,
        TENOR_LABEL,
        PRICE_TYPE,
        Column("asof_date", Kind.DATE, "Valuation date."),
        Column("tenor_type", Kind.TEXT, "MONTHLY, QUARTER, SEASON, CALENDAR, STRIP, CUSTOM."),
        Column("contract_month", Kind.DATE, "First day of the delivery period.", nullable=True),
        Column("mid", Kind.REAL, "Middle price.", unit_from="unit", nullable=True),
        Column("bid", Kind.REAL, "Best bid.", unit_from="unit", nullable=True),
        Column("ask", Kind.REAL, "Best offer.", unit_from="unit", nullable=True),
        Column("unit", Kind.TEXT, "Money per measure: USD/MWh, p/therm.", nullable=True),
        Column("units_raw", Kind.TEXT, "The unit as the source wrote it.", nullable=True),
        Column("currency", Kind.TEXT, "ISO 4217 code.", nullable=True),
        Column("per_unit", Kind.TEXT, "MWh, MMBtu, tonne.", nullable=True),
        Column("source_file", Kind.TEXT, "The source's own file name.", nullable=True),
        Column("sheet_name", Kind.TEXT, "The source's sheet.", nullable=True),
        Column("lineage_tags", Kind.TEXT, "Free text of the source.", nullable=True),
        Column(
            "expiry_date",
            Kind.DATE,
            "Last day on which the contract trades, where the source says it.",
            nullable=True,
        ),
    ),
    # A curve's valuation date lies together; the index is for one tenor through time.
    key=("curve_key", "asof_date", "tenor_label", "price_type"),
    time="asof_date",
    indexes=(("curve_key", "tenor_label", "price_type", "asof_date"),),
)

TABLES = (CURVE_OBSERVATION, CURVE, CURVE_TENOR)
