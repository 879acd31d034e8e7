"""What every answer of v2 has in common: one grammar, whatever the domain."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlencode

import msgspec
from django.http import HttpRequest
from msgspec import Meta as Doc
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from aurum.api.cursors import decode_cursor, encode_cursor
from aurum.api.formats import available, column_lists, encode, row_object, row_objects
from aurum.api.problems import DATE_TIME
from aurum.api.query_params import read_query
from aurum.api.representation import Representation, cache_control, negotiate, represent
from aurum.api.views import AsyncAPIView
from aurum.identity import Principal
from aurum.query import Query
from aurum.results import Result, ResultSchema
from aurum.snapshot import snapshot_at
from aurum.stores.paging import CursorPosition, Page, PageRequest
from aurum.stores.tables import Column, Row

NOT_FILTERS = ("cursor", "limit", "format", "shape", "fields")
SHAPES: Mapping[str, Callable[..., Any]] = {
    "rows": row_objects,
    "columns": column_lists,
    "one": row_object,
}
FOR_EVER = "public, max-age=31536000, immutable"
SETTLED = timedelta(seconds=10)
"""A moment older than this is the past: no load can still be published into it."""


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
        Doc(description="Why there are no rows: no_data_yet, outside_coverage or no_match."),
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


class V2View(AsyncAPIView):
    """Reads a question with `query`, answers from `listing`."""

    query_serializer: ClassVar[type[Serializer[Any]]]
    result_schema: ClassVar[ResultSchema]

    def __init_subclass__(cls) -> None:
        cls.tables = cls.result_schema.tables

    @classmethod
    def result_schema_of(cls, params: Mapping[str, Any]) -> ResultSchema:
        """What answers a question; a view whose answers have two forms says which."""
        return cls.result_schema

    async def read(self, request: Request, **path: str) -> tuple[dict[str, Any], Query]:
        params = read_query(request, self.query_serializer, **path)
        return params, await query_of(self.principal, params, self.result_schema_of(params))

    def respond(
        self, request: Request, params: Mapping[str, Any], query: Query, answer: Result
    ) -> Representation:
        return respond(request, params, query, self.result_schema_of(params), answer)


async def query_of(
    principal: Principal, params: Mapping[str, Any], result_schema: ResultSchema
) -> Query:
    """The question: under the watermarks of its cursor, of `known_at`, or of now."""
    filters = {name: value for name, value in params.items() if name not in NOT_FILTERS}
    columns = result_schema.fetched(result_schema.asked(params))
    limit = params.get("limit", 1)
    if token := params.get("cursor"):
        cursor = decode_cursor(token, result_schema.name, filters, field="cursor")
        wanted = PageRequest(limit, cursor.position)
        return Query(principal, filters, wanted, cursor.snapshot, columns)
    known = await snapshot_at(params.get("known_at"), result_schema.tables)
    return Query(principal, filters, PageRequest(limit), known, columns)


def respond(
    request: HttpRequest | Request,
    params: Mapping[str, Any],
    query: Query,
    result_schema: ResultSchema,
    answer: Result,
) -> Representation:
    """The answer in the format asked for; one without an envelope has its cursors in `Link`."""
    name = negotiate(request, params.get("format"), available())
    columns = tuple(result_schema.by_name[column] for column in result_schema.asked(params))
    rows = _cut(answer.page.rows, len(columns))
    links = _links(request, query, result_schema, answer.page)
    headers = {"Cache-Control": _freshness(query, result_schema.max_age)} | _link_header(links)
    if name != "json":
        headers["Content-Disposition"] = f'attachment; filename="{_file_name(result_schema, name)}"'
        body = encode(name, columns, rows)
    else:
        data = SHAPES[params["shape"]]
        meta = _meta(params, query, answer, columns, links)
        body = msgspec.json.encode(Envelope(data(columns, rows), meta, links))
    content_type = available()[name] + ("; charset=utf-8" if name == "csv" else "")
    empty = not answer.page.rows
    return represent(body, content_type=content_type, headers=headers, empty=empty)


def _cut(rows: list[Row], width: int) -> list[Row]:
    """The rows without what was read besides the columns to show."""
    return rows if rows and len(rows[0]) == width else [row[:width] for row in rows]


def respond_one(
    request: HttpRequest | Request,
    params: Mapping[str, Any],
    query: Query,
    result_schema: ResultSchema,
    answer: Result,
) -> Representation:
    """The only row of an answer; in JSON `data` is the row itself and not a list of it."""
    return respond(request, {**params, "shape": "one"}, query, result_schema, answer)


def _freshness(query: Query, max_age: int) -> str:
    instant = query.filters.get("known_at")
    if instant is not None and datetime.now(UTC) - instant > SETTLED:
        return FOR_EVER
    return cache_control(max_age)


def _links(
    request: HttpRequest | Request, query: Query, result_schema: ResultSchema, page: Page
) -> Links:
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    plain = [(name, value) for name, value in asked if name != "cursor"]

    def to(place: CursorPosition | None) -> str | None:
        if place is None:
            return None
        token = encode_cursor(result_schema.name, place, query.filters, query.snapshot)
        return _url(request.path, [*plain, ("cursor", token)])

    return Links(_url(request.path, asked), to(page.after), to(page.before))


def _url(path: str, query: list[tuple[str, str]]) -> str:
    text = urlencode(query, quote_via=quote, safe=",:.")
    return f"{path}?{text}" if text else path


def _link_header(links: Links) -> dict[str, str]:
    given = (("next", links.next), ("prev", links.prev))
    text = ", ".join(f'<{url}>; rel="{name}"' for name, url in given if url)
    return {"Link": text} if text else {}


def _file_name(result_schema: ResultSchema, format_name: str) -> str:
    return f"{result_schema.name.replace('/', '-')}.{format_name}"


def _meta(
    params: Mapping[str, Any],
    query: Query,
    answer: Result,
    columns: tuple[Column, ...],
    links: Links,
) -> Meta:
    return Meta(
        count=len(answer.page.rows),
        limit=query.page.limit,
        next_cursor=_token(links.next),
        prev_cursor=_token(links.prev),
        known_at=query.snapshot.at,
        units=_units(columns, query.columns, answer.page.rows),
        latest=answer.latest,
        reason=answer.reason,
        did_you_mean=dict(answer.near) or None,
    )


def _token(url: str | None) -> str | None:
    return url.rpartition("cursor=")[2] if url else None


def _units(
    columns: Sequence[Column], fetched: Sequence[str], rows: Sequence[Row]
) -> dict[str, str]:
    """The unit of each column that has one; `=name` where it differs by row and `name` has it."""
    units = {}
    for column in columns:
        if column.unit is not None:
            units[column.name] = column.unit
            if column.unit.startswith("="):
                holder = fetched.index(column.unit[1:])
                found = set(map(itemgetter(holder), rows))
                if len(found) == 1 and None not in found:
                    units[column.name] = str(found.pop())
    return units
