"""Addresses that have moved for good: 308, with the query as it came."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from aurum.api.formats import MEDIA_TYPES
from aurum.api.representation import accepted_format

STREAMS = {name: MEDIA_TYPES[name] for name in ("ndjson", "csv")}


def moved_patterns(streams: Mapping[str, str]) -> list[URLPattern]:
    """For streams that have moved, by their old paths."""
    return [path(old.lstrip("/"), _moved(new)) for old, new in streams.items()]


def _moved(new: str) -> Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]:
    async def moved(request: HttpRequest) -> HttpResponse:
        """What answered with a stream goes on to one: without a format a list would be a page."""
        query = request.META["QUERY_STRING"]
        name = accepted_format(request, STREAMS)
        if "format" not in request.GET and name is not None:
            query = f"{query}{query and '&'}format={name}"
        return HttpResponse(
            status=308, headers={"Location": f"{new}?{query}" if query else new, "Vary": "Accept"}
        )

    return moved
