"""Questions of v2: the catalogue, observations through time, and whole curves at a time."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from aurum.query import Query
from aurum.stores.filters import conditions
from aurum.stores.paging import Page, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import Key, Select
from aurum.stores.tables import Row
from curves.results import CATALOGUE, OBSERVATIONS
from curves.tables import CURVE, IDENTITY

CURVES = """
    SELECT {columns} FROM curve AS c
    WHERE {snapshot(c, curve)} AND {where}
    ORDER BY {order} {page}"""

# The curves are a set and not a join: SQLite then walks the key of the observations in order,
# and enters it anew at each curve.
OF_DATES = """
    SELECT {columns} FROM curve_observation AS o
    WHERE o.curve_key IN (
        SELECT c.curve_key FROM curve AS c WHERE {snapshot(c, curve)} AND {curves})
    AND {snapshot(o, curve_observation)} AND {where}
    ORDER BY {order} {page}"""

NEWEST_DATE = """(
    SELECT n.asof_date FROM curve_observation AS n
    WHERE n.curve_key = c.curve_key AND {snapshot(n, curve_observation)}
    ORDER BY n.asof_date DESC LIMIT 1)"""

OF_NEWEST_DATE = f"""
    SELECT {{columns}} FROM curve AS c
    CROSS JOIN curve_observation AS o
    WHERE o.curve_key = c.curve_key AND o.asof_date = {NEWEST_DATE}
    AND {{snapshot(c, curve)}} AND {{snapshot(o, curve_observation)}} AND {{curves}} AND {{where}}
    ORDER BY {{order}} {{page}}"""


def _newest(column: str) -> str:
    """A column of the curve's last observation, in the order of the key."""
    return f"""(
        SELECT o.{column} FROM curve_observation AS o
        WHERE o.curve_key = c.curve_key AND {{snapshot(o, curve_observation)}}
        ORDER BY o.asof_date DESC, o.tenor_label DESC, o.price_type DESC LIMIT 1)"""


CATALOGUE_COLUMNS = {
    **{name: f"c.{name}" for name in CURVE.names},
    **{name: _newest(name) for name in ("unit", "currency", "per_unit")},
    "first_asof": """(
        SELECT o.asof_date FROM curve_observation AS o
        WHERE o.curve_key = c.curve_key AND {snapshot(o, curve_observation)}
        ORDER BY o.asof_date LIMIT 1)""",
    "last_asof": NEWEST_DATE,
    "tenors": """(
        SELECT COUNT(*) FROM curve_tenor AS t
        WHERE t.curve_key = c.curve_key AND {snapshot(t, curve_tenor)})""",
    "last_load": f"""(
        SELECT MAX(o.load_id) FROM curve_observation AS o
        WHERE o.curve_key = c.curve_key AND o.asof_date = {NEWEST_DATE}
        AND {{snapshot(o, curve_observation)}})""",
}
OF_CURVE = {name: f"c.{name}" for name in ("curve_key", *IDENTITY)}
OF_OBSERVATION = {
    "asof_date": "o.asof_date",
    "tenor_label": "o.tenor_label",
    "tenor_type": "o.tenor_type",
    "contract_month": "o.contract_month",
    "price_type": "o.price_type",
}


def of_set(text: str, curves: Sequence[str]) -> str:
    """The text with the conditions on its set of curves, `{curves}`."""
    return text.replace("{curves}", " AND ".join(curves) or "TRUE")


async def catalogue(query: Query) -> Page:
    """A page of curves; columns as asked, then the order's."""
    where, values = conditions(query.filters, OF_CURVE)
    names = CATALOGUE.ordered(query.columns)
    select = Select(
        CURVES, tuple(CATALOGUE_COLUMNS[name] for name in names), where, CATALOGUE.order
    )
    return await fetch_page(
        await store_of("curves"), select, query.bound(values), query.page, names
    )


def observations_select(query: Query, names: Sequence[str]) -> tuple[Select, dict[str, Any]]:
    """The question for observations of these columns, and its values without a page."""
    newest = query.filters.get("asof_date", "latest") == "latest"
    dates = {name: column for name, column in OF_OBSERVATION.items() if name != "asof_date"}
    curves, of_curves = conditions(query.filters, OF_CURVE)
    where, values = conditions(query.filters, dates if newest else OF_OBSERVATION)
    order = OBSERVATIONS.order
    if newest:
        text = OF_NEWEST_DATE
    else:
        text = OF_DATES
        order = tuple(replace(key, column=f"o.{key.name}") for key in order)
        if query.page.position is not None:
            sign = "<=" if query.page.position.backward else ">="
            curves += (f"c.curve_key {sign} :after_curve_key",)
    select = Select(
        of_set(text, curves), tuple(_column(name, newest) for name in names), where, order
    )
    return select, query.bound(of_curves, values)


