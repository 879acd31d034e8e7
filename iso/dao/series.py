"""Which series there are, where they are, and from when to when they are priced."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aurum.query import Query
from aurum.snapshot import Snapshot
from aurum.stores.paging import Page
from aurum.stores.registry import DomainStore
from aurum.stores.sql import Expression, Select, ascending, columns_of, conditions, padded
from aurum.stores.tables import Kind, Row
from iso.tables import ISO_LOCATION, ISO_LOCATION_NAME, ISO_SERIES, in_capitals

STORE = DomainStore("iso")

SERIES = "SELECT @columns FROM iso_series AS s WHERE @snapshot(s, iso_series) AND @series"

CODES = """
    SELECT DISTINCT @columns FROM iso_series AS s WHERE @snapshot(s, iso_series) ORDER BY @order"""

LOCATIONS = """
    SELECT @columns FROM iso_location AS l
    WHERE @snapshot(l, iso_location) AND @where
    ORDER BY @order @page"""

PLACES_AT_ONCE = 256
"""Of so many names the text is made in 60 ms, once; of ten thousand in seconds."""
GREATEST = "\U0010ffff"
"""The last code point: after a prefix it ends all words that begin so."""


def _end(side: str, column: str) -> str:
    """A column of the series' first or last interval."""
    return (
        f"@{side}(iso_lmp.{column} BY delivery_date, interval_start"
        " WHERE series_key = s.series_key)"
    )


# The ends of each series are found in its index: MIN and MAX over all prices would read every row.
# HAVING holds always, and is there for ClickHouse: it loses the key that the derived table is
# correlated by, unless something reads it.
COVERAGE = f"""
    SELECT @columns FROM (
        SELECT s.series_key AS series_key, s.iso AS iso, s.market AS market,
        {_end("oldest", "delivery_date")} AS first_date,
        {_end("newest", "delivery_date")} AS last_date,
        {_end("newest", "interval_start")} AS last_start,
        {_end("newest", "interval_end")} AS last_end
        FROM iso_series AS s WHERE @snapshot(s, iso_series)) AS x
    GROUP BY x.iso, x.market HAVING COUNT(x.series_key) >= 0 ORDER BY x.iso, x.market"""

OF_TYPE = """(s.iso, s.location_id) IN (
    SELECT l.iso, l.location_id FROM iso_location AS l
    WHERE @snapshot(l, iso_location) AND {})"""
# By a set SQLite would enter the index of places, and sort all of them.
OF_TYPE_IN_ORDER = """EXISTS (
    SELECT 1 FROM iso_location AS l WHERE l.iso = s.iso AND l.location_id = s.location_id
    AND @snapshot(l, iso_location) AND {})"""

S = columns_of(ISO_SERIES, "s")
L = columns_of(ISO_LOCATION, "l")
W = columns_of(ISO_LOCATION_NAME, "w")
SERIES_FILTERS = {name: S[name] for name in ("series_key", "iso", "market")}
LOCATION_FILTERS = {name: L[name] for name in ("iso", "location_type", "zone")}
BY_PLACE = ascending("iso", "location_id")


class CoveredMarket(NamedTuple):
    """From when to when one market is priced, over all its locations."""

    iso: str
    market: str
    first_date: str
    last_date: str
    last_start: str
    last_end: str


CATALOGUE = """
    SELECT @columns FROM iso_series AS s
    WHERE @snapshot(s, iso_series) AND @series AND @where ORDER BY @order @page"""
CATALOGUE_COLUMNS = S | {
    "first_start": Expression(_end("oldest", "interval_start"), Kind.INSTANT),
    "last_start": Expression(_end("newest", "interval_start"), Kind.INSTANT),
    "last_end": Expression(_end("newest", "interval_end"), Kind.INSTANT),
    "last_load": Expression.integer(_end("newest", "load_id")),
}

COVERAGE_COLUMNS = {
    "iso": Expression.text("x.iso"),
    "market": Expression.text("x.market"),
    "first_date": Expression("MIN(x.first_date)", Kind.DATE),
    "last_date": Expression("MAX(x.last_date)", Kind.DATE),
    "last_start": Expression("MAX(x.last_start)", Kind.INSTANT),
    "last_end": Expression("MAX(x.last_end)", Kind.INSTANT),
}


async def coverage(snapshot: Snapshot) -> list[CoveredMarket]:
    """Each market that has prices."""
    select = Select(COVERAGE, COVERAGE_COLUMNS, CoveredMarket._fields, name="iso.coverage")
    rows = await STORE.fetch(select, snapshot)
    return [CoveredMarket(*row) for row in rows if None not in row]


async def catalogue(query: Query, names: Sequence[str]) -> Page:
    """A page of series, with the ends of each."""
    order = ascending("series_key")
    select = Select(CATALOGUE, CATALOGUE_COLUMNS, tuple(names), order, name="iso.catalogue")
    select = in_order_of_key(select, query.filters)
    return await STORE.page(select, query.snapshot, query.page)


