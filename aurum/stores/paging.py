"""One page of an ordered answer, found by position and never by count."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aurum.stores.sql import Order, Select, reversed_order
from aurum.stores.tables import Row

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """A place between two rows: the sort values of the row beside it, and which way to read on."""

    values: Values
    backward: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    limit: int
    position: CursorPosition | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """`before` and `after` are positions from which there is more to read, None at either end."""

    rows: list[Row]
    before: CursorPosition | None
    after: CursorPosition | None


class Reader(Protocol):
    async def fetch(self, select: Select, params: Mapping[str, Any]) -> list[Row]:
        """All rows of the answer, dates as ISO 8601 text."""

    def stream(
        self, select: Select, params: Mapping[str, Any], *, rows_at_once: int = 1000
    ) -> AsyncGenerator[list[Row], None]:
        """The answer in pieces, in constant memory; leaving the iteration stops the query."""


def sort_values(row: Row, columns: tuple[str, ...], order: Order) -> Values:
    """What a cursor keeps of a row, in the order's sequence; a missing value as its stand-in."""
    found = (row[columns.index(key.name)] for key in order)
    return tuple(
        key.nulls if value is None else value for key, value in zip(order, found, strict=True)
    )


def cut(found: list[Row], wanted: PageRequest, columns: tuple[str, ...], order: Order) -> Page:
    """A page from up to `limit + 1` rows read in the wanted direction."""
    backward = wanted.position is not None and wanted.position.backward
    more = len(found) > wanted.limit
    rows = found[: wanted.limit]
    if backward:
        rows.reverse()
    if not rows:
        return Page(rows, None, None)
    started_inside = wanted.position is not None or wanted.offset > 0
    has_before = more if backward else started_inside
    has_after = True if backward else more
    first, last = (sort_values(row, columns, order) for row in (rows[0], rows[-1]))
    return Page(
        rows,
        CursorPosition(first, backward=True) if has_before else None,
        CursorPosition(last) if has_after else None,
    )


async def fetch_page(
    reader: Reader,
    select: Select,
    params: Mapping[str, Any],
    wanted: PageRequest,
    names: tuple[str, ...],
) -> Page:
    """One page of the question; `names` are its columns as the order's keys call them."""
    position, order = wanted.position, select.order
    bound = {**params, "limit": wanted.limit + 1}
    asked = replace(select, limited=True)
    if position is not None:
        if position.backward:
            asked = replace(asked, order=reversed_order(order))
        asked = replace(asked, after=True)
        bound |= {f"after_{k.name}": v for k, v in zip(order, position.values, strict=True)}
    if wanted.offset:
        asked = replace(asked, skipping=True)
        bound["offset"] = wanted.offset
    return cut(await reader.fetch(asked, bound), wanted, names, order)


def page_of(rows: list[Row], wanted: PageRequest, names: Sequence[str], order: Order) -> Page:
    """A page of rows that are all here, with columns `names`, in any order."""
    found = past_position(rows, wanted.position, names, order)
    enough = wanted.offset + wanted.limit + 1
    return cut(found[wanted.offset : enough], wanted, tuple(names), order)


def past_position(
    rows: list[Row], position: CursorPosition | None, names: Sequence[str], order: Order
) -> list[Row]:
    """The rows in order, from the position on; all of them without one."""
    place = _placing(names, order)
    if position is None:
        return sorted(rows, key=place)
    limit = tuple(_sortable(key, value) for key, value in zip(order, position.values, strict=True))
    if position.backward:
        return sorted((row for row in rows if place(row) < limit), key=place, reverse=True)
    return sorted((row for row in rows if place(row) > limit), key=place)


def _placing(names: Sequence[str], order: Order) -> Callable[[Row], tuple[Any, ...]]:
    columns = [(names.index(key.name), key) for key in order]
    return lambda row: tuple(_sortable(key, row[index]) for index, key in columns)


def _sortable(key: Any, value: Any) -> Any:
    """A value that sorts as the order says: nulls as their stand-in, texts downward if so."""
    value = key.nulls if value is None else value
    return tuple(-ord(letter) for letter in value) if key.descending else value
