"""A field of one day that a service finds out."""

from typing import Any

from aurum.api.time_fields import LATEST, NEAREST, Day
from aurum.market.spans import Nearest


class OneOfDays(Day):
    """A date, how far it lies back, `latest`, or `nearest:` with a date: the newest on or before
    it. Which day that is, the service finds out."""

    allowed = f"{Day.allowed}, {LATEST}, or the newest on or before a date ({NEAREST}2026-02-03)"

    def to_internal_value(self, value: Any) -> Any:
        text = str(value)
        if text == LATEST:
            return text
        day = super().to_internal_value(text.removeprefix(NEAREST))
        return Nearest(day) if text.startswith(NEAREST) else day
