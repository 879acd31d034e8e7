"""A page of an answer that is made of whole curves, read a few curves at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aurum.stores.paging import Page, PageRequest, cut, past_position
from aurum.stores.sql import Order
from aurum.stores.tables import Row

CURVES_AT_ONCE = 25


class NextCurves(Protocol):
    async def __call__(self, *, start: str | None, backward: bool, limit: int) -> list[Row]:
        """The next curves from key `start` itself on, their keys first."""


async def page_by_curve(
    wanted: PageRequest,
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
            found += past_position(await rows_of(here), position, names, order)
        if len(curves) <= CURVES_AT_ONCE:
            break
        start = curves[CURVES_AT_ONCE][0]
    return cut(found[wanted.offset : enough], wanted, tuple(names), order)
