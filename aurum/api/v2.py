"""What every answer of v2 has in common: one grammar, whatever the domain."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from aurum.api.cursors import cursor_clock, decode_cursor, page_cursors
from aurum.api.encoders import encode
from aurum.api.envelope import Envelope, link_header, links_of, meta_of
from aurum.api.fields import ROWS_OF_PAGE, ROWS_OF_PICTURE, V2List, with_choices
from aurum.api.formats import (
    PICTURES,
    TABLES,
    column_lists,
    content_type,
    formats_of,
    row_object,
    row_objects,
)
from aurum.api.pages.drawing import DRAWER
from aurum.api.pages.page import html_page, without_empty
from aurum.api.pages.plots import specification
from aurum.api.problems import PAGE_POLICY
from aurum.api.query_params import follows_clock, read_query
from aurum.api.relative_times import this_moment
from aurum.api.representation import (
    FOR_EVER,
    VARY,
    Representation,
    accepted_format,
    cache_control,
    negotiate,
    represent,
)
from aurum.api.views import AsyncAPIView
from aurum.api.whole_tables import WITH_END_RECORD, respond_whole
from aurum.cache.policies import Policy
from aurum.errors import BadQuery
from aurum.query import ROWS_OF_PIECE, Query, pieces
from aurum.results import Plot, Result, ResultSchema
from aurum.snapshot import SETTLED, snapshot_at
from aurum.stores.paging import PageRequest, whole
from aurum.stores.registry import rows_of_piece

WRITING = ("format", "shape", "fields", "timestamps", "end_record", "plot")
NOT_FILTERS = frozenset({"cursor", "limit", *WRITING})
SHAPES: Mapping[str, Callable[..., Any]] = {
    "rows": row_objects,
    "columns": column_lists,
    "one": row_object,
}


class V2View(AsyncAPIView):
    """Reads a query with `query_serializer`, calls `service`, and writes what that finds.

    Every list takes `fields`, the choice of its columns, which follows from `result_schema`. As a
    table without `limit` it is whole: the service is then asked for one piece after another, each
    of `rows_of_piece`. A view of a single row has `shape` "one": in JSON `data` is then the row
    itself and not a list of it.
    """

    query_serializer: ClassVar[type[Serializer[Any]]]
    result_schema: ClassVar[ResultSchema]
    service: ClassVar[Callable[..., Awaitable[Result]]]
    policy: ClassVar[Policy]
    shape: ClassVar[str | None] = None
    rows_of_piece: ClassVar[int] = ROWS_OF_PIECE
    _follows_clock: bool | None = None

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "result_schema"):  # bases of views have none yet
            cls.tables = cls.result_schema.tables
            cls.query_serializer = with_choices(cls.query_serializer, cls.result_schema)

    @classmethod
    def result_schema_of(cls, params: Mapping[str, Any]) -> ResultSchema:
        """The schema of an answer; a view whose answers have two forms says which."""
        return cls.result_schema

    @classmethod
    def is_list(cls) -> bool:
        return issubclass(cls.query_serializer, V2List)

    def streams(self, request: HttpRequest | Request) -> bool:
        """Whole tables; and where a form leads on to is not kept either."""
        given = request.GET
        if self.is_form(request):
            return True
        if not self.is_list() or "limit" in given or "cursor" in given:
            return False
        name = given.get("format") or accepted_format(request, self.formats())
        return name is not None and name.lower() in TABLES

    def is_form(self, request: HttpRequest | Request) -> bool:
        """Whether a browser has sent a form of which something was left empty."""
        given = request.GET
        if "format" in given or "" not in given.values():
            return False
        return accepted_format(request, self.formats()) == "html"

    async def get(self, request: Request, **path: str) -> Any:
        if self.is_form(request):
            return HttpResponseRedirect(without_empty(request))
        query = await self.read(request, **path)
        if query.page.limit is None and self.is_list():
            return await self.respond_whole(request, query)
        result = await type(self).service(query)
        if query.format in PICTURES:
            return await self.respond_picture(query, result)
        if query.format == "html":
            # A page of ten thousand rows takes a second.
            return await asyncio.to_thread(self.respond_page, request, query, result, path)
        return self.respond(request, query, result)

    async def read(self, request: Request, **path: str) -> Query:
        """The query: under the snapshot of its cursor, of `known_at`, or of now."""
        clock = None
        if self.follows_clock(request):
            token = request.GET.get("cursor")
            clock = (cursor_clock(token, field="cursor") if token else None) or this_moment()
        params = read_query(request, self.query_serializer, clock, **path)
        name = negotiate(request, params.get("format"), self.formats())
        schema = self.result_schema_of(params)
        filters = {name: value for name, value in params.items() if name not in NOT_FILTERS}
        limit, position = params.get("limit"), None
        if limit is None and self.is_list() and ("cursor" in params or name not in TABLES):
            limit = ROWS_OF_PICTURE if name in PICTURES else ROWS_OF_PAGE
        if token := params.get("cursor"):
            cursor = decode_cursor(token, schema.name, filters, field="cursor")
            position, snapshot = cursor.position, cursor.snapshot
        else:
            snapshot = await snapshot_at(params.get("known_at"), schema.table_names)
        _must_suit(params, name, is_whole=limit is None and self.is_list())
        plot = _plot(schema, params, name)
        return Query(
            schema,
            snapshot,
            filters,
            PageRequest(limit, position),
            _columns(schema, params.get("fields"), name, plot),
            self.principal,
            name,
            self.shape or params.get("shape", "rows"),
            params.get("timestamps") == "spreadsheet",
            params.get("end_record") == "true",
            plot,
            clock,
        )

    def follows_clock(self, request: HttpRequest | Request) -> bool:
        if self._follows_clock is None:  # a view serves one request, and is asked twice
            self._follows_clock = follows_clock(request, self.query_serializer)
        return self._follows_clock

    def respond(self, request: Request, query: Query, result: Result) -> Representation:
        """The result in the format asked for; one without an envelope has its cursors in `Link`."""
        name = str(query.format)
        page, schema = result.page, query.schema
        columns = tuple(schema.by_name[column] for column in query.columns)
        first, rows = page.parted(query.columns)
        cursors = page_cursors(query, page)
        links = links_of(request, cursors)
        headers = link_header(links)
        if name == "json":
            meta = meta_of(query, result, columns, cursors)
            body = msgspec.json.encode(
                Envelope(SHAPES[query.shape](columns, rows, first), meta, links)
            )
        else:
            headers["Content-Disposition"] = attachment(schema, name)
            headers |= {"X-Reason": result.reason} if result.reason else {}
            body = encode(name, columns, whole(rows, first), spreadsheet=query.spreadsheet)
        return self._represented(query, result, body, headers)

    def respond_page(
        self, request: Request, query: Query, result: Result, path: Mapping[str, str]
    ) -> Representation:
        """The result as a page for people."""
        columns = tuple(query.schema.by_name[column] for column in query.columns)
        cursors = page_cursors(query, result.page)
        meta = meta_of(query, result, columns, cursors)
        body = html_page(type(self), request, query, result, meta, links_of(request, cursors), path)
        return self._represented(query, result, body, {"Content-Security-Policy": PAGE_POLICY})

    async def respond_picture(self, query: Query, result: Result) -> Representation:
        """The result as a plot, drawn or to be drawn by the caller."""
        assert query.plot is not None
        spec = await asyncio.to_thread(specification, query.plot, query, result)
        if query.format == "vegalite":
            body = msgspec.json.encode(spec)
        else:
            body = await DRAWER.draw(spec, str(query.format))
        return self._represented(query, result, body, {})

    def _represented(
        self, query: Query, result: Result, body: bytes, headers: Mapping[str, str]
    ) -> Representation:
        return represent(
            body,
            content_type=content_type(str(query.format)),
            max_age=_max_age(query, self.policy.max_age_seconds),
            headers=headers,
            empty=not result.page.rows,
        )

    async def respond_whole(self, request: Request, query: Query) -> HttpResponseBase:
        """All rows that match, as a stream."""
        max_age = _max_age(query, self.policy.max_age_seconds)
        domain = type(self).__module__.partition(".")[0]
        headers = {
            "Cache-Control": cache_control(max_age, private=self.is_private),
            "Content-Disposition": attachment(query.schema, str(query.format)),
            "Vary": VARY,
        }
        return await respond_whole(
            query,
            pieces(query, type(self).service, max(self.rows_of_piece, rows_of_piece(domain))),
            headers,
            accept_encoding=request.headers.get("Accept-Encoding", ""),
            head_only=request.method == "HEAD",
        )

    @classmethod
    @cache
    def formats(cls) -> Mapping[str, str]:
        return formats_of(cls.result_schema)


def _columns(
    schema: ResultSchema, fields: tuple[str, ...] | None, name: str, plot: Plot | None
) -> tuple[str, ...]:
    if plot:
        return plot.columns_in(schema.column_names)
    if name == "html" and fields is None and schema.page_columns:
        return schema.page_columns
    return schema.selected(fields)


def _must_suit(params: Mapping[str, Any], name: str, *, is_whole: bool) -> None:
    """BadQuery where the format has no use for what is said of how it is written."""
    if "timestamps" in params and name not in ("csv", "xlsx"):
        raise _conflict("timestamps", "It is for format csv or xlsx.")
    if params.get("end_record") == "true" and not (is_whole and name in WITH_END_RECORD):
        raise _conflict("end_record", "It is for format csv or ndjson, without limit and cursor.")


def _plot(schema: ResultSchema, params: Mapping[str, Any], name: str) -> Plot | None:
    """The plot of a picture; BadQuery where the schema has none of that name."""
    asked = params.get("plot")
    if asked is not None and name not in (*PICTURES, "html"):
        raise _conflict("plot", "It is for format svg, png or html.")
    found = schema.plot_named(asked)
    if found is None and (asked is not None or name in PICTURES):
        raise _conflict("plot" if asked else "format", "There is no such picture of this answer.")
    return found if name in PICTURES else None


def _conflict(field: str, message: str) -> BadQuery:
    return BadQuery.field(field, message, code="conflict")


def attachment(schema: ResultSchema, format_name: str) -> str:
    """The `Content-Disposition` of an answer that is a file."""
    return f'attachment; filename="{schema.name.replace("/", "-")}.{format_name}"'


def _max_age(query: Query, max_age: int) -> int:
    """The seconds of an answer of now; an answer of the past stays as it is. One to a question that
    goes by the clock is never kept."""
    if query.clock is not None:
        return 0
    instant = query.filters.get("known_at")
    if instant is not None and datetime.now(UTC) - instant > SETTLED:
        return FOR_EVER
    return max_age
