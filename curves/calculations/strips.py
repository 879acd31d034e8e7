"""Strips from months, by the market's convention: the mean of the months still to deliver."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aurum.market.calendars import CALENDARS, UnknownBlock
from aurum.market.rounding import weighted_mean
from aurum.market.tenors import Strip, TenorType, next_month, parse_strip_label, strips_of

DECIMALS = 10
"""Every derived price is rounded to this, once and from exact numbers."""

PRICES = ("mid", "bid", "ask")
KINDS = ("CALENDAR", "SEASON", "QUARTER")
READ = (
    *("curve_key", "asof_date", "tenor_label", "tenor_type", "contract_month", "price_type"),
    *PRICES,
    *("unit", "expiry_date"),
)
"""The columns that `strips_in` reads of an observation."""

Observation = Mapping[str, Any]
Weight = Callable[[date], int | None]


@dataclass(frozen=True, slots=True)
class StripSpec:
    """Which strips: of some kinds, or one made of exactly these months; and how months count."""

    kinds: tuple[str, ...] = ()
    months: Strip | None = None
    weighting: str = "simple"


def strip_spec(filters: Mapping[str, Any]) -> StripSpec:
    """The strips a query's `type`, `months` and `weighting` ask for; all kinds if it names none."""
    weighting = filters.get("weighting", "simple")
    if months := filters.get("months"):
        after = next_month(months[-1])
        label = f"{months[0]:%Y-%m}..{after:%Y-%m}" if len(months) > 1 else f"{months[0]:%Y-%m}"
        return StripSpec(months=Strip(label, months), weighting=weighting)
    return StripSpec(filters.get("type") or KINDS, weighting=weighting)


def weight_of(weighting: str, iso: str | None, block: str | None) -> Weight:
    """How much a month counts; None where its hours cannot be known.

    Hours are those of the curve's block in its market's calendar; without a block, all hours.
    """
    if weighting == "simple":
        return lambda month: 1
    if weighting == "days":
        return lambda month: monthrange(month.year, month.month)[1]
    calendar = CALENDARS.get((iso or "").lower())
    if calendar is None:
        return lambda month: None
    try:
        calendar.block(block or "7X24")
    except UnknownBlock:
        return lambda month: None
    return lambda month: calendar.hours_in_month(block or "7X24", month)


def strips_in(
    rows: Iterable[Observation], spec: StripSpec, weight: Weight
) -> Iterator[dict[str, Any]]:
    """The strips of one curve, quoted and derived, in no order; fields as in STRIPS.

    Where a strip is quoted on a date, the quote stands and none is derived.
    """
    quoted: set[tuple[Any, ...]] = set()
    months: dict[tuple[str, str], dict[date, Observation]] = defaultdict(dict)
    # All rows are read before any strip is derived: a quote may come after its months.
    for row in rows:
        if row["tenor_type"] in spec.kinds:
            quoted.add((row["asof_date"], row["price_type"], _label(row["tenor_label"])))
            yield _quote(row)
        elif row["tenor_type"] == TenorType.MONTHLY and row["contract_month"] and trades(row):
            group = months[row["asof_date"], row["price_type"]]
            group[date.fromisoformat(row["contract_month"])] = row
    for (asof, price_type), listed in months.items():
        for kind, strip in _candidates(spec, listed):
            if (asof, price_type, strip.label) not in quoted:
                made = _derive(kind, strip, listed, date.fromisoformat(asof), weight)
                if made is not None:
                    yield made | {"weighting": spec.weighting}


def trades(row: Observation) -> bool:
    """Whether the contract trades on the valuation date, as far as the source says.

    A source may go on showing an expired one at its last price, which is no price of that date.
    """
    return row["expiry_date"] is None or row["expiry_date"] >= row["asof_date"]


def _label(label: str) -> str:
    """One spelling of a strip's label: `2024-Q2` is `Q2 2024`."""
    strip = parse_strip_label(label)
    return strip.label if strip else label


