"""Prices summed up by delivery date, or one by one; exact whatever the order of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby, starmap
from operator import attrgetter
from types import NoneType

from msgspec import structs

from aurum.query import Query
from aurum.stores.paging import CursorPosition, PageRequest
from aurum.stores.sql import Expression, SortOrder, ascending
from aurum.stores.sums import UNITS, total, whole
from aurum.stores.tables import Kind, Row
from iso.calculations.resampling import ALL, PartialSum, Resampling
from iso.dao import series
from iso.dao.prices import BY_SERIES, BY_TIME, OF_SERIES, PRICES, O, select_of
from iso.dao.series import STORE
from iso.tables import ISO_LMP, usual_seconds

BY_DATE = f"""
    SELECT @columns FROM iso_lmp AS o WHERE {OF_SERIES}
    GROUP BY o.series_key, o.delivery_date ORDER BY @order @page"""

OF_ONE = "o.series_key = CAST(:series_key AS TEXT) AND @snapshot(o, iso_lmp) AND @where"
"""Of one series, whose key need not be compared row by row to find where a date ends."""
BY_DATE_OF_ONE = f"""
    SELECT @columns FROM iso_lmp AS o WHERE {OF_ONE}
    GROUP BY o.delivery_date ORDER BY @order @page"""

BY_MONTH = "SELECT @columns FROM ({}) AS d GROUP BY SUBSTR(CAST(d.delivery_date AS TEXT), 1, 7)"
"""Each date is summed up as it is passed in the index, so that few rows are put in months."""

BY_DAY = ascending("series_key", "delivery_date")
BY_DAY_OF_ONE = ascending("delivery_date")
NOT_WANTED = Expression.integer("NULL")  # which has no sign to be taken away
OF_MONTH = ("day", "dates", "intervals", "units", "least", "most")
OF_KEY = {name: O[name] for name in ISO_LMP.key}
CENTS = 100
REST = UNITS // CENTS
"""A square of units has no room in 64 bits: it is put together from those of whole cents and of
what is left of a price beside them, and twice their product."""

DAYS_AT_ONCE = 100


async def partial_sums(
    query: Query,
    price: str,
    resampling: Resampling,
    position: CursorPosition | None,
    *,
    limit: int | None,
) -> list[PartialSum]:
    """The next partial sums of a price: of delivery dates where buckets are made of whole ones,
    else of single intervals. `limit` is how many of these they are made of.

    `position` is (series_key, delivery_date, interval_start) of the last one read.
    """
    page = PageRequest(limit, position)
    if not resampling.by_day:
        return await _of_intervals(query, price, BY_TIME, page)
    query = await _of_one_series(query)
    try:
        if resampling.name in ("month", "year", ALL) and (length := _length_in_months(query)):
            return await _of_months(query, price, page, length)
        return await _of_days(query, price, query.columns, page)
    except OverflowError:
        # A day at a hundred thousand a MWh: its sums have no room in 64 bits, but in Python.
        return await _of_days_by_interval(query, price, page)


async def _of_one_series(query: Query) -> Query:
    """The query of the only series at the place that it names; others as they are."""
    if not query.filters.get("location_id"):
        return query
    of_place = ("iso", "market", "location_id", "location_type")
    named = {name: query.filters[name] for name in of_place if name in query.filters}
    keys = await series.keys(query.snapshot, **named)
    if len(keys) != 1:
        return query
    iso = keys[0].partition(":")[0]
    others = {n: value for n, value in query.filters.items() if n not in named}
    return replace(query, filters={**others, "series_key": keys[0], "iso": (iso,)})


async def _of_intervals(
    query: Query, price: str, order: SortOrder, page: PageRequest
) -> list[PartialSum]:
    p = f"o.{price}"
    columns = OF_KEY | {
        "seconds": O["interval_seconds"],
        "units": Expression.integer(whole(p)),
        "price": O[price],
    }
    squared = "std" in query.columns
    return [
        PartialSum(key, day, start, start, seconds, 1, units * seconds,
                   units * units * seconds if squared else None, *(4 * (value,)))
        for key, day, start, seconds, units, value in await _rows(
            query, "iso.intervals", price, PRICES, columns, order, page
        )
    ]  # fmt: skip


def _length_in_months(query: Query) -> int | None:
    """The seconds of each interval of the only series, where a month's sums have room in 64 bits
    and no price of its ends is wanted: they are multiplied by it once they are here."""
    key = query.filters.get("series_key")
    if key is None or not {"std", "first", "last"}.isdisjoint(query.columns):
        return None
    return usual_seconds(key)


async def _of_months(query: Query, price: str, page: PageRequest, length: int) -> list[PartialSum]:
    """Of one series; a month that the limit cuts off goes on in the next partial sums."""
    text, columns = _summed_by_month(price, tuple(query.columns), backward=page.backward)
    name, order = "iso.sums_by_month", BY_DAY_OF_ONE
    rows = await _rows(query, name, price, text, columns, order, page, OF_MONTH)
    key: str = query.filters["series_key"]
    found = [
        PartialSum(key, day, "", "", count * length, count, units and total(units) * length, None,
                   least, most, None, None, dates)
        for day, dates, count, units, least, most in rows
    ]  # fmt: skip
    return sorted(found, key=attrgetter("delivery_date"), reverse=page.backward)


@lru_cache(maxsize=2**8)
def _summed_by_month(
    price: str, wanted: tuple[str, ...], *, backward: bool
) -> tuple[str, dict[str, Expression]]:
    """The text and columns of sums by month: the last date that is read, how many dates and prices
    there are, and those sums that are wanted."""
    p = f"o.{price}"
    of_day = ["o.delivery_date", "COUNT(*) AS intervals"]
    found = {
        "delivery_date": O["delivery_date"],
        "day": Expression(f"{'MIN' if backward else 'MAX'}(d.delivery_date)", Kind.DATE),
        "dates": Expression.integer("COUNT(*)"),
        # PostgreSQL adds up as numeric.
        "intervals": Expression.integer("CAST(SUM(d.intervals) AS BIGINT)"),
    }
    for name, function, what, kind, shown in (
        ("units", "SUM", whole(p), Kind.INTEGER, ("mean", "sum")),
        ("least", "MIN", p, Kind.REAL, ("min",)),
        ("most", "MAX", p, Kind.REAL, ("max",)),
    ):
        if is_wanted := not set(shown).isdisjoint(wanted):
            of_day.append(f"{function}({what}) AS {name}")
        found[name] = Expression(f"{function}(d.{name})", kind) if is_wanted else NOT_WANTED
    return BY_MONTH.format(BY_DATE_OF_ONE.replace("@columns", ", ".join(of_day))), found


async def _of_days(
    query: Query, price: str, wanted: Sequence[str], page: PageRequest, *, totals: bool = True
) -> list[PartialSum]:
    key = query.filters.get("series_key")
    length = usual_seconds(key) if key else None
    text, columns = _summed(price, tuple(wanted), length, of_one=bool(key), totals=totals)
    order = BY_DAY_OF_ONE if key else BY_DAY
    rows = await _rows(query, "iso.sums_by_day", price, text, columns, order, page)
    if "std" in wanted and totals:
        squared = (_square(*map(total, row[12:])) for row in rows)
        return [
            PartialSum._make((*row[:6], total(row[6]), square, *row[8:12], 1))
            for row, square in zip(rows, squared, strict=True)
        ]
    if {type(row[6]) for row in rows} <= {int, NoneType}:
        return list(starmap(PartialSum, rows))
    return [PartialSum._make((*row[:6], total(row[6]), *row[7:], 1)) for row in rows]


def _square(cents: int, mixed: int, rest: int) -> int:
    return cents * REST**2 + 2 * mixed * REST + rest


async def _of_days_by_interval(query: Query, price: str, page: PageRequest) -> list[PartialSum]:
    """The same by delivery date, of which the totals are made here of all their intervals."""
    days = await _of_days(query, price, query.columns, page, totals=False)
    squared = "std" in query.columns
    found: list[PartialSum] = []
    for first in range(0, len(days), DAYS_AT_ONCE):
        some = days[first : first + DAYS_AT_ONCE]
        # The store reads on in the same order from the same place, so that these are their rows.
        of_some = PageRequest(sum(day.intervals for day in some), page.position)
        intervals = await _of_intervals(query, price, BY_DAY, of_some)
        for day, (_, parts) in zip(some, groupby(intervals, _day_of), strict=True):
            mine = tuple(parts)
            squares = sum(part.squares or 0 for part in mine) if squared else None
            found.append(day._replace(total=sum(part.total for part in mine), squares=squares))
        page = PageRequest(None, CursorPosition(_day_of(some[-1]), page.backward))
    return found


def _day_of(part: PartialSum) -> tuple[str, str]:
    return part.series_key, part.delivery_date


async def _rows(
    query: Query,
    name: str,
    price: str,
    text: str,
    columns: Mapping[str, Expression],
    order: SortOrder,
    page: PageRequest,
    names: tuple[str, ...] = (),
) -> list[Row]:
    position = page.position
    if position is not None:
        # Of one series there is no order by its key.
        skipped = 0 if order[0].name == "series_key" else 1
        position = replace(position, values=position.values[skipped : skipped + len(order)])
    select = await select_of(query, name, text, columns, names or tuple(columns), order)
    if ISO_LMP.column(price).nullable:
        select = select.where(f"o.{price} IS NOT NULL")
    if order[0].name == "series_key":
        select = structs.replace(select, groups=BY_SERIES)
    return await STORE.rows_from(select, query.snapshot, PageRequest(page.limit, position))


@lru_cache(maxsize=2**8)
def _summed(
    price: str, wanted: tuple[str, ...], length: int | None, *, of_one: bool, totals: bool
) -> tuple[str, dict[str, Expression]]:
    """The text and columns of sums by delivery date, of those sums that are wanted.

    Where all intervals are of one `length` in seconds, as those of most series, sums are multiplied
    by it and not each price.
    """
    p, start = f"o.{price}", "o.interval_start"
    ends = bool({"first", "last"} & {*wanted})
    totals = totals and bool({"mean", "sum", "std"} & {*wanted})
    squared = totals and "std" in wanted
    kinds = dict.fromkeys(("first_start", "last_start"), Kind.INSTANT)
    kinds |= dict.fromkeys(("least", "most", "first", "last"), Kind.REAL)
    seconds = "o.interval_seconds" if length is None else str(length)

    def weighted(value: str) -> str:
        return f"SUM({value} * {seconds})" if length is None else f"SUM({value}) * {seconds}"

    sums = {
        "first_start": f"MIN({start})" if ends else "NULL",
        "last_start": f"MAX({start})" if ends else "NULL",
        # PostgreSQL adds up as numeric.
        "seconds": f"CAST(SUM({seconds}) AS BIGINT)" if length is None else f"COUNT(*) * {seconds}",
        "intervals": "COUNT(*)",
        "total": weighted(whole(p)) if totals else "NULL",
        "squares": "NULL",
        "least": f"MIN({p})" if "min" in wanted else "NULL",
        "most": f"MAX({p})" if "max" in wanted else "NULL",
        "first": "NULL",
        "last": "NULL",
    }
    if squared:
        sums |= {name: weighted(product) for name, product in _squared(p).items()}
    key = {name: O[name] for name in ("series_key", "delivery_date")}
    if of_one:
        key["series_key"] = Expression.text(O["series_key"].bind("series_key"))
    text = BY_DATE_OF_ONE if of_one else BY_DATE
    if ends:
        text, sums = _with_ends(text, price, key, sums)
    made = {
        # A null has no sign to be taken away.
        name: Expression(sql, Kind.INTEGER if sql == "NULL" else kinds.get(name, Kind.INTEGER))
        for name, sql in sums.items()
    }
    return text, key | made


def _squared(p: str) -> dict[str, str]:
    """The three products that a price's square is put together from."""
    # Whether a cast cuts off or rounds, which engines do differently, moves a cent from the one
    # part of a square to the others, and not their sum.
    cents = f"CAST({p} * {CENTS}.0 AS BIGINT)"
    rest = f"({whole(p)} - {cents} * {REST})"
    return {"cents": f"{cents} * {cents}", "mixed": f"{cents} * {rest}", "rest": f"{rest} * {rest}"}


def _with_ends(
    by_date: str, price: str, key: Mapping[str, Expression], sums: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """The same sums with the prices of the first and last interval, looked up around them."""
    named = ", ".join(
        f"{sql} AS {name}" for name, sql in {**{n: o.sql for n, o in key.items()}, **sums}.items()
    )
    text = f"SELECT @columns FROM ({by_date.replace('@columns', named)}) AS o ORDER BY @order"
    outer = {name: "NULL" if sql == "NULL" else f"o.{name}" for name, sql in sums.items()}
    return text, outer | {n: _price_at(price, f"o.{n}_start") for n in ("first", "last")}


def _price_at(price: str, start: str) -> str:
    return f"""(
        SELECT f.{price} FROM iso_lmp AS f
        WHERE f.series_key = o.series_key AND f.delivery_date = o.delivery_date
        AND f.interval_start = {start} AND @snapshot(f, iso_lmp))"""
