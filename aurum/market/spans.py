"""Ranges of time, without their ends."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """Dates, or instants, from `start` to before `end`, as ISO 8601 text; None is open."""

    start: str | None
    end: str | None

    def holds(self, text: str) -> bool:
        return (self.start is None or text >= self.start) and (self.end is None or text < self.end)

    def widened(self, days: int) -> "Span":
        """Of dates, that many more on either side."""
        return Span(
            self.start and _shifted(date.fromisoformat(self.start), -days),
            self.end and _shifted(date.fromisoformat(self.end), days),
        )


@dataclass(frozen=True, slots=True)
class Nearest:
    """The newest date that there is on or before `day`, an ISO 8601 date."""

    day: str


def dates_within(start: date | None, end: date | None) -> Span:
    """The dates that intervals from `start` to before `end` can have, on whichever clock.

    An instant may fall on the day before or after its own in UTC; a date is what it is.
    """
    return Span(_moved(start, -1), _moved(end, 2))


def _moved(moment: date | None, days: int) -> str | None:
    if not isinstance(moment, datetime):
        return moment.isoformat() if moment else None
    return _shifted(moment.date(), days)


def _shifted(day: date, days: int) -> str | None:
    try:
        return (day + timedelta(days=days)).isoformat()
    except OverflowError:
        return None  # beyond the calendar there is nothing to leave out
