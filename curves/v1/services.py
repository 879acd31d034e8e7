"""Curves as the frozen v1 has them."""

from dataclasses import replace
from functools import partial
from typing import Any

from aurum.query import Query
from aurum.stores.paging import Page
from aurum.stores.tables import Row
from curves.calculations import changes, strips
from curves.dao import next_curves
from curves.dao.pages import page_by_curve, page_in_turns
from curves.services import by_curve
from curves.v1 import dao
from curves.v1.results import POINT

list_points = dao.points
"""Observations of `asof`, or the newest of each tenor and price type: as they are stored."""


async def list_changes(query: Query) -> Page:
    """Tenors quoted on both dates.

    `diff_abs` is in the curve's own unit, `diff_pct` a fraction of `mid_a`, null where that is 0 or
    missing. With negative prices the fraction's sign is the opposite of the change's.
    """
    read = tuple(name for name in query.columns if name not in ("diff_abs", "diff_pct"))
    page = await dao.changes(query, (*read, "price_type"))
    made = Page.of(query.columns, map(_with_change, page.dicts()))
    return replace(page, columns=made.columns, rows=made.rows)


def _with_change(row: dict[str, Any]) -> dict[str, Any]:
    mid_a = row["mid_a"]
    change = changes.difference(mid_a, row["mid_b"])
    return {**row, "diff_abs": change, "diff_pct": changes.fraction(change, mid_a)}


async def list_whole_strips(query: Query) -> Page:
    """Strips of one type that lack no month ahead, quoted or derived.

    Without `asof` they are those of each curve's newest valuation date.
    """
    spec = strips.StripSpec(kinds=(query.filters["type"],))

    async def rows_of(curves: list[Row]) -> Page:
        keys = [row[0] for row in curves]
        if not keys:
            return Page(query.columns, [])
        found = await dao.points_of(query, min(keys), max(keys), (*POINT, "unit", "expiry_date"))
        made = (strips.newest_whole(rows, spec) for rows in by_curve(found.dicts()).values())
        return await page_in_turns(query.columns, made)

    order = query.schema.order
    return await page_by_curve(query.page, order, partial(next_curves, query), rows_of)
