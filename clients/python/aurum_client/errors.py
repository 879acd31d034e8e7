"""What a server refuses, and what is worth asking again."""

from typing import Any

import httpx

BUSY = frozenset({429, 502, 503, 504})
"""Statuses of a server that may answer a little later."""


class ApiError(Exception):
    """An answer that is a problem (RFC 9457): its status, title, detail and id.

    `errors` has each parameter that cannot be used: field, message, and what would be right.
    """

    def __init__(
        self, status: int, title: str, detail: str, errors: list[dict[str, Any]], request_id: str
    ) -> None:
        self.status, self.title, self.detail = status, title, detail
        self.errors, self.request_id = errors, request_id
        fields = "".join(
            f"\n  {one.get('field')}: {one.get('message')}"
            + (f" It may be {one['constraint']}." if one.get("constraint") else "")
            for one in errors
        )
        super().__init__(f"{status} {title}: {detail}{fields} (request {request_id})")


class Busy(ApiError):
    """The server has no answer now; `seconds` is when it may have one, as it says itself."""

    seconds: float | None = None


class CutOff(Exception):
    """An answer that ended before its end."""


def raise_for(answer: httpx.Response) -> None:
    """Raises ApiError, or Busy, for an answer that is no success."""
    if answer.is_success:
        return
    try:
        body = answer.json()
    except ValueError:
        body = {}
    kind = Busy if answer.status_code in BUSY else ApiError
    error = kind(
        answer.status_code,
        str(body.get("title") or answer.reason_phrase),
        str(body.get("detail") or ""),
        list(body.get("errors") or ()),
        answer.headers.get("x-request-id", ""),
    )
    if isinstance(error, Busy):
        after = answer.headers.get("retry-after", "")
        error.seconds = float(after) if after.isdecimal() else None
    raise error
