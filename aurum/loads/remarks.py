"""Why rows of a file were set aside or flagged, in as few words as a person can act on."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from aurum.loads.feeds import RejectedRow

PLACES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """Rows that were set aside, or only flagged, for one reason, and where the first are."""

    reason: str
    count: int
    places: tuple[str, ...]
    flagged: bool

    def __str__(self) -> str:
        return f"{self.count} {self.reason} (first at {', '.join(self.places)})"


class Reasons:
    """Why rows were set aside or flagged: of each reason the count and the first places."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._places: dict[tuple[str, bool], list[str]] = {}

    def note(self, rows: Iterable[RejectedRow], *, flagged: bool) -> None:
        for row in rows:
            kind = row.reason, flagged
            self._counts[kind] += 1
            places = self._places.setdefault(kind, [])
            if len(places) < PLACES_SHOWN:
                places.append(row.place)

    def remarks(self) -> tuple[Remark, ...]:
        """The commonest first."""
        return tuple(
            Remark(reason, count, tuple(self._places[reason, flagged]), flagged)
            for (reason, flagged), count in self._counts.most_common()
        )
