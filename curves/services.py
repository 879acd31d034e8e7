"""What is known of curves: observations, their changes, their strips, their spreads."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.errors import BadQuery, FieldError, NotFound, near_words
from aurum.query import Query
from aurum.results import Result, suggest
from aurum.snapshot import snapshot_at
from aurum.stores.filters import Span
from aurum.stores.paging import Page, page_of
from aurum.stores.tables import Row
from curves.calculations import changes, spreads, strips
from curves.dao import history
from curves.dao.pages import page_by_curve
from curves.policies import COVERAGE
from curves.results import CHANGES, SPREADS, STRIPS
from curves.tables import IDENTITY
from curves.v1 import dao as v1

EMPTY = Page([], None, None)


# v1


async def list_points(query: Query) -> Page:
    """Observations of `asof`, or the newest of each tenor and price type; rows as v1.POINT."""
    if query.before_first_load:
        return EMPTY
    return await v1.points(query)


async def list_changes(query: Query) -> Page:
    """Tenors quoted on both dates; rows as v1.CHANGE, diff_abs and diff_pct.

    `diff_abs` is in the curve's own unit, `diff_pct` a fraction of `mid_a`, null where that is 0 or
    missing. With negative prices the fraction's sign is the opposite of the change's.
    """
    if query.before_first_load:
        return EMPTY
    page = await v1.changes(query)
    return replace(page, rows=[_with_change(row[: len(v1.CHANGE)]) for row in page.rows])


def _with_change(row: Row) -> Row:
    mid_a, mid_b = row[v1.CHANGE.index("mid_a")], row[v1.CHANGE.index("mid_b")]
    change = changes.difference(mid_a, mid_b)
    fraction = round(change / mid_a, strips.DECIMALS) if change is not None and mid_a else None
    return (*row, change, fraction)


async def list_whole_strips(query: Query) -> Page:
    """Strips of one type that lack no month ahead, quoted or derived; rows as v1.POINT.

    Without `asof` they are those of each curve's newest valuation date.
    """
    if query.before_first_load:
        return EMPTY
    spec = strips.StripSpec(kinds=(query.filters["type"],))

    async def rows_of(curves: list[Row]) -> list[Row]:
        keys = [row[0] for row in curves]
        found = await v1.points_of(query, min(keys), max(keys))
        made = (
            strip
            for rows in _by_curve((*v1.POINT, "unit"), found).values()
            for strip in strips.newest_whole(rows, spec)
        )
        return _rows(v1.POINT, made)

    next_curves = partial(history.next_curves, query)
    return await page_by_curve(query.page, v1.POINT, v1.STRIP_ORDER, next_curves, rows_of)


# v2


async def list_curves(query: Query) -> Result:
    """The catalogue: what each curve is, in which unit, and from when to when it is known."""
    page = EMPTY if query.before_first_load else await history.catalogue(query)
    return await _told(query, page)


async def one_curve(query: Query) -> Result:
    """One curve of the catalogue; NotFound, offering near keys, where there is none."""
    answer = await list_curves(query)
    if not answer.page.rows:
        key = query.filters["curve_key"]
        near = (
            []
            if query.before_first_load
            else near_words(key, await history.codes(query, "curve_key"))
        )
        offered = f" Near it are {', '.join(near)}." if near else ""
        raise NotFound(
            f"There is no curve '{key}'.{offered}",
            errors=[FieldError("curve_key", "There is no such curve.", "unknown_curve", key)],
        )
    return answer


async def list_observations(query: Query) -> Result:
    """Observations of many curves and valuation dates, in the order of the key."""
    page = EMPTY if query.before_first_load else await history.observations(query)
    return await _told(query, page)


async def export_observations(query: Query) -> AsyncGenerator[list[Row], None]:
    """All observations that match, in pieces."""
    if not query.before_first_load:
        async with aclosing(history.stream_observations(query)) as pieces:
            async for rows in pieces:
                yield rows


async def list_diff(query: Query) -> Result:
    """What was added, removed or changed between two dates, or two states of knowledge."""
    side_a, side_b = await _side(query, "a"), await _side(query, "b")
    if side_a.before_first_load and side_b.before_first_load:
        return await _told(query, EMPTY)
    statuses = query.filters.get("status") or changes.STATUSES[:3]
    names = CHANGES.ordered(query.columns)

    async def rows_of(curves: list[Row]) -> list[Row]:
        keys = [row[0] for row in curves]
        read = [
            _dicts(changes.READ, await history.of_curves(side, keys, changes.READ))
            for side in (side_a, side_b)
        ]
        made = changes.changes_of(*read)
        return _rows(names, (row for row in made if row["status"] in statuses))

    next_curves = partial(history.next_curves, replace(query, snapshot=side_b.snapshot))
    return await _told(
        query, await page_by_curve(query.page, names, CHANGES.order, next_curves, rows_of)
    )


async def _side(query: Query, side: str) -> Query:
    """One of the two looks: its valuation date, and what it knew."""
    day = query.filters.get("asof_date") or query.filters[f"asof_date_{side}"]
    instant = query.filters.get(f"known_at_{side}")
    known = query.snapshot if instant is None else await snapshot_at(instant, CHANGES.tables)
    kinds = {"price_type", "tenor_type"} & query.filters.keys()
    filters = {"asof_date": one_day(day), **{name: query.filters[name] for name in kinds}}
    return replace(query, filters=filters, snapshot=known)


async def list_strips(query: Query) -> Result:
    """Strips of each valuation date asked for, whole and partial, quoted and derived."""
    if query.before_first_load:
        return await _told(query, EMPTY)
    spec, names = strips.strip_spec(query.filters), STRIPS.ordered(query.columns)

    async def rows_of(curves: list[Row]) -> list[Row]:
        found = await history.of_curves(query, [row[0] for row in curves], strips.READ)
        observed = _by_curve(strips.READ, found)
        made = (
            strip
            for key, iso, block in curves
            for strip in strips.strips_in(
                observed.get(key, ()), spec, strips.weight_of(spec.weighting, iso, block)
            )
        )
        return _rows(names, made)

    next_curves = partial(history.next_curves, query)
    return await _told(
        query, await page_by_curve(query.page, names, STRIPS.order, next_curves, rows_of)
    )


async def list_spreads(query: Query) -> Result:
    """Leg a less leg b on the tenors of both, on the asked or their newest common dates."""
    leg_a, leg_b = query.filters["leg_a"], query.filters["leg_b"]
    if query.before_first_load:
        return await _told(query, EMPTY)
    await _must_exist(query, leg_a=leg_a, leg_b=leg_b)
    if query.filters.get("asof_date", "latest") == "latest":
        newest = await history.newest_common_date(query, leg_a, leg_b)
        query = replace(query, filters={**query.filters, "asof_date": one_day(newest)})
    a, b = [
        _dicts(spreads.READ, await history.of_curves(_of_type(query, name), [key], spreads.READ))
        for name, key in (("price_type_a", leg_a), ("price_type_b", leg_b))
    ]
    names = SPREADS.ordered(query.columns)
    rows = _rows(names, spreads.spreads_of(a, b, spreads.terms_of(query.filters)))
    return await _told(query, page_of(rows, query.page, names, SPREADS.order))


def _of_type(query: Query, name: str) -> Query:
    kinds = {"price_type": query.filters[name]} if name in query.filters else {}
    return replace(query, filters={"asof_date": query.filters["asof_date"], **kinds})


async def _must_exist(query: Query, **legs: str) -> None:
    known = set(await history.codes(query, "curve_key"))
    errors = [
        FieldError(
            name,
            f"There is no curve '{key}'.",
            "unknown_curve",
            key,
            f"one of {', '.join(near_words(key, known)) or 'the keys of /v2/curves'}",
        )
        for name, key in legs.items()
        if key not in known
    ]
    if errors:
        raise BadQuery(errors[0].message, errors=errors)


def one_day(day: str | None) -> Span:
    """A valuation date as a range; without one, a range that holds nothing."""
    if day is None:
        return Span("9999-12-31", "9999-12-31")
    first = date.fromisoformat(day)
    return Span(day, None if first == date.max else (first + timedelta(days=1)).isoformat())


# Turning rows


def _dicts(names: Sequence[str], rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]


def _by_curve(names: Sequence[str], rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _dicts(names, rows):
        found.setdefault(row["curve_key"], []).append(row)
    return found


def _rows(names: Sequence[str], made: Iterable[Mapping[str, Any]]) -> list[Row]:
    return [tuple(row[name] for name in names) for row in made]


# Saying why


async def _told(query: Query, page: Page) -> Result:
    """The page, with what is newest; an empty one with the reason."""
    if query.before_first_load:
        return Result(page, reason="no_data_yet")
    first, last = await _coverage(query)
    if page.rows:
        return Result(page, last)
    near = await suggest(query.filters, ("curve_key", *IDENTITY), partial(history.codes, query))
    outside = not near and _outside(query.filters.get("asof_date"), first, last)
    return Result(page, last, "outside_coverage" if outside else "no_match", near)


async def _coverage(query: Query) -> tuple[str | None, str | None]:
    """The first and last valuation date."""
    load = partial(history.coverage, query)
    return await cached_per_snapshot(
        COVERAGE, query.watermarks, load, size=100, is_negative=lambda dates: not dates[0]
    )


def _outside(asked: Any, first: str | None, last: str | None) -> bool:
    if not isinstance(asked, Span) or first is None or last is None:
        return False
    return bool((asked.start and asked.start > last) or (asked.end and asked.end <= first))
