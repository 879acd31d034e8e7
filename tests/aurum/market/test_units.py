import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.market.units import (
    Measure,
    PriceUnit,
    UnitMismatch,
    UnknownUnit,
    convert_price,
    fuel_cost,
    parse_measure,
    parse_money,
    parse_unit,
    price_factor,
)

ENERGY = ("MWh", "kWh", "GWh", "MMBtu", "Btu", "therm", "GJ")
SAME = pytest.approx

energies = st.sampled_from([parse_measure(name) for name in ENERGY])


def size_in(measure: Measure, other: Measure) -> float:
    """How many of the other one of a measure is: a price per the other is so many times more."""
    dollar = parse_money("USD")
    return price_factor(PriceUnit(dollar, other), PriceUnit(dollar, measure))


def factor(source: str, target: str, rate: float | None = None) -> float:
    return price_factor(parse_unit(source), parse_unit(target), rate)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("$/MWh", "USD/MWh"),
        ("$ / MWh", "USD/MWh"),
        ("\t$\u00a0/ mwh ", "USD/MWh"),
        ("$/MWHr", "USD/MWh"),
        ("US$/MMBtu", "USD/MMBtu"),
        ("usd/mmbtu", "USD/MMBtu"),
        ("C$/GJ", "CAD/GJ"),
        ("A$/MWh", "AUD/MWh"),
        ("NZ$/MWh", "NZD/MWh"),
        ("¥/kWh", "JPY/kWh"),
        ("€/MWh", "EUR/MWh"),
        ("£/MWh", "GBP/MWh"),
        ("EUR/tonne", "EUR/tonne"),
        ("EUR/tCO2", "EUR/tonne"),
        ("$/t", "USD/tonne"),
        ("$/ton", "USD/ton"),
        ("$/MW-day", "USD/MW-day"),
        ("$/MW day", "USD/MW-day"),
        ("$/kW-month", "USD/kW-month"),
        ("$/bbl", "USD/BBL"),
        ("$/gal", "USD/gal"),
        ("c/kWh", "c/kWh"),
        ("¢/kWh", "c/kWh"),
        ("p/therm", "p/therm"),
        ("P / Therm", "p/therm"),
        ("MXN/MWh", "MXN/MWh"),
    ],
)
def test_it_reads_a_vendors_unit(text: str, unit: str) -> None:
    assert str(parse_unit(text)) == unit


def test_it_tells_pence_from_pounds_by_case() -> None:
    assert str(parse_unit("GBp/therm")) == "p/therm"
    assert str(parse_unit("GBP/therm")) == "GBP/therm"
    assert factor("GBp/therm", "GBP/therm") == 0.01


def test_it_names_the_currency_and_the_measure_of_a_price() -> None:
    pence = parse_unit("p/therm")
    assert (pence.currency, pence.per_unit) == ("GBP", "therm")


@pytest.mark.parametrize(
    "text", ["", "MWh", "$", "/", "$/", "/MWh", "XYZ/MWh", "$/smoot", "$/MWh/h"]
)
def test_it_refuses_a_text_that_names_no_unit(text: str) -> None:
    with pytest.raises(UnknownUnit):
        parse_unit(text)


@pytest.mark.parametrize(
    ("name", "base", "size"),
    [
        ("MMBtu", "MWh", 0.293071),
        ("therm", "kWh", 29.3071),
        ("therm", "MMBtu", 0.1),
        ("MMBtu", "GJ", 1.055056),
        ("MWh", "GJ", 3.6),
        ("MMBtu", "Btu", 1e6),
        ("ton", "tonne", 0.907185),
        ("BBL", "gal", 42),
        ("MW", "kW", 1000),
        ("MW-week", "MW-day", 7),
        ("MW-yr", "kW-month", 12_000),
    ],
)
def test_it_sizes_a_measure_to_the_published_digits(name: str, base: str, size: float) -> None:
    found = size_in(parse_measure(name), parse_measure(base))
    assert found == SAME(size, rel=2e-6)


def test_it_turns_cents_a_kilowatt_hour_into_dollars_a_megawatt_hour() -> None:
    assert factor("c/kWh", "USD/MWh") == 10
    assert convert_price(12.5, parse_unit("c/kWh"), parse_unit("$/MWh")) == 125


