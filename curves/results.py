"""What each v2 answer about curves can show."""

from aurum.results import Plot, ResultSchema
from aurum.stores.sql import LAST, SortKey, ascending
from aurum.stores.tables import Column, Kind
from curves.tables import CURVE, CURVE_KEY, CURVE_OBSERVATION, PRICE_TYPE, TABLES, TENOR_LABEL

KIND = CURVE_OBSERVATION.column("tenor_type")
MONTH = CURVE_OBSERVATION.column("contract_month")
ASOF = CURVE_OBSERVATION.column("asof_date")
UNIT_NAME = CURVE_OBSERVATION.column("unit")
PRICES = tuple(CURVE_OBSERVATION.column(name) for name in ("mid", "bid", "ask"))
IDENTITY = CURVE.columns[1:]


def _price(name: str, doc: str) -> Column:
    return Column(name, Kind.REAL, doc, unit_from="unit", nullable=True)


def _date(name: str, doc: str) -> Column:
    return Column(name, Kind.DATE, doc, nullable=True)


def _count(name: str, doc: str) -> Column:
    return Column(name, Kind.INTEGER, doc, nullable=True)


BY_CURVE = ascending("curve_key")
BY_TENOR = ascending("curve_key", "tenor_label", "price_type")
BY_DATE = ascending("curve_key", "asof_date", "tenor_label", "price_type")

NAMED = ("iso", "region", "location", "market", "product", "block")
"""What tells curves apart for a reader; their keys are hashes."""
NAMED_DATE = ("curve_key", "iso", "location", "product", "block", "asof_date")
TYPE, UNITS = ("price_type",), ("unit",)
KINDS = ("tenor_type", *TYPE)
"""A month, a quarter and a year that begin alike have one contract month."""
BY_LEGS = ("asof_date", "tenor_type", "price_type_a", "price_type_b")

LAST_LOAD = Column(
    "last_load",
    Kind.INTEGER,
    "The newest load that changed its newest valuation date.",
    nullable=True,
    link="/v2/loads/{}",
)
CATALOGUE = ResultSchema(
    name="v2/curves",
    columns=(
        CURVE_KEY,
        *IDENTITY,
        UNIT_NAME,
        CURVE_OBSERVATION.column("currency"),
        CURVE_OBSERVATION.column("per_unit"),
        _date("first_asof", "Oldest valuation date."),
        _date("last_asof", "Newest valuation date."),
        _count("tenors", "How many tenors and price types it was ever quoted in."),
        LAST_LOAD,
    ),
    default_columns=(
        *("curve_key", "asset_class", "iso", "region", "location", "market", "product", "block"),
        *("spark_location", "unit", "currency", "per_unit"),
        *("first_asof", "last_asof", "tenors", "last_load"),
    ),
    order=BY_CURVE,
    tables=TABLES,
)

DATES = ResultSchema(
    name="v2/curves/dates",
    columns=(
        *(CURVE_KEY, *IDENTITY, ASOF),
        Column("tenors", Kind.INTEGER, "How many tenors and price types were quoted on it."),
        _date("first_month", "First delivery period of those that begin with a month."),
        _date("last_month", "Last of them."),
        Column("last_load", Kind.INTEGER, "The newest load of its prices.", link="/v2/loads/{}"),
    ),
    default_columns=("curve_key", "asof_date", "tenors", "first_month", "last_month", "last_load"),
    page_columns=(*NAMED_DATE, "tenors", "first_month", "last_month", "last_load"),
    order=ascending("curve_key", "asof_date"),
    tables=TABLES,
)

OBSERVATIONS = ResultSchema(
    name="v2/curves/observations",
    columns=(
        *(CURVE_KEY, *IDENTITY, ASOF, TENOR_LABEL, KIND, MONTH, PRICE_TYPE, *PRICES, UNIT_NAME),
        *(CURVE_OBSERVATION.column(name) for name in ("currency", "per_unit", "units_raw")),
        *(CURVE_OBSERVATION.column(name) for name in ("source_file", "sheet_name", "lineage_tags")),
        CURVE_OBSERVATION.column("expiry_date"),
        Column("load_id", Kind.INTEGER, "The load that brought the row.", link="/v2/loads/{}"),
    ),
    default_columns=(
        *("curve_key", "asof_date", "tenor_label", "tenor_type", "contract_month", "price_type"),
        *("mid", "bid", "ask", "unit"),
    ),
    page_columns=(
        *NAMED_DATE,
        *("tenor_label", "contract_month", "price_type", "mid", "bid", "ask", "unit"),
    ),
    order=BY_DATE,
    tables=TABLES,
    plots=(
        Plot("curve", "line", "contract_month", ("mid",), (*NAMED, "asof_date", *KINDS), UNITS),
        Plot("history", "line", "asof_date", ("mid",), (*NAMED, "tenor_label", *TYPE), UNITS),
    ),
)

