"""Cursors: where a page ended, signed, and bound to what was asked and to what was known.

A cursor keeps the sort values of a row, the direction, a hash of the filters, and the watermarks it
was issued under with the instant they were published. No clock is read for it, so equal answers
have equal cursors; where days were asked for by how far they lie back, it keeps from when.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings

from aurum.errors import BadCursor
from aurum.query import Query
from aurum.snapshot import WATERMARKS, Snapshot
from aurum.stores.paging import CursorPosition, Page

MAX_LENGTH = 1000
"""No cursor of the longest names that loads let in is longer (`aurum.loads.cells`)."""
SIGNATURE_BYTES = 16


class _Payload(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    schema: str
    backward: bool
    values: list[str | float | None]
    filters: str
    loads: dict[str, int]
    known_at: datetime | None
    clock: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    position: CursorPosition
    snapshot: Snapshot


def _signature(payload: bytes) -> bytes:
    return hmac.digest(_signing_key(settings.SECRET_KEY), payload, "sha256")[:SIGNATURE_BYTES]


@lru_cache(maxsize=1)
def _signing_key(secret: str) -> bytes:
    """The key for cursors alone, as Django's `salted_hmac` derives it anew for each signature."""
    return hashlib.sha256(b"aurum.cursor" + secret.encode()).digest()


def _filter_hash(filters: Mapping[str, Any]) -> str:
    asked = sorted((name, str(value)) for name, value in filters.items() if value is not None)
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]


def encode_cursor(
    schema: str,
    position: CursorPosition,
    filters: Mapping[str, Any],
    known: Snapshot,
    clock: datetime | None = None,
) -> str:
    """The opaque text of a position in the answer named `schema`."""
    payload = msgspec.json.encode(
        # The filters go in as a hash: a cursor is refused with others, and stays short.
        _Payload(
            schema,
            position.backward,
            list(position.values),
            _filter_hash(filters),
            dict(sorted(known.loads.items())),
            known.at,
            clock,
        )
    )
    return _text(_signature(payload) + payload)


def page_cursors(query: Query, page: Page) -> list[str | None]:
    """The cursors of the page after and of the page before, None where there is none."""
    filters, snapshot, clock = query.filters, query.snapshot, query.clock
    return [
        encode_cursor(query.schema.name, place, filters, snapshot, clock) if place else None
        for place in (page.after, page.before)
    ]


def cursor_clock(token: str, *, field: str) -> datetime | None:
    """The moment from which the days of the cursor's query lie back; BadCursor as `decode_cursor`.

    The next page is of the same days, however long after the first it is asked for.
    """
    return _verified(token, field).clock


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(token: str, schema: str, filters: Mapping[str, Any], *, field: str) -> Cursor:
    """The position behind a token; BadCursor, naming `field`, when it cannot be used here."""
    payload = _verified(token, field)
    if payload.schema != schema:
        raise _bad("Invalid cursor: it belongs to another endpoint", "foreign", field)
    if payload.filters != _filter_hash(filters):
        raise _bad("Cursor filters do not match current query parameters", "filters_changed", field)
    for table, load in payload.loads.items():
        # A table that this process has not polled yet, or a load newer than it knows of, is no
        # reason to refuse: another process of the same installation has signed the cursor.
        mark = WATERMARKS.value.get(table)
        if mark is not None and load < mark.horizon:
            raise _bad("Cursor has expired", "expired", field)
    position = CursorPosition(tuple(payload.values), payload.backward)
    return Cursor(position, Snapshot(payload.loads, payload.known_at))


def _verified(token: str, field: str) -> _Payload:
    if len(token) > MAX_LENGTH:
        raise _bad(f"Invalid cursor: longer than {MAX_LENGTH} characters", "too_long", field)
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("Invalid cursor: it is not one of ours", "broken", field) from error
    # Base64 has several spellings of the same bytes; only ours counts.
    if _text(raw) != token:
        raise _bad("Invalid cursor: it is not one of ours", "broken", field)
    signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(payload)):
        raise _bad("Invalid cursor: signature mismatch", "tampered", field)
    try:
        return msgspec.json.decode(payload, type=_Payload)
    except msgspec.DecodeError as error:
        # Only a release that wrote cursors another way could have signed this.
        raise _bad("Invalid cursor: of another version", "broken", field) from error


def _bad(message: str, code: str, field: str) -> BadCursor:
    return BadCursor.field(
        field, message, code=code, constraint="a next_cursor or prev_cursor of this same query"
    )


def normalize_cursor_input(params: Mapping[str, Any]) -> tuple[str, str] | None:
    """The one cursor parameter of a query as (name, token), None where there is none.

    BadCursor when several are given, or one beside `offset`.
    """
    given = [name for name in ("cursor", "since_cursor", "prev_cursor") if params.get(name)]
    if len(given) > 1:
        raise BadCursor.field(
            given[1],
            f"Give only one of {', '.join(given)}",
            code="conflict",
            constraint="one cursor",
        )
    if given and params.get("offset") is not None:
        raise BadCursor.field(
            "offset", f"Give either offset or {given[0]}", code="conflict", constraint="one of both"
        )
    return (given[0], params[given[0]]) if given else None
