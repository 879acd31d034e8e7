"""Rounding: once, at the end, and of exact numbers. What lies halfway goes to the even neighbour.

A number that came as a decimal is that decimal, as its shortest text says it: 0.1, and not the
double beside it.
"""

from collections.abc import Iterable
from decimal import Context, Decimal
from math import isqrt

# Digits enough that only a division is not exact, and that far beyond what is shown.
_EXACT = Context(prec=100)
_BILLION, _FIFTEEN_DIGITS = 10**9, 10**15


def quotient(numerator: int, denominator: int, decimals: int) -> float:
    """A ratio of whole numbers, the lower one positive.

    A division of whole numbers gives the nearest double, which reads as this very decimal.
    """
    # Asked for each bucket of each answer: in one piece.
    scale = 10**decimals
    whole, rest = divmod(numerator * scale, denominator)
    if 2 * rest >= denominator and (2 * rest > denominator or whole % 2):
        whole += 1
    return float(whole / scale)


def root_of_quotient(numerator: int, denominator: int, decimals: int) -> float:
    """The square root of such a ratio, which is not negative, over whole numbers alone."""
    # √(n/d) = √(n·d)/d; twice as many as wanted tell on which side of a half it lies.
    scale = 10**decimals
    square = numerator * denominator * (2 * scale) ** 2
    halves = isqrt(square) // denominator
    whole, odd = divmod(halves, 2)
    is_half = (halves * denominator) ** 2 == square
    return float((whole + (odd and (not is_half or whole % 2))) / scale)


def exact(number: float) -> Decimal:
    return Decimal(repr(number))


def rounded(number: Decimal, decimals: int) -> float:
    # Zero has no sign.
    return float(number.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)) + 0.0


def difference(first: float, second: float, decimals: int) -> float:
    """The second less the first."""
    return rounded(_EXACT.subtract(exact(second), exact(first)), decimals)


def ratio(first: float, second: float, decimals: int) -> float:
    """The first by the second, which is not zero."""
    return rounded(_EXACT.divide(exact(first), exact(second)), decimals)


def weighted_mean(weighted: Iterable[tuple[float, int]], decimals: int) -> float:
    """The mean of numbers with their weights, which are not all zero."""
    pairs = tuple(weighted)
    weights = sum(weight for _, weight in pairs)
    units = [round(number * _BILLION) for number, _ in pairs]
    # Of fifteen digits a double is one decimal only. Whole numbers take half the time.
    if all(
        unit / _BILLION == number and -_FIFTEEN_DIGITS < unit < _FIFTEEN_DIGITS
        for unit, (number, _) in zip(units, pairs, strict=True)
    ):
        total = sum(unit * weight for unit, (_, weight) in zip(units, pairs, strict=True))
        return quotient(total, weights * _BILLION, decimals)
    exactly = Decimal(0)
    for number, weight in pairs:
        exactly = _EXACT.add(exactly, _EXACT.multiply(exact(number), weight))
    return rounded(_EXACT.divide(exactly, weights), decimals)
