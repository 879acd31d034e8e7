"""Sums that are exact in whatever order an engine adds: whole numbers of a billionth.

A sum of floats depends on the order of its terms, and that on where rows lie, which changes with
each load. A number with up to nine decimals is counted as it is, one with more to the nearest
billionth, half to even.
"""

from typing import Any

UNITS = 10**9
"""How many units are one. A double tells them apart up to two million."""

ROUNDS = "6755399441055744.0"
"""1.5 · 2^52: a double that is added to it and taken from it again has lost its fraction, on every
engine in the same way. ROUND() goes away from zero at a half in SQLite, and to even in PostgreSQL.
"""


def whole(column: str) -> str:
    """SQL of a number counted in units."""
    return f"CAST((({column} * {UNITS}.0) + {ROUNDS}) - {ROUNDS} AS BIGINT)"


def total(value: Any) -> int:
    """What an engine gives for a sum of whole numbers: some give a numeric.

    OverflowError for a float, which SQLite makes of a product that 64 bits cannot hold.
    """
    if isinstance(value, float):
        raise OverflowError(f"{value} is no exact sum")
    return int(value)
