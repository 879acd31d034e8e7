"""What is known of curves: observations, their changes, their strips, their spreads."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.errors import BadQuery
from aurum.market.spans import Nearest, Span
from aurum.market.tenors import TenorType
from aurum.query import Coverage, Query, explain, must_exist, raise_not_found
from aurum.results import Result
from aurum.snapshot import Snapshot, snapshot_at
from aurum.stores.paging import Page
from aurum.stores.tables import Row
from curves import dao
from curves.calculations import changes, fronts, spreads, strips
from curves.dao.pages import Day, page_by_curve, page_by_day, page_in_turns
from curves.dao.selection import IN_ANY_CASE, texts_meant
from curves.policies import COVERAGE
from curves.results import OBSERVATIONS, STRIPS
from curves.tables import IDENTITY


async def observations(
    snapshot: Snapshot | None = None, *, columns: tuple[str, ...] = (), **filters: Any
) -> Page:
    """All observations that match, without pages: for the inside of Aurum.

    Filters are those of `/v2/curves/observations`, each a value, a tuple of choices or a `Span`;
    without `asof_date` they are of each curve's newest valuation date.
    """
    return await _observations(Query.inside(OBSERVATIONS, snapshot, columns, **filters))


async def strip_prices(
    snapshot: Snapshot | None = None, *, columns: tuple[str, ...] = (), **filters: Any
) -> Page:
    """All strips that match, as `/v2/curves/strips` has them: for the inside of Aurum."""
    return await _strips(Query.inside(STRIPS, snapshot, columns, **filters))


async def list_curves(query: Query) -> Result:
    """The catalogue: what each curve is, in which unit, and from when to when it is known."""
    return await _explained(query, await dao.catalogue(query))


async def one_curve(query: Query) -> Result:
    """One curve of the catalogue; NotFound, offering near keys, where there is none."""
    page = await dao.catalogue(query)
    if not page.rows:
        key = query.filters["curve_key"]
        known = await dao.codes(query.snapshot, "curve_key")
        what = f"There is no curve '{key}'"
        await raise_not_found(what, "curve_key", key, known, thing="curve", code="unknown_curve")
    return await _explained(query, page)


async def list_dates(query: Query) -> Result:
    """Each curve's valuation dates, in order, with how much was quoted on each."""
    return await _explained(query, await dao.valuation_dates(query))


async def list_observations(query: Query) -> Result:
    """Observations of many curves and valuation dates, in the order of the key."""
    return await _explained(query, await _observations(query))


async def _observations(query: Query) -> Page:
    if query.filters.get("contract_month") != fronts.FRONT:
        return await dao.observations(query)
    # Each month is read once, and the front is found among those of its day. Looked up for each
    # month it would cost the square of how many there are.
    kinds, labels = query.filters.get("tenor_type"), query.filters.get("tenor_label")
    if kinds and TenorType.MONTHLY not in kinds:
        return query.empty_page()
    months = query.narrowed(
        tenor_type=(TenorType.MONTHLY.value,), tenor_label=None, contract_month=None
    )
    of_key = (key.name for key in dao.BY_KEY)
    names = tuple(dict.fromkeys((*of_key, *query.columns_needed, *fronts.READ)))
    days = dao.whole_days(months, names, _start(query))
    return await page_by_day(query, days, lambda day: fronts.fronts_of(day, labels))


def _start(query: Query) -> tuple[str, str] | None:
    """The curve and date that the query's page begins in."""
    position = query.page.position
    return (position.values[0], position.values[1]) if position is not None else None


async def list_diff(query: Query) -> Result:
    """What was added, removed or changed between two dates, or two states of knowledge."""
    a, b = [await _one_day_of(query, f"asof_date_{side}") for side in "ab"]
    if a is None or b is None:
        return await _explained(query, query.empty_page())
    if "asof_date" not in query.filters and a == b:
        message = f"Both dates are {a}."
        raise BadQuery.field("asof_date_b", message, code="same_date", constraint="another date")
    side_a, side_b = await _side(query, "a", a), await _side(query, "b", b)
    statuses = query.filters.get("status") or changes.STATUSES[:3]

    def wanted(row: Mapping[str, Any]) -> bool:
        return row["status"] in statuses

    async def rows_of(curves: list[Row]) -> Page:
        keys = [row[0] for row in curves]
        a, b = [
            by_curve((await dao.of_curves(side, keys, changes.READ)).dicts()) if keys else {}
            for side in (side_a, side_b)
        ]
        made = (
            (row for row in changes.changes_of(a.get(key, ()), b.get(key, ())) if wanted(row))
            for key in keys
        )
        return await page_in_turns(query.columns_needed, made)

    # The curves are those that the second look knew, so that one which was added since counts.
    next_curves = partial(dao.next_curves, replace(query, snapshot=side_b.snapshot))
    page = await page_by_curve(query.page, query.schema.order, next_curves, rows_of)
    return await _explained(query, page)