def _candidates(
    spec: StripSpec, listed: Mapping[date, Observation]
) -> Iterator[tuple[TenorType, Strip]]:
    if spec.months is not None:
        yield TenorType.STRIP, spec.months
    for kind in map(TenorType, spec.kinds):
        found = {strips_of(kind, month) for month in listed}
        yield from ((kind, strip) for strip in found if strip is not None)


def _quote(row: Observation) -> dict[str, Any]:
    strip = parse_strip_label(row["tenor_label"])
    months = strip.months if strip else ()
    return {
        **{name: row[name] for name in READ[:-1]},
        "first_month": months[0].isoformat() if months else row["contract_month"],
        "last_month": months[-1].isoformat() if months else None,
        "origin": "quoted",
        "weighting": None,
        "months_expected": len(months) or None,
        "months_covered": None,
        "months_missing": None,
        "partial": False,
        "note": None,
    }


def _derive(
    kind: TenorType,
    strip: Strip,
    listed: Mapping[date, Observation],
    asof: date,
    weight: Weight,
) -> dict[str, Any] | None:
    """The mean of a strip's listed months; None where none of them is listed.

    The month of the valuation date counts as still to deliver.
    """
    there = [month for month in strip.months if month in listed]
    if not there:
        return None
    ahead = [month for month in strip.months if month >= asof.replace(day=1)]
    weights = [weight(month) for month in there]
    rows = [listed[month] for month in there]
    known = None not in weights
    prices = {
        name: _mean([row[name] for row in rows], [w or 0 for w in weights]) if known else None
        for name in PRICES
    }
    units = {row["unit"] for row in rows}
    # Months in different units have no mean; `unit` is then null as well.
    if len(units) > 1:
        prices = dict.fromkeys(PRICES)
    return {
        "curve_key": rows[0]["curve_key"],
        "asof_date": asof.isoformat(),
        "tenor_label": strip.label,
        "tenor_type": kind.value,
        "contract_month": strip.months[0].isoformat(),
        "price_type": rows[0]["price_type"],
        **prices,
        "unit": units.pop() if len(units) == 1 else None,
        "first_month": strip.months[0].isoformat(),
        "last_month": strip.months[-1].isoformat(),
        "origin": "derived",
        "months_expected": len(strip.months),
        "months_covered": len(there),
        "months_missing": sum(month not in listed for month in ahead),
        "partial": len(there) < len(strip.months),
        "note": None if known else "no_calendar",
    }


def _mean(prices: Sequence[float | None], weights: Sequence[int]) -> float | None:
    """The weighted mean; None where a month has no price, or no hour of the block."""
    there = [price for price in prices if price is not None]
    if not any(weights) or len(there) < len(prices):
        return None
    return weighted_mean(zip(there, weights, strict=True), DECIMALS)


def newest_whole(rows: Sequence[Observation], spec: StripSpec) -> list[dict[str, Any]]:
    """One curve's strips as v1 shows them: each the newest, with no month ahead missing.

    Months are those of the newest valuation date; a quote of that date or later stands.
    """
    newest: dict[str, str] = {}
    for row in rows:
        if row["tenor_type"] == TenorType.MONTHLY:
            kind = row["price_type"]
            newest[kind] = max(row["asof_date"], newest.get(kind, ""))
    current = (
        row
        for row in rows
        if row["tenor_type"] != TenorType.MONTHLY or row["asof_date"] == newest[row["price_type"]]
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for strip in strips_in(current, spec, weight_of("simple", None, None)):
        place = _label(strip["tenor_label"]), strip["price_type"]
        known = found.get(place)
        if _whole(strip) and (known is None or _rank(strip) > _rank(known)):
            found[place] = strip
    return list(found.values())


def _rank(strip: Mapping[str, Any]) -> tuple[str, bool]:
    return strip["asof_date"], strip["origin"] == "quoted"


def _whole(strip: Mapping[str, Any]) -> bool:
    if strip["origin"] == "quoted":
        return True
    under_way = strip["last_month"] >= strip["asof_date"][:7]
    return under_way and strip["months_missing"] == 0 and strip["mid"] is not None
