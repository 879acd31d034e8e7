"""A page of an answer that is made of whole curves, read a few curves at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from aurum.stores.paging import Page, PageRequest, cut, past_position
from aurum.stores.sql import SortOrder
from aurum.stores.tables import Row

CURVES_AT_ONCE = 25


class NextCurves(Protocol):
    async def __call__(self, *, start: str | None, backward: bool, limit: int) -> list[Row]:
        """The next curves from key `start` itself on, their keys first."""


async def page_by_curve(
    request: PageRequest,
    order: SortOrder,
    next_curves: NextCurves,
    rows_of: Callable[[list[Row]], Awaitable[Page]],
) -> Page:
    """A page in `order`, which begins with the curve's key.

    A curve can give no rows, or many, so that nobody can say beforehand how many curves make a
    page: they are read a few at a time until it is full. `rows_of` makes all rows of some curves,
    in any order; of no curves it makes an empty page, which has the columns.
    """
    position = request.position
    start = str(position.values[0]) if position is not None else None
    found = await rows_of([])
    while request.enough is None or len(found.rows) < request.enough:
        curves = await next_curves(start=start, backward=request.backward, limit=CURVES_AT_ONCE + 1)
        if here := curves[:CURVES_AT_ONCE]:
            found.rows.extend(past_position(await rows_of(here), position, order))
        if len(curves) <= CURVES_AT_ONCE:
            break
        start = curves[CURVES_AT_ONCE][0]
    wanted = found.rows[request.offset or 0 : request.enough]
    return cut(replace(found, rows=wanted), request, order)
