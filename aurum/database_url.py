"""Django's settings of the ops database, from its address."""

from typing import Any

import dj_database_url

_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    # FULL: a load is published by a row of this database, and must stay so after a power cut.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=16777216;"
    ),
}
# Of a PostgreSQL that does not answer: seconds to connect, milliseconds until what was sent must
# have arrived, probes of a connection that is silent, and as long a wait for locks as in SQLite.
# The URL's own options stand over these.
_POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": "-c lock_timeout=10s",
}


def database_of(url: str) -> dict[str, Any]:
    """An entry of DATABASES; ValueError, which repeats nothing of the URL, where it is none."""
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:  # its text may have a part of the password in it
        raise ValueError(
            "is no address of a database, as postgresql://user@host/name; what is special in its"
            " password must be percent-encoded"
        ) from None
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = {**database.get("OPTIONS", {}), **_SQLITE_OPTIONS}
    elif database["ENGINE"].endswith("postgresql"):
        database["OPTIONS"] = {**_POSTGRESQL_OPTIONS, **database.get("OPTIONS", {})}
    return database
