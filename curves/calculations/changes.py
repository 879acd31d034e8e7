"""What changed between two looks at a curve."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aurum.market import rounding
from curves.calculations.strips import DECIMALS, PRICES

READ = (
    *("curve_key", "tenor_label", "price_type", "tenor_type", "contract_month", "asof_date"),
    *PRICES,
    "unit",
)
STATUSES = ("added", "removed", "changed", "unchanged")

Observation = Mapping[str, Any]


def changes_of(
    side_a: Iterable[Observation], side_b: Iterable[Observation]
) -> Iterator[dict[str, Any]]:
    """A row for each tenor and price type on either side, in no order; fields as in CHANGES."""
    a, b = ({_key(row): row for row in side} for side in (side_a, side_b))
    for key in a.keys() | b.keys():
        yield _change(a.get(key), b.get(key))


def _key(row: Observation) -> tuple[str, ...]:
    return row["curve_key"], row["tenor_label"], row["price_type"]


def _change(a: Observation | None, b: Observation | None) -> dict[str, Any]:
    here = b or a
    assert here is not None
    mid_a, mid_b = (row["mid"] if row else None for row in (a, b))
    change = difference(mid_a, mid_b)
    return {
        **{name: here[name] for name in READ[:5]},
        "unit": here["unit"],
        "status": _status(a, b),
        "change": change,
        "change_fraction": fraction(change, mid_a and abs(mid_a)),
        **{
            f"{name}_{side}": row[name] if row else None
            for side, row in (("a", a), ("b", b))
            for name in ("asof_date", *PRICES)
        },
    }


def _status(a: Observation | None, b: Observation | None) -> str:
    if a is None:
        return "added"
    if b is None:
        return "removed"
    return "unchanged" if all(a[name] == b[name] for name in PRICES) else "changed"


def difference(first: float | None, second: float | None) -> float | None:
    """The second less the first, rounded; None where one is missing."""
    if first is None or second is None:
        return None
    return rounding.difference(first, second, DECIMALS)


def fraction(change: float | None, first: float | None) -> float | None:
    """A change by what it began with, rounded; None where one is missing, or the latter is 0."""
    return rounding.ratio(change, first, DECIMALS) if change is not None and first else None
