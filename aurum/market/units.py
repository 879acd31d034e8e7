"""Money and quantity units: the one table that prices and quantities are converted by.

A price unit is money per a measure: USD/MWh, p/therm. Sizes are exact fractions and are rounded
once, in the factor. What has no exact factor is refused (`UnitMismatch`), never estimated: power
against energy, a month of capacity against days of it, mass against energy, two currencies without
a rate.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache


class Dimension(StrEnum):
    ENERGY = "energy"  # sizes in MWh
    POWER = "power"  # MW
    CAPACITY_BY_DAY = "capacity by the day"  # MW-day
    CAPACITY_BY_MONTH = "capacity by the month"  # MW-month
    MASS = "mass"  # tonne
    VOLUME = "volume"  # BBL


class UnknownUnit(ValueError):
    """A text that names no unit."""


class UnitMismatch(ValueError):
    """Two units with no exact factor between them; the message names both and says why."""

    def __init__(self, source: object, target: object, reason: str) -> None:
        super().__init__(f"cannot convert {source} to {target}: {reason}")


@dataclass(frozen=True, slots=True)
class Measure:
    """`size` is in the unit its dimension is kept in."""

    name: str
    dimension: Dimension
    size: Fraction

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Money:
    """A currency, or the hundredth part of one: `p` is 1/100 of GBP."""

    name: str
    currency: str
    size: Fraction = Fraction(1)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class PriceUnit:
    money: Money
    per: Measure

    @property
    def currency(self) -> str:
        """The ISO 4217 code, GBP for pence too."""
        return self.money.currency

    @property
    def per_unit(self) -> str:
        return self.per.name

    def __str__(self) -> str:
        return f"{self.money}/{self.per}"


_MMBTU = Fraction("0.29307107")
"""MWh in an MMBtu: the definition that the fuels' units hang on."""

_THOUSANDTH = Fraction(1, 1000)

_MEASURES = (
    # name, dimension, size, what else it is written as
    ("MWh", Dimension.ENERGY, Fraction(1), "MWHR"),
    ("kWh", Dimension.ENERGY, _THOUSANDTH, "KWHR"),
    ("GWh", Dimension.ENERGY, Fraction(1000), ""),
    ("MMBtu", Dimension.ENERGY, _MMBTU, "DTH DEKATHERM"),
    ("Btu", Dimension.ENERGY, _MMBTU / 10**6, ""),
    ("therm", Dimension.ENERGY, _MMBTU / 10, "THERMS THM"),
    ("GJ", Dimension.ENERGY, Fraction(10, 36), ""),
    ("MW", Dimension.POWER, Fraction(1), ""),
    ("kW", Dimension.POWER, _THOUSANDTH, ""),
    ("MW-day", Dimension.CAPACITY_BY_DAY, Fraction(1), "MWD"),
    ("MW-week", Dimension.CAPACITY_BY_DAY, Fraction(7), "MWWK"),
    ("kW-day", Dimension.CAPACITY_BY_DAY, _THOUSANDTH, ""),
    ("MW-month", Dimension.CAPACITY_BY_MONTH, Fraction(1), "MWMO"),
    ("MW-yr", Dimension.CAPACITY_BY_MONTH, Fraction(12), "MWYEAR"),
    ("kW-month", Dimension.CAPACITY_BY_MONTH, _THOUSANDTH, "KWMO"),
    ("kW-yr", Dimension.CAPACITY_BY_MONTH, 12 * _THOUSANDTH, "KWYEAR"),
    ("tonne", Dimension.MASS, Fraction(1), "T TONNES MT TCO2 TCO2E"),
    ("ton", Dimension.MASS, Fraction("0.90718474"), "TONS SHORTTON"),
    ("BBL", Dimension.VOLUME, Fraction(1), "BARREL"),
    ("gal", Dimension.VOLUME, Fraction(1, 42), "GALLON"),
)
"""The conversion table. A `ton` is the short one of 2000 lb, `t` the metric one."""

_MONEY_SPELLINGS: Mapping[str, str] = {
    "USD": "$ US$",
    "GBP": "£",
    "EUR": "€",
    "CAD": "C$ CA$ CDN$",
    "AUD": "A$ AU$",
    "NZD": "NZ$",
    "JPY": "¥",
    **dict.fromkeys(("CHF", "SEK", "NOK", "DKK", "ZAR", "MXN"), ""),
}

_HUNDREDTHS = (("c", "USD", "¢ USC"), ("p", "GBP", "GBX PENCE"))

_PENCE_BY_CASE = "GBp"
"""The one spelling where case tells: in capitals it is the pound."""


def _key(text: str) -> str:
    """What a spelling is looked up by: no blanks, no hyphens, capitals."""
    return re.sub(r"[\s-]", "", text).upper()


def _measures() -> dict[str, Measure]:
    found = {}
    for name, dimension, size, spellings in _MEASURES:
        measure = Measure(name, dimension, size)
        found.update(dict.fromkeys((_key(name), *spellings.split()), measure))
    return found


