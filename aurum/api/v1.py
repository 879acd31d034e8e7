"""What every answer of the frozen v1 has in common: envelope, headers, the way it is paged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import http_date

from aurum.api.cursors import decode_cursor, encode_cursor, normalize_cursor_input
from aurum.api.formats import csv_bytes, json_rows
from aurum.api.representation import Headers, Representation, represent
from aurum.api.respond import cache_control, negotiate
from aurum.api.views import AsyncAPIView
from aurum.ask import Ask, Principal
from aurum.errors import BadCursor
from aurum.metrics import milliseconds
from aurum.stores.book import known_now
from aurum.stores.paging import Page, Position, Wanted
from aurum.stores.tables import Column, Table

JSON, CSV = "application/json", "text/csv"
NOT_QUERY = ("cursor", "since_cursor", "prev_cursor", "offset", "limit", "format")


class Meta(msgspec.Struct, omit_defaults=True):
    """`query_time_ms` is the time spent in the store by the request that made the answer."""

    request_id: str
    query_time_ms: int
    next_cursor: str | None
    prev_cursor: str | None
    has_more: bool
    count: int
    limit: int
    offset: int | None = None


class Envelope(msgspec.Struct):
    meta: Meta
    data: Any


def columns_of(table: Table, names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(table.column(name) for name in names)


def read_page(
    principal: Principal, params: Mapping[str, Any], schema: str, tables: Sequence[Table]
) -> Ask:
    """The page a query asks for: from its cursor and under its watermarks, or from the start."""
    filters = {name: value for name, value in params.items() if name not in NOT_QUERY}
    given = normalize_cursor_input(params)
    if given is None:
        wanted = Wanted(params["limit"], offset=params.get("offset") or 0)
        return Ask(principal, filters, wanted, known_now(tables))
    field, token = given
    cursor = decode_cursor(token, schema, filters, field=field)
    if field == "prev_cursor" and not cursor.position.backward:
        raise BadCursor.field(
            field,
            "Invalid cursor: this is a next_cursor",
            code="direction",
            constraint="a prev_cursor",
        )
    return Ask(principal, filters, Wanted(params["limit"], cursor.position), cursor.known)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page with what is needed to write it: its columns, its cursors' schema, its CSV's name."""

    schema: str
    columns: tuple[Column, ...]
    page: Page
    max_age: int
    file_name: str | None = None


class V1View(AsyncAPIView):
    """Marks every answer as deprecated; `successor` is the path of the v2 route in its place."""

    successor: ClassVar[str]

    @classmethod
    def version_headers(cls) -> Headers:
        return deprecation_headers(cls.successor)


@cache
def deprecation_headers(successor: str) -> Headers:
    """RFC 9745 and RFC 8594, dates from settings."""
    return (
        ("Deprecation", f"@{_midnight(settings.AURUM_V1_DEPRECATED_AT)}"),
        ("Sunset", http_date(_midnight(settings.AURUM_V1_SUNSET_AT))),
        (
            "Link",
            '</deprecations/v1>; rel="deprecation"; type="text/html", '
            f'<{successor}>; rel="successor-version"',
        ),
    )


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def respond(
    request: HttpRequest, params: Mapping[str, Any], ask: Ask, answer: Answer
) -> Representation:
    """The page as JSON or CSV, with its cursors and cache headers."""
    page = answer.page
    cursors = [_token(answer, ask, place) for place in (page.after, page.before)]
    headers = {"Cache-Control": cache_control(answer.max_age)}
    if params.get("offset") is not None:
        headers["X-Deprecation-Info"] = "offset is deprecated: page with cursor instead"
    formats = {"json": JSON, "csv": CSV} if answer.file_name else {"json": JSON}
    if negotiate(request, params.get("format"), formats) == "csv":
        return _csv(answer, cursors, headers)
    return _json(request, params, answer, cursors, headers)


def _token(answer: Answer, ask: Ask, place: Position | None) -> str | None:
    if place is None:
        return None
    return encode_cursor(answer.schema, place, ask.filters, ask.known)


def _csv(answer: Answer, cursors: list[str | None], headers: dict[str, str]) -> Representation:
    after, before = cursors
    headers["Content-Disposition"] = f'attachment; filename="{answer.file_name}"'
    headers |= {"X-Next-Cursor": after} if after else {}
    headers |= {"X-Prev-Cursor": before} if before else {}
    body = csv_bytes([column.name for column in answer.columns], answer.page.rows)
    empty = not answer.page.rows
    return represent(body, content_type=f"{CSV}; charset=utf-8", headers=headers, empty=empty)


def _json(
    request: HttpRequest,
    params: Mapping[str, Any],
    answer: Answer,
    cursors: list[str | None],
    headers: dict[str, str],
) -> Representation:
    data = msgspec.Raw(json_rows(answer.columns, answer.page.rows))
    after, before = cursors
    meta = Meta("", 0, after, before, after is not None, len(answer.page.rows), params["limit"])
    meta.offset = params.get("offset")
    facts = msgspec.json.encode(Envelope(meta, data))
    meta.request_id = request.request_id  # type: ignore[attr-defined]
    meta.query_time_ms = math.ceil(milliseconds("store"))
    body = msgspec.json.encode(Envelope(meta, data))
    empty = not answer.page.rows
    return represent(body, content_type=JSON, headers=headers, facts=facts, empty=empty)
