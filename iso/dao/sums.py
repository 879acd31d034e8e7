"""Prices summed up by delivery date, or one by one; exact whatever the order of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from aurum.query import Query
from aurum.stores.paging import CursorPosition, PageRequest
from aurum.stores.sql import Expression, SortOrder, ascending
from aurum.stores.sums import UNITS, total, whole
from aurum.stores.tables import Kind, Row
from iso.calculations.buckets import PartialSum, Resampling
from iso.dao.prices import BY_TIME, OF_SERIES, PRICES, O, selected, without_series_behind
from iso.dao.series import STORE
from iso.tables import ISO_LMP

BY_DATE = f"""
    SELECT @columns FROM iso_lmp AS o WHERE {OF_SERIES}
    GROUP BY o.series_key, o.delivery_date ORDER BY @order @page"""

BY_DAY = ascending("series_key", "delivery_date")
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
    """The next partial sums of a price: of a delivery date where buckets are made of whole ones,
    else of single intervals.

    `position` is (series_key, delivery_date, interval_start) of the last one read.
    """
    page = PageRequest(limit, position)
    if not resampling.by_day:
        return await _of_intervals(query, price, BY_TIME, page)
    try:
        return await _of_days(query, price, query.columns, page)
    except OverflowError:
        # A day at a hundred thousand a MWh: its sums have no room in 64 bits, but in Python.
        return await _of_days_by_interval(query, price, page)


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
            query, price, PRICES, columns, order, page
        )
    ]  # fmt: skip


async def _of_days(
    query: Query, price: str, wanted: Sequence[str], page: PageRequest, *, totals: bool = True
) -> list[PartialSum]:
    text, columns = _summed(price, wanted, totals=totals)
    rows = await _rows(query, price, text, columns, BY_DAY, page)
    return [_made(row) for row in rows]


def _made(row: Row) -> PartialSum:
    units, *squares = (None if value is None else total(value) for value in row[6:10])
    return PartialSum._make((*row[:6], units, _square(*squares), *row[10:]))


def _square(cents: int | None, mixed: int | None, rest: int | None) -> int | None:
    if cents is None or mixed is None or rest is None:
        return None
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
    price: str,
    text: str,
    columns: Mapping[str, Expression],
    order: SortOrder,
    page: PageRequest,
) -> list[Row]:
    position = page.position
    if position is not None:
        position = replace(position, values=position.values[: len(order)])
    select = selected(text, columns, tuple(columns), order, query.filters)
    select = without_series_behind(select.where(f"o.{price} IS NOT NULL"), position)
    return await STORE.rows_from(select, query.snapshot, PageRequest(page.limit, position))


def _summed(
    price: str, wanted: Sequence[str], *, totals: bool
) -> tuple[str, dict[str, Expression]]:
    """The text and columns of sums by delivery date, of those sums that are wanted.

    The prices of the first and last interval are looked up around them.
    """
    p, start = f"o.{price}", "o.interval_start"
    ends = bool({"first", "last"} & {*wanted})
    # Whether a cast cuts off or rounds, which engines do differently, moves a cent from the one
    # part of a square to the others, and not their sum.
    units, cents = whole(p), f"CAST({p} * {CENTS}.0 AS BIGINT)"
    rest = f"({units} - {cents} * {REST})"
    totals = totals and bool({"mean", "sum", "std"} & {*wanted})
    squared = totals and "std" in wanted
    kinds = dict.fromkeys(("first_start", "last_start"), Kind.INSTANT)
    kinds |= dict.fromkeys(("least", "most", "first", "last"), Kind.REAL)
    sums = {
        "first_start": f"MIN({start})" if ends else "NULL",
        "last_start": f"MAX({start})" if ends else "NULL",
        "seconds": "CAST(SUM(o.interval_seconds) AS BIGINT)",  # PostgreSQL adds them up as numeric
        "intervals": "COUNT(*)",
        "total": f"SUM({units} * o.interval_seconds)" if totals else "NULL",
        "cents": f"SUM({cents} * {cents} * o.interval_seconds)" if squared else "NULL",
        "mixed": f"SUM({cents} * {rest} * o.interval_seconds)" if squared else "NULL",
        "rest": f"SUM({rest} * {rest} * o.interval_seconds)" if squared else "NULL",
        "least": f"MIN({p})" if "min" in wanted else "NULL",
        "most": f"MAX({p})" if "max" in wanted else "NULL",
        "first": "NULL",
        "last": "NULL",
    }
    key = {name: O[name] for name in ("series_key", "delivery_date")}
    text = BY_DATE
    if ends:
        named = ", ".join(
            f"{sql} AS {name}" for name, sql in ({n: o.sql for n, o in key.items()} | sums).items()
        )
        text = f"SELECT @columns FROM ({BY_DATE.replace('@columns', named)}) AS o ORDER BY @order"
        sums = {name: "NULL" if sql == "NULL" else f"o.{name}" for name, sql in sums.items()}
        sums |= {name: _price_at(price, f"o.{name}_start") for name in ("first", "last")}
    made = {name: Expression(sql, kinds.get(name, Kind.INTEGER)) for name, sql in sums.items()}
    return text, key | made


def _price_at(price: str, start: str) -> str:
    return f"""(
        SELECT f.{price} FROM iso_lmp AS f
        WHERE f.series_key = o.series_key AND f.delivery_date = o.delivery_date
        AND f.interval_start = {start} AND @snapshot(f, iso_lmp))"""
