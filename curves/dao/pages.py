"""A page of an answer that is made of whole curves, or of their valuation dates, read a few at a
time.

What is made of them may take a while: other requests get their turn in between.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from aurum.query import Query
from aurum.stores.paging import Page, PageRequest, cut, past_position
from aurum.stores.sql import SortOrder
from aurum.stores.tables import Row

CURVES_AT_ONCE = 25

Day = list[dict[str, Any]]
"""All observations of one curve on one valuation date."""
D = TypeVar("D")


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
    size = min(CURVES_AT_ONCE, request.enough or CURVES_AT_ONCE)
    found = await rows_of([])
    while request.enough is None or len(found.rows) < request.enough:
        curves = await next_curves(start=start, backward=request.backward, limit=size + 1)
        if here := curves[:size]:
            found.rows.extend(past_position(await rows_of(here), position, order))
        if len(curves) <= size:
            break
        start, size = curves[size][0], CURVES_AT_ONCE
    wanted = found.rows[request.offset or 0 : request.enough]
    return cut(replace(found, rows=wanted), request, order)


async def page_in_turns(
    columns: tuple[str, ...], groups: Iterable[Iterable[Mapping[str, Any]]]
) -> Page:
    """All rows of these groups, which are made one after another as they are iterated."""
    found = Page(columns, [])
    for made in groups:
        found.rows.extend(Page.of(columns, made).rows)
        await asyncio.sleep(0)
    return found


async def page_by_day(
    query: Query,
    days: AsyncGenerator[D, None],
    rows_of: Callable[[D], Iterable[Mapping[str, Any]]],
) -> Page:
    """A page of rows that are made of one day after another, from that of its position on.

    All rows of a day come before those of the next in the order of the query's schema; `rows_of`
    makes them in any order.
    """
    request, order = query.page, query.schema.order
    found = query.empty_page()
    async with aclosing(days):
        async for day in days:
            made = Page.of(query.columns_needed, rows_of(day))
            found.rows.extend(past_position(made, request.position, order))
            if request.enough is not None and len(found.rows) >= request.enough:
                break
            await asyncio.sleep(0)
    return cut(replace(found, rows=found.rows[: request.enough]), request, order)
