"""Which series there are, where they are, and from when to when they are priced."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aurum.query import Query
from aurum.stores.filters import conditions
from aurum.stores.paging import Page, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import Key, Select
from aurum.stores.tables import Row
from iso.results import LOCATIONS
from iso.tables import in_capitals

SERIES = "SELECT {columns} FROM iso_series AS s WHERE {snapshot(s, iso_series)} AND {where}"

GREATEST = "\U0010ffff"
"""The last code point: after a prefix it ends all words that begin so."""

LOCATED = """
    SELECT {columns} FROM iso_location AS l
    WHERE {snapshot(l, iso_location)} AND {where}
    ORDER BY {order} {page}"""

CALLED = """({of}.iso, {of}.location_id) IN (
    SELECT w.iso, w.location_id FROM iso_location_name AS w
    WHERE {snapshot(w, iso_location_name)} AND {word})"""


def _end(column: str, direction: str) -> str:
    """A column of the series' first or last interval."""
    return f"""(
        SELECT o.{column} FROM iso_lmp AS o
        WHERE o.series_key = s.series_key AND {{snapshot(o, iso_lmp)}}
        ORDER BY o.delivery_date {direction}, o.interval_start {direction} LIMIT 1)"""


COVERAGE = f"""
    SELECT {{columns}} FROM (
        SELECT s.iso AS iso, s.market AS market, {_end("delivery_date", "ASC")} AS first_date,
        {_end("delivery_date", "DESC")} AS last_date,
        {_end("interval_start", "DESC")} AS last_start, {_end("interval_end", "DESC")} AS last_end
        FROM iso_series AS s WHERE {{snapshot(s, iso_series)}}) AS x
    GROUP BY x.iso, x.market ORDER BY x.iso, x.market"""


class Covered(NamedTuple):
    """From when to when one market is priced, over all its locations."""

    iso: str
    market: str
    first_date: str
    last_date: str
    last_start: str
    last_end: str


async def coverage(query: Query) -> list[Covered]:
    """Each market that has prices."""
    ends = ("MIN(x.first_date)", "MAX(x.last_date)", "MAX(x.last_start)", "MAX(x.last_end)")
    select = Select(COVERAGE, ("x.iso", "x.market", *ends))
    rows = await (await store_of("iso")).fetch(select, query.bound())
    return [Covered(*row) for row in rows if None not in row]


def of_series(filters: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Conditions on `s`, a series: by its key, market operator, market, and place.

    A place goes by its id or its name, in any case of its ASCII letters.
    """
    where, values = conditions(
        filters, {"series_key": "s.series_key", "iso": "s.iso", "market": "s.market"}
    )
    called, bound = _called("s", filters.get("location_id") or ())
    return where + called, values | bound


def _called(of: str, names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Conditions on `of`, a series or location: that it goes by one of these, if there are any."""
    if not names:
        return (), {}
    words = {"word": tuple(map(in_capitals, names))}
    (word,), bound = conditions(words, {"word": "w.word"})
    return (CALLED.replace("{of}", of).replace("{word}", word),), bound


async def count(query: Query) -> int:
    """How many series match."""
    where, values = of_series(query.filters)
    select = Select(SERIES, ("COUNT(*)",), where)
    ((number,),) = await (await store_of("iso")).fetch(select, query.bound(values))
    return int(number)


async def existing(query: Query, keys: Sequence[str]) -> set[str]:
    """Those of some keys that are a series'."""
    where, values = of_series({"series_key": tuple(keys)})
    select = Select(SERIES, ("s.series_key",), where)
    return {key for (key,) in await (await store_of("iso")).fetch(select, query.bound(values))}


async def codes(query: Query, column: str) -> list[str]:
    """The distinct values of a column of the series."""
    text = (
        "SELECT DISTINCT {columns} FROM iso_series AS s WHERE {snapshot(s, iso_series)}"
        " ORDER BY {order}"
    )
    key = Key(column, f"s.{column}")
    rows = await (await store_of("iso")).fetch(
        Select(text, (key.column,), order=(key,)), query.bound()
    )
    return [value for (value,) in rows]


async def names_of(query: Query, iso: str) -> list[str]:
    """The ids and names of a market operator's locations."""
    select = Select(
        LOCATED, ("l.location_id", "l.location_name"), ("l.iso = :iso",), LOCATIONS.order
    )
    rows = await (await store_of("iso")).fetch(select, query.bound({"iso": iso}))
    return [name for row in rows for name in row if name]


async def places(query: Query, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """What is known of locations, by (iso, location_id): their name, type, zone and hub."""
    isos, ids = sorted({iso for iso, _ in pairs}), sorted({place for _, place in pairs})
    where, values = conditions(
        {"iso": tuple(isos), "location_id": tuple(ids)},
        {"iso": "l.iso", "location_id": "l.location_id"},
    )
    names = ("iso", "location_id", "location_name", "location_type", "zone", "hub")
    select = Select(LOCATED, tuple(f"l.{name}" for name in names), where, LOCATIONS.order)
    rows = await (await store_of("iso")).fetch(select, query.bound(values))
    return {(iso, place): tuple(rest) for iso, place, *rest in rows}


async def locations(query: Query) -> Page:
    """A page of locations; columns as asked, then the order's."""
    columns = {name: f"l.{name}" for name in ("iso", "location_type", "zone")}
    where, values = conditions(query.filters, columns)
    place, prefix = query.filters.get("location_id"), query.filters.get("prefix")
    called, bound = _called("l", (place,) if place else ())
    where, values = where + called, values | bound
    if prefix:
        begins = "w.word >= :first_word AND w.word < :last_word"
        where += (CALLED.replace("{of}", "l").replace("{word}", begins),)
        first = in_capitals(prefix)
        values |= {"first_word": first, "last_word": first + GREATEST}
    names = LOCATIONS.ordered(query.columns)
    shown = tuple(f"l.{name}" for name in names)
    select = Select(LOCATED, shown, where, LOCATIONS.order)
    return await fetch_page(await store_of("iso"), select, query.bound(values), query.page, names)