def _column(name: str, joined: bool) -> str:
    """Where a column comes from; without the join, what names a curve is looked up by its key."""
    if name not in IDENTITY:
        return f"o.{name}"
    if joined:
        return f"c.{name}"
    return (
        f"(SELECT c.{name} FROM curve AS c WHERE c.curve_key = o.curve_key"
        " AND {snapshot(c, curve)})"
    )


async def observations(query: Query) -> Page:
    """A page of observations; columns as asked, then the order's."""
    names = OBSERVATIONS.ordered(query.columns)
    select, values = observations_select(query, names)
    return await fetch_page(await store_of("curves"), select, values, query.page, names)


async def stream_observations(query: Query) -> AsyncGenerator[list[Row], None]:
    """All observations that match, in pieces; columns as asked."""
    select, values = observations_select(query, query.columns)
    store = await store_of("curves")
    async with aclosing(store.stream(select, values)) as pieces:
        async for rows in pieces:
            yield rows


async def next_curves(query: Query, *, start: str | None, backward: bool, limit: int) -> list[Row]:
    """(curve_key, iso, block) of the next curves that match, from `start` itself on."""
    where, values = conditions(query.filters, OF_CURVE)
    if start is not None:
        where += ("c.curve_key <= :start" if backward else "c.curve_key >= :start",)
        values["start"] = start
    order = (Key("curve_key", "c.curve_key", descending=backward),)
    select = Select(CURVES, ("c.curve_key", "c.iso", "c.block"), where, order, limited=True)
    store = await store_of("curves")
    return await store.fetch(select, query.bound(values, {"limit": limit}))


async def of_curves(query: Query, keys: Sequence[str], columns: Sequence[str]) -> list[Row]:
    """All observations of these curves that the ask's dates and price types allow."""
    names = ("asof_date", "price_type", "tenor_type")
    filters = {name: query.filters[name] for name in names if name in query.filters}
    whole = replace(
        query,
        filters={**filters, "curve_key": tuple(keys)},
        page=replace(query.page, position=None),
    )
    select, values = observations_select(whole, columns)
    store = await store_of("curves")
    return await store.fetch(select, values)


async def coverage(query: Query) -> tuple[str | None, str | None]:
    """The first and last valuation date of all curves, None where there are none."""
    bounds = ("MIN(x.first_asof)", "MAX(x.last_asof)")
    inner = ", ".join(f"{CATALOGUE_COLUMNS[n]} AS {n}" for n in ("first_asof", "last_asof"))
    text = (
        f"SELECT {{columns}} FROM (SELECT {inner} FROM curve AS c"
        " WHERE {snapshot(c, curve)}) AS x"
    )
    store = await store_of("curves")
    ((first, last),) = await store.fetch(Select(text, bounds), query.bound())
    return first, last


async def codes(query: Query, name: str) -> list[str]:
    """The distinct values of one part of the curves' identity, or of their keys."""
    text = (
        "SELECT DISTINCT {columns} FROM curve AS c WHERE {snapshot(c, curve)} AND {where}"
        " ORDER BY {order}"
    )
    key = Key(name, OF_CURVE[name])
    select = Select(text, (key.column,), (f"{key.column} IS NOT NULL",), (key,))
    store = await store_of("curves")
    return [value for (value,) in await store.fetch(select, query.bound())]


async def newest_common_date(query: Query, leg_a: str, leg_b: str) -> str | None:
    """The newest valuation date that both curves have."""
    text = """
        SELECT {columns} FROM curve_observation AS o
        WHERE o.curve_key = :leg_a AND {snapshot(o, curve_observation)} AND EXISTS (
            SELECT 1 FROM curve_observation AS b
            WHERE b.curve_key = :leg_b AND b.asof_date = o.asof_date
            AND {snapshot(b, curve_observation)})
        ORDER BY {order} {page}"""
    order = (Key("asof_date", "o.asof_date", descending=True),)
    select = Select(text, ("o.asof_date",), order=order, limited=True)
    store = await store_of("curves")
    legs = {"leg_a": leg_a, "leg_b": leg_b, "limit": 1}
    found = await store.fetch(select, query.bound(legs))
    return found[0][0] if found else None
