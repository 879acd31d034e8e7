"""What each answer of v1 about curves shows."""

from dataclasses import replace

from aurum.results import ResultSchema
from aurum.stores.sql import LAST, SortKey, ascending
from aurum.stores.tables import Column, Kind
from curves.tables import CURVE_OBSERVATION, TABLES

TENOR = ("curve_key", "tenor_label", "tenor_type", "contract_month")
POINT = (*TENOR, "asof_date", "mid", "bid", "ask", "price_type")

ORDER = (
    *ascending("curve_key", "tenor_label"),
    SortKey("contract_month", nulls=LAST),
    *ascending("asof_date", "price_type"),
)
CHANGE_ORDER = tuple(key for key in ORDER if key.name != "asof_date")
STRIP_ORDER = tuple(
    key._replace(descending=True) if key.name == "asof_date" else key for key in ORDER
)

POINTS = ResultSchema(
    name="curves",
    columns=tuple(CURVE_OBSERVATION.column(name) for name in POINT),
    order=ORDER,
    tables=TABLES,
)

STRIPS = replace(POINTS, name="curve_strips", order=STRIP_ORDER)


def _price(name: str, doc: str) -> Column:
    return Column(name, Kind.REAL, doc, unit_from="unit", nullable=True)


PART_OF_A = "diff_abs as a fraction of mid_a."

CHANGES = ResultSchema(
    name="curve_diff",
    columns=(
        *(CURVE_OBSERVATION.column(name) for name in TENOR),
        Column("asof_a", Kind.DATE, "First valuation date."),
        _price("mid_a", "Middle price of the first."),
        Column("asof_b", Kind.DATE, "Second valuation date."),
        _price("mid_b", "Middle price of the second."),
        _price("diff_abs", "mid_b less mid_a."),
        Column("diff_pct", Kind.REAL, PART_OF_A, "fraction", nullable=True),
    ),
    tables=TABLES,
)
"""Sorted by CHANGE_ORDER, whose price type it does not show."""
