"""A page of an answer that is made of whole curves, read a few curves at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from aurum.stores.paging import Page, Position, Wanted, cut
from aurum.stores.sql import Order
from aurum.stores.tables import Row

CURVES_AT_ONCE = 25


class NextCurves(Protocol):
    async def __call__(self, *, start: str | None, backward: bool, limit: int) -> list[Row]:
        """The next curves from key `start` itself on, their keys first."""


async def walk(
    wanted: Wanted,
    names: Sequence[str],
    order: Order,
    next_curves: NextCurves,
    rows_of: Callable[[list[Row]], Awaitable[list[Row]]],
) -> Page:
    """Rows with columns `names` in `order`, which begins with the curve's key.

    `rows_of` makes all rows of some curves, in any order.
    """
    position = wanted.position
    backward = position is not None and position.backward
    start = str(position.values[0]) if position is not None else None
    enough = wanted.offset + wanted.limit + 1
    found: list[Row] = []
    while len(found) < enough:
        curves = await next_curves(start=start, backward=backward, limit=CURVES_AT_ONCE + 1)
        if here := curves[:CURVES_AT_ONCE]:
            found += _past(await rows_of(here), position, names, order)
        if len(curves) <= CURVES_AT_ONCE:
            break
        start = curves[CURVES_AT_ONCE][0]
    return cut(found[wanted.offset : enough], wanted, tuple(names), order)


def page_of(rows: list[Row], wanted: Wanted, names: Sequence[str], order: Order) -> Page:
    """A page of rows that are all here, with columns `names`, in any order."""
    found = _past(rows, wanted.position, names, order)
    enough = wanted.offset + wanted.limit + 1
    return cut(found[wanted.offset : enough], wanted, tuple(names), order)


def _past(
    rows: list[Row], position: Position | None, names: Sequence[str], order: Order
) -> list[Row]:
    """The rows in order, from the position on; all of them without one."""
    place = _placing(names, order)
    if position is None:
        return sorted(rows, key=place)
    limit = tuple(_sortable(key, value) for key, value in zip(order, position.values, strict=True))
    if position.backward:
        return sorted((row for row in rows if place(row) < limit), key=place, reverse=True)
    return sorted((row for row in rows if place(row) > limit), key=place)


def _placing(names: Sequence[str], order: Order) -> Callable[[Row], tuple[Any, ...]]:
    columns = [(names.index(key.name), key) for key in order]
    return lambda row: tuple(_sortable(key, row[index]) for index, key in columns)


def _sortable(key: Any, value: Any) -> Any:
    """A value that sorts as the order says: nulls as their stand-in, texts downward if so."""
    value = key.nulls if value is None else value
    return tuple(-ord(letter) for letter in value) if key.descending else value
