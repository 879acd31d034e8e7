"""Questions about curves: SQL in, rows out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aurum.query import Query
from aurum.stores.filters import conditions
from aurum.stores.paging import Page, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import LAST, Key, Select
from aurum.stores.tables import Row
from curves.dao.history import OF_CURVE, of_set
from curves.tables import CURVE_TENOR

POINT = (
    "curve_key",
    "tenor_label",
    "tenor_type",
    "contract_month",
    "asof_date",
    "mid",
    "bid",
    "ask",
    "price_type",
)
CHANGE = (
    "curve_key",
    "tenor_label",
    "tenor_type",
    "contract_month",
    "asof_a",
    "mid_a",
    "asof_b",
    "mid_b",
)

# The text says the order of the joins (CROSS JOIN): SQLite keeps to it, and without statistics it
# would begin with the observations. PostgreSQL chooses for itself.
ON_DATE = """
    SELECT {columns} FROM curve AS c
    CROSS JOIN curve_observation AS o
    WHERE o.curve_key = c.curve_key AND o.asof_date = :asof
    AND {snapshot(c, curve)} AND {snapshot(o, curve_observation)} AND {where}
    ORDER BY {order} {page}"""

# The curves are a set here: PostgreSQL, whose guess of a newest date is far off, else reads all
# tenors for one page. With all of a cursor's place in one table both engines enter its key there.
NEWEST = """
    SELECT {columns} FROM curve_tenor AS t
    CROSS JOIN curve_observation AS o
    WHERE t.curve_key IN (
        SELECT c.curve_key FROM curve AS c WHERE {snapshot(c, curve)} AND {curves})
    AND o.curve_key = t.curve_key
    AND o.tenor_label = t.tenor_label AND o.price_type = t.price_type
    AND o.asof_date = (
        SELECT n.asof_date FROM curve_observation AS n
        WHERE n.curve_key = t.curve_key AND n.tenor_label = t.tenor_label
        AND n.price_type = t.price_type AND {snapshot(n, curve_observation)}
        ORDER BY n.asof_date DESC LIMIT 1)
    AND {snapshot(t, curve_tenor)} AND {snapshot(o, curve_observation)} AND {where}
    ORDER BY {order} {page}"""

BOTH_DATES = """
    SELECT {columns} FROM curve AS c
    CROSS JOIN curve_observation AS o
    CROSS JOIN curve_observation AS b
    WHERE o.curve_key = c.curve_key AND o.asof_date = :asof_a
    AND b.curve_key = o.curve_key AND b.asof_date = :asof_b
    AND b.tenor_label = o.tenor_label AND b.price_type = o.price_type
    AND {snapshot(c, curve)} AND {snapshot(o, curve_observation)}
    AND {snapshot(b, curve_observation)} AND {where}
    ORDER BY {order} {page}"""

ORDER = (
    Key("curve_key", "c.curve_key"),
    Key("tenor_label", "o.tenor_label"),
    Key("contract_month", "o.contract_month", nulls=LAST),
    Key("asof_date", "o.asof_date"),
    Key("price_type", "o.price_type"),
)


NEWEST_ORDER = tuple(
    replace(key, column=f"t.{key.name}") if key.name in CURVE_TENOR.key else key for key in ORDER
)

CHOSEN = {**OF_CURVE, "tenor_type": "o.tenor_type"}
"""What a filter is about: one value each, bound under its own name."""

STRIP_ORDER = tuple(
    replace(key, descending=True) if key.name == "asof_date" else key for key in ORDER
)


def _columns(names: tuple[str, ...], own: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(own.get(name, f"o.{name}") for name in names)


def _points(filters: Mapping[str, Any], within: tuple[str, ...] = ()) -> Select:
    """Observations of one valuation date, or each tenor's newest where none is given.

    `within` narrows the curves beforehand.
    """
    columns = _columns(POINT, {})
    if filters.get("asof") is not None:
        return Select(ON_DATE, columns, (*conditions(filters, CHOSEN)[0], *within), ORDER)
    curves = (*conditions(filters, OF_CURVE)[0], *within)
    where, _ = conditions(filters, {"tenor_type": CHOSEN["tenor_type"]})
    return Select(of_set(NEWEST, curves), columns, where, NEWEST_ORDER)


async def points(query: Query) -> Page:
    """A page of observations, columns as in POINT."""
    store = await store_of("curves")
    select = _points(query.filters)
    return await fetch_page(store, select, query.bound(query.filters), query.page, POINT)


async def points_of(query: Query, first: str, last: str) -> list[Row]:
    """All observations of the curves from key `first` to `last`; columns as in POINT, `unit`."""
    select = _points(query.filters, ("c.curve_key >= :first", "c.curve_key <= :last"))
    select = replace(select, columns=(*select.columns, "o.unit"))
    store = await store_of("curves")
    return await store.fetch(select, query.bound(query.filters, {"first": first, "last": last}))


async def changes(query: Query) -> Page:
    """A page of tenors quoted on both dates, columns as in CHANGE and then `price_type`."""
    own = {"asof_a": "o.asof_date", "mid_a": "o.mid", "asof_b": "b.asof_date", "mid_b": "b.mid"}
    names = (*CHANGE, "price_type")
    order = tuple(key for key in ORDER if key.name != "asof_date")
    where, _ = conditions(query.filters, CHOSEN)
    select = Select(BOTH_DATES, columns=_columns(names, own), where=where, order=order)
    store = await store_of("curves")
    return await fetch_page(store, select, query.bound(query.filters), query.page, names)
