"""What every answer of the frozen v1 has in common: envelope, headers, the way it is paged."""

import math
from collections.abc import Awaitable, Callable, Mapping
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

from aurum.api.cursors import decode_cursor, normalize_cursor_input, page_cursors
from aurum.api.encoders.text import csv_bytes
from aurum.api.formats import json_lists, json_row, json_rows, json_values
from aurum.api.query_params import read_query
from aurum.api.representation import (
    Headers,
    Representation,
    negotiate,
    represent,
)
from aurum.api.views import AsyncAPIView
from aurum.cache.policies import Policy
from aurum.errors import BadCursor
from aurum.query import Query
from aurum.results import ResultSchema
from aurum.snapshot import current_snapshot
from aurum.stores.paging import Page, PageRequest
from aurum.timings import milliseconds

JSON, CSV = "application/json", "text/csv"
SHAPES = {"rows": json_rows, "values": json_values, "lists": json_lists, "one": json_row}
NOT_FILTERS = ("cursor", "since_cursor", "prev_cursor", "offset", "limit", "format")


class Meta(msgspec.Struct, omit_defaults=True):
    """The page, and the request that made it."""

    request_id: Annotated[str, Doc(description="The request that made the answer.")]
    query_time_ms: Annotated[int, Doc(description="How long its data took, in milliseconds.")]
    next_cursor: Annotated[str | None, Doc(description="Where the next page begins.")]
    prev_cursor: Annotated[str | None, Doc(description="Where the page before ends.")]
    has_more: Annotated[bool, Doc(description="Whether there are rows beyond the limit.")]
    count: Annotated[int, Doc(description="How many rows this page has.")]
    limit: Annotated[int | None, Doc(description="How many it could have had.")] = None
    offset: Annotated[int | None, Doc(description="How many rows were skipped.")] = None


class Envelope(msgspec.Struct):
    meta: Meta
    data: Any


class V1View(AsyncAPIView):
    """Reads a query with `query_serializer`, asks `service`, and marks the answer as deprecated.

    `shape` is the form of its data: `rows`, a list of rows; `values`, a list of the values of its
    only column; `lists`, an object with a list per column; `one`, its only row. `file_name` is the
    name of its CSV; without one there is no CSV. `successor` is the path of the v2 route that takes
    its place.
    """

    query_serializer: ClassVar[type[Serializer[Any]]]
    result_schema: ClassVar[ResultSchema]
    service: ClassVar[Callable[..., Awaitable[Page]]]
    policy: ClassVar[Policy]
    successor: ClassVar[str]
    file_name: ClassVar[str | None] = None
    shape: ClassVar[str] = "rows"

    def __init_subclass__(cls) -> None:
        cls.tables = cls.result_schema.tables

    async def get(self, request: Request, **path: str) -> Representation:
        query = self.read(request, **path)
        return self.respond(request, query, await type(self).service(query))

    def read(self, request: Request, **path: str) -> Query:
        """The page a query asks for: from its cursor and under its snapshot, or from the start."""
        params = read_query(request, self.query_serializer, **path)
        schema, limit = self.result_schema, params.get("limit")
        filters = {name: value for name, value in params.items() if name not in NOT_FILTERS}
        page, snapshot = PageRequest(limit, offset=params.get("offset")), None
        if (given := normalize_cursor_input(params)) is not None:
            field, token = given
            cursor = decode_cursor(token, schema.name, filters, field=field)
            if field == "prev_cursor" and not cursor.position.backward:
                raise BadCursor.field(
                    field,
                    "Invalid cursor: this is a next_cursor",
                    code="direction",
                    constraint="a prev_cursor",
                )
            page, snapshot = PageRequest(limit, cursor.position), cursor.snapshot
        return Query(
            schema,
            snapshot or current_snapshot(schema.table_names),
            filters,
            page,
            columns=schema.default_columns,
            principal=self.principal,
            format=params.get("format"),
            shape=self.shape,
        )

    def respond(self, request: Request, query: Query, page: Page) -> Representation:
        """The page as JSON or CSV, with its cursors and cache headers."""
        # A list without pages says that there is more, but has no place from which to go on.
        has_pages = "cursor" in self.query_serializer._declared_fields
        cursors: list[str | None] = page_cursors(query, page) if has_pages else [None, None]
        headers = {}
        if query.page.offset is not None:
            headers["X-Deprecation-Info"] = "offset is deprecated: page with cursor instead"
        max_age = self.policy.max_age_seconds
        if negotiate(request, query.format, self.formats()) == "csv":
            headers["Content-Disposition"] = f'attachment; filename="{self.file_name}"'
            return _csv(query, page, cursors, headers, max_age)
        return _json(request, query, page, cursors, headers, max_age)

    @classmethod
    def formats(cls) -> Mapping[str, str]:
        return {"json": JSON, "csv": CSV} if cls.file_name else {"json": JSON}

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


def _csv(
    query: Query, page: Page, cursors: list[str | None], headers: dict[str, str], max_age: int
) -> Representation:
    after, before = cursors
    headers |= {"X-Next-Cursor": after} if after else {}
    headers |= {"X-Prev-Cursor": before} if before else {}
    headers["X-Has-More"] = "true" if page.after else "false"
    columns = [query.schema.by_name[name] for name in query.columns]
    body = csv_bytes(columns, page.select(query.columns))
    return represent(
        body,
        content_type=f"{CSV}; charset=utf-8",
        max_age=max_age,
        headers=headers,
        empty=not page.rows,
    )


def _json(
    request: HttpRequest | Request,
    query: Query,
    page: Page,
    cursors: list[str | None],
    headers: dict[str, str],
    max_age: int,
) -> Representation:
    after, before = cursors
    meta = Meta("", 0, after, before, page.after is not None, len(page.rows))
    meta.limit, meta.offset = query.page.limit, query.page.offset
    rows = SHAPES[query.shape](query.schema.columns, page.select(query.columns))
    data = msgspec.Raw(rows)
    # The ETag must not change with the request, so it is made of the answer before its id and its
    # duration are filled in.
    facts = msgspec.json.encode(Envelope(meta, data))
    meta.request_id = request.request_id  # type: ignore[union-attr]
    meta.query_time_ms = math.ceil(milliseconds("store"))
    body = msgspec.json.encode(Envelope(meta, data))
    return represent(
        body,
        content_type=JSON,
        max_age=max_age,
        headers=headers,
        facts=facts,
        empty=not page.rows,
    )
