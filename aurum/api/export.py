"""Streaming everything that matches, in constant memory, with a last record that proves the end.

The last line of NDJSON is `{"end": {"rows": …, "sha256": …}}`, the last row of CSV begins with
`#end`. The hash is of every byte before that line. An answer without it was cut off.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

import msgspec
import structlog
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from aurum.api.formats import MEDIA_TYPES, csv_bytes, ndjson
from aurum.api.representation import VARY, cache_control, negotiate
from aurum.api.v2 import V2View, attachment
from aurum.errors import Problem
from aurum.stores.tables import Column, Row

log = structlog.get_logger("aurum.export")

FORMATS = {name: MEDIA_TYPES[name] for name in ("ndjson", "csv")}

Pieces = AsyncGenerator[list[Row], None]


class V2Export(V2View):
    """Everything that matches; `service` gives it in pieces, with the columns of the query."""

    streams = True
    service: ClassVar[Callable[..., Pieces]]  # type: ignore[assignment]  # in place of a page

    async def get(self, request: Request, **path: str) -> HttpResponseBase:
        """The rows as they come. The first piece is read before the answer starts: until then an
        error is still a problem document; later it can only cut the answer off. For HEAD nothing
        is read."""
        query = await self.read(request, **path)
        name = negotiate(request, query.format, self.formats())
        columns = tuple(query.schema.by_name[column] for column in query.columns)
        headers = {
            "Cache-Control": cache_control(self.policy.max_age_seconds, private=self.is_private),
            "Content-Disposition": attachment(query.schema, name),
            "Vary": VARY,
        }
        content_type = FORMATS[name] + ("; charset=utf-8" if name == "csv" else "")
        if request.method == "HEAD":
            return HttpResponse(content_type=content_type, headers=headers)
        pieces = type(self).service(query)
        first: list[Row] = await anext(pieces, [])
        body = _body(name, columns, first, pieces)
        return StreamingHttpResponse(body, content_type=content_type, headers=headers)

    @classmethod
    def formats(cls) -> Mapping[str, str]:
        return FORMATS


async def _body(
    name: str, columns: tuple[Column, ...], first: Sequence[Row], pieces: Pieces
) -> AsyncIterator[bytes]:
    encode: Callable[[Sequence[Row]], bytes]
    if name == "csv":
        encode, head = _csv_rows, csv_bytes([column.name for column in columns], ())
    else:
        encode, head = _ndjson_rows(columns), b""
    digest, rows = hashlib.sha256(head), len(first)
    try:
        # Closed here and not by the garbage collector, so that a read under way ends at once.
        async with aclosing(pieces):
            if head:
                yield head
            if first:
                yield _counted(digest, encode(first))
            async for piece in pieces:
                rows += len(piece)
                yield _counted(digest, encode(piece))
    except Problem as problem:
        # The status is long sent. What is missing says so: the last record does not come.
        log.error("export_cut_off", problem=problem.slug, rows=rows)
        return
    yield _end(name, rows, digest.hexdigest(), len(columns))


def _counted(digest: Any, chunk: bytes) -> bytes:
    digest.update(chunk)
    return chunk


def _csv_rows(rows: Sequence[Row]) -> bytes:
    return csv_bytes(None, rows)


def _ndjson_rows(columns: tuple[Column, ...]) -> Callable[[Sequence[Row]], bytes]:
    return lambda rows: ndjson(columns, rows)


def _end(name: str, rows: int, sha256: str, width: int) -> bytes:
    if name == "csv":
        cells = [f"#end rows={rows} sha256={sha256}"] + [""] * (width - 1)
        return (",".join(cells) + "\r\n").encode()
    return msgspec.json.encode({"end": {"rows": rows, "sha256": sha256}}) + b"\n"
