"""From the cells of a publisher's file to texts, numbers and times, each within its bounds.

What a store or a query could not take is refused here, for every feed: InvalidRow sets the row
aside, and of a ValueError the feed says what becomes of it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import hypot
from typing import Any, TypeVar

from aurum.errors import InvalidFile

D = TypeVar("D", bound=date)

LONGEST_NAME = 100
"""Characters of an id or a name by which queries ask for a thing."""
LARGEST_PRICE = 1e9
YEARS = range(1950, 2200)
"""In these every day of every market has whole hours."""
AHEAD = timedelta(days=7)
"""How far ahead of today a file may price anything. A date beyond is a slip: it would be the newest
of its curve or series, and answer every question for the newest, until that day has come."""


class InvalidRow(ValueError):
    """A row's value that cannot be; the text is the reason quarantine keeps."""


def cell(value: Any, place: str) -> Any:
    """A value of a JSON document as a CSV's cell would have it: text, a number, or None.

    InvalidFile for a list or an object.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str | int | float):
        return value
    raise InvalidFile("a text or a number is expected", place)


def wall(text: str, form: str) -> datetime:
    """What a publisher's clock shows, as a time without zone; ValueError where it is not one."""
    return _in_reach(datetime.strptime(text, form))  # noqa: DTZ007 - the feed knows whose clock


def moment(text: str) -> datetime:
    """An ISO 8601 time, with its offset or without; ValueError where it is not one."""
    return _in_reach(datetime.fromisoformat(text))


def calendar_day(text: str) -> date:
    """An ISO 8601 date; ValueError where it is not one."""
    return _in_reach(date.fromisoformat(text))


def _in_reach(found: D) -> D:
    if found.year not in YEARS:
        raise ValueError(f"{found} is not within the years {YEARS[0]} to {YEARS[-1]}")
    return found


def last_day() -> str:
    """The last date that a file of today may price, as ISO 8601 text."""
    return (datetime.now(UTC) + AHEAD).date().isoformat()


def whole_number(text: str) -> int:
    """A number of up to nine ASCII digits, with blanks around it; ValueError for any other."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"'{text[:20]}' is no whole number")
    return int(text)


_WHOLE = re.compile(r" *[0-9]{1,9} *")


def is_name(text: str | None, longest: int = LONGEST_NAME) -> bool:
    """Whether queries can ask by a text: no control characters, no blanks at its ends, and not too
    long. None is no name, and asks for nothing."""
    return text is None or (len(text) <= longest and _NAME.fullmatch(text) is not None)


_NAME = re.compile(r"[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?")


def price(value: Any) -> float | None:
    """A price as a finite number within ±1e9, None for an empty cell; InvalidRow for others.

    Blanks around a number are publishers' padding.
    """
    if value is None or value == "":
        return None
    kind = type(value)
    if kind is str:
        if "_" in value or not value.isascii():
            raise InvalidRow("invalid_price")  # numbers to Python and to nobody else
    elif kind is not float and kind is not int:
        raise InvalidRow("invalid_price")
    try:
        number = float(value)
    except ValueError:
        raise InvalidRow("invalid_price") from None
    except OverflowError:
        raise InvalidRow("out_of_range") from None
    if -LARGEST_PRICE <= number <= LARGEST_PRICE:
        return number
    raise InvalidRow("out_of_range")  # which is also what no number at all is


def prices_at_once(cells: Sequence[Any]) -> Sequence[float | None]:
    """`price` of each cell, by few steps for all of them; InvalidRow where one of them is none.

    It may be raised for prices too, all of them together beyond the bounds of one: which of them
    are none has then to be found one by one.
    """
    try:
        text = "".join(cells)
    except TypeError:  # of a document
        return [*map(price, cells)]
    if "_" in text or not text.isascii():
        raise InvalidRow("invalid_price")
    try:
        filled = [one for one in cells if one] if "" in cells else cells
        numbers = [*map(float, filled)]
    except ValueError:
        raise InvalidRow("invalid_price") from None
    # The root of all squares is no less than any number, and no number if one of them is none.
    if not hypot(*numbers) <= LARGEST_PRICE:
        raise InvalidRow("out_of_range")
    if filled is cells:
        return numbers
    following = iter(numbers)
    return [next(following) if one else None for one in cells]
