"""The difference of two curves in one unit, a fuel through a heat rate where one is given."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aurum.errors import BadQuery
from aurum.market.units import (
    PriceUnit,
    UnitMismatch,
    UnknownUnit,
    convert_price,
    fuel_cost,
    parse_unit,
)
from curves.calculations.changes import difference
from curves.calculations.strips import DECIMALS

READ = (
    *("curve_key", "asof_date", "tenor_label", "tenor_type", "contract_month", "price_type"),
    *("mid", "unit"),
)

Observation = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """`unit` is that of the answer, leg a's own if None; `fx_rate` is a's currency per b's."""

    heat_rate: float | None = None
    heat_rate_unit: str = "MMBtu/MWh"
    unit: str | None = None
    fx_rate: float | None = None
    mixed: bool = False
    """Whether legs of different price types are paired: only if their types were named."""


def terms_of(filters: Mapping[str, Any]) -> Terms:
    """The terms in a query's parameters."""
    return Terms(
        heat_rate=filters.get("heat_rate"),
        heat_rate_unit=filters["heat_rate_unit"],
        unit=filters.get("unit"),
        fx_rate=filters.get("fx_rate"),
        mixed="price_type_a" in filters and "price_type_b" in filters,
    )


def spreads_of(
    leg_a: Iterable[Observation], leg_b: Iterable[Observation], terms: Terms
) -> Iterator[dict[str, Any]]:
    """A row for each valuation date and tenor of both legs, in no order; fields as in SPREADS.

    BadQuery where the legs cannot be brought into one unit, naming the parameter that could help.
    """
    others = defaultdict(list)
    for row in leg_b:
        others[row["asof_date"], row["tenor_label"]].append(row)
    for a in leg_a:
        for b in others[a["asof_date"], a["tenor_label"]]:
            if terms.mixed or a["price_type"] == b["price_type"]:
                yield _spread(a, b, terms)


def _spread(a: Observation, b: Observation, terms: Terms) -> dict[str, Any]:
    unit = _unit(terms.unit or a["unit"], "leg_a")
    mid_a = _converted(a, unit, "leg_a")
    mid_b = (
        _fuel(b, unit, terms) if terms.heat_rate else _converted(b, unit, "leg_b", terms.fx_rate)
    )
    return {
        **{name: a[name] for name in READ[1:5]},
        "price_type_a": a["price_type"],
        "price_type_b": b["price_type"],
        "mid_a": mid_a,
        "mid_b": mid_b,
        "spread": difference(mid_b, mid_a),
        "unit": str(unit),
    }


def _unit(text: str | None, field: str) -> PriceUnit:
    if text is None:
        raise BadQuery.field(field, "This curve has no unit, so nothing can be taken from it.")
    try:
        return parse_unit(text)
    except UnknownUnit as error:
        raise BadQuery.field("unit", str(error), code="unknown_unit", value=text) from error


def _converted(
    row: Observation, unit: PriceUnit, field: str, rate: float | None = None
) -> float | None:
    own = _unit(row["unit"], field)
    _must_need(rate, own, unit)
    try:
        mid = row["mid"]
        return None if mid is None else round(convert_price(mid, own, unit, rate), DECIMALS)
    except UnitMismatch as error:
        raise _mismatch(error, field) from error


def _fuel(row: Observation, unit: PriceUnit, terms: Terms) -> float | None:
    """The fuel for a MWh, in the unit of the answer."""
    own = _unit(row["unit"], "leg_b")
    per_mwh = parse_unit(f"{own.currency}/MWh")
    _must_need(terms.fx_rate, own, unit)
    try:
        if row["mid"] is None:
            return None
        cost = fuel_cost(row["mid"], own, terms.heat_rate or 0.0, terms.heat_rate_unit)
        return round(convert_price(cost, per_mwh, unit, terms.fx_rate), DECIMALS)
    except UnknownUnit as error:
        raise BadQuery.field("heat_rate_unit", str(error), code="unknown_unit") from error
    except UnitMismatch as error:
        raise _mismatch(error, "leg_b") from error


def _must_need(rate: float | None, own: PriceUnit, unit: PriceUnit) -> None:
    """BadQuery for a rate between currencies where both are one: it would change nothing."""
    if rate is not None and own.currency == unit.currency:
        raise BadQuery.field(
            "fx_rate",
            f"Leg b is in {own.currency} already, as the answer is.",
            code="conflict",
            constraint="only where leg b is in another currency than the answer",
        )


def _mismatch(error: UnitMismatch, field: str) -> BadQuery:
    return BadQuery.field(
        field,
        f"The legs cannot be compared: {error}.",
        code="unit_mismatch",
        constraint="legs of one kind of unit; a fuel needs heat_rate, another currency fx_rate",
    )