CHANGES = ResultSchema(
    name="v2/curves/diff",
    columns=(
        *(CURVE_KEY, TENOR_LABEL, KIND, MONTH, PRICE_TYPE),
        Column("status", Kind.TEXT, "added, removed, changed or unchanged, from a to b."),
        _date("asof_date_a", "Valuation date of side a."),
        _price("mid_a", "Middle price of side a."),
        _date("asof_date_b", "Valuation date of side b."),
        _price("mid_b", "Middle price of side b."),
        _price("change", "mid_b less mid_a."),
        Column(
            "change_fraction",
            Kind.REAL,
            "The change as a fraction of |mid_a|, so that its sign is the change's; null where"
            " mid_a is 0 or missing.",
            "fraction",
            nullable=True,
        ),
        *(_price(f"{name}_{side}", f"{name.capitalize()} of side {side}.")
          for side in "ab" for name in ("bid", "ask")),
        UNIT_NAME,
    ),
    default_columns=(
        *("curve_key", "tenor_label", "tenor_type", "contract_month", "price_type", "status"),
        *("asof_date_a", "mid_a", "asof_date_b", "mid_b", "change", "change_fraction", "unit"),
    ),
    order=BY_TENOR,
    tables=TABLES,
    plots=(
        Plot("change", "line", "contract_month", ("change",), ("curve_key", *KINDS), UNITS),
        Plot("both", "line", "contract_month", ("mid_a", "mid_b"), ("curve_key", *KINDS), UNITS),
    ),
)  # fmt: skip

STRIPS = ResultSchema(
    name="v2/curves/strips",
    columns=(
        *(CURVE_KEY, ASOF, TENOR_LABEL, KIND),
        _date("first_month", "First month of the strip."),
        _date("last_month", "Last month of the strip."),
        *(PRICE_TYPE, *PRICES, UNIT_NAME),
        Column("origin", Kind.TEXT, "derived from its months, or quoted by the source."),
        Column("weighting", Kind.TEXT, "How months count: simple, days or hours.", nullable=True),
        _count("months_expected", "How many months the strip has."),
        _count("months_covered", "How many of them are quoted; null for a quoted strip."),
        _count("months_missing", "How many that were still to deliver are not quoted."),
        Column("partial", Kind.BOOLEAN, "Whether it is the price of a part of its months."),
        Column("note", Kind.TEXT, "Why there is no price.", nullable=True),
    ),
    default_columns=(
        *("curve_key", "asof_date", "tenor_label", "tenor_type", "first_month", "last_month"),
        *("price_type", "mid", "bid", "ask", "unit", "origin", "weighting"),
        *("months_expected", "months_covered", "months_missing", "partial", "note"),
    ),
    order=BY_DATE,
    tables=TABLES,
    plots=(
        Plot(
            *("strips", "bar", "tenor_label", ("mid",)),
            ("curve_key", "asof_date", "origin", *TYPE),
            UNITS,
        ),
    ),
)

SPREADS = ResultSchema(
    name="v2/curves/spreads",
    columns=(
        *(ASOF, TENOR_LABEL, KIND),
        Column("contract_month", Kind.DATE, MONTH.doc, nullable=True),
        Column("price_type_a", Kind.TEXT, "Price type of leg a."),
        Column("price_type_b", Kind.TEXT, "Price type of leg b."),
        _price("mid_a", "Leg a in the unit of the answer."),
        _price("mid_b", "Leg b in the unit of the answer, times the heat rate where one is given."),
        _price("spread", "mid_a less mid_b."),
        UNIT_NAME,
    ),
    default_columns=(
        *("asof_date", "tenor_label", "tenor_type", "contract_month", "price_type_a"),
        *("price_type_b", "mid_a", "mid_b", "spread", "unit"),
    ),
    order=(
        *ascending("asof_date", "tenor_label"),
        SortKey("contract_month", nulls=LAST),
        *ascending("price_type_a", "price_type_b"),
    ),
    tables=TABLES,
    plots=(
        Plot("spread", "line", "contract_month", ("spread",), BY_LEGS, UNITS),
        Plot("legs", "line", "contract_month", ("mid_a", "mid_b"), BY_LEGS, UNITS),
    ),
)
