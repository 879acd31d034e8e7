"""Queries of v1: one valuation date, each tenor's newest price, two dates side by side."""

from aurum.query import Query
from aurum.stores.paging import Page
from aurum.stores.sql import Select, columns_of
from curves.dao import O
from curves.dao.selection import STORE, C, of_curves
from curves.tables import CURVE_OBSERVATION, CURVE_TENOR
from curves.v1.results import CHANGE_ORDER, ORDER

# The text says the order of the joins (CROSS JOIN): SQLite keeps to it, and without statistics it
# would begin with the observations. PostgreSQL chooses for itself.
ON_DATE = """
    SELECT @columns FROM curve AS c
    CROSS JOIN curve_observation AS o
    WHERE o.curve_key = c.curve_key AND o.asof_date = CAST(:asof AS DATE)
    AND @snapshot(c, curve) AND @snapshot(o, curve_observation) AND @curves AND @where
    ORDER BY @order @page"""

# The curves are a set here: PostgreSQL, whose guess of a newest date is far off, else reads all
# tenors for one page. With all of a cursor's place in one table both engines enter its key there.
NEWEST = """
    SELECT @columns FROM curve_tenor AS t
    CROSS JOIN curve_observation AS o
    WHERE t.curve_key IN (SELECT c.curve_key FROM curve AS c WHERE @snapshot(c, curve) AND @curves)
    AND o.curve_key = t.curve_key
    AND o.tenor_label = t.tenor_label AND o.price_type = t.price_type
    AND o.asof_date = @newest(curve_observation.asof_date WHERE curve_key = t.curve_key
        AND tenor_label = t.tenor_label AND price_type = t.price_type)
    AND @snapshot(t, curve_tenor) AND @snapshot(o, curve_observation) AND @where
    ORDER BY @order @page"""

BOTH_DATES = """
    SELECT @columns FROM curve AS c
    CROSS JOIN curve_observation AS o
    CROSS JOIN curve_observation AS b
    WHERE o.curve_key = c.curve_key AND o.asof_date = CAST(:asof_a AS DATE)
    AND b.curve_key = o.curve_key AND b.asof_date = CAST(:asof_b AS DATE)
    AND b.tenor_label = o.tenor_label AND b.price_type = o.price_type
    AND @snapshot(c, curve) AND @snapshot(o, curve_observation)
    AND @snapshot(b, curve_observation) AND @curves AND @where
    ORDER BY @order @page"""

OF_TENOR = {"tenor_type": O["tenor_type"]}

T = columns_of(CURVE_TENOR, "t")
BESIDE_CURVE = {**O, "curve_key": C["curve_key"]}
BESIDE_TENOR = {**O, **{name: T[name] for name in CURVE_TENOR.key}}
B = columns_of(CURVE_OBSERVATION, "b")
TWO_SIDES = BESIDE_CURVE | {
    "asof_a": O["asof_date"],
    "mid_a": O["mid"],
    "asof_b": B["asof_date"],
    "mid_b": B["mid"],
}


async def _points(
    query: Query, name: str, names: tuple[str, ...], *within: str, **values: str
) -> Select:
    """Observations of one valuation date, or each tenor's newest where none is given.

    `within` narrows the curves further.
    """
    if query.filters.get("asof") is not None:
        select = Select(ON_DATE, BESIDE_CURVE, names, ORDER, name=name)
        select = select.with_values(asof=query.filters["asof"])
    else:
        select = Select(NEWEST, BESIDE_TENOR, names, ORDER, name=name)
    select = await of_curves(select.filtered(query.filters, OF_TENOR), query, slot="curves")
    return select.where(*within, slot="curves", **values)


async def points(query: Query) -> Page:
    """A page of observations."""
    select = await _points(query, "curves.v1.points", query.columns)
    return await STORE.page(select, query.snapshot, query.page)


async def points_of(query: Query, first: str, last: str, names: tuple[str, ...]) -> Page:
    """All observations of the curves from key `first` to `last`."""
    key = C["curve_key"]
    within = f"c.curve_key >= {key.bind('first')}", f"c.curve_key <= {key.bind('last')}"
    select = await _points(query, "curves.v1.points_of", names, *within, first=first, last=last)
    return Page(names, await STORE.fetch(select, query.snapshot))


async def changes(query: Query, names: tuple[str, ...]) -> Page:
    """A page of tenors quoted on both dates."""
    dates = {name: query.filters[name] for name in ("asof_a", "asof_b")}
    select = Select(BOTH_DATES, TWO_SIDES, names, CHANGE_ORDER, name="curves.v1.changes")
    select = select.with_values(**dates)
    select = await of_curves(select.filtered(query.filters, OF_TENOR), query, slot="curves")
    return await STORE.page(select, query.snapshot, query.page)
