"""Queries about curves: the catalogue, observations through time, and whole curves at a time."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import structs

from aurum.market.spans import Nearest
from aurum.query import Coverage, Query
from aurum.snapshot import Snapshot
from aurum.stores.paging import CursorPosition, Page, PageRequest
from aurum.stores.sql import Expression, Select, SortKey, ascending, columns_of
from aurum.stores.tables import Kind, Row
from curves.dao.selection import CODES, STORE, C
from curves.dao.selection import of_curves as with_curves
from curves.tables import CURVE_OBSERVATION, IDENTITY

CURVES = """
    SELECT @columns FROM curve AS c
    WHERE @snapshot(c, curve) AND @where
    ORDER BY @order @page"""

OF_DATES = """
    SELECT @columns FROM curve_observation AS o
    WHERE @among AND @snapshot(o, curve_observation) AND @where
    ORDER BY @order @page"""

VALUATION_DATES = """
    SELECT @columns FROM curve_observation AS o
    WHERE @among AND @snapshot(o, curve_observation) AND @where
    GROUP BY o.curve_key, o.asof_date
    ORDER BY @order @page"""

# The curves are a set and not a join: SQLite then walks the key of the observations in order,
# and enters it anew at each curve. So does PostgreSQL where the set is an array, as is best of few.
AMONG_CURVES = """o.curve_key IN (
    SELECT c.curve_key FROM curve AS c WHERE @snapshot(c, curve) AND @curves)"""
AMONG_FEW_CURVES = """o.curve_key = ANY(ARRAY(
    SELECT c.curve_key FROM curve AS c WHERE @snapshot(c, curve) AND @curves))"""

NEWEST_DATE = "@newest(curve_observation.asof_date WHERE curve_key = c.curve_key)"

OF_NEWEST_DATE = f"""
    SELECT @columns FROM curve AS c
    CROSS JOIN curve_observation AS o
    WHERE o.curve_key = c.curve_key AND o.asof_date = {NEWEST_DATE}
    AND @snapshot(c, curve) AND @snapshot(o, curve_observation) AND @curves AND @where
    ORDER BY @order @page"""

UNTIL = " = c.curve_key)", " = c.curve_key AND asof_date <= CAST(:nearest AS DATE))"
OF_NEAREST_DATE = OF_NEWEST_DATE.replace(*UNTIL)

# Each curve's dates are found at the ends of its index: MIN and MAX over all observations would
# read every row. HAVING holds always, and is there for ClickHouse: it loses the key that the
# derived table is correlated by, unless something reads it.
COVERAGE = """
    SELECT @columns FROM (
        SELECT c.curve_key AS curve_key,
        @oldest(curve_observation.asof_date WHERE curve_key = c.curve_key) AS first_asof,
        @newest(curve_observation.asof_date WHERE curve_key = c.curve_key) AS last_asof
        FROM curve AS c WHERE @snapshot(c, curve)) AS x
    HAVING COUNT(x.curve_key) >= 0"""

NEWEST_OF_ALL = f"""
    SELECT @columns FROM (
        SELECT c.curve_key AS curve_key, {NEWEST_DATE} AS last_asof
        FROM curve AS c WHERE @snapshot(c, curve) AND @curves) AS x
    HAVING COUNT(x.curve_key) >= 0"""

COMMON_DATES = """
    SELECT @columns FROM curve_observation AS o
    WHERE o.curve_key = CAST(:leg_a AS TEXT) AND @snapshot(o, curve_observation) AND EXISTS (
        SELECT 1 FROM curve_observation AS b
        WHERE b.curve_key = CAST(:leg_b AS TEXT) AND b.asof_date = o.asof_date
        AND @snapshot(b, curve_observation)) AND @where
    ORDER BY @order @page"""

O = columns_of(CURVE_OBSERVATION, "o")  # noqa: E741 - the alias that the texts have
BY_KEY = ascending(*CURVE_OBSERVATION.key)
LAST_LABEL = "\U0010ffff"
"""The last code point: no label of a tenor comes behind it."""
ROWS_AT_FIRST, MOST_ROWS = 500, 20_000
TENOR_FILTERS = {
    name: O[name] for name in ("tenor_label", "tenor_type", "contract_month", "price_type")
}
"""Which of a valuation date's tenors are wanted."""
DATED_FILTERS = {"asof_date": O["asof_date"], **TENOR_FILTERS}


def _of_last_observation(column: str) -> str:
    return (
        f"@newest(curve_observation.{column} BY asof_date, tenor_label, price_type"
        " WHERE curve_key = c.curve_key)"
    )