def test_it_turns_pence_a_therm_into_pounds_a_megawatt_hour() -> None:
    assert factor("p/therm", "GBP/MWh") == SAME(0.01 / 0.0293071, rel=1e-6)
    assert factor("p/therm", "GBP/MWh") == SAME(0.341214, rel=1e-6)


def test_it_multiplies_by_the_rate_between_currencies() -> None:
    assert factor("EUR/MWh", "USD/MWh", 1.25) == 1.25
    assert factor("p/therm", "USD/MMBtu", 1.25) == 0.125


@given(energies, energies, energies)
def test_it_gives_the_same_factor_by_any_route(one, two, three) -> None:  # type: ignore[no-untyped-def]
    direct = size_in(one, three)
    assert size_in(one, two) * size_in(two, three) == SAME(direct, rel=1e-14)
    assert size_in(three, one) * direct == SAME(1, rel=1e-14)


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("USD/MW", "USD/MWh", "power is not energy until the hours are known"),
        ("USD/MWh", "USD/kW", "power is not energy until the hours are known"),
        ("USD/MW-day", "USD/MWh", "energy is not capacity by the day"),
        ("USD/kW-month", "USD/MW-day", "a month has no fixed number of days"),
        ("EUR/tonne", "EUR/MWh", "energy is not mass"),
        ("USD/BBL", "USD/MMBtu", "energy is not volume"),
        ("EUR/MWh", "USD/MWh", "the currencies differ and no rate is given"),
        ("p/therm", "EUR/therm", "the currencies differ and no rate is given"),
    ],
)
def test_it_refuses_units_with_no_exact_factor(source: str, target: str, why: str) -> None:
    with pytest.raises(UnitMismatch) as refused:
        factor(source, target)
    assert str(refused.value) == f"cannot convert {source} to {target}: {why}"


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_it_refuses_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(UnitMismatch, match="is not a rate"):
        factor("EUR/MWh", "USD/MWh", rate)


def test_it_refuses_a_rate_within_one_currency() -> None:
    with pytest.raises(UnitMismatch, match="the currency is the same"):
        factor("p/therm", "GBP/therm", 0.01)


def test_it_refuses_quantities_of_different_kinds() -> None:
    with pytest.raises(UnitMismatch, match="cannot convert USD/MWh to USD/MW"):
        size_in(parse_measure("MW"), parse_measure("MWh"))


def test_it_prices_the_fuel_of_a_continental_spark_spread() -> None:
    assert 80 - fuel_cost(30, parse_unit("EUR/MWh"), 2.0, "MWh/MWh") == 20


def test_it_prices_the_fuel_of_a_british_spark_spread() -> None:
    per_penny = fuel_cost(1, parse_unit("p/therm"), 1 / 0.4913, "MWh/MWh")
    assert per_penny == SAME(0.6945, rel=1e-4)


@pytest.mark.parametrize(
    ("heat_rate", "unit"),
    [(7, "MMBtu/MWh"), (7000, "Btu/kWh"), (7 * 1.055055852, "GJ/MWh"), (70, "therm/MWh")],
)
def test_it_reads_a_heat_rate_in_any_energy_over_energy(heat_rate: float, unit: str) -> None:
    assert fuel_cost(3, parse_unit("$/MMBtu"), heat_rate, unit) == SAME(21, rel=1e-9)
    assert fuel_cost(300, parse_unit("c/MMBtu"), heat_rate, unit) == SAME(21, rel=1e-9)


def test_it_refuses_a_fuel_or_a_heat_rate_that_is_not_of_energy() -> None:
    with pytest.raises(UnitMismatch, match="USD/BBL"):
        fuel_cost(80, parse_unit("$/BBL"), 7, "MMBtu/MWh")
    with pytest.raises(UnitMismatch):
        fuel_cost(3, parse_unit("$/MMBtu"), 7, "tonne/MWh")
    with pytest.raises(UnknownUnit, match="not energy per energy"):
        fuel_cost(3, parse_unit("$/MMBtu"), 7, "MMBtu")
