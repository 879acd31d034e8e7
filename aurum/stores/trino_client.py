"""Connecting to Trino, and what its errors mean."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import requests  # noqa: TID251 - Trino's own client speaks through it
import trino
from requests.adapters import HTTPAdapter  # noqa: TID251
from trino import exceptions
from urllib3 import Retry

from aurum.errors import DeadlineExceeded, Overloaded, StoreUnavailable
from aurum.stores.addresses import TRINO_PORTS, check_trino, names_in
from aurum.stores.contract import TableUnreadable
from aurum.stores.threaded import ConnectionLost

CONNECT_SECONDS = 5.0

_OVERFLOWED = "NUMERIC_VALUE_OUT_OF_RANGE"
_TIMED_OUT = "EXCEEDED_TIME_LIMIT"
_TOO_MANY = "QUERY_QUEUE_FULL"
_FAILED_TYPES = ("INTERNAL_ERROR", "INSUFFICIENT_RESOURCES", "EXTERNAL")
_FAILED = (
    *("USER_CANCELED", "ADMINISTRATIVELY_KILLED", "ADMINISTRATIVELY_PREEMPTED"),
    *("SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND"),
)
# What was never loaded is not asked for, so tables must be there and open to us.
_UNREADABLE = ("TABLE_NOT_FOUND", "PERMISSION_DENIED")
_FORGOTTEN = ("error 404", "error 410")
"""How a coordinator that was started again answers to a query of before."""


def connect(url: str, *, answer_seconds: float = 30.0, **properties: Any) -> trino.dbapi.Connection:
    """A connection, whose queries have these properties of a session; it asks nothing yet.

    `answer_seconds` is how long the server may take for one answer. It gives one each second while
    a query runs, so that is one that hangs.
    """
    check_trino(url)
    parts = urlsplit(url)
    catalog, schema = names_in(parts.path)
    user = unquote(parts.username or "aurum")
    host = parts.hostname or ""
    return trino.dbapi.connect(  # type: ignore[no-untyped-call, no-any-return]
        host=f"[{host}]" if ":" in host else host,
        port=parts.port or TRINO_PORTS[parts.scheme],
        http_scheme=parts.scheme,
        user=user,
        auth=trino.auth.BasicAuthentication(user, unquote(parts.password))
        if parts.password is not None
        else None,
        catalog=catalog,
        schema=schema,
        source="aurum",
        timezone="UTC",
        session_properties=properties,
        http_session=_http_session(),
        request_timeout=(CONNECT_SECONDS, answer_seconds),
        # Its own attempts would wait for a server that hangs as often again.
        max_attempts=1,
        # It would ask the server on each first query whether it knows the new ones.
        legacy_prepared_statements=False,
        # Values as they travel: text of dates and instants, which Aurum has as text too.
        legacy_primitive_types=True,
    )


def _http_session() -> requests.Session:
    """Trino asks its clients to come again when it, or what is before it, has no time."""
    again = Retry(
        total=2,
        read=0,
        backoff_factor=0.1,
        status_forcelist=(429, 502, 503, 504),
        allowed_methods=None,
        raise_on_status=False,
        respect_retry_after_header=False,  # which may be an hour
    )
    session = requests.Session()
    for scheme in TRINO_PORTS:
        session.mount(f"{scheme}://", HTTPAdapter(max_retries=again))
    return session


def problem_of(error: Exception) -> Exception | None:
    """What an error of the client means to a caller; None for a mistake of ours."""
    if isinstance(error, exceptions.TrinoQueryError):
        return _problem_of_query(error)
    if isinstance(error, exceptions.TrinoConnectionError | requests.RequestException):
        return ConnectionLost()
    if isinstance(error, exceptions.HttpError | exceptions.OperationalError):
        return ConnectionLost() if str(error).startswith(_FORGOTTEN) else StoreUnavailable()
    # What stands before the server may answer in HTML.
    return StoreUnavailable() if isinstance(error, json.JSONDecodeError) else None


def _problem_of_query(error: exceptions.TrinoQueryError) -> Exception | None:
    name = error.error_name
    if name == _TIMED_OUT:
        return DeadlineExceeded()
    if name == _TOO_MANY:
        return Overloaded()
    if name == _OVERFLOWED or (
        name == "INVALID_CAST_ARGUMENT" and error.message.endswith(" to bigint")
    ):
        return OverflowError(error.message)
    if name in _UNREADABLE:
        return TableUnreadable()
    failed = name in _FAILED or error.error_type in _FAILED_TYPES
    return StoreUnavailable() if failed else None
