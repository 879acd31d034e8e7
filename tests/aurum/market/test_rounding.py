"""Rounding is that of exact numbers, a half to the even neighbour."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum.market.rounding import difference, quotient, ratio, root_of_quotient, weighted_mean

WHOLE = st.integers(-(10**30), 10**30)
SOME = st.integers(1, 10**12)
PRICES = st.decimals(-(10**6), 10**6, places=6) | st.decimals(-(10**9), 10**9, places=6)


@given(WHOLE, SOME, st.integers(0, 6))
def test_a_quotient_is_the_fraction_rounded(numerator: int, denominator: int, places: int) -> None:
    exact = round(Fraction(numerator, denominator), places)
    assert quotient(numerator, denominator, places) == float(exact)


@given(st.integers(0, 10**30), SOME, st.integers(0, 4))
def test_a_root_is_the_true_root_rounded(numerator: int, denominator: int, places: int) -> None:
    with localcontext() as context:
        context.prec = 200
        root = (Decimal(numerator) / denominator).sqrt()
        exact = float(root.quantize(Decimal(1).scaleb(-places)))
    assert root_of_quotient(numerator, denominator, places) == exact


def test_halves_go_to_the_even_neighbour() -> None:
    assert [quotient(n, 10, 0) for n in (5, 15, 25, -5, -15)] == [0.0, 2.0, 2.0, 0.0, -2.0]
    assert [root_of_quotient(n, 4, 0) for n in (1, 9, 25)] == [0.0, 2.0, 2.0]  # of 0.5, 1.5, 2.5


@given(st.lists(st.tuples(PRICES, st.integers(0, 800)), min_size=1), st.randoms())
def test_a_mean_is_that_of_the_decimals_in_any_order(pairs: list, random: object) -> None:
    total = sum(weight for _, weight in pairs)
    if total:
        exact = round(sum(Fraction(p) * w for p, w in pairs) / total, 10)
        random.shuffle(pairs)  # type: ignore[attr-defined]
        assert weighted_mean(((float(p), w) for p, w in pairs), 10) == float(exact)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(100000000.0, 100000000.1, 0.1), (0.3, 0.1, -0.2), (1.0, 1.0, 0.0), (1e-11, 0.0, 0.0)],
)
def test_a_difference_is_that_of_the_decimals(first: float, second: float, expected: float) -> None:
    assert repr(difference(first, second, 10)) == repr(expected)


def test_a_ratio_is_rounded_once() -> None:
    assert (ratio(0.1, 0.3, 10), ratio(-1.0, 3.0, 4)) == (0.3333333333, -0.3333)
