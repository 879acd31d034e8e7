"""Tables in pieces that lie together by their key, each small enough to be held in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aurum.stores.tables import Table

MOST_ROWS = 20_000
"""Of a piece, unless more have the same first two values of the key."""


@dataclass(frozen=True, slots=True)
class KeySpan:
    """The rows whose `column` is beyond `after`, if that is given, and not beyond `until`.

    It is the key's first column, or the second, of rows that have `lead` in the first. `rows` is
    how many there are.
    """

    column: str
    after: Any
    until: Any
    lead: Any = None
    rows: int = 0


class Counts(Protocol):
    def counts(
        self, table: Table, column: str, lead: Any = None, since: int = 0
    ) -> Mapping[Any, int]: ...


def spans_of(table: Table, stores: Sequence[Counts], since: int = 0) -> Iterator[KeySpan]:
    """All rows of the table in some stores, history included, as the fullest of them has them.

    With `since`, those that loads from that one on added or closed.
    """
    first = table.key[0]
    for values, rows in _grouped(_fullest(table, stores, first, None, since)):
        after, until = values
        if rows <= MOST_ROWS or len(table.key) == 1:
            yield KeySpan(first, after, until, rows=rows)
            continue
        second = table.key[1]
        inner = _fullest(table, stores, second, until, since)  # it is alone in its group
        for (after, last), some in _grouped(inner):
            yield KeySpan(second, after, last, lead=until, rows=some)


def _fullest(
    table: Table, stores: Sequence[Counts], column: str, lead: Any, since: int
) -> Mapping[Any, int]:
    found: Counter[Any] = Counter()
    for store in stores:
        found |= Counter(store.counts(table, column, lead, since))
    return found


def _grouped(counts: Mapping[Any, int]) -> Iterator[tuple[tuple[Any, Any], int]]:
    """Neighbouring values: what the first lies beyond, the last one, and how many rows they have;
    more than MOST_ROWS only where that is one value."""
    after = last = None
    rows = 0
    for value in sorted(counts):
        if rows and rows + counts[value] > MOST_ROWS:
            yield (after, last), rows
            after, rows = last, 0
        rows, last = rows + counts[value], value
    if rows:
        yield (after, last), rows
