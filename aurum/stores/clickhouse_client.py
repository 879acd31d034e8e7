"""Connecting to ClickHouse, and what its errors mean."""

import logging
from typing import Any

import structlog
from clickhouse_driver import Client, errors
from clickhouse_driver.errors import ErrorCodes as Code
from clickhouse_driver.util.helpers import parse_url

from aurum.errors import DeadlineExceeded, Overloaded, StoreUnavailable
from aurum.stores.addresses import check_clickhouse
from aurum.stores.contract import TableUnreadable
from aurum.stores.threaded import ConnectionLost

log = structlog.get_logger("aurum.stores")

AT_LEAST = 25, 7
"""The first version with lightweight updates."""
CONNECT_SECONDS = 5.0

# It warns, with a traceback, of what stores log in a line and callers are told.
logging.getLogger("clickhouse_driver.connection").setLevel(logging.ERROR)

STANDARD = {
    # The greatest of no rows is null, and so is what a LEFT JOIN does not find; ClickHouse would
    # say 0, '' or 1970-01-01.
    "aggregate_functions_null_for_empty": 1,
    "join_use_nulls": 1,
    # Text without an offset is in UTC.
    "session_timezone": "UTC",
    # What goes beyond a limit is an error. A server may be set up to answer with a part of it.
    **{
        f"{what}_overflow_mode": "throw"
        for what in ("timeout", "read", "result", "group_by", "sort", "set", "join", "distinct")
    },
}
"""How ClickHouse is to understand SQL as other engines do, however it is set up."""

# The driver does not name these.
_ACCESS_DENIED, _AUTHENTICATION_FAILED, _SYSTEM_ERROR, _NO_THREAD = 497, 516, 425, 439
_DEADLOCK_AVOIDED, _DECIMAL_OVERFLOW = 473, 407

_FAILED = frozenset(
    (
        *(Code.UNEXPECTED_END_OF_FILE, Code.SOCKET_TIMEOUT, Code.NETWORK_ERROR),
        *(Code.ALL_CONNECTION_TRIES_FAILED, Code.ABORTED, Code.QUERY_WAS_CANCELLED),
        *(Code.MEMORY_LIMIT_EXCEEDED, Code.NOT_ENOUGH_SPACE, _SYSTEM_ERROR, _NO_THREAD),
        *(Code.NO_ZOOKEEPER, Code.UNEXPECTED_ZOOKEEPER_ERROR, Code.KEEPER_EXCEPTION),
        *(Code.TABLE_IS_READ_ONLY, _DEADLOCK_AVOIDED),
        *(Code.UNKNOWN_DATABASE, Code.READONLY),
        *(Code.UNKNOWN_USER, Code.WRONG_PASSWORD, Code.REQUIRED_PASSWORD, _AUTHENTICATION_FAILED),
    )
)

# What was never loaded is not asked for, so tables must be there and open to us.
_UNREADABLE = frozenset((Code.UNKNOWN_TABLE, _ACCESS_DENIED))


def connect(url: str, *, answer_seconds: float = 300.0, **settings: Any) -> Client:
    """A connection that is open, whose queries have these settings of the server.

    `answer_seconds` is how long the server may say nothing. A server tells of its progress, so that
    is one that hangs.
    """
    check_clickhouse(url)
    host, given = parse_url(url)
    client = Client(
        host,
        **{
            "connect_timeout": CONNECT_SECONDS,
            "send_receive_timeout": answer_seconds,
            **given,
            "settings": {
                **given.get("settings", {}),
                **STANDARD,
                "server_side_params": True,  # values never reach the text
                **settings,
            },
            "client_name": "aurum",
            "compression": False,
            # A lost connection is for the caller to know.
            "disable_reconnect": True,
        },
    )
    try:
        client.connection.connect()
        _must_be_new_enough(client)
    except BaseException:
        client.disconnect()
        raise
    return client


def _must_be_new_enough(client: Client) -> None:
    """Only so can loads replace rows in place."""
    info = client.connection.server_info
    version = info.version_major, info.version_minor
    if version < AT_LEAST:
        found, needed = (".".join(map(str, one)) for one in (version, AT_LEAST))
        log.error("store_too_old", engine="clickhouse", version=found, at_least=needed)
        raise StoreUnavailable


def problem_of(error: Exception) -> Exception | None:
    """What an error of the driver means to a caller; None for a mistake of ours."""
    if isinstance(error, errors.ServerException):
        if error.code == Code.TIMEOUT_EXCEEDED:
            return DeadlineExceeded()
        if error.code == _DECIMAL_OVERFLOW:
            return OverflowError(error.code)
        if error.code == Code.TOO_MANY_SIMULTANEOUS_QUERIES:
            return Overloaded()
        if error.code in _UNREADABLE:
            return TableUnreadable()
        return StoreUnavailable() if error.code in _FAILED else None
    if isinstance(error, errors.SocketTimeoutError | TimeoutError):
        return StoreUnavailable()
    lost = (
        *(errors.NetworkError, errors.PartiallyConsumedQueryError, EOFError, OSError),
        *(errors.UnexpectedPacketFromServerError, errors.UnknownPacketFromServerError),
    )
    return ConnectionLost() if isinstance(error, lost) else None
