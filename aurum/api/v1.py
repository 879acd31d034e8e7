"""What every answer of the frozen v1 has in common: envelope, headers, the way it is paged."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated, Any, ClassVar

import msgspec
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import http_date
from msgspec import Meta as Doc
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from aurum.api.cursors import decode_cursor, encode_cursor, normalize_cursor_input
from aurum.api.formats import csv_bytes, json_lists, json_row, json_rows, json_values
from aurum.api.query_params import read_query
from aurum.api.representation import Headers, Representation, cache_control, negotiate, represent
from aurum.api.views import AsyncAPIView
from aurum.errors import BadCursor
from aurum.identity import Principal
from aurum.query import Query
from aurum.snapshot import current_snapshot
from aurum.stores.paging import CursorPosition, Page, PageRequest
from aurum.stores.tables import Column, Table
from aurum.timings import milliseconds

JSON, CSV = "application/json", "text/csv"
SHAPES = {"rows": json_rows, "values": json_values, "lists": json_lists, "one": json_row}
NOT_QUERY = ("cursor", "since_cursor", "prev_cursor", "offset", "limit", "format")


class Meta(msgspec.Struct, omit_defaults=True):
    """The page, and the request that made it."""

    request_id: Annotated[str, Doc(description="The request that made the answer.")]
    query_time_ms: Annotated[int, Doc(description="How long its data took, in milliseconds.")]
    next_cursor: Annotated[str | None, Doc(description="Where the next page begins.")]
    prev_cursor: Annotated[str | None, Doc(description="Where the page before ends.")]
    has_more: Annotated[bool, Doc(description="Whether there is a next page.")]
    count: Annotated[int, Doc(description="How many rows this page has.")]
    limit: Annotated[int | None, Doc(description="How many it could have had.")] = None
    offset: Annotated[int | None, Doc(description="How many rows were skipped.")] = None


class Envelope(msgspec.Struct):
    meta: Meta
    data: Any


def columns_of(table: Table, names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(table.column(name) for name in names)


def read_page(
    principal: Principal, params: Mapping[str, Any], schema: str, tables: Sequence[Table]
) -> Query:
    """The page a query asks for: from its cursor and under its watermarks, or from the start.

    A query without a limit has no pages: it asks for all there is.
    """
    limit = params.get("limit", sys.maxsize)
    filters = {name: value for name, value in params.items() if name not in NOT_QUERY}
    given = normalize_cursor_input(params)
    if given is None:
        wanted = PageRequest(limit, offset=params.get("offset") or 0)
        return Query(principal, filters, wanted, current_snapshot(tables))
    field, token = given
    cursor = decode_cursor(token, schema, filters, field=field)
    if field == "prev_cursor" and not cursor.position.backward:
        raise BadCursor.field(
            field,
            "Invalid cursor: this is a next_cursor",
            code="direction",
            constraint="a prev_cursor",
        )
    return Query(principal, filters, PageRequest(limit, cursor.position), cursor.snapshot)


@dataclass(frozen=True, slots=True)
class V1ResultSchema:
    """A v1 answer: what binds its cursors to it, what it shows, and the file it is as CSV.

    `shape` is that of its data: a list of rows, the `values` of its only column, an object with
    `lists`, one a column, or its only row, `one`.
    """

    schema: str
    columns: tuple[Column, ...]
    max_age: int
    file_name: str | None = None
    shape: str = "rows"


class V1View(AsyncAPIView):
    """Reads a question with `query`, answers from `listing`, and marks the answer as deprecated.

    `successor` is the path of the v2 route in its place.
    """

    query_serializer: ClassVar[type[Serializer[Any]]]
    result_schema: ClassVar[V1ResultSchema]
    successor: ClassVar[str]

    def read(self, request: Request, **path: str) -> tuple[dict[str, Any], Query]:
        params = read_query(request, self.query_serializer, **path)
        return params, read_page(self.principal, params, self.result_schema.schema, self.tables)

    def respond(
        self, request: Request, params: Mapping[str, Any], query: Query, page: Page
    ) -> Representation:
        return respond(request, params, query, self.result_schema, page)

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
    request: HttpRequest | Request,
    params: Mapping[str, Any],
    query: Query,
    result_schema: V1ResultSchema,
    page: Page,
) -> Representation:
    """The page as JSON or CSV, with its cursors and cache headers."""
    cursors = [_token(result_schema, query, place) for place in (page.after, page.before)]
    headers = {"Cache-Control": cache_control(result_schema.max_age)}
    if params.get("offset") is not None:
        headers["X-Deprecation-Info"] = "offset is deprecated: page with cursor instead"
    formats = {"json": JSON, "csv": CSV} if result_schema.file_name else {"json": JSON}
    if negotiate(request, params.get("format"), formats) == "csv":
        return _csv(result_schema, page, cursors, headers)
    meta = _meta(params, page, cursors)
    return _json(
        request, meta, SHAPES[result_schema.shape](result_schema.columns, page.rows), headers
    )


def _token(result_schema: V1ResultSchema, query: Query, place: CursorPosition | None) -> str | None:
    if place is None:
        return None
    return encode_cursor(result_schema.schema, place, query.filters, query.snapshot)


def _csv(
    result_schema: V1ResultSchema, page: Page, cursors: list[str | None], headers: dict[str, str]
) -> Representation:
    after, before = cursors
    headers["Content-Disposition"] = f'attachment; filename="{result_schema.file_name}"'
    headers |= {"X-Next-Cursor": after} if after else {}
    headers |= {"X-Prev-Cursor": before} if before else {}
    body = csv_bytes([column.name for column in result_schema.columns], page.rows)
    empty = not page.rows
    return represent(body, content_type=f"{CSV}; charset=utf-8", headers=headers, empty=empty)


def _meta(params: Mapping[str, Any], page: Page, cursors: list[str | None]) -> Meta:
    """All but what is the request's own."""
    after, before = cursors
    meta = Meta("", 0, after, before, after is not None, len(page.rows))
    meta.limit, meta.offset = params.get("limit"), params.get("offset")
    return meta


def _json(
    request: HttpRequest | Request, meta: Meta, rows: bytes, headers: dict[str, str]
) -> Representation:
    data = msgspec.Raw(rows)
    facts = msgspec.json.encode(Envelope(meta, data))
    meta.request_id = request.request_id  # type: ignore[union-attr]
    meta.query_time_ms = math.ceil(milliseconds("store"))
    body = msgspec.json.encode(Envelope(meta, data))
    empty = meta.count == 0
    return represent(body, content_type=JSON, headers=headers, facts=facts, empty=empty)
