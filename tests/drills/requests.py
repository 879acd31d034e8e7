"""What the fuzzer says: valid words, odd words, and a request made of them."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

CURSORS = ("cursor", "since_cursor", "prev_cursor")
MOST_FIELDS = 1000
"""Django refuses more parameters than this, and then no single one is at fault."""

ISOS = ("PJM", "pjm", "ERCOT", "CAISO", "NYISO", "MISO")
DAYS = ("2025-09-29", "2025-09-30", "2025-09-12", "1962-03-01")
VALUES: dict[str, Sequence[str]] = {
    "iso": ISOS,
    "asset_class": ("power", "gas", "carbon"),
    "location": ("Western Hub", "HB_NORTH", "Henry Hub", "N.Y.C."),
    "market": ("DAY_AHEAD", "NYMEX"),
    "product": ("power", "NG"),
    "block": ("ON_PEAK", "OFF_PEAK"),
    "tenor_type": ("MONTHLY", "CALENDAR", "SEASON", "QUARTER"),
    "type": ("CALENDAR", "SEASON", "QUARTER"),
    "asof": DAYS,
    "asof_a": DAYS,
    "asof_b": DAYS,
    "asof_date": DAYS,
    "limit": ("1", "2", "7", "100", "500"),
    "offset": ("0", "3", "1000000"),
    "format": ("json", "csv"),
}
DIMENSIONS = ("iso", "asset_class", "location", "market", "product", "block", "limit")
OPTIONAL = {
    "/v1/curves": (*DIMENSIONS, "asof", "tenor_type", "offset", "format"),
    "/v1/curves/diff": (*DIMENSIONS, "tenor_type", "offset"),
    "/v1/curves/strips": (*DIMENSIONS, "asof", "offset"),
}

# fmt: off
ODD_TEXT = (
    "", " ", "\0", "a\0b", "\t\r\n", "é", "\uff30JM", "\u202e", "🗲" * 9, "ß" * 51, "\ud7ff\uffff",
    "null", "true", "NaN", "-Infinity", "[]", "{}", "%", "%00", "'", '"', "' OR 1=1 --", ";", "\\",
    "<script>", "../../x", "${jndi:x}", "PJM,ERCOT", ",", "*", "=1+1", "x" * 129, "x" * 3000,
)
ODD_NUMBERS = (
    "0", "-1", "501", "1e3", "1.5", "0x10", "1_000", "٣", "+5", " 7 ", "007", "1000001",
    str(2**63), str(-(2**63) - 1), "9" * 400, "9" * 5000,
)
ODD_DATES = (
    "0000-00-00", "0001-01-01", "1600-01-01", "2025-02-30", "9999-12-31", "10000-01-01",
    "-001-01-01", "2025-9-2", "20250902", "2025-W01-1", "2025-09-12T00:00:00Z", "12/09/2025",
    "2025-09", "today", "2025-09-12\n", "٢٠٢٥-٠٩-١٢", "2025-09-12..2025-09-30", "latest",
)
RAW_QUERIES = (
    b"%", b"%%%", b"%zz=%zz", b"=", b"&", b"&&&=&", b"?", b"#", b"limit", b"limit=", b"=5",
    b"limit=%ff", b"iso=%ed%a0%80", b"iso=%c0%af", b"limit=5;iso=PJM", b"limit[]=5", b"a" * 9000,
    b"iso=" + b"%41" * 3000, b"a&" * (MOST_FIELDS + 1), b"limit=1&" * 60, b"iso=%u0041",
)
HEADERS: dict[str, Sequence[bytes]] = {
    "accept": (
        b"*/*", b"application/json", b"text/csv", b"text/html", b"text/csv;q=0.5, */*;q=0.1", b"",
        b"application/json;q=nan", b"a/b;q=1e999", b";;,,", b"*", b"\xff/\xfe", b"*/*;q=0",
        b"application/json; version=2", b"text/*" + b", x/y" * 900,
    ),
    "accept-encoding": (
        b"gzip", b"gzip;q=0", b"*", b"br, gzip;q=0.8", b"identity;q=0", b"gzip;q=", b", ,,",
        b"gzip" + b" " * 3000 + b"x", b"\xff\xfe", b"gzip;q=0.0000000",
    ),
    "if-none-match": (b"*", b'"x"', b'W/"x"', b'"', b"x", b'"a", W/"b", "', b'"' * 999, b"\xff"),
    "authorization": (
        b"Bearer", b"Bearer ", b"Bearer x", b"Bearer a.b.c", b"Basic eDp5", b"Digest", b"\xff",
        b"bearer " + b"x" * 5000, b"Bearer \xe2\x80\xae.\xff", b"",
    ),
    "x-api-key": (b"", b".", b"a.b", b"x" * 5000, b"\xff.\xfe", b"null"),
    "x-request-id": (b"desk-7", b"", b"a b", b"x" * 129, b"\xff", b"<script>", b"%0d%0aX: y"),
    "range": (b"bytes=0-1", b"bytes=-1", b"bytes=9-1", b"rows=0-5", b"x"),
    "if-modified-since": (b"Wed, 25 Nov 2026 00:00:00 GMT", b"x", b"-1"),
    "content-type": (
        b"application/json", b"text/plain; charset=base64", b"text/plain; charset=idna",
        b"multipart/form-data", b"text/plain; charset=utf-7", b"x; charset=\xff", b";charset=x",
    ),
    "cookie": (b"sessionid=x; csrftoken=y", b"sessionid=\xff", b"=;=;", b"a" * 4000),
    "x-forwarded-for": (b"10.0.0.1", b"127.0.0.1", b"x, y"),
    "forwarded": (b"for=1.2.3.4",),
    "x-http-method-override": (b"DELETE",),
}
METHODS = ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "QUERY")
UNKNOWN_PATHS = (
    "/v1", "/v1/", "/v2", "/v3/curves", "/v1/curve", "/v1/curves/", "/v1//curves", "//v1/curves",
    "/V1/curves", "/v1/curves/diff/x", "/v1/%00", "/v1/%ff", "/v1/%ed%a0%80", "/v1/curves%2fdiff",
    "/v1/curves/%2e%2e", "/v1/curves/../../x", "/%", "/v1/curves;x=1", "/v1/" + "é" * 99, "/x",
    "/static/%00", "/static/../x", "/v1/" + "x/" * 4000, "/v9/metrics", "/.env", "/v1/curves.json",
)
# fmt: on

Pairs = tuple[tuple[str, str], ...]
HeaderPairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Query:
    """A request; `raw` takes the place of the query, `kind` says how it came about, `forged` is a
    cursor that nobody issued."""

    path: str
    query: Pairs = ()
    method: str = "GET"
    headers: HeaderPairs = ()
    raw: bytes | None = None
    kind: str = "valid"
    forged: str | None = None

    @property
    def query_string(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in self.query).encode()

    @property
    def is_forged(self) -> bool:
        """Whether it still reads on from a forged cursor."""
        tokens = [value for name, value in self.query if name in CURSORS]
        return self.method in ("GET", "HEAD") and self.raw is None and self.forged in tokens

    def header(self, name: str, value: bytes) -> "Query":
        return replace(self, headers=(*self.headers, (name.encode(), value)))


def _quoted(text: str) -> str:
    return quote(text, safe="")


@dataclass(frozen=True)
class Result:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        plain = self.headers.get("content-encoding") != "gzip"
        return (self.body if plain else gzip.decompress(self.body)).decode()


Application = Callable[[Any, Any, Any], Awaitable[None]]


async def answer_to(application: Application, ask: Query) -> Result:
    """What the application answers, asked as uvicorn would ask it."""
    raw_path = quote(ask.path, safe="/%:@!$&'()*+,;=~-._")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": ask.method,
        "path": unquote(raw_path),
        "raw_path": raw_path.encode(),
        "query_string": ask.query_string,
        "root_path": "",
        "headers": [(b"host", b"localhost"), *ask.headers],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
    }
    requests: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": b""}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        message = next(requests, None)
        if message is None:
            await asyncio.Event().wait()  # the client stays
        assert message is not None
        return message

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start, *parts = sent
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Result(start["status"], headers, b"".join(part.get("body", b"") for part in parts))
