"""What tests of reading share: a table with a column of each kind, and what is asked of it.

Every engine gives its rows back, and finds them, alike.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from aurum.market.spans import Span
from aurum.stores.sql import Expression, Select, ascending
from aurum.stores.tables import Kind, Row
from aurum.stores.threaded import ThreadedStore
from tests.conftest import Run

KINDS = tuple(kind for kind in Kind if kind is not Kind.LOCAL)
COLUMNS = {kind.value: Expression(f"k.{kind.value}_value", kind) for kind in KINDS}
LINE = {"line": Expression("k.line", Kind.INTEGER)}

STRANGE = "O'Hara \\' \\n \"x\" ` % %s ? :line {line: Int64} -- é 中 😀 \n\t"
LEAST, GREATEST = -(2**63), 2**63 - 1
LONG_AGO, FAR_AHEAD = "1900-01-01", "2299-12-31"

ROWS: list[tuple[Any, ...]] = [
    ("Western Hub", 1.5, "2026-03-08", "2026-03-08T07:00:00Z", 7, True),
    (None,) * len(KINDS),
    (STRANGE, -0.1, LONG_AGO, f"{LONG_AGO}T00:00:00Z", LEAST, False),
    ("", 1e300, FAR_AHEAD, f"{FAR_AHEAD}T23:59:59Z", GREATEST, True),
]
"""In the order of KINDS."""

EARLY, LATE = "0001-01-01", "9999-12-31"
SPANS = [
    (Kind.DATE, Span("2026-03-08", "2026-03-09"), [0]),
    (Kind.DATE, Span(EARLY, LATE), [0, 2, 3]),
    (Kind.DATE, Span(None, "2026-03-08"), [2]),
    (Kind.INSTANT, Span("2026-03-08T07:00:00Z", "2026-03-08T07:00:01Z"), [0]),
    (Kind.INSTANT, Span(f"{EARLY}T00:00:00Z", f"{LATE}T00:00:00Z"), [0, 2, 3]),
    (Kind.INSTANT, Span("2026-03-08T07:00:01Z", None), [3]),
]


def all_rows(table: str) -> Select:
    return Select(
        f"SELECT @columns FROM {table} AS k WHERE @where ORDER BY k.line",
        columns=COLUMNS,
        names=tuple(COLUMNS),
    )


def numbers_of_rows(table: str) -> Select:
    """The page of the numbers of rows."""
    sql = f"SELECT @columns FROM {table} AS k WHERE @where ORDER BY @order @page"
    return Select(sql, columns=LINE, names=("line",), order=ascending("line"))


def sum_of_integers(table: str) -> Select:
    """6, of 7, the least and the greatest."""
    return Select(f"SELECT SUM(CAST(k.integer_value AS BIGINT)) FROM {table} AS k WHERE @where")


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    """Waits for what another thread, or a server, is about to do."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Reads:
    """Runs the reads of one store."""

    def __init__(self, run: Run[Any], store: ThreadedStore[Any]) -> None:
        self.run, self.store = run, store

    def __call__(self, select: Select, **params: Any) -> list[Row]:
        found: list[Row] = self.run(self.store.fetch(select, {**params, **select.values}))
        return found


def check_reading(reads: Reads, table: str) -> None:
    """Each kind is read as Aurum has it."""
    found = reads(all_rows(table))
    assert found == ROWS
    assert [[*map(type, row)] for row in found] == [[*map(type, row)] for row in ROWS]
    assert {type(row) for row in found} == {tuple}
    assert reads(all_rows(table).where("k.line > 100")) == []


def check_finding(reads: Reads, table: str) -> None:
    """Each kind is found by its value, by one of several and by a range; and so is a page."""
    every = numbers_of_rows(table)
    for number, row in enumerate(ROWS):
        if None not in row:
            asked = every.filtered(dict(zip(COLUMNS, row, strict=True)), COLUMNS)
            assert reads(asked) == [(number,)], row
    for kind, span, lines in SPANS:
        asked = every.filtered({kind.value: span}, COLUMNS)
        assert [line for (line,) in reads(asked)] == lines, (kind, span)
    some = tuple(row[0] for row in ROWS if row[0] is not None)
    assert reads(every.filtered({"text": some}, COLUMNS)) == [(0,), (2,), (3,)]
    page = replace(every.with_values(limit=2, offset=1), limited=True, skipping=True)
    assert reads(page) == [(1,), (2,)]


def check_overflow(reads: Reads, table: str) -> None:
    """Whole numbers that 64 bits cannot hold are no other numbers."""
    assert reads(sum_of_integers(table)) == [(6,)]
    with pytest.raises(OverflowError):
        reads(sum_of_integers(table).where("k.line <> 2"))
    with pytest.raises(OverflowError):
        reads(numbers_of_rows(table).filtered({"line": GREATEST + 1}, LINE))


def check_nothing_found(reads: Reads, table: str) -> None:
    """What there is none of is null, also of a column that cannot be, and nothing but a count is
    zero."""
    none = f"SELECT MAX(k.line), SUM(k.line), COUNT(*) FROM {table} AS k WHERE k.line > 100"
    assert reads(Select(none)) == [(None, None, 0)]
    joined = f"SELECT o.line FROM {table} AS k LEFT JOIN {table} AS o ON o.line = k.line + 100"
    assert reads(Select(joined)) == [(None,)] * len(ROWS)
