"""Days and moments that are said by how far they lie back: `-7d`, `yesterday`, `-48h`, `now`.

They are put in dates and instants before a field reads them, all of one question by one moment. A
day is that of the clock in `tz`, of the one market or calendar that is asked for, or else of UTC.
What such a question finds changes with the clock and not with the loads alone, so its answer is
never kept; its cursors keep the moment, so that all of its pages are of one range.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aurum.market.calendars import UnknownCalendar, calendar_of
from aurum.market.time import MARKET, instant_text, zone_info

DAYS = r"-[0-9]{1,4}[dwmy]|today|yesterday"
MOMENTS = rf"{DAYS}|-[0-9]{{1,5}}h|now"
DAY_FORMS = "today, yesterday, or days, weeks, months or years back (-7d, -2w, -3m, -1y)"
MOMENT_FORMS = f"now, hours back (-48h), {DAY_FORMS}"

_BACK = re.compile(r"-([0-9]+)([hdwmy])")
_WORDS = {"today": "-0d", "yesterday": "-1d", "now": "-0h"}
_DAYS_OF = {"d": 1, "w": 7}
_MONTHS_OF = {"m": 1, "y": 12}
UTC_NAME = "UTC"
SAY_THE_ZONE = ("tz", "iso", "calendar", "leg_a", "leg_b")
"""The parameters that say on whose clock a question's days are read."""


def is_relative(text: str, pattern: str) -> bool:
    """Whether a text, an end of the range that it is, or what it has behind a colon, is one of the
    pattern's words."""
    parts = (part for one in text.split(",") for part in one.split(".."))
    return any(re.fullmatch(pattern, word) for part in parts for word in _words(part))


def absolute(text: str, pattern: str, now: datetime, zone: str) -> str:
    """The text with dates and instants in the place of the pattern's words; one that lies before
    the calendar's first day stays as it is, and so is refused by its field."""
    if "," in text:
        return ",".join(absolute(one, pattern, now, zone) for one in text.split(","))
    today = now.astimezone(zone_info(zone)).date()
    return "..".join(
        ":".join(_put(w, now, today) if re.fullmatch(pattern, w) else w for w in _words(part))
        for part in text.split("..")
    )


def _words(part: str) -> list[str]:
    return part.split(":", 1)


def _put(word: str, now: datetime, today: date) -> str:
    found = _BACK.fullmatch(_WORDS.get(word, word))
    if found is None:
        return word
    count, unit = int(found[1]), found[2]
    try:
        if unit == "h":
            return instant_text(now - timedelta(hours=count))
        if unit in _DAYS_OF:
            return (today - timedelta(days=count * _DAYS_OF[unit])).isoformat()
        return _months_back(today, count * _MONTHS_OF[unit]).isoformat()
    except (OverflowError, ValueError):
        return word


def _months_back(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def zone_asked(read: Mapping[str, Any]) -> str:
    """The zone on whose clock a question's days are read, by its other parameters."""
    if (tz := read.get("tz", MARKET)) != MARKET:
        return str(tz)
    asked = {name for key in ("iso", "calendar") for name in _several(read.get(key, ()))}
    asked |= {leg.partition(":")[0] for name in ("leg_a", "leg_b") if (leg := read.get(name))}
    try:
        zones = {calendar_of(name).market_zone for name in asked}
    except UnknownCalendar:
        return UTC_NAME
    return zones.pop() if len(asked) == 1 else UTC_NAME


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def this_moment() -> datetime:
    """Now, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