CATALOGUE_COLUMNS = {
    **C,
    **{n: Expression.text(_of_last_observation(n)) for n in ("unit", "currency", "per_unit")},
    "first_asof": Expression(
        "@oldest(curve_observation.asof_date WHERE curve_key = c.curve_key)", Kind.DATE
    ),
    "last_asof": Expression(NEWEST_DATE, Kind.DATE),
    "tenors": Expression.integer("""(
        SELECT COUNT(*) FROM curve_tenor AS t
        WHERE t.curve_key = c.curve_key AND @snapshot(t, curve_tenor))"""),
    # The newest load among the rows of the newest valuation date.
    "last_load": Expression.integer(
        "@newest(curve_observation.load_id BY asof_date, load_id WHERE curve_key = c.curve_key)"
    ),
}

BESIDE_CURVE = {**O, **{name: C[name] for name in IDENTITY}, "curve_key": C["curve_key"]}
"""Columns of an observation where its curve is joined."""

ALONE = O | {
    name: Expression.text(
        f"(SELECT c.{name} FROM curve AS c WHERE c.curve_key = o.curve_key AND @snapshot(c, curve))"
    )
    for name in IDENTITY
}
"""The same without the join: what names a curve is looked up by its key."""

DATE_COLUMNS = ALONE | {
    "tenors": Expression.integer("COUNT(*)"),
    "first_month": Expression("MIN(o.contract_month)", Kind.DATE),
    "last_month": Expression("MAX(o.contract_month)", Kind.DATE),
    "last_load": Expression.integer("MAX(o.load_id)"),
}


async def catalogue(query: Query) -> Page:
    """A page of curves."""
    names, order = query.columns_needed, query.schema.order
    select = Select(CURVES, CATALOGUE_COLUMNS, names, order, name="curves.catalogue")
    select = await with_curves(select, query)
    return await STORE.page(select, query.snapshot, query.page)


async def valuation_dates(query: Query) -> Page:
    """A page of curves' valuation dates."""
    names, order = query.columns_needed, query.schema.order
    select = Select(VALUATION_DATES, DATE_COLUMNS, names, order, name="curves.valuation_dates")
    select = select.where(_among(query), slot="among")
    select = select.filtered(query.filters, {"asof_date": O["asof_date"]})
    select = await with_curves(select, query, slot="curves")
    return await STORE.page(select, query.snapshot, query.page)


def _among(query: Query) -> str:
    return AMONG_FEW_CURVES if query.filters.get("curve_key") else AMONG_CURVES


async def _observations(query: Query, name: str, names: tuple[str, ...]) -> Select:
    """Observations of the query's valuation dates, or of each curve's newest, of all or of those on
    or before a date."""
    asked = query.filters.get("asof_date", "latest")
    if asked == "latest":
        select = Select(OF_NEWEST_DATE, BESIDE_CURVE, names, BY_KEY, name=name)
        of_tenor = TENOR_FILTERS
    elif isinstance(asked, Nearest):
        select = Select(OF_NEAREST_DATE, BESIDE_CURVE, names, BY_KEY, name=name)
        select, of_tenor = select.with_values(nearest=asked.day), TENOR_FILTERS
    else:
        select = Select(OF_DATES, ALONE, names, BY_KEY, name=name)
        of_tenor = DATED_FILTERS
        select = select.where(_among(query), slot="among")
        select = structs.replace(select, groups=("curves", C["curve_key"]))
    select = select.filtered(query.filters, of_tenor)
    return await with_curves(select, query, slot="curves")


async def observations(query: Query) -> Page:
    """A page of observations."""
    select = await _observations(query, "curves.observations", query.columns_needed)
    select = structs.replace(select, fixed=_fixed(query))
    return await STORE.page(select, query.snapshot, query.page)


def _fixed(query: Query) -> dict[str, str]:
    """The key of the only curve that a page is asked for, unless the page shows it behind other
    columns: to put it there would cost as much as to read it."""
    keys: tuple[str, ...] = query.filters.get("curve_key", ())
    columns = query.columns
    leads = columns[:1] == ("curve_key",) or "curve_key" not in columns
    return {"curve_key": keys[0]} if query.page.limit and len(keys) == 1 and leads else {}