def _moneys() -> dict[str, Money]:
    found = {}
    for code, spellings in _MONEY_SPELLINGS.items():
        found.update(dict.fromkeys((code, *spellings.split()), Money(code, code)))
    for name, code, spellings in _HUNDREDTHS:
        money = Money(name, code, Fraction(1, 100))
        found.update(dict.fromkeys((_key(name), *spellings.split()), money))
    return found


_MEASURE_BY_KEY = _measures()
_MONEY_BY_KEY = _moneys()
_MWH = _MEASURE_BY_KEY["MWH"]


def parse_measure(text: str) -> Measure:
    """A measure from a vendor's text; UnknownUnit if there is none."""
    found = _MEASURE_BY_KEY.get(_key(text))
    if found is None:
        raise UnknownUnit(f"no such measure: {text!r}")
    return found


def parse_money(text: str) -> Money:
    """A currency or its hundredth from a vendor's text; UnknownUnit if there is none."""
    key = "P" if text.strip() == _PENCE_BY_CASE else _key(text)
    found = _MONEY_BY_KEY.get(key)
    if found is None:
        raise UnknownUnit(f"no such currency: {text!r}")
    return found


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> PriceUnit:
    """A price unit from a vendor's text such as `$ / MWh`, whatever its case and blanks.

    Only GBp (pence) and GBP (pounds) are told apart by case. Raises UnknownUnit.
    """
    money, slash, per = text.partition("/")
    if not slash:
        raise UnknownUnit(f"not money per a measure: {text!r}")
    return PriceUnit(parse_money(money), parse_measure(per))


def price_units() -> Iterator[tuple[str, PriceUnit]]:
    """Every text that `parse_unit` knows, in one of its cases and without blanks; in no order."""
    for word, money in _MONEY_BY_KEY.items():
        for name, per in _MEASURE_BY_KEY.items():
            yield f"{_shown(word, money.name)}/{_shown(name, per.name)}", PriceUnit(money, per)


def _shown(key: str, name: str) -> str:
    return name if key == _key(name) else key


@lru_cache(maxsize=4096)
def price_factor(source: PriceUnit, target: PriceUnit, rate: float | None = None) -> float:
    """What a price in `source` is multiplied by to be in `target`.

    `rate` is how much of the target's currency one of the source's costs; it must be given exactly
    when the two differ. Raises UnitMismatch.
    """
    measure = _ratio(target.per, source.per, source, target)
    money = source.money.size / target.money.size
    return float(money * measure * _exchange(source, target, rate))


def convert_price(
    price: float, source: PriceUnit, target: PriceUnit, rate: float | None = None
) -> float:
    """A price in `source` as a price in `target`; see `price_factor`."""
    return price * price_factor(source, target, rate)


def fuel_cost(price: float, unit: PriceUnit, heat_rate: float, heat_rate_unit: str) -> float:
    """What the fuel for one MWh of power costs, in the fuel's currency (pounds for pence) per MWh.

    `heat_rate` is fuel in per power out, in a unit of energy over energy: `MMBtu/MWh`, `GJ/MWh`,
    `Btu/kWh`, or `MWh/MWh` for the inverse of the efficiency. Raises UnitMismatch when the fuel is
    not priced by energy.
    """
    fuel, slash, power = heat_rate_unit.partition("/")
    if not slash:
        raise UnknownUnit(f"not energy per energy: {heat_rate_unit!r}")
    burnt = _ratio(parse_measure(fuel), _MWH) / _ratio(parse_measure(power), _MWH)
    per_mwh = PriceUnit(_MONEY_BY_KEY[unit.currency], _MWH)
    return convert_price(price, unit, per_mwh) * heat_rate * float(burnt)


def _ratio(
    source: Measure, target: Measure, whole: object = None, other: object = None
) -> Fraction:
    """How many of `target` one of `source` is. `whole` and `other` are what an error names."""
    if source.dimension is not target.dimension:
        raise UnitMismatch(
            whole or source, other or target, _why_apart(source.dimension, target.dimension)
        )
    return source.size / target.size


def _why_apart(one: Dimension, other: Dimension) -> str:
    kinds = {one, other}
    if kinds == {Dimension.CAPACITY_BY_DAY, Dimension.CAPACITY_BY_MONTH}:
        return "a month has no fixed number of days"
    if kinds == {Dimension.POWER, Dimension.ENERGY}:
        return "power is not energy until the hours are known"
    return f"{one} is not {other}"


def _exchange(source: PriceUnit, target: PriceUnit, rate: float | None) -> Fraction:
    if source.currency == target.currency:
        if rate is not None:
            raise UnitMismatch(source, target, "a rate is given but the currency is the same")
        return Fraction(1)
    if rate is None:
        raise UnitMismatch(source, target, "the currencies differ and no rate is given")
    if not (math.isfinite(rate) and rate > 0):
        raise UnitMismatch(source, target, f"{rate} is not a rate")
    return Fraction(rate)
