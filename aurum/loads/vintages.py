"""When a publisher released a file: said by the file itself, or by whoever loads it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from aurum.errors import InvalidFile
from aurum.loads.cells import moment
from aurum.loads.feeds import Feed
from aurum.market.time import instant_text
from aurum.stores.tables import Row, Table

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def vintage_of(text: str) -> datetime:
    """An instant with its offset, in UTC; ValueError, with what is expected, for anything else,
    and for one in the future."""
    text = text.strip()
    try:
        if not _INSTANT.fullmatch(text):
            raise ValueError(text)
        found = moment(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"'{text[:40]}' is no instant to the second with its offset, as 2025-09-30T13:00:00Z"
        ) from None
    if found > datetime.now(UTC):
        raise ValueError(f"{instant_text(found)} is in the future: nothing was released then")
    return found


def must_take_vintage(feed: Feed, vintage: datetime) -> str:
    """The text of a vintage that is given for a file; InvalidFile where the feed takes none."""
    if not any(table.vintage for table in feed.tables):
        names = ", ".join(table.name for table in feed.tables)
        raise InvalidFile(
            f"{feed.name} takes no vintage, as nothing in its tables ({names}) has one: load it"
            " without --vintage"
        )
    if feed.mode == "replace":
        raise InvalidFile(
            f"{feed.name} takes no vintage, as its files close what they leave out, and when that"
            " was released is not kept: load it without --vintage"
        )
    return instant_text(vintage)


def with_vintage(table: Table, rows: Sequence[Row], vintage: str) -> list[Row]:
    """Rows of a table with a vintage, where they have none themselves.

    InvalidFile for a row that says another: which of the two is wrong nobody can tell here.
    """
    place = table.names.index(str(table.vintage))
    for row in rows:
        if row[place] is not None and row[place] != vintage:
            raise InvalidFile(
                f"it says itself that it was released at {row[place]}, and not at {vintage}:"
                " load it without --vintage"
            )
    return [(*row[:place], vintage, *row[place + 1 :]) for row in rows]
