"""The addresses of ClickHouse and Trino, read before anyone connects to them.

No driver is needed for that: each start reads them.
"""

from collections.abc import Callable
from urllib.parse import SplitResult, unquote, urlsplit

CLICKHOUSE_SCHEMES = ("clickhouse", "clickhouses")
TRINO_PORTS = {"http": 8080, "https": 443}


def check_clickhouse(url: str) -> None:
    """ValueError, which repeats nothing of it, where it is no address of a ClickHouse."""
    _check(
        url,
        lambda parts: parts.scheme in CLICKHOUSE_SCHEMES,
        "is no address of a ClickHouse, as clickhouse://user@host:9000/database, or clickhouses"
        " with TLS; what is special in its password must be percent-encoded",
    )


def check_trino(url: str) -> None:
    """ValueError, which repeats nothing of it, where it is no address of a schema in a Trino."""
    _check(
        url,
        lambda parts: (
            parts.scheme in TRINO_PORTS
            and len(names_in(parts.path)) == 2
            and (parts.password is None or parts.scheme == "https")
        ),
        "is no address of a schema in a Trino, as https://user:password@host:443/catalog/schema,"
        " or http:// without a password; what is special in one must be percent-encoded",
    )


def names_in(path: str) -> list[str]:
    """The catalog and the schema that an address of a Trino ends in."""
    return [unquote(part) for part in path.split("/")[1:] if part]


def _check(url: str, is_right: Callable[[SplitResult], bool], refusal: str) -> None:
    try:
        parts = urlsplit(url)
        right = bool(parts.hostname) and parts.port != 0 and is_right(parts)
    except ValueError:  # its text has what stands where a port should be
        right = False
    if not right:
        raise ValueError(refusal)
