"""Strips from months, by the market's convention: the plain mean of the months still to deliver."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from math import fsum
from typing import Any

from aurum.market.tenors import TenorType, parse_strip_label, strips_of
from aurum.stores.paging import Position
from aurum.stores.sql import LAST, Key
from aurum.stores.tables import Row
from curves.dao import POINT

DECIMALS = 10
"""Every derived price is rounded to this, so that all engines and platforms give the same bytes."""

ORDER = (
    Key("curve_key", "curve_key"),
    Key("tenor_label", "tenor_label"),
    Key("contract_month", "contract_month", nulls=LAST),
    Key("asof_date", "asof_date", descending=True),
    Key("price_type", "price_type"),
)

_AT = {name: index for index, name in enumerate(POINT)}
PRICES = ("mid", "bid", "ask")

Months = dict[date, Row]


def of_type(kind: str, rows: Iterable[Row]) -> list[Row]:
    """The strips of `kind` among and derived from observations (columns of POINT), in ORDER.

    Where a strip is quoted on the date it would be derived for, the quote stands.
    """
    strips: dict[tuple[Any, ...], Row] = {}
    months: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row[_AT["tenor_type"]] == kind:
            strips[_identity(row)] = row
        elif row[_AT["tenor_type"]] == TenorType.MONTHLY and row[_AT["contract_month"]]:
            months[row[_AT["curve_key"]], row[_AT["price_type"]]].append(row)
    for group in months.values():
        for row in _derived(TenorType(kind), group):
            quoted = strips.get(_identity(row))
            if quoted is None or quoted[_AT["asof_date"]] < row[_AT["asof_date"]]:
                strips[_identity(row)] = row
    return sorted(strips.values(), key=_sort_key)


def _identity(row: Row) -> tuple[Any, ...]:
    """Two spellings of one strip (`Q2 2024`, `2024-Q2`) are one strip."""
    label = row[_AT["tenor_label"]]
    strip = parse_strip_label(label)
    return row[_AT["curve_key"]], strip.label if strip else label, row[_AT["price_type"]]


def _derived(kind: TenorType, group: Sequence[Row]) -> list[Row]:
    """One curve's strips of one price type, of its newest valuation date in `group`."""
    asof = max(row[_AT["asof_date"]] for row in group)
    listed = {
        date.fromisoformat(row[_AT["contract_month"]]): row
        for row in group
        if row[_AT["asof_date"]] == asof
    }
    kinds = {strips_of(kind, month) for month in listed}
    candidates = sorted((strip for strip in kinds if strip), key=lambda strip: strip.months)
    made = (_strip(strip.label, strip.months, kind, listed, asof) for strip in candidates)
    return [row for row in made if row is not None]


def _strip(
    label: str, months: Sequence[date], kind: TenorType, listed: Months, asof: str
) -> Row | None:
    """The mean of a strip's listed months; None when one yet to deliver is missing.

    The month of the valuation date counts as yet to deliver.
    """
    ahead = [month for month in months if month >= date.fromisoformat(asof).replace(day=1)]
    there = [listed[month] for month in months if month in listed]
    if not ahead or any(month not in listed for month in ahead):
        return None
    mid, bid, ask = (_mean([row[_AT[name]] for row in there]) for name in PRICES)
    if mid is None:
        return None
    first = there[0]
    made = {
        "curve_key": first[_AT["curve_key"]],
        "tenor_label": label,
        "tenor_type": kind.value,
        "contract_month": months[0].isoformat(),
        "asof_date": asof,
        "mid": mid,
        "bid": bid,
        "ask": ask,
        "price_type": first[_AT["price_type"]],
    }
    return tuple(made[name] for name in POINT)


def _mean(prices: Sequence[float | None]) -> float | None:
    known = [price for price in prices if price is not None]
    return round(fsum(known) / len(known), DECIMALS) if len(known) == len(prices) else None


def _sort_key(row: Row) -> tuple[Any, ...]:
    return _place(tuple(row[_AT[key.name]] for key in ORDER))


def _place(values: Sequence[Any]) -> tuple[Any, ...]:
    """Sort values as a tuple that sorts in ORDER: the newest valuation date first."""
    curve, label, month, asof, price_type = values
    return curve, label, month or LAST, -date.fromisoformat(asof).toordinal(), price_type


def past(position: Position | None, rows: list[Row], backward: bool) -> list[Row]:
    """The rows beyond a position, in the direction it reads on."""
    if position is not None:
        here = _place(position.values)
        rows = [
            row for row in rows if (_sort_key(row) < here if backward else _sort_key(row) > here)
        ]
    return rows[::-1] if backward else rows
