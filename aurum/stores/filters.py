"""Conditions from the values of a query: which text, and what is bound to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aurum.stores.tables import Expression


@dataclass(frozen=True, slots=True)
class Span:
    """Dates, or instants, from `start` to before `end`, as ISO 8601 text; None is open."""

    start: str | None
    end: str | None

    def holds(self, text: str) -> bool:
        return (self.start is None or text >= self.start) and (self.end is None or text < self.end)


def dates_within(start: date | None, end: date | None) -> Span:
    """The dates that intervals from `start` to before `end` can have, on whichever clock.

    An instant may fall on the day before or after its own in UTC; a date is what it is.
    """
    return Span(_moved(start, -1), _moved(end, 2))


def _moved(moment: date | None, days: int) -> str | None:
    if not isinstance(moment, datetime):
        return moment.isoformat() if moment else None
    try:
        return (moment.date() + timedelta(days=days)).isoformat()
    except OverflowError:
        return None  # beyond the calendar there is nothing to leave out


def conditions(
    filters: Mapping[str, Any], columns: Mapping[str, Expression]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The conditions of the filters that are there and name one of `columns`, and their values.

    A tuple is a choice of values, a `Span` a range of times, anything else one value. The text
    depends on which filters there are and roughly on how many values, never on the values.
    """
    found: list[str] = []
    bound: dict[str, Any] = {}
    for name, column in columns.items():
        value = filters.get(name)
        if isinstance(value, tuple):
            padded = _padded(value)
            bound |= {f"{name}_{number}": item for number, item in enumerate(padded)}
            marks = ", ".join(column.bind(f"{name}_{number}") for number in range(len(padded)))
            found.append(f"{column.sql} IN ({marks})")
        elif isinstance(value, Span):
            for end, sign in (("start", ">="), ("end", "<")):
                if (limit := getattr(value, end)) is not None:
                    found.append(f"{column.sql} {sign} {column.bind(f'{name}_{end}')}")
                    bound[f"{name}_{end}"] = limit
        elif value is not None:
            found.append(f"{column.sql} = {column.bind(name)}")
            bound[name] = value.isoformat() if isinstance(value, date) else value
    return tuple(found), bound


def _padded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Filled up to a power of two with its last value, so that few texts serve all lengths."""
    size = 1 << (len(values) - 1).bit_length()
    return values + values[-1:] * (size - len(values))
