"""What every answer of v2 has in common: one grammar, whatever the domain."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlencode

import msgspec
from django.http import HttpRequest
from msgspec import Meta as Doc
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from aurum.api.cursors import decode_cursor, page_cursors
from aurum.api.fields import with_fields
from aurum.api.formats import available, column_lists, encode, row_object, row_objects
from aurum.api.problems import DATE_TIME
from aurum.api.query_params import read_query
from aurum.api.representation import FOR_EVER, Representation, negotiate, represent
from aurum.api.views import AsyncAPIView
from aurum.cache.policies import Policy
from aurum.query import Query
from aurum.results import Result, ResultSchema
from aurum.snapshot import SETTLED, snapshot_at
from aurum.stores.paging import Page, PageRequest, whole
from aurum.stores.tables import Column

NOT_FILTERS = ("cursor", "limit", "format", "shape", "fields")
SHAPES: Mapping[str, Callable[..., Any]] = {
    "rows": row_objects,
    "columns": column_lists,
    "one": row_object,
}


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
    """Reads a query with `query_serializer`, calls `service`, and writes what that finds.

    Every list takes `fields`, the choice of its columns, which follows from `result_schema`. A view
    of a single row has `shape` "one": in JSON `data` is then the row itself and not a list of it.
    """

    query_serializer: ClassVar[type[Serializer[Any]]]
    result_schema: ClassVar[ResultSchema]
    service: ClassVar[Callable[..., Awaitable[Result]]]
    policy: ClassVar[Policy]
    shape: ClassVar[str | None] = None

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "result_schema"):  # bases of views have none yet
            cls.tables = cls.result_schema.tables
            cls.query_serializer = with_fields(cls.query_serializer, cls.result_schema.column_names)

    @classmethod
    def result_schema_of(cls, params: Mapping[str, Any]) -> ResultSchema:
        """The schema of an answer; a view whose answers have two forms says which."""
        return cls.result_schema

    async def get(self, request: Request, **path: str) -> Any:
        query = await self.read(request, **path)
        return self.respond(request, query, await type(self).service(query))

    async def read(self, request: Request, **path: str) -> Query:
        """The query: under the snapshot of its cursor, of `known_at`, or of now."""
        params = read_query(request, self.query_serializer, **path)
        schema = self.result_schema_of(params)
        filters = {name: value for name, value in params.items() if name not in NOT_FILTERS}
        position = None
        if token := params.get("cursor"):
            cursor = decode_cursor(token, schema.name, filters, field="cursor")
            position, snapshot = cursor.position, cursor.snapshot
        else:
            snapshot = await snapshot_at(params.get("known_at"), schema.table_names)
        return Query(
            schema,
            snapshot,
            filters,
            PageRequest(params.get("limit"), position),
            schema.selected(params.get("fields")),
            self.principal,
            params.get("format"),
            self.shape or params.get("shape", "rows"),
        )

    def respond(self, request: Request, query: Query, result: Result) -> Representation:
        """The result in the format asked for; one without an envelope has its cursors in `Link`."""
        name = negotiate(request, query.format, self.formats())
        page, schema = result.page, query.schema
        columns = tuple(schema.by_name[column] for column in query.columns)
        first, rows = page.parted(query.columns)
        cursors = page_cursors(query, page)
        links = _links(request, cursors)
        headers = _link_header(links)
        if name == "json":
            meta = _meta(query, result, columns, cursors)
            body = msgspec.json.encode(
                Envelope(SHAPES[query.shape](columns, rows, first), meta, links)
            )
        else:
            headers["Content-Disposition"] = attachment(schema, name)
            body = encode(name, columns, whole(rows, first))
        content_type = available()[name] + ("; charset=utf-8" if name == "csv" else "")
        return represent(
            body,
            content_type=content_type,
            max_age=_max_age(query, self.policy.max_age_seconds),
            headers=headers,
            empty=not page.rows,
        )

    @classmethod
    def formats(cls) -> Mapping[str, str]:
        return available()


def attachment(schema: ResultSchema, format_name: str) -> str:
    """The `Content-Disposition` of an answer that is a file."""
    return f'attachment; filename="{schema.name.replace("/", "-")}.{format_name}"'


def _max_age(query: Query, max_age: int) -> int:
    """The seconds of an answer of now; an answer of the past stays as it is."""
    instant = query.filters.get("known_at")
    if instant is not None and datetime.now(UTC) - instant > SETTLED:
        return FOR_EVER
    return max_age


def _links(request: HttpRequest | Request, cursors: list[str | None]) -> Links:
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    plain = [(name, value) for name, value in asked if name != "cursor"]
    text, path = _encoded(plain), request.path
    # A cursor has no character that is to be encoded.
    after, before = (
        f"{path}?{text}{text and '&'}cursor={token}" if token else None for token in cursors
    )
    itself = text if plain == asked else _encoded(asked)
    return Links(f"{path}?{itself}" if itself else path, after, before)


def _encoded(query: list[tuple[str, str]]) -> str:
    return urlencode(query, quote_via=quote, safe=",:.")


def _link_header(links: Links) -> dict[str, str]:
    given = (("next", links.next), ("prev", links.prev))
    text = ", ".join(f'<{url}>; rel="{name}"' for name, url in given if url)
    return {"Link": text} if text else {}


def _meta(
    query: Query, result: Result, columns: tuple[Column, ...], cursors: list[str | None]
) -> Meta:
    after, before = cursors
    return Meta(
        count=len(result.page.rows),
        limit=query.page.limit or 1,
        next_cursor=after,
        prev_cursor=before,
        known_at=query.snapshot.at,
        units=_units(columns, result.page),
        latest=result.latest,
        reason=result.reason,
        did_you_mean=dict(result.suggestions) or None,
    )


def _units(columns: tuple[Column, ...], page: Page) -> dict[str, str]:
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
