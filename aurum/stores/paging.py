"""One page of an ordered answer, found by the cursor's position and never by count."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any, Self

from aurum.stores.sql import SortKey, SortOrder
from aurum.stores.tables import Row

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """A place between two rows: the sort values of the row beside it, and which way to read on."""

    values: Values
    backward: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which rows of an answer: all of them without a limit.

    A page that is a piece of an `export` takes turns with those of other exports.
    """

    limit: int | None = None
    position: CursorPosition | None = None
    offset: int | None = None
    export: bool = False

    @property
    def backward(self) -> bool:
        return self.position is not None and self.position.backward

    @property
    def enough(self) -> int | None:
        """How many rows tell whether there is a further page."""
        return None if self.limit is None else (self.offset or 0) + self.limit + 1


@dataclass(frozen=True, slots=True)
class Page:
    """Rows with their columns; `before` and `after` are where there is more, None at either end.

    Columns that have one value in all rows may be `fixed`: they are then neither among `columns`
    nor in `rows`, and join them where they are shown.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    before: CursorPosition | None = None
    after: CursorPosition | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Iterable[str], made: Iterable[Mapping[str, Any]]) -> Self:
        """All of what was computed by name."""
        names = tuple(columns)
        return cls(names, [tuple(row[name] for name in names) for row in made])

    def select(self, names: Sequence[str]) -> list[Row]:
        """The rows with these columns, in this order."""
        first, rows = self.parted(names)
        return whole(rows, first)

    def parted(self, names: Sequence[str]) -> tuple[Row, list[Row]]:
        """What all rows with these columns begin with, and the rest of each."""
        leading = len(names)
        for number, name in enumerate(names):
            if name not in self.fixed:
                leading = number
                break
        first = tuple(self.fixed[name] for name in names[:leading])
        return first, self._rest(names[leading:])

    def _rest(self, names: Sequence[str]) -> list[Row]:
        columns, rows = self.columns, self.rows
        if columns == names:
            return rows
        if inside := [name for name in names if name in self.fixed]:
            columns = (*columns, *inside)
            last = tuple(self.fixed[name] for name in inside)
            rows = [row + last for row in rows]
        places = [columns.index(name) for name in names]
        if not places:
            return [()] * len(rows)
        if len(places) == 1:
            return [(row[places[0]],) for row in rows]
        if places == list(range(len(places))):
            return [row[: len(places)] for row in rows]
        return list(map(itemgetter(*places), rows))

    def values(self, name: str) -> list[Any]:
        """One column."""
        if name in self.fixed:
            return [self.fixed[name]] * len(self.rows)
        return list(map(itemgetter(self.columns.index(name)), self.rows))

    def by_name(self) -> dict[str, Sequence[Any]]:
        """Every column's values."""
        turned: Iterable[Sequence[Any]] = zip(*self.rows, strict=True) if self.rows else ()
        found: dict[str, Sequence[Any]] = {name: self.values(name) for name in self.fixed}
        return found | dict(zip(self.columns, turned, strict=bool(self.rows)))

    def dicts(self) -> list[dict[str, Any]]:
        return [{**self.fixed, **dict(zip(self.columns, row, strict=True))} for row in self.rows]


def whole(rows: list[Row], first: Row) -> list[Row]:
    """Rows that begin with these values."""
    return [first + row for row in rows] if first else rows


def cut(found: Page, request: PageRequest, order: SortOrder) -> Page:
    """The page from up to one row more than its limit, read in the request's direction."""
    limit = len(found.rows) if request.limit is None else request.limit
    more = len(found.rows) > limit
    rows = found.rows[:limit]
    if request.backward:
        rows.reverse()
    if not rows:
        return replace(found, rows=rows)
    started_inside = request.position is not None or bool(request.offset)
    # On the side that it reads towards, a page knows by its spare row whether there is more. On the
    # side that it came from, the row that the cursor was made of is known to be there.
    has_before = more if request.backward else started_inside
    has_after = True if request.backward else more
    first = _position(found, rows[0], order, backward=True) if has_before else None
    last = _position(found, rows[-1], order) if has_after else None
    return replace(found, rows=rows, before=first, after=last)


def _position(found: Page, row: Row, order: SortOrder, *, backward: bool = False) -> CursorPosition:
    values = []
    for key in order:
        name = key.name
        value = found.fixed[name] if name in found.fixed else row[found.columns.index(name)]
        values.append(key.nulls if value is None else value)
    return CursorPosition(tuple(values), backward)


def page_of(found: Page, request: PageRequest, order: SortOrder) -> Page:
    """A page of rows that are all here, in any order."""
    rows = past_position(found, request.position, order)
    wanted = rows[request.offset or 0 : request.enough]
    return cut(replace(found, rows=wanted), request, order)


def past_position(found: Page, position: CursorPosition | None, order: SortOrder) -> list[Row]:
    """The rows in order, from the position on; all of them without one."""
    place = _placing(found.columns, order)
    if position is None:
        return sorted(found.rows, key=place)
    limit = tuple(_sortable(key, value) for key, value in zip(order, position.values, strict=True))
    if position.backward:
        return sorted((r for r in found.rows if place(r) < limit), key=place, reverse=True)
    return sorted((r for r in found.rows if place(r) > limit), key=place)


def _placing(names: Sequence[str], order: SortOrder) -> Callable[[Row], tuple[Any, ...]]:
    columns = [(names.index(key.name), key) for key in order]
    return lambda row: tuple(_sortable(key, row[index]) for index, key in columns)


def _sortable(key: SortKey, value: Any) -> Any:
    """A value that sorts as the order says: a null as its stand-in, and where the key is descending
    a text by its negated code points, since a text itself cannot be negated."""
    value = key.nulls if value is None else value
    return tuple(-ord(letter) for letter in value) if key.descending else value
