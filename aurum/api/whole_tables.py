"""Whole tables: everything that matches, streamed in constant memory under one snapshot.

The transfer itself tells whether all of it has come: where a read fails on the way, the connection
ends before the last chunk, which clients report as an error. A workbook is a zip archive, which can
be sent only once it is whole: its transfer begins late, and until then an error is still an answer.
"""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
import structlog
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from aurum.api.accept import accepts_gzip
from aurum.api.encoders import ENCODERS, Encoder
from aurum.api.formats import content_type
from aurum.errors import Problem
from aurum.query import Query
from aurum.results import Result

log = structlog.get_logger("aurum.tables")

ROWS_AT_ONCE = 250
"""Are encoded before other requests get their turn."""
ZIPPED = frozenset({"xlsx", "parquet"})
"""Formats that are compressed already."""
WITH_END_RECORD = ("csv", "ndjson")
GZIP = 16 + zlib.MAX_WBITS

Pieces = AsyncGenerator[Result, None]
T = TypeVar("T")


async def respond_whole(
    query: Query,
    pieces: Pieces,
    headers: dict[str, str],
    *,
    accept_encoding: str,
    head_only: bool,
) -> HttpResponseBase:
    """The rows as they come. The first piece is read before the answer starts: until then an error
    is still a problem document. For HEAD nothing is read.

    `X-Total-Count` says how many rows there are where the first piece has all of them, `X-Reason`
    why there are none.
    """
    name = str(query.format)
    kind = content_type(name)
    if zips := name not in ZIPPED and accepts_gzip(accept_encoding):
        headers["Content-Encoding"] = "gzip"
    if head_only:
        await pieces.aclose()
        return HttpResponse(content_type=kind, headers=headers)
    columns = tuple(query.schema.by_name[column] for column in query.columns)
    first = await anext(pieces)
    if first.page.after is None:
        headers["X-Total-Count"] = str(len(first.page.rows))
    if first.reason:
        headers["X-Reason"] = first.reason
    encoder = ENCODERS[name](columns, spreadsheet=query.spreadsheet)
    if name == "xlsx":
        body: Any = _workbook(encoder, query, first, pieces)
        # Made before the answer starts, as it may turn out to have too many rows.
        begun = await anext(body)
        body = _chain(begun, body)
    else:
        body = _encoded(encoder, query, first, pieces)
    return StreamingHttpResponse(
        _gzipped(body) if zips else body, content_type=kind, headers=headers
    )


async def _encoded(
    encoder: Encoder, query: Query, first: Result, pieces: Pieces
) -> AsyncGenerator[bytes, None]:
    digest, count = hashlib.sha256(), 0
    proves = query.end_record
    try:
        # Closed here and not by the garbage collector, so that a read under way ends at once.
        async with aclosing(pieces):
            part = encoder.head()
            async for piece in _chain(first, pieces):
                rows = piece.page.select(query.columns)
                for start in range(0, len(rows), ROWS_AT_ONCE):
                    part += encoder.rows(rows[start : start + ROWS_AT_ONCE])
                    if part:
                        if proves:
                            digest.update(part)
                        yield part
                    part = b""
                count += len(rows)
        last = part + b"".join(encoder.end())
        if proves:
            digest.update(last)
            last += _end_record(query, count, digest.hexdigest())
        if last:
            yield last
    except Problem as problem:
        # The status is long sent: the server then ends the connection without the last chunk.
        log.error("table_cut_off", problem=problem.slug, rows=count)
        raise
    finally:
        encoder.close()


async def _workbook(
    encoder: Encoder, query: Query, first: Result, pieces: Pieces
) -> AsyncGenerator[bytes, None]:
    """The bytes of a workbook, which is made whole before the first of them."""
    try:
        encoder.head()
        async with aclosing(pieces):
            async for piece in _chain(first, pieces):
                rows = piece.page.select(query.columns)
                # In a thread: a row takes twenty times as long as in a CSV, and the zip seconds.
                await asyncio.to_thread(encoder.rows, rows)
        for part in await asyncio.to_thread(encoder.end):
            yield part
    finally:
        encoder.close()


async def _chain(first: T, rest: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    async with aclosing(rest):
        yield first
        async for part in rest:
            yield part


async def _gzipped(body: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    packer = zlib.compressobj(1, wbits=GZIP)
    async with aclosing(body):
        async for part in body:
            if packed := packer.compress(part):
                yield packed
    yield packer.flush()


def _end_record(query: Query, rows: int, sha256: str) -> bytes:
    """The last record where one is asked for: how many rows, and the hash of all bytes before."""
    if query.format == "csv":
        cells: Iterable[str] = (
            f"#end rows={rows} sha256={sha256}",
            *[""] * (len(query.columns) - 1),
        )
        return (",".join(cells) + "\r\n").encode()
    return msgspec.json.encode({"end": {"rows": rows, "sha256": sha256}}) + b"\n"
