"""What is known of curves: observations, their changes, their strips, their spreads."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from aurum.ask import Ask
from aurum.cache.process import kept_until_a_load
from aurum.errors import BadQuery, FieldError, NotFound, near_words
from aurum.listing import Answer, near_values
from aurum.stores.book import known_by
from aurum.stores.filters import Span
from aurum.stores.paging import Page, page_of
from aurum.stores.tables import Row
from curves import changes, spreads, strips
from curves.dao import history, v1
from curves.listings import CHANGES, SPREADS, STRIPS
from curves.policies import COVERAGE
from curves.tables import IDENTITY
from curves.walk import walk

EMPTY = Page([], None, None)


# v1


async def list_points(ask: Ask) -> Page:
    """Observations of `asof`, or the newest of each tenor and price type; rows as v1.POINT."""
    if ask.before_first_load:
        return EMPTY
    return await v1.points(ask)


async def list_changes(ask: Ask) -> Page:
    """Tenors quoted on both dates; rows as v1.CHANGE, diff_abs and diff_pct.

    `diff_abs` is in the curve's own unit, `diff_pct` a fraction of `mid_a`, null where that is 0 or
    missing. With negative prices the fraction's sign is the opposite of the change's.
    """
    if ask.before_first_load:
        return EMPTY
    page = await v1.changes(ask)
    return replace(page, rows=[_with_change(row[: len(v1.CHANGE)]) for row in page.rows])


def _with_change(row: Row) -> Row:
    mid_a, mid_b = row[v1.CHANGE.index("mid_a")], row[v1.CHANGE.index("mid_b")]
    change = changes.difference(mid_a, mid_b)
    fraction = round(change / mid_a, strips.DECIMALS) if change is not None and mid_a else None
    return (*row, change, fraction)


async def list_whole_strips(ask: Ask) -> Page:
    """Strips of one type that lack no month ahead, quoted or derived; rows as v1.POINT.

    Without `asof` they are those of each curve's newest valuation date.
    """
    if ask.before_first_load:
        return EMPTY
    wish = strips.Wish(kinds=(ask.filters["type"],))

    async def rows_of(curves: list[Row]) -> list[Row]:
        keys = [row[0] for row in curves]
        found = await v1.points_of(ask, min(keys), max(keys))
        made = (
            strip
            for rows in _by_curve((*v1.POINT, "unit"), found).values()
            for strip in strips.newest_whole(rows, wish)
        )
        return _rows(v1.POINT, made)

    next_curves = partial(history.next_curves, ask)
    return await walk(ask.wanted, v1.POINT, v1.STRIP_ORDER, next_curves, rows_of)


# v2


async def list_curves(ask: Ask) -> Answer:
    """The catalogue: what each curve is, in which unit, and from when to when it is known."""
    page = EMPTY if ask.before_first_load else await history.catalogue(ask)
    return await _told(ask, page)


async def one_curve(ask: Ask) -> Answer:
    """One curve of the catalogue; NotFound, offering near keys, where there is none."""
    answer = await list_curves(ask)
    if not answer.page.rows:
        key = ask.filters["curve_key"]
        near = (
            [] if ask.before_first_load else near_words(key, await history.codes(ask, "curve_key"))
        )
        offered = f" Near it are {', '.join(near)}." if near else ""
        raise NotFound(
            f"There is no curve '{key}'.{offered}",
            errors=[FieldError("curve_key", "There is no such curve.", "unknown_curve", key)],
        )
    return answer


async def list_observations(ask: Ask) -> Answer:
    """Observations of many curves and valuation dates, in the order of the key."""
    page = EMPTY if ask.before_first_load else await history.observations(ask)
    return await _told(ask, page)


async def export_observations(ask: Ask) -> AsyncGenerator[list[Row], None]:
    """All observations that match, in pieces."""
    if not ask.before_first_load:
        async with aclosing(history.stream_observations(ask)) as pieces:
            async for rows in pieces:
                yield rows


async def list_diff(ask: Ask) -> Answer:
    """What was added, removed or changed between two dates, or two states of knowledge."""
    side_a, side_b = await _side(ask, "a"), await _side(ask, "b")
    if side_a.before_first_load and side_b.before_first_load:
        return await _told(ask, EMPTY)
    statuses = ask.filters.get("status") or changes.STATUSES[:3]
    names = CHANGES.ordered(ask.columns)

    async def rows_of(curves: list[Row]) -> list[Row]:
        keys = [row[0] for row in curves]
        read = [
            _dicts(changes.READ, await history.of_curves(side, keys, changes.READ))
            for side in (side_a, side_b)
        ]
        made = changes.changes_of(*read)
        return _rows(names, (row for row in made if row["status"] in statuses))

    next_curves = partial(history.next_curves, replace(ask, known=side_b.known))
    return await _told(ask, await walk(ask.wanted, names, CHANGES.order, next_curves, rows_of))


async def _side(ask: Ask, side: str) -> Ask:
    """One of the two looks: its valuation date, and what it knew."""
    day = ask.filters.get("asof_date") or ask.filters[f"asof_date_{side}"]
    instant = ask.filters.get(f"known_at_{side}")
    known = ask.known if instant is None else await known_by(instant, CHANGES.tables)
    kinds = {"price_type", "tenor_type"} & ask.filters.keys()
    filters = {"asof_date": one_day(day), **{name: ask.filters[name] for name in kinds}}
    return replace(ask, filters=filters, known=known)


async def list_strips(ask: Ask) -> Answer:
    """Strips of each valuation date asked for, whole and partial, quoted and derived."""
    if ask.before_first_load:
        return await _told(ask, EMPTY)
    wish, names = strips.wish_of(ask.filters), STRIPS.ordered(ask.columns)

    async def rows_of(curves: list[Row]) -> list[Row]:
        found = await history.of_curves(ask, [row[0] for row in curves], strips.READ)
        observed = _by_curve(strips.READ, found)
        made = (
            strip
            for key, iso, block in curves
            for strip in strips.strips_in(
                observed.get(key, ()), wish, strips.weight_of(wish.weighting, iso, block)
            )
        )
        return _rows(names, made)

    next_curves = partial(history.next_curves, ask)
    return await _told(ask, await walk(ask.wanted, names, STRIPS.order, next_curves, rows_of))


async def list_spreads(ask: Ask) -> Answer:
    """Leg a less leg b on the tenors of both, on the asked or their newest common dates."""
    leg_a, leg_b = ask.filters["leg_a"], ask.filters["leg_b"]
    if ask.before_first_load:
        return await _told(ask, EMPTY)
    await _must_exist(ask, leg_a=leg_a, leg_b=leg_b)
    if ask.filters.get("asof_date", "latest") == "latest":
        newest = await history.newest_common_date(ask, leg_a, leg_b)
        ask = replace(ask, filters={**ask.filters, "asof_date": one_day(newest)})
    a, b = [
        _dicts(spreads.READ, await history.of_curves(_of_type(ask, name), [key], spreads.READ))
        for name, key in (("price_type_a", leg_a), ("price_type_b", leg_b))
    ]
    names = SPREADS.ordered(ask.columns)
    rows = _rows(names, spreads.spreads_of(a, b, spreads.terms_of(ask.filters)))
    return await _told(ask, page_of(rows, ask.wanted, names, SPREADS.order))


def _of_type(ask: Ask, name: str) -> Ask:
    kinds = {"price_type": ask.filters[name]} if name in ask.filters else {}
    return replace(ask, filters={"asof_date": ask.filters["asof_date"], **kinds})


async def _must_exist(ask: Ask, **legs: str) -> None:
    known = set(await history.codes(ask, "curve_key"))
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


async def _told(ask: Ask, page: Page) -> Answer:
    """The page, with what is newest; an empty one with the reason."""
    if ask.before_first_load:
        return Answer(page, reason="no_data_yet")
    first, last = await _coverage(ask)
    if page.rows:
        return Answer(page, last)
    near = await near_values(ask.filters, ("curve_key", *IDENTITY), partial(history.codes, ask))
    outside = not near and _outside(ask.filters.get("asof_date"), first, last)
    return Answer(page, last, "outside_coverage" if outside else "no_match", near)


async def _coverage(ask: Ask) -> tuple[str | None, str | None]:
    """The first and last valuation date."""
    load = partial(history.coverage, ask)
    return await kept_until_a_load(
        COVERAGE, ask.watermarks, load, size=100, is_negative=lambda dates: not dates[0]
    )


def _outside(asked: Any, first: str | None, last: str | None) -> bool:
    if not isinstance(asked, Span) or first is None or last is None:
        return False
    return bool((asked.start and asked.start > last) or (asked.end and asked.end <= first))
