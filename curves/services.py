"""What is known of curves: observations, their changes between two dates, and their strips."""

from dataclasses import replace

from aurum.ask import Ask
from aurum.stores.paging import Page, cut
from aurum.stores.tables import Row
from curves import dao, strips

CURVES_AT_ONCE = 25

EMPTY = Page([], None, None)


async def list_points(ask: Ask) -> Page:
    """Observations of `asof`, or the newest of each tenor and price type; rows as dao.POINT."""
    if ask.before_first_load:
        return EMPTY
    return await dao.points(ask.filters, ask.watermarks, ask.wanted)


async def list_changes(ask: Ask) -> Page:
    """Tenors quoted on both dates; rows as dao.CHANGE, diff_abs and diff_pct.

    `diff_abs` is in the curve's own unit, `diff_pct` a fraction of `mid_a`, null where that is 0 or
    missing. With negative prices the fraction's sign is the opposite of the change's.
    """
    if ask.before_first_load:
        return EMPTY
    page = await dao.changes(ask.filters, ask.watermarks, ask.wanted)
    return replace(page, rows=[_with_change(row[: len(dao.CHANGE)]) for row in page.rows])


def _with_change(row: Row) -> Row:
    mid_a, mid_b = row[dao.CHANGE.index("mid_a")], row[dao.CHANGE.index("mid_b")]
    if mid_a is None or mid_b is None:
        return (*row, None, None)
    change = round(mid_b - mid_a, strips.DECIMALS)
    return (*row, change, round(change / mid_a, strips.DECIMALS) if mid_a else None)


async def list_strips(ask: Ask) -> Page:
    """Strips of one type, quoted or derived from their months; rows as dao.POINT.

    Without `asof` they are those of each curve's newest valuation date. Curves are read a few at a
    time, in the order of the answer, until the page is full.
    """
    if ask.before_first_load:
        return EMPTY
    wanted, position = ask.wanted, ask.wanted.position
    filters = {name: value for name, value in ask.filters.items() if name != "type"}
    backward = position is not None and position.backward
    start = str(position.values[0]) if position is not None else None
    enough = wanted.offset + wanted.limit + 1
    found: list[Row] = []
    while len(found) < enough:
        keys = await dao.curve_keys(
            filters, ask.watermarks, start=start, backward=backward, limit=CURVES_AT_ONCE + 1
        )
        here = keys[:CURVES_AT_ONCE]
        if here:
            rows = await dao.points_between(filters, ask.watermarks, min(here), max(here))
            found += strips.past(position, strips.of_type(ask.filters["type"], rows), backward)
        if len(keys) <= CURVES_AT_ONCE:
            break
        start = keys[CURVES_AT_ONCE]
    return cut(found[wanted.offset : enough], wanted, dao.POINT, strips.ORDER)
