"""The address of a TimescaleDB or PostgreSQL, read before anyone connects to it."""

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


def check(dsn: str) -> None:
    """ValueError, which repeats nothing of it, where it is no address that libpq takes."""
    try:
        port = str(conninfo_to_dict(dsn).get("port", "0"))
    except ProgrammingError:  # its text has all of the address in it
        port = ""
    # After an unencoded slash a port is what of the password comes before it.
    if not port.replace(",", "").isdigit():
        raise ValueError(
            "is no address of a PostgreSQL, as postgresql://user@host/name; what is special in its"
            " password must be percent-encoded"
        )
