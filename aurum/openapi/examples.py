"""Real answers as the documents' examples: every route is asked its own example over demo data."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from aurum.api.formats import MEDIA_TYPES
from aurum.api.routes import Route
from aurum.openapi.responses import INSTANT, REQUEST_ID

CURSOR = "GyQ0mXo7tPzK1nV5cJ8rWw"
DIFFERENT_EACH_TIME = {
    "request_id": REQUEST_ID,
    "query_time_ms": 2,
    "known_at": INSTANT,
    "ended_at": INSTANT,
    "next_cursor": CURSOR,
    "prev_cursor": CURSOR,
}
"""What a comparison of two documents leaves out: both have these values, where there is one."""

_IN_LINK = re.compile(r"(?<=cursor=)[\w-]+")

Query = Callable[[str, str], Awaitable[bytes]]
"""Path with query, and media type, to the body of the answer."""


async def add_examples(document: dict[str, Any], routes: Iterable[Route], query: Query) -> None:
    """Puts an answer beside each of the document's formats that people read."""
    by_id = {name: route for route in routes for name in route.operation_ids}
    for operations in document["paths"].values():
        for operation in operations.values():
            route = by_id[operation["operationId"]]
            url = f"{route.example_path}?{route.example}".rstrip("?")
            for media_type, content in operation["responses"]["200"]["content"].items():
                if media_type in (MEDIA_TYPES[name] for name in ("json", "ndjson", "csv")):
                    content["example"] = _shown(media_type, await query(url, media_type))


def _shown(media_type: str, body: bytes) -> Any:
    if media_type == MEDIA_TYPES["json"]:
        return settled(msgspec.json.decode(body))
    return body.decode()


def settled(value: Any) -> Any:
    """The value with everything that differs from run to run replaced by one fixed value."""
    match value:
        case dict():
            return {
                key: DIFFERENT_EACH_TIME[key]
                if key in DIFFERENT_EACH_TIME and part is not None
                else settled(part)
                for key, part in value.items()
            }
        case list():
            return [settled(part) for part in value]
        case str():
            return _IN_LINK.sub(CURSOR, value)
    return value
