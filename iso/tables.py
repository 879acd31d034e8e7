"""The tables of market operators' prices.

A series is what one operator prices at one place in one of its markets. Its prices lie together by
delivery date; what the place is called is kept apart, as it seldom changes.

Time is kept as the publisher's files resolve it: the interval in UTC, and beside it what the
market's own clock and calendar say of it. No engine is ever asked to compute a time zone.
"""

from aurum.stores.tables import Column, Kind, Row, Table

CURRENCY, MEASURE = "USD", "MWh"
UNIT = f"{CURRENCY}/{MEASURE}"

ISOS = ("CAISO", "ERCOT", "ISONE", "MISO", "NYISO", "PJM", "SPP")
MARKETS = ("DAY_AHEAD", "REAL_TIME", "FIFTEEN_MINUTE", "FIVE_MINUTE", "HOUR_AHEAD")
MINUTES = {"DAY_AHEAD": 60, "REAL_TIME": 60, "FIFTEEN_MINUTE": 15, "FIVE_MINUTE": 5}
"""The length of a market's intervals, where that does not depend on the operator."""
HOUR_AHEAD_MINUTES = {"CAISO": 15}
"""Of HOUR_AHEAD: the operators' own, an hour for the others."""
IRREGULAR = frozenset({("NYISO", "FIVE_MINUTE")})
"""Markets whose operator dispatches between the five minutes as well; every other one has intervals
of one length, as rows of another cannot enter it."""
STATUSES = ("PRELIMINARY", "FINAL", "CORRECTED")
"""From the one that any other replaces to the one that only itself does."""
LOCATION_TYPES = ("NODE", "ZONE", "HUB", "SYSTEM", "AGGREGATE", "INTERFACE", "RESOURCE", "OTHER")

SERIES_KEY = Column("series_key", Kind.TEXT, "ISO, market and location id: PJM:DAY_AHEAD:51288.")
ISO = Column("iso", Kind.TEXT, "Market operator: PJM, ERCOT.")
LOCATION_ID = Column(
    "location_id",
    Kind.TEXT,
    "The publisher's own key of the location.",
    link="/v2/iso/lmp?location_id={}",
    link_with=("iso", "market"),
)
PRICE_TOTAL = Column("price_total", Kind.REAL, "Locational marginal price.", UNIT)


def _component(name: str, doc: str) -> Column:
    return Column(name, Kind.REAL, doc, UNIT, nullable=True)


ISO_LMP = Table(
    name="iso_lmp",
    doc="The price of one series in one interval.",
    columns=(
        SERIES_KEY,
        Column("delivery_date", Kind.DATE, "Day of delivery by the market's own clock."),
        Column("interval_start", Kind.INSTANT, "Beginning of the interval, UTC."),
        Column("interval_end", Kind.INSTANT, "End of the interval, UTC."),
        Column("interval_seconds", Kind.INTEGER, "Length of the interval.", "s"),
        Column("hour_beginning", Kind.INTEGER, "Hour of the market's clock: 0 to 23."),
        Column("hour_ending", Kind.INTEGER, "The same hour by its end: 1 to 24."),
        Column("utc_offset", Kind.INTEGER, "The market's clock less UTC.", "min"),
        Column("block_hour", Kind.INTEGER, "Hour of the clock that blocks go by: 0 to 23."),
        Column("is_peak_day", Kind.INTEGER, "1 where that clock's day has peak hours."),
        PRICE_TOTAL,
        _component("price_energy", "Energy component."),
        _component("price_congestion", "Congestion component; dearer is positive."),
        _component("price_loss", "Loss component."),
        _component("price_ghg", "Greenhouse-gas component."),
        Column("status", Kind.TEXT, f"How final it is: {', '.join(STATUSES)}.", ranks=STATUSES),
        Column("version", Kind.INTEGER, "The publisher's number of its issue.", nullable=True),
        Column(
            "vintage",
            Kind.INSTANT,
            "When the publisher released it, as far as that is known.",
            nullable=True,
        ),
    ),
    key=("series_key", "delivery_date", "interval_start"),
    time="delivery_date",
    version=("status", "version"),
    may_lack=("price_energy", "price_congestion", "price_loss", "price_ghg"),
    vintage="vintage",
)

ISO_SERIES = Table(
    name="iso_series",
    doc="Every series that was ever priced.",
    columns=(
        SERIES_KEY,
        ISO,
        Column("market", Kind.TEXT, f"Market: {', '.join(MARKETS)}."),
        LOCATION_ID,
    ),
    key=("series_key",),
    needed_by="iso_lmp",
    indexes=(("iso", "location_id"),),
)

ISO_LOCATION = Table(
    name="iso_location",
    doc="What a publisher says of a location.",
    columns=(
        ISO,
        LOCATION_ID,
        Column("location_name", Kind.TEXT, "The publisher's name of it.", nullable=True),
        Column("location_type", Kind.TEXT, f"Kind: {', '.join(LOCATION_TYPES)}.", nullable=True),
        Column("zone", Kind.TEXT, "The zone it lies in.", nullable=True),
        Column("hub", Kind.TEXT, "The hub it belongs to.", nullable=True),
        Column("timezone", Kind.TEXT, "IANA name of the market's clock."),
        Column("as_of", Kind.DATE, "A day of delivery for which it was said so."),
    ),
    key=("iso", "location_id"),
    # A file of an older day says nothing of today. Rewritten only where it differs, not daily.
    version=("as_of",),
    not_compared=("as_of",),
    needed_by="iso_series",
)

ISO_LOCATION_NAME = Table(
    name="iso_location_name",
    doc="What locations are called, so that a look-up finds them in any case.",
    columns=(
        Column("word", Kind.TEXT, "The location's id or name, in capitals."),
        ISO,
        LOCATION_ID,
    ),
    key=("word", "iso", "location_id"),
    needed_by="iso_location",
    renamed_from="iso_word",
)


def nominal_minutes(iso: str, market: str) -> int:
    """How long the intervals of a series of this market are."""
    return MINUTES.get(market) or HOUR_AHEAD_MINUTES.get(iso, 60)


def usual_seconds(series_key: str) -> int | None:
    """The length of each of a series' intervals; None where they may be of any."""
    iso, market, _ = series_key.split(":", 2)
    return None if (iso, market) in IRREGULAR else 60 * nominal_minutes(iso, market)


TABLES = (ISO_LMP, ISO_SERIES, ISO_LOCATION, ISO_LOCATION_NAME)


def words_of(iso: str, location_id: str, name: str | None) -> list[Row]:
    """Rows of ISO_LOCATION_NAME: what a location is called."""
    words = {in_capitals(word) for word in (location_id, name) if word}
    return [(word, iso, location_id) for word in sorted(words)]


def in_capitals(text: str) -> str:
    """Capitals of the ASCII letters, as every engine makes them too."""
    return "".join(letter.upper() if letter.isascii() else letter for letter in text)