async def _one_day_of(query: Query, name: str) -> str | None:
    """A valuation date of the query, or the only one that it has; None where there is none."""
    asked = query.filters.get("asof_date") or query.filters[name]
    if isinstance(asked, Nearest):
        return await dao.newest_date(query, asked.day)
    return await dao.newest_date(query) if asked == "latest" else str(asked)


async def _side(query: Query, side: str, day: str) -> Query:
    """One of the two looks, at a valuation date, and what it knew."""
    instant = query.filters.get(f"known_at_{side}")
    tables = query.schema.table_names
    snapshot = (
        query.snapshot
        if instant is None
        else await snapshot_at(instant, tables, field=f"known_at_{side}")
    )
    kinds = dao.TENOR_FILTERS.keys() & query.filters.keys()
    filters = {"asof_date": one_day(day), **{name: query.filters[name] for name in kinds}}
    return replace(query, filters=filters, snapshot=snapshot)


async def list_strips(query: Query) -> Result:
    """Strips of each valuation date asked for, whole and partial, quoted and derived."""
    return await _explained(query, await _strips(query))


async def _strips(query: Query) -> Page:
    spec = strips.strip_spec(query.filters)
    names = (*strips.READ, "iso", "block") if spec.weighting == "hours" else strips.READ

    def strips_of(day: Day) -> Iterable[Mapping[str, Any]]:
        weight = strips.weight_of(spec.weighting, day[0].get("iso"), day[0].get("block"))
        return strips.strips_in(day, spec, weight)

    days = dao.whole_days(query, names, _start(query))
    return await page_by_day(query, days, strips_of)


async def list_spreads(query: Query) -> Result:
    """Leg a less leg b on the tenors of both, on the asked or their newest common dates."""
    leg_a, leg_b = query.filters["leg_a"], query.filters["leg_b"]
    known = await dao.codes(query.snapshot, "curve_key")
    await must_exist(
        query, ("leg_a", "leg_b"), known, thing="curve", listed_at="keys of /v2/curves"
    )
    asked = query.filters.get("asof_date", "latest")
    if asked == "latest" or isinstance(asked, Nearest):
        until = asked.day if isinstance(asked, Nearest) else None
        newest = await dao.newest_common_date(query.snapshot, leg_a, leg_b, until)
        if newest is None:
            return await _explained(query, query.empty_page())
        query = query.narrowed(asof_date=one_day(newest))
    terms = spreads.terms_of(query.filters)
    page = await page_by_day(
        query, _common_days(query), lambda legs: spreads.spreads_of(*legs, terms)
    )
    return await _explained(query, page)


async def _common_days(query: Query) -> AsyncGenerator[tuple[Day, Day], None]:
    """Both legs on one valuation date after another that both have."""
    one, other = (
        _days_of_leg(query, query.filters[f"leg_{side}"], f"price_type_{side}") for side in "ab"
    )
    async with aclosing(one), aclosing(other):
        a, b = await anext(one, None), await anext(other, None)
        while a is not None and b is not None:
            date_a, date_b = a[0]["asof_date"], b[0]["asof_date"]
            if date_a == date_b:
                yield a, b
            is_behind = (date_a < date_b) != query.page.backward
            if date_a == date_b or is_behind:
                a = await anext(one, None)
            if date_a == date_b or not is_behind:
                b = await anext(other, None)


def _days_of_leg(query: Query, key: str, price_type: str) -> AsyncGenerator[Day, None]:
    kept = {"asof_date", *dao.TENOR_FILTERS} & query.filters.keys()
    filters = {"curve_key": (key,), **{name: query.filters[name] for name in kept}}
    if price_type in query.filters:
        filters["price_type"] = query.filters[price_type]
    position = query.page.position
    start = (key, position.values[0]) if position is not None else None
    return dao.whole_days(replace(query, filters=filters), spreads.READ, start)


def one_day(day: str) -> Span:
    """A valuation date as a range."""
    first = date.fromisoformat(day)
    return Span(day, None if first == date.max else (first + timedelta(days=1)).isoformat())


def by_curve(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["curve_key"], []).append(row)
    return found


async def _explained(query: Query, page: Page) -> Result:
    async def coverage() -> Coverage:
        load = partial(dao.coverage, query.snapshot)
        return await cached_per_snapshot(
            COVERAGE, query.snapshot, load, size=100, is_negative=lambda dates: not dates.first
        )

    # A name may be one that curves have in another spelling.
    known = {} if page.rows else await texts_meant(query)
    return await explain(
        query,
        page,
        names=[n for n in ("curve_key", *IDENTITY) if n in IN_ANY_CASE or not known.get(n)],
        values_of=partial(dao.codes, query.snapshot),
        coverage=coverage,
        dates="asof_date",
        spelling=str.casefold,
    )
