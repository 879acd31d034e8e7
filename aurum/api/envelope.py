"""The envelope of a v2 answer in JSON: its data, what it stands on, and where to go from it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from django.http import HttpRequest
from msgspec import Meta as Doc
from rest_framework.request import Request

from aurum.api.problems import DATE_TIME
from aurum.query import Query
from aurum.results import Result
from aurum.stores.paging import Page
from aurum.stores.tables import Column

_NAME, _VALUE = "[A-Za-z0-9_.-]+", "[A-Za-z0-9_.,:-]*"
_NEEDS_NO_CODE = re.compile(f"{_NAME}={_VALUE}(?:&{_NAME}={_VALUE})*")
"""A query that is in a link as it was sent."""


class Meta(msgspec.Struct, omit_defaults=True):
    """What an answer stands on."""

    count: Annotated[int, Doc(description="How many rows this page has.")]
    limit: Annotated[int, Doc(description="How many it could have had.")]
    next_cursor: Annotated[str | None, Doc(description="Where the next page begins.")]
    prev_cursor: Annotated[str | None, Doc(description="Where the page before ends.")]
    known_at: Annotated[
        datetime | None,
        Doc(
            description="When the newest load in the answer was published; null before the first,"
            " and where the answer follows from rules.",
            extra_json_schema=DATE_TIME,
        ),
    ]
    units: Annotated[
        dict[str, str],
        Doc(description="Each column's unit; `=name` where column `name` has it for each row."),
    ]
    latest: Annotated[str | None, Doc(description="The newest valuation date that there is.")]
    reason: Annotated[
        str | None,
        Doc(
            description="Why there are no rows: no_data_yet, outside_coverage, not_released or"
            " no_match."
        ),
    ] = None
    did_you_mean: Annotated[
        dict[str, list[str]] | None,
        Doc(description="Of each filter that matches nothing, values that are near."),
    ] = None


class Links(msgspec.Struct, rename={"self_": "self"}):
    """Paths and queries on this server."""

    self_: Annotated[str, Doc(description="This page.")]
    next: Annotated[str | None, Doc(description="The next page; null on the last.")]
    prev: Annotated[str | None, Doc(description="The page before; null on the first.")]


class Envelope(msgspec.Struct):
    data: Any
    meta: Meta
    links: Links


def links_of(request: HttpRequest | Request, cursors: Sequence[str | None]) -> Links:
    path, sent = request.path, request.scope["query_string"].decode()  # type: ignore[union-attr]
    if "cursor" not in request.GET and _NEEDS_NO_CODE.fullmatch(sent):
        text = itself = sent
    else:
        asked = [(name, value) for name, values in request.GET.lists() for value in values]
        plain = [(name, value) for name, value in asked if name != "cursor"]
        text = _encoded(plain)
        itself = text if plain == asked else _encoded(asked)
    # A cursor has no character that is to be encoded.
    after, before = (
        f"{path}?{text}{text and '&'}cursor={token}" if token else None for token in cursors
    )
    return Links(f"{path}?{itself}" if itself else path, after, before)


def _encoded(query: list[tuple[str, str]]) -> str:
    return urlencode(query, quote_via=quote, safe=",:.")


def link_header(links: Links) -> dict[str, str]:
    given = (("next", links.next), ("prev", links.prev))
    text = ", ".join(f'<{url}>; rel="{name}"' for name, url in given if url)
    return {"Link": text} if text else {}


def meta_of(
    query: Query, result: Result, columns: Sequence[Column], cursors: Sequence[str | None]
) -> Meta:
    after, before = cursors
    return Meta(
        count=len(result.page.rows),
        limit=query.page.limit or 1,
        next_cursor=after,
        prev_cursor=before,
        known_at=query.snapshot.at,
        units=units_of(columns, result.page),
        latest=result.latest,
        reason=result.reason,
        did_you_mean=dict(result.suggestions) or None,
    )


def units_of(columns: Sequence[Column], page: Page) -> dict[str, str]:
    """The unit of each column that has one; `=name` where it differs by row and `name` has it."""
    units: dict[str, str] = {}
    held: dict[str, str] = {}
    for column in columns:
        if column.unit is not None:
            units[column.name] = column.unit
        elif (holder := column.unit_from) is not None:
            if holder not in held:
                held[holder] = _unit_held(holder, page)
            units[column.name] = held[holder]
    return units


def _unit_held(name: str, page: Page) -> str:
    """The unit that all rows of the page have in this column, or `=name`."""
    found = {*page.values(name)}
    alike = len(found) == 1 and None not in found
    return str(found.pop()) if alike else f"={name}"
