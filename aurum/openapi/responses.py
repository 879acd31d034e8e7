"""What an operation answers, as OpenAPI: rows of declared columns, envelopes, headers, problems."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from aurum.api.problems import CONTENT_TYPE, ProblemDocument, problem_response
from aurum.errors import BadCursor, BadQuery, Problem, catalogue
from aurum.openapi.parameters import Schema
from aurum.stores.tables import Column, Kind

SCHEMAS, RESPONSES, HEADERS = "schemas", "responses", "headers"

TYPES: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.REAL: {"type": "number", "format": "double"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.LOCAL: {"type": "string", "format": "date-time"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
}

HEADER_DOCS: Mapping[str, str] = {
    "ETag": "Names this answer, unless it is a whole table. Send it back as `If-None-Match`: while"
    " the answer is the same, the reply is 304 without a body.",
    "Cache-Control": "How long the answer may be kept; `immutable` where it can never change.",
    "Vary": "The request headers that the answer depends on.",
    "Cache-Status": "Whether the answer was kept already, and why not (RFC 9211).",
    "X-Request-Id": "What finds the request in the log: yours if you sent one, else made up.",
    "Server-Timing": "How many milliseconds the store and the whole request took.",
    "Link": "Related paths (RFC 8288): `next` and `prev` of v2; `deprecation` and"
    " `successor-version` of v1.",
    "Content-Disposition": "A file name, where the answer is one.",
    "Deprecation": "Since when v1 is deprecated (RFC 9745).",
    "Sunset": "Until when v1 is promised (RFC 8594).",
    "X-Deprecation-Info": "That `offset` is deprecated within v1.",
    "X-Has-More": "Of CSV: whether there are rows beyond this page.",
    "X-Total-Count": "Of a whole table that is short: how many rows it has.",
    "X-Reason": "Why there are no rows, in formats that have no place for it: `meta.reason`.",
    "X-Next-Cursor": "Of CSV: where the next page begins.",
    "X-Prev-Cursor": "Of CSV: where the page before ends.",
    "Retry-After": "After how many seconds to try again.",
    "WWW-Authenticate": "How to say who you are.",
}

REF = "#/components/schemas/{name}"
NULL = {"type": "null"}
REQUEST_ID, INSTANT = "desk-7.42", "2025-10-01T06:00:00.000Z"
"""What stands for that which differs each time."""


class Components:
    """What several operations share: put into the document once and referred to."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self._registry = registry

    def add(self, kind: str, name: str, value: Schema) -> Schema:
        component: Any = ResolvedComponent(name, kind, value, object=Components)  # type: ignore[no-untyped-call]
        self._registry.register_on_missing(component)
        ref: Schema = component.ref
        return ref

    def struct(self, kind: type[msgspec.Struct]) -> Schema:
        """A struct, and the structs it is made of; their names without `Document`."""
        _, found = msgspec.json.schema_components([kind], ref_template=REF)
        refs = {
            name: self.add(SCHEMAS, name.removesuffix("Document"), _plain(raw))
            for name, raw in found.items()
        }
        return refs[kind.__name__]

    def headers(self, names: Iterable[str]) -> Schema:
        return {
            name: self.add(
                HEADERS, name, {"description": HEADER_DOCS[name], "schema": {"type": "string"}}
            )
            for name in names
        }

    def problem(self, *kinds: type[Problem], path: str) -> Schema:
        """The response of problems that have the same status, each with an example."""
        made = [_made(kind) for kind in kinds]
        response = {
            "description": " ".join(_meaning(kind) for kind in kinds),
            "headers": self.headers(("X-Request-Id", *made[0].headers)),
            "content": {
                CONTENT_TYPE: {
                    "schema": self.struct(ProblemDocument),
                    "examples": {one.slug: {"value": _document(one, path)} for one in made},
                }
            },
        }
        name = "Or".join(one.title.replace(" ", "") for one in made)
        return self.add(RESPONSES, name, response)


def _plain(schema: Schema) -> Schema:
    """msgspec's schema as the answers are really sent: without titles, and with no null for fields
    that are left out when they are null."""
    properties = {name: _property(found) for name, found in schema["properties"].items()}
    kept = {name: value for name, value in schema.items() if name not in ("title", "properties")}
    return {**kept, "properties": properties}


def _property(schema: Schema) -> Schema:
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    # A field that has a default is left out instead of null (omit_defaults), so null is no choice.
    choices: list[Schema] = [
        choice for choice in schema.get("anyOf", ()) if "default" not in schema or choice != NULL
    ]
    match choices:
        case []:
            return rest
        case [one]:
            return {**rest, **one}
        case [{"type": kind}, {"type": "null"}]:
            return {**rest, **choices[0], "type": [kind, "null"]}
    return {**rest, "anyOf": choices}


def column_schema(column: Column) -> Schema:
    schema = {**TYPES[column.kind], "description": column.doc}
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
    if column.unit_text is not None:
        schema["x-unit"] = column.unit_text
    return schema


def row_schema(columns: Sequence[Column], *, whole: bool) -> Schema:
    """A row as an object; `whole` says that it always has all its columns."""
    schema: Schema = {
        "type": "object",
        "properties": {column.name: column_schema(column) for column in columns},
        "additionalProperties": False,
    }
    return schema | ({"required": [column.name for column in columns]} if whole else {})


def columns_schema(columns: Sequence[Column]) -> Schema:
    """An object with a list for each column."""
    properties: Schema = {}
    for column in columns:
        items = column_schema(column)
        properties[column.name] = {"description": items.pop("description"), "type": "array"}
        properties[column.name] |= {"items": items}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def envelope(**parts: Schema) -> Schema:
    return {
        "type": "object",
        "properties": parts,
        "required": list(parts),
        "additionalProperties": False,
    }


def _meaning(kind: type[Problem]) -> str:
    entry = catalogue()[kind.slug]
    return f"**{entry.title}.** {entry.meaning} {entry.remedy}"


def _made(kind: type[Problem]) -> Problem:
    """A problem as it may happen."""
    match kind:
        case _ if issubclass(kind, BadCursor):
            return kind.field("cursor", "Invalid cursor: signature mismatch", code="tampered")
        case _ if issubclass(kind, BadQuery):
            words = "There is no such parameter (did you mean 'limit'?)."
            return kind.field("limt", words, code="unknown_parameter", constraint="one of limit, …")
    return kind()


def _document(problem: Problem, path: str) -> Any:
    request = HttpRequest()
    request.path, request.request_id = path, REQUEST_ID  # type: ignore[attr-defined]
    document = msgspec.json.decode(problem_response(problem, request).content)
    return {**document, "timestamp": INSTANT}