async def whole_days(
    query: Query, names: tuple[str, ...], start: tuple[str, str] | None
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """All observations of one curve on one valuation date after another, each in the order of the
    key: from the curve and date `start` on, in the direction of the query's page.

    `names` begin with the curve's key and the date, and have the rest of the key. Few rows are read
    at first and more later: nobody can say beforehand how many a page needs.
    """
    backward, enough = query.page.backward, query.page.enough
    size = MOST_ROWS if enough is None else min(MOST_ROWS, max(ROWS_AT_FIRST, 4 * enough))
    position = None
    if start is not None:
        position = CursorPosition((*start, LAST_LABEL if backward else "", ""), backward)
    of_key = itemgetter(*(names.index(key.name) for key in BY_KEY))
    held: list[Row] = []
    while True:
        request = PageRequest(size, position, export=query.page.export)
        asked = replace(query, page=request)
        select = await _observations(asked, "curves.whole_days", names)
        rows = await STORE.rows_from(select, query.snapshot, request)
        days = [list(day) for _, day in groupby([*held, *rows], key=itemgetter(0, 1))]
        # The last day may go on in the next rows: it is held back.
        held = days.pop() if len(rows) == size else []
        for day in days:
            if backward:
                day.reverse()
            yield [dict(zip(names, row, strict=True)) for row in day]
        if len(rows) < size:
            return
        position = CursorPosition(of_key(rows[-1]), backward)
        size = min(MOST_ROWS, 4 * size)


async def next_curves(query: Query, *, start: str | None, backward: bool, limit: int) -> list[Row]:
    """(curve_key, iso, block) of the next curves that match, from `start` itself on."""
    order = (SortKey("curve_key", descending=backward),)
    names = ("curve_key", "iso", "block")
    select = Select(CURVES, C, names, order, limited=True, name="curves.next_curves")
    select = (await with_curves(select, query)).with_values(limit=limit)
    if start is not None:
        sign = "<=" if backward else ">="
        select = select.where(f"c.curve_key {sign} {C['curve_key'].bind('start')}", start=start)
    return await STORE.fetch(select, query.snapshot)


async def of_curves(query: Query, keys: Sequence[str], names: tuple[str, ...]) -> Page:
    """All observations of these curves that the query's dates and kinds of tenor allow."""
    filters = {name: query.filters[name] for name in DATED_FILTERS if name in query.filters}
    whole = replace(query, filters={**filters, "curve_key": tuple(keys)}, page=PageRequest())
    select = await _observations(whole, "curves.of_curves", names)
    return Page(names, await STORE.fetch(select, query.snapshot))


async def coverage(snapshot: Snapshot) -> Coverage:
    """The first and last valuation date of all curves."""
    bounds = {"first": "MIN(x.first_asof)", "last": "MAX(x.last_asof)"}
    columns = {name: Expression(sql, Kind.DATE) for name, sql in bounds.items()}
    select = Select(COVERAGE, columns, ("first", "last"), name="curves.coverage")
    for first, last in await STORE.fetch(select, snapshot):
        return Coverage(first, last, last)
    return Coverage()


async def newest_date(query: Query, until: str | None = None) -> str | None:
    """The newest valuation date of any curve that matches, on or before `until`."""
    text = NEWEST_OF_ALL if until is None else NEWEST_OF_ALL.replace(*UNTIL)
    columns = {"day": Expression("MAX(x.last_asof)", Kind.DATE)}
    select = Select(text, columns, ("day",), name="curves.newest_date")
    select = select if until is None else select.with_values(nearest=until)
    select = await with_curves(select, query, slot="curves")
    found = await STORE.fetch(select, query.snapshot)
    return found[0][0] if found else None


async def codes(snapshot: Snapshot, name: str) -> list[str]:
    """The distinct values of one part of the curves' identity, or of their keys."""
    select = Select(CODES, C, (name,), ascending(name), name="curves.codes")
    select = select.where(f"{C[name].sql} IS NOT NULL")
    return [value for (value,) in await STORE.fetch(select, snapshot)]


async def newest_common_date(
    snapshot: Snapshot, leg_a: str, leg_b: str, until: str | None = None
) -> str | None:
    """The newest valuation date that both curves have, on or before `until`."""
    order = (SortKey("asof_date", descending=True),)
    name = "curves.newest_common_date"
    select = Select(COMMON_DATES, O, ("asof_date",), order, limited=True, name=name)
    if until is not None:
        day = O["asof_date"]
        select = select.where(f"{day.sql} <= {day.bind('until')}", until=until)
    found = await STORE.fetch(select.with_values(leg_a=leg_a, leg_b=leg_b, limit=1), snapshot)
    return found[0][0] if found else None
