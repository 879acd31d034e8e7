"""What a service is asked, and what to say of a query that finds nothing."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, NoReturn, Self

from aurum.errors import BadQuery, FieldError, NotFound, near_words
from aurum.identity import Principal
from aurum.market.spans import Nearest, Span
from aurum.results import Plot, Result, ResultSchema
from aurum.snapshot import Snapshot, current_snapshot, snapshot_at
from aurum.stores.paging import CursorPosition, Page, PageRequest

ROWS_OF_PIECE = 250
"""Of a whole table: so few that a page asked for meanwhile waits for no more than milliseconds."""

KEPT_SECONDS = 1.0
"""For how long a table of the past is read until it is asked again whether that is still kept."""

FEW = 8
"""So few values that there are can all be said where none is near the one that was asked for."""
MOST_LOOKED_UP = 5
"""Of a filter's values that match nothing: so many are compared with those that there are."""


@dataclass(frozen=True, slots=True)
class Query:
    """`filters` say what is wanted, by the names of the parameters; `columns` what to show of it.

    What follows the principal says how the answer is written and is of no concern to a service; but
    for `clock`, the moment from which the query's days and moments lie back, if any are said so.
    """

    schema: ResultSchema
    snapshot: Snapshot
    filters: Mapping[str, Any] = field(default_factory=dict)
    page: PageRequest = field(default_factory=PageRequest)
    columns: tuple[str, ...] = ()
    principal: Principal | None = None
    format: str | None = None
    shape: str = "rows"
    spreadsheet: bool = False
    end_record: bool = False
    plot: Plot | None = None
    clock: datetime | None = None

    @classmethod
    def inside(
        cls,
        schema: ResultSchema,
        snapshot: Snapshot | None,
        columns: Sequence[str] = (),
        **filters: Any,
    ) -> Self:
        """A query by another part of Aurum: no caller, no page, all that matches.

        A filter is a value, a tuple of choices or a `Span`; one that is None does not count. Under
        no given snapshot it is the current one.
        """
        found = snapshot or current_snapshot(schema.table_names)
        given = {name: value for name, value in filters.items() if value is not None}
        return cls(schema, found, given, columns=schema.selected(tuple(columns)))

    @property
    def columns_needed(self) -> tuple[str, ...]:
        """The columns to show, those of their units, and those of the order."""
        return self.schema.with_sort_keys(self.schema.with_units(self.columns))

    def narrowed(self, **filters: Any) -> Self:
        """The same query with further filters, or others in their place."""
        return replace(self, filters={**self.filters, **filters})

    def empty_page(self) -> Page:
        return Page(self.columns_needed, [])


async def pieces(
    query: Query, service: Callable[[Query], Awaitable[Result]], rows: int = ROWS_OF_PIECE
) -> AsyncGenerator[Result, None]:
    """Pages of all that match, in the order of the list; the only one of nothing is empty, and its
    result says why.

    Each piece is a page of its own, found by its place under the query's snapshot: whoever reads
    slowly holds neither a connection nor a transaction meanwhile. Rows of a snapshot do not change,
    so that the pieces are those of one read.
    """
    position: CursorPosition | None = None
    asked = time.monotonic()
    while True:
        if time.monotonic() - asked > KEPT_SECONDS:
            # What was known then may be pruned meanwhile: rather no more rows than too few.
            asked = time.monotonic()
            if (instant := query.filters.get("known_at")) is not None:
                await snapshot_at(instant, query.schema.table_names)
        request = PageRequest(rows, position, export=True)
        result = await service(replace(query, page=request))
        yield result
        if result.page.after is None:
            return
        position = result.page.after


class Coverage(NamedTuple):
    """The first and last date that the asked tables have, and their newest date or interval."""

    first: str | None = None
    last: str | None = None
    latest: str | None = None

    def excludes(self, asked: Any) -> bool:
        """Whether a range of dates lies wholly before or after."""
        if isinstance(asked, Nearest):
            return self.first is not None and asked.day < self.first
        if not isinstance(asked, Span) or self.first is None or self.last is None:
            return False
        return bool(
            (asked.start and asked.start > self.last) or (asked.end and asked.end <= self.first)
        )


async def no_coverage() -> Coverage:
    return Coverage()


async def explain(
    query: Query,
    page: Page,
    *,
    names: Iterable[str] = (),
    values_of: Callable[[str], Awaitable[Sequence[str]]],
    coverage: Callable[[], Awaitable[Coverage]] = no_coverage,
    dates: str = "",
    spelling: Callable[[str], str] = str,
) -> Result:
    """The page with what is newest; an empty one with the reason, and with what was perhaps meant.

    `values_of` gives all values that there are of one of the filters `names`, given the others, and
    `spelling` how they are compared; `dates` is the filter that `coverage` speaks of.
    """
    if query.snapshot.is_empty:
        return Result(page, reason="no_data_yet")
    covered = await coverage()
    if page.rows:
        return Result(page, covered.latest)
    suggestions: dict[str, list[str]] = {}
    all_known = True
    for name in names:
        if asked := query.filters.get(name):
            known = await values_of(name)
            same = {*map(spelling, known)}
            choices = (asked,) if isinstance(asked, str) else asked
            if unknown := [value for value in choices if spelling(value) not in same]:
                all_known = False
                near = await near_all(unknown, known)
                if near or 0 < len(known) <= FEW:
                    suggestions[name] = near or list(known)
    outside = all_known and covered.excludes(query.filters.get(dates))
    reason = "outside_coverage" if outside else "no_match"
    return Result(page, covered.latest, reason, suggestions)


async def near_all(unknown: Sequence[str], known: Sequence[str]) -> list[str]:
    """Words near the first few unknown ones, looked up where the loop need not wait for it."""

    def look() -> list[str]:
        return [near for value in unknown[:MOST_LOOKED_UP] for near in near_words(value, known)]

    return await asyncio.to_thread(look)


async def raise_not_found(
    what: str, field: str, value: str, known: Sequence[str], *, thing: str, code: str
) -> NoReturn:
    """404 for a path that names one thing which is not there, with names that are near."""
    near = await near_all([value], known)
    offered = f" Near it are {', '.join(near)}." if near else ""
    error = FieldError(field, f"There is no such {thing}.", code, value)
    raise NotFound(f"{what}.{offered}", errors=[error])


async def must_exist(
    query: Query, names: Iterable[str], known: Sequence[str], *, thing: str, listed_at: str
) -> None:
    """400 naming each filter whose value is not among the known ones, with values near it.

    Before the first load nothing is known, and the answer says so itself.
    """
    if query.snapshot.is_empty:
        return
    asked = {name: query.filters[name] for name in names}
    errors = [
        FieldError(
            name,
            f"There is no {thing} '{value}'.",
            f"unknown_{thing}",
            value,
            f"one of {', '.join(await near_all([value], known)) or f'the {listed_at}'}",
        )
        for name, value in asked.items()
        if value not in known
    ]
    if errors:
        raise BadQuery(errors[0].message, errors=errors)
