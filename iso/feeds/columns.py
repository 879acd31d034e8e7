"""Columns of a file that say the same again and again: each different thing is read once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

Numbers = Sequence[float | None]


class Coded(NamedTuple, Generic[T]):
    """What stands in the file for something, row by row, and what it means."""

    cells: Sequence[Hashable]
    means: Mapping[Hashable, T]

    def of(self, index: int) -> T:
        return self.means[self.cells[index]]


def coded(meaning: Callable[..., T], *columns: Sequence[Any]) -> Coded[T]:
    """Columns that together mean something; whatever `meaning` raises for one of them."""
    cells = [*zip(*columns, strict=True)]
    return Coded(cells, {some: meaning(*some) for some in dict.fromkeys(cells)})
