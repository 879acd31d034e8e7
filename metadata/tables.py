"""The reference catalogues: who runs which market, and what is traded there."""

from aurum.stores.tables import Column, Kind, Table

MARKETS = (
    "DAY_AHEAD",
    "REAL_TIME",
    "FIFTEEN_MINUTE",
    "FIVE_MINUTE",
    "HOUR_AHEAD",
    "SETTLEMENT",
)

ISO = Column("iso", Kind.TEXT, "Market operator: PJM, ERCOT.")

ISO_CATALOG = Table(
    name="iso_catalog",
    doc="The market operators.",
    columns=(
        ISO,
        Column("name", Kind.TEXT, "The operator's name."),
        Column("timezone", Kind.TEXT, "IANA name of the clock that its market goes by."),
        Column("calendar", Kind.TEXT, "The trading calendar of its blocks.", nullable=True),
    ),
    key=("iso",),
)

MARKET_CATALOG = Table(
    name="market_catalog",
    doc="The markets of each operator.",
    columns=(
        ISO,
        Column("market", Kind.TEXT, f"{', '.join(MARKETS[:-1])} or {MARKETS[-1]}."),
        Column("interval_minutes", Kind.INTEGER, "For how long a price holds.", "min"),
    ),
    key=("iso", "market"),
)

BLOCK_CATALOG = Table(
    name="block_catalog",
    doc="The blocks of hours that are traded.",
    columns=(
        Column("block", Kind.TEXT, "The block, as calendars call it: ON_PEAK, 7X24."),
        Column("name", Kind.TEXT, "What it is."),
        Column(
            "hours_a_week",
            Kind.INTEGER,
            "Hours of a week without a holiday or a change of the clock; empty where calendars"
            " differ.",
            "h",
            nullable=True,
        ),
    ),
    key=("block",),
)

PRODUCT_CATALOG = Table(
    name="product_catalog",
    doc="The products that are traded.",
    columns=(
        Column("product", Kind.TEXT, "The product: POWER_SWAP_DA, GAS_BASIS."),
        Column("name", Kind.TEXT, "What it is."),
        Column("commodity", Kind.TEXT, "What is delivered: power, gas, renewable."),
        Column("unit", Kind.TEXT, "What its price is in: USD/MWh."),
    ),
    key=("product",),
)

TABLES = (ISO_CATALOG, MARKET_CATALOG, BLOCK_CATALOG, PRODUCT_CATALOG)
