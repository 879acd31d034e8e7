"""Questions about curves: SQL in, rows out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aurum.stores.paging import Page, Wanted, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import LAST, Key, Question
from aurum.stores.tables import Row
from curves.tables import IDENTITY

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

NEWEST = """
    SELECT {columns} FROM curve AS c
    CROSS JOIN curve_tenor AS t
    CROSS JOIN curve_observation AS o
    WHERE t.curve_key = c.curve_key AND o.curve_key = t.curve_key
    AND o.tenor_label = t.tenor_label AND o.price_type = t.price_type
    AND o.asof_date = (
        SELECT n.asof_date FROM curve_observation AS n
        WHERE n.curve_key = t.curve_key AND n.tenor_label = t.tenor_label
        AND n.price_type = t.price_type AND {snapshot(n, curve_observation)}
        ORDER BY n.asof_date DESC LIMIT 1)
    AND {snapshot(c, curve)} AND {snapshot(t, curve_tenor)}
    AND {snapshot(o, curve_observation)} AND {where}
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

CURVE_KEYS = """
    SELECT c.curve_key FROM curve AS c
    WHERE {snapshot(c, curve)} AND {where}
    ORDER BY {order} {page}"""

ORDER = (
    Key("curve_key", "c.curve_key"),
    Key("tenor_label", "o.tenor_label"),
    Key("contract_month", "o.contract_month", nulls=LAST),
    Key("asof_date", "o.asof_date"),
    Key("price_type", "o.price_type"),
)


STRIP_ORDER = tuple(
    replace(key, descending=True) if key.name == "asof_date" else key for key in ORDER
)


def _chosen(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Conditions for the filters that are there; their values are bound under their names."""
    known = [name for name in ("curve_key", *IDENTITY) if filters.get(name) is not None]
    conditions = [f"c.{name} = :{name}" for name in known]
    if filters.get("tenor_type") is not None:
        conditions.append("o.tenor_type = :tenor_type")
    return tuple(conditions)


def _columns(names: tuple[str, ...], own: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(own.get(name, f"o.{name}") for name in names)


def _bound(filters: Mapping[str, Any], watermarks: Mapping[str, int]) -> dict[str, Any]:
    return {**filters, **{f"w_{table}": load for table, load in watermarks.items()}}


def _points(filters: Mapping[str, Any]) -> Question:
    """Observations of one valuation date, or each tenor's newest where none is given."""
    return Question(
        NEWEST if filters.get("asof") is None else ON_DATE,
        columns=_columns(POINT, {}),
        where=_chosen(filters),
        order=ORDER,
    )


async def points(filters: Mapping[str, Any], watermarks: Mapping[str, int], wanted: Wanted) -> Page:
    """A page of observations, columns as in POINT."""
    store = await store_of("curves")
    return await fetch_page(store, _points(filters), _bound(filters, watermarks), wanted, POINT)


async def points_of(
    filters: Mapping[str, Any], watermarks: Mapping[str, int], first: str, last: str
) -> list[Row]:
    """All observations of the curves from key `first` to `last`; columns as in POINT, `unit`."""
    question = _points(filters).narrowed("c.curve_key >= :first", "c.curve_key <= :last")
    question = replace(question, columns=(*question.columns, "o.unit"))
    store = await store_of("curves")
    return await store.fetch(
        question, {**_bound(filters, watermarks), "first": first, "last": last}
    )


async def next_curves(
    filters: Mapping[str, Any],
    watermarks: Mapping[str, int],
    *,
    start: str | None,
    backward: bool,
    limit: int,
) -> list[Row]:
    """(curve_key,) of the next curves that match, from `start` itself on."""
    asked = {**filters, "tenor_type": None}
    where = _chosen(asked)
    if start is not None:
        where += ("c.curve_key <= :start" if backward else "c.curve_key >= :start",)
    order = (Key("curve_key", "c.curve_key", descending=backward),)
    question = Question(CURVE_KEYS, where=where, order=order, limited=True)
    params = {**_bound(asked, watermarks), "start": start, "limit": limit}
    store = await store_of("curves")
    return await store.fetch(question, params)


async def changes(
    filters: Mapping[str, Any], watermarks: Mapping[str, int], wanted: Wanted
) -> Page:
    """A page of tenors quoted on both dates, columns as in CHANGE and then `price_type`."""
    own = {"asof_a": "o.asof_date", "mid_a": "o.mid", "asof_b": "b.asof_date", "mid_b": "b.mid"}
    names = (*CHANGE, "price_type")
    order = tuple(key for key in ORDER if key.name != "asof_date")
    question = Question(
        BOTH_DATES, columns=_columns(names, own), where=_chosen(filters), order=order
    )
    store = await store_of("curves")
    return await fetch_page(store, question, _bound(filters, watermarks), wanted, names)
