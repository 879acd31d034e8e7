"""What each v2 answer of reference data can show.

Those without tables are computed from rules: they have no history, and change with a release only.
"""

from aurum.results import ResultSchema
from aurum.stores.sql import SortKey, ascending
from aurum.stores.tables import Column, Kind, Table
from metadata.tables import BLOCK_CATALOG, ISO_CATALOG, MARKET_CATALOG, PRODUCT_CATALOG

CALENDAR = Column("calendar", Kind.TEXT, "The trading calendar: pjm, caiso.")
BLOCK = Column("block", Kind.TEXT, "The block, as the calendar calls it: ON_PEAK.")


def _computed(name: str, order: tuple[str, ...], *columns: Column) -> ResultSchema:
    return ResultSchema(
        name=f"v2/metadata/{name}",
        columns=columns,
        order=ascending(*order),
    )


def _catalogue(name: str, table: Table) -> ResultSchema:
    return ResultSchema(
        name=f"v2/metadata/{name}",
        columns=table.columns,
        order=ascending(*table.key),
        tables=(table,),
    )


CALENDARS = _computed(
    "calendars",
    ("name",),
    Column("name", Kind.TEXT, "The trading calendar: pjm, caiso."),
    Column("timezone", Kind.TEXT, "IANA name of the clock that its hours are read from."),
    Column("peak_weekdays", Kind.TEXT, "Weekdays with a peak, joined by commas; 1 is Monday."),
    Column("holidays", Kind.TEXT, "Whose holidays have no peak: NERC.", nullable=True),
    Column("blocks", Kind.TEXT, "Its blocks, joined by commas."),
    Column("convention", Kind.TEXT, "Whose hours its peak is, by hour ending (HE)."),
    Column("source", Kind.TEXT, "Where that is written."),
)

HOURS = _computed(
    "calendars/hours",
    ("interval_start",),
    CALENDAR,
    BLOCK,
    Column("hour_beginning", Kind.LOCAL, "The hour's beginning, local, with its offset."),
    Column("interval_start", Kind.INSTANT, "The same instant in UTC."),
    Column("delivery_date", Kind.DATE, "The local day."),
    Column(
        "hour_ending",
        Kind.INTEGER,
        "The hour by the local clock at its end, 1 to 24: in spring one is left out, in autumn one"
        " comes twice.",
    ),
)

HOLIDAYS = _computed(
    "calendars/holidays",
    ("calendar", "date"),
    CALENDAR,
    Column("date", Kind.DATE, "The day on which the holiday is kept."),
    Column("name", Kind.TEXT, "The holiday."),
)

MONTHS = _computed(
    "calendars/months",
    ("block", "month"),
    CALENDAR,
    BLOCK,
    Column("month", Kind.DATE, "First day of the month."),
    Column("hours", Kind.INTEGER, "How many hours the block has in it.", "h"),
)

UNITS = _computed(
    "units",
    ("units_raw",),
    Column("units_raw", Kind.TEXT, "How a source may write the unit of a price."),
    Column("unit", Kind.TEXT, "The unit as Aurum writes it: USD/MWh, p/therm."),
    Column("currency", Kind.TEXT, "ISO 4217 code, of hundredths too: GBP for p/therm."),
    Column("per_unit", Kind.TEXT, "What the price is per: MWh, therm."),
)

ISOS = _catalogue("isos", ISO_CATALOG)
MARKETS = _catalogue("markets", MARKET_CATALOG)
BLOCKS = _catalogue("blocks", BLOCK_CATALOG)
PRODUCTS = _catalogue("products", PRODUCT_CATALOG)

STATE = "published, or unchanged where the file said nothing new."


def _rows(name: str, doc: str) -> Column:
    return Column(name, Kind.INTEGER, f"Rows of its main table {doc}")


LOADS = ResultSchema(
    name="v2/loads",
    columns=(
        Column("load_id", Kind.INTEGER, "What rows name the load by.", link="/v2/loads/{}"),
        Column("feed", Kind.TEXT, "What read the file: iso.pjm_lmp."),
        Column("file", Kind.TEXT, "The name of the file."),
        Column("sha256", Kind.TEXT, "SHA-256 of the file's bytes."),
        Column("state", Kind.TEXT, STATE),
        Column("ended_at", Kind.INSTANT, "When its rows could first be seen."),
        Column("demo", Kind.BOOLEAN, "Whether its rows are made up."),
        _rows("new", "that were new."),
        _rows("revised", "that took the place of others."),
        _rows("closed", "that the file no longer had."),
        _rows("same", "that said what was known."),
        _rows("older", "of which a newer issue was there: they changed nothing."),
        _rows("quarantined", "that were set aside."),
        _rows("flagged", "that were kept although they fail a check."),
        Column("retracts", Kind.INTEGER, "The load that it took back.", nullable=True),
        Column("removed_by", Kind.INTEGER, "The load that took its rows out.", nullable=True),
    ),
    order=(SortKey("load_id", descending=True),),
)
