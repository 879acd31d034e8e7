"""One route as an OpenAPI operation: what drf-spectacular needs to know of our views.

Nothing is written down twice: parameters come from the query's serializer, columns from the
result schema, words from docstrings and declarations, problems from the error tree.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from aurum.api import v1
from aurum.api.envelope import Links, Meta
from aurum.api.fields import V1Page, V2List
from aurum.api.formats import MEDIA_TYPES
from aurum.errors import (
    BadCursor,
    BadQuery,
    DeadlineExceeded,
    Forbidden,
    NotAcceptable,
    NotFound,
    NotReady,
    Problem,
    StoreUnavailable,
    Unauthorized,
    UriTooLong,
)
from aurum.openapi.parameters import AnyField, Schema, example_of, is_list, parameter_schema
from aurum.openapi.responses import (
    SCHEMAS,
    Components,
    column_schema,
    columns_schema,
    envelope,
    row_schema,
)
from aurum.openapi.samples import samples_of

ALWAYS = (
    *("Cache-Control", "Vary", "X-Request-Id", "Server-Timing", "ETag", "Link", "Cache-Status"),
)
OF_V1 = ("Deprecation", "Sunset", "X-Deprecation-Info")
OF_V1_CSV = ("X-Has-More", "X-Next-Cursor", "X-Prev-Cursor")
OF_LISTS = ("X-Total-Count", "X-Reason")
EVERYWHERE = {*V1Page().fields, *V2List().fields, "prev_cursor", "fields"}
TEXT = ("ndjson", "csv")


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A key in either header, or a session; nothing where anonymous reads are on."""

    target_class = "aurum.api.authentication.KeyAuthentication"
    name = ["bearer", "header", "session"]

    def get_security_definition(self, auto_schema: AutoSchema) -> Any:
        bearer = {"type": "http", "scheme": "bearer", "description": "An API key."}
        header = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        cookie = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
        return [
            bearer,
            {**header, "description": "The same key, in a header of its own."},
            {**cookie, "description": "Of who has signed in at `/sign-in`, in a browser."},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        return [{"bearer": []}, {"header": []}, {"session": []}, {}]


class Operation(AutoSchema):
    """drf-spectacular's schema of one view, which the generator has given its `route` and `tag`."""

    view: Any

    @property
    def fields(self) -> Mapping[str, AnyField]:
        fields: Mapping[str, AnyField] = self.view.query_serializer().fields
        return fields

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats it answers in; JSON alone where there is no choice."""
        asked: Any = self.fields.get("format")
        return tuple(asked.choices) if asked else ("json",)

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> Schema | None:
        self.components = Components(registry)
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        assert operation is not None
        for parameter in operation.setdefault("parameters", []):
            if (example := self._example(parameter["name"])) is not None:
                parameter["example"] = example
        for response in operation["responses"].values():
            response["headers"] = self.components.headers(self._headers())
        operation["responses"] |= {
            str(kinds[0].status): self.components.problem(*kinds, path=self.view.route.example_path)
            for kinds in self._problems()
        }
        operation["x-codeSamples"] = self._samples()
        return operation

    def _samples(self) -> list[dict[str, str]]:
        route = self.view.route
        has_csv = "csv" in self.formats
        return samples_of(route.example_path, route.example, has_csv=has_csv)

    def _headers(self) -> Iterator[str]:
        yield from ALWAYS
        if self.is_deprecated():
            yield from OF_V1
            yield from OF_V1_CSV if "csv" in self.formats else ()
        elif "limit" in self.fields:
            yield from OF_LISTS

    def _problems(self) -> Iterator[tuple[type[Problem], ...]]:
        """What can go wrong, those of one status together."""
        yield (BadQuery, BadCursor) if "cursor" in self.fields else (BadQuery,)
        yield from ((kind,) for kind in (Unauthorized, Forbidden))
        if "{" in self.path:
            yield (NotFound,)
        yield from ((kind,) for kind in (NotAcceptable, UriTooLong, Problem))
        yield StoreUnavailable, NotReady
        yield (DeadlineExceeded,)

    def get_operation_id(self) -> str:
        route = self.view.route
        ids: dict[str, str] = dict(zip(route.methods, route.operation_ids, strict=True))
        return ids[self.method.lower()]

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_summary(self) -> str:
        """The first line of the view's docstring."""
        return self._words()[0].removesuffix(".")

    def get_description(self) -> str:  # type: ignore[override]
        """The rest of it, and what takes the place of a path of v1."""
        rest = self._words()[2].strip()
        return f"{rest}\n\nIn v2: `{self.view.successor}`." if self.is_deprecated() else rest

    def _words(self) -> tuple[str, str, str]:
        return inspect.cleandoc(self.view.__doc__ or "").partition("\n")

    def is_deprecated(self) -> bool:
        return isinstance(self.view, v1.V1View)

    def get_override_parameters(self) -> list[Any]:
        """What must be given first, then filters, then what every list understands."""
        # sorted() is stable: within each group the serializer's own order stays.
        ranked = sorted(
            self.fields.items(), key=lambda item: (not item[1].required, item[0] in EVERYWHERE)
        )
        return [self._parameter(name, field) for name, field in ranked]

    def _parameter(self, name: str, field: AnyField) -> OpenApiParameter:
        several: Any = {"style": "form", "explode": False} if is_list(field) else {}
        schema = parameter_schema(field)
        if name == "fields":
            schema["default"] = list(self.view.result_schema.default_columns)
        in_path = name in self.view.route.path_example
        return OpenApiParameter(
            name,
            schema,
            OpenApiParameter.PATH if in_path else OpenApiParameter.QUERY,
            required=field.required,
            description=str(field.help_text or ""),
            deprecated=name == "offset",
            **several,
        )

    def _example(self, name: str) -> Any:
        return self.view.route.path_example.get(name) or example_of(self.fields[name])

    def get_response_serializers(self) -> dict[Any, Any]:  # type: ignore[override]
        found: dict[Any, Any] = {}
        for name in self.formats:
            schema = self._json() if name == "json" else {"type": "string"}
            if name == "vegalite":
                schema = {"type": "object", "description": "A Vega-Lite specification."}
            elif name not in ("json", *TEXT):
                schema["format"] = "binary"
            found["200", MEDIA_TYPES[name]] = OpenApiResponse(schema, "What was asked for.")
        found["304"] = OpenApiResponse(None, "The answer that `If-None-Match` names.")
        return found

    def _json(self) -> Schema:
        view = self.view
        stem = "".join(word.capitalize() for word in view.route.name.replace("-", " ").split()[1:])
        if isinstance(view, v1.V1View):
            return envelope(meta=self.components.struct(v1.Meta), data=self._v1_data(stem))
        columns = view.result_schema.columns
        row = self.components.add(SCHEMAS, f"{stem}Row", row_schema(columns, whole=False))
        data: Schema = row
        if "limit" in self.fields:
            lists = self.components.add(SCHEMAS, f"{stem}Columns", columns_schema(columns))
            data = {"oneOf": [{"type": "array", "items": row}, lists]}
        meta, links = (self.components.struct(kind) for kind in (Meta, Links))
        return envelope(data=data, meta=meta, links=links)

    def _v1_data(self, stem: str) -> Schema:
        result_schema = self.view.result_schema
        match self.view.shape:
            case "values":
                (column,) = result_schema.columns
                return {"type": "array", "items": column_schema(column)}
            case "lists":
                lists = columns_schema(result_schema.columns)
                return self.components.add(SCHEMAS, f"{stem}Lists", lists)
        row = self.components.add(
            SCHEMAS, f"{stem}Row", row_schema(result_schema.columns, whole=True)
        )
        return row if self.view.shape == "one" else {"type": "array", "items": row}