def in_order_of_key(select: Select, filters: Mapping[str, Any]) -> Select:
    """The conditions of `with_series`, for a page that is in the order of the series' keys.

    The keys of a market operator lie together, as its code leads them and `;` follows `:`. They are
    walked until the page is full, within the least and greatest of all that are asked for. By `iso`
    SQLite would enter the index of places, and sort all of them.
    """
    isos = filters.get("iso")
    if filters.get("location_id") or filters.get("series_key"):
        return with_series(select, filters)
    if not isos:
        select = select.filtered(filters, SERIES_FILTERS, slot="series")
        return _of_types(select, filters, OF_TYPE_IN_ORDER)
    asked = (isos,) if isinstance(isos, str) else tuple(isos)
    key, ranges = S["series_key"], []
    bound: dict[str, str] = {}
    for number, iso in enumerate(padded(asked)):
        names = f"first_of_iso_{number}", f"after_iso_{number}"
        bound |= dict(zip(names, (f"{iso}:", f"{iso};"), strict=True))
        first, after = map(key.bind, names)
        ranges.append(f"({key.sql} >= {first} AND {key.sql} < {after})")
    bound |= {"first_key": min(bound.values()), "after_keys": max(bound.values())}
    within = f"{key.sql} >= {key.bind('first_key')}", f"{key.sql} < {key.bind('after_keys')}"
    select = select.where(*within, f"({' OR '.join(ranges)})", slot="series", **bound)
    others = {name: column for name, column in SERIES_FILTERS.items() if name != "iso"}
    return _of_types(select.filtered(filters, others, slot="series"), filters, OF_TYPE_IN_ORDER)


def with_series(select: Select, filters: Mapping[str, Any]) -> Select:
    """Conditions on `s`, a series: by its key, market operator, market, place, and type of place.

    A place goes by its id or its name, in any case of its ASCII letters.
    """
    select = select.filtered(filters, SERIES_FILTERS, slot="series")
    select = _of_types(select, filters, OF_TYPE)
    return _called(select, "s", filters.get("location_id") or (), slot="series")


def _of_types(select: Select, filters: Mapping[str, Any], text: str) -> Select:
    """Narrowed to the series of places of the types and zones that are asked for, if any are."""
    columns = {name: L[name] for name in ("location_type", "zone")}
    found, values = conditions({n: v for n, v in filters.items() if v}, columns)
    if not found:
        return select
    return select.where(text.format(" AND ".join(found)), slot="series", **values)


def _called(select: Select, alias: str, names: Sequence[str], slot: str) -> Select:
    """Narrowed to the series or locations that go by one of these names, if there are any."""
    if not names:
        return select
    words = {"word": tuple(map(in_capitals, names))}
    (word,), values = conditions(words, {"word": W["word"]})
    return select.where(_is_called(alias, word), slot=slot, **values)


def _is_called(alias: str, condition: str) -> str:
    return f"""({alias}.iso, {alias}.location_id) IN (
        SELECT w.iso, w.location_id FROM iso_location_name AS w
        WHERE @snapshot(w, iso_location_name) AND {condition})"""


async def count(query: Query) -> int:
    """How many series match."""
    columns = {"count": Expression.integer("COUNT(*)")}
    select = Select(SERIES, columns, ("count",), name="iso.count")
    rows = await STORE.fetch(with_series(select, query.filters), query.snapshot)
    return sum(number for (number,) in rows)


async def keys(snapshot: Snapshot, **filters: tuple[str, ...]) -> list[str]:
    """The keys of the series that match, in order."""
    select = with_series(Select(SERIES, S, ("series_key",), name="iso.keys"), filters)
    return sorted(key for (key,) in await STORE.fetch(select, snapshot))


async def codes(snapshot: Snapshot, column: str) -> list[str]:
    """The distinct values of a column of the series."""
    select = Select(CODES, S, (column,), ascending(column), name="iso.codes")
    return [value for (value,) in await STORE.fetch(select, snapshot)]


async def names_of(snapshot: Snapshot, isos: Sequence[str] = ()) -> list[str]:
    """The ids and names of market operators' locations, of all of them if none is named."""
    names = ("location_id", "location_name")
    select = Select(LOCATIONS, L, names, BY_PLACE, name="iso.names_of")
    if isos:
        select = select.filtered({"iso": tuple(isos)}, LOCATION_FILTERS)
    rows = await STORE.fetch(select, snapshot)
    return [name for row in rows for name in row if name]


async def places(
    snapshot: Snapshot, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Row]:
    """What is known of locations, by (iso, location_id): their name, type, zone and hub."""
    ids: dict[str, list[str]] = {}
    for iso, place in sorted(set(pairs)):
        ids.setdefault(iso, []).append(place)
    names = ("iso", "location_id", "location_name", "location_type", "zone", "hub")
    select = Select(LOCATIONS, L, names, BY_PLACE, name="iso.places")
    found: dict[tuple[str, str], Row] = {}
    for iso, of_iso in ids.items():
        for first in range(0, len(of_iso), PLACES_AT_ONCE):
            some = {"iso": iso, "location_id": tuple(of_iso[first : first + PLACES_AT_ONCE])}
            rows = await STORE.fetch(select.filtered(some, L), snapshot)
            found |= {(operator, place): tuple(rest) for operator, place, *rest in rows}
    return found


async def locations(query: Query) -> Page:
    """A page of locations."""
    select = Select(LOCATIONS, L, query.columns_needed, BY_PLACE, name="iso.locations")
    select = select.filtered(query.filters, LOCATION_FILTERS)
    place, prefix = query.filters.get("location_id"), query.filters.get("prefix")
    select = _called(select, "l", (place,) if place else (), slot="where")
    if prefix:
        word, first = W["word"], in_capitals(prefix)
        begins = f"w.word >= {word.bind('first_word')} AND w.word < {word.bind('last_word')}"
        select = select.where(_is_called("l", begins), first_word=first, last_word=first + GREATEST)
    return await STORE.page(select, query.snapshot, query.page)
