"""Ten thousand requests, most of them wrong: each gets a proper answer."""

import asyncio
import base64
import gzip
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import pytest

from aurum.domains import all_routes
from tests.conftest import BOTH, Run
from tests.drills.conftest import Say

pytestmark = [pytest.mark.drill, pytest.mark.parametrize("engine", BOTH, indirect=True)]

REQUESTS = 10_000
LEAST_WITH_ROWS = 1_000
CURSORS = ("cursor", "since_cursor", "prev_cursor")
LEAK = re.compile(
    r"Traceback|sqlite|psycopg|site-packages|\.py\b|/tmp/|/home/|File \"|SELECT |curve_tenor", re.I
)
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
class Ask:
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

    def header(self, name: str, value: bytes) -> "Ask":
        return replace(self, headers=(*self.headers, (name.encode(), value)))


def _quoted(text: str) -> str:
    return quote(text, safe="")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        plain = self.headers.get("content-encoding") != "gzip"
        return (self.body if plain else gzip.decompress(self.body)).decode()


Application = Callable[[Any, Any, Any], Awaitable[None]]


async def answer_to(application: Application, ask: Ask) -> Answer:
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
        "headers": [(b"host", b"testserver"), *ask.headers],
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
    return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts))


@dataclass
class Fuzzer:
    """Makes requests; remembers cursors and tags of good answers to use and misuse them."""

    chance: Random
    cursors: list[tuple[Ask, str, str]] = field(default_factory=list)
    """Of each: the request it came with, the parameter's name, the token."""
    tags: list[tuple[Ask, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.examples = [
            Ask(route.example_path, tuple(parse_qsl(route.example))) for route in all_routes()
        ]
        self.v1 = [ask for ask in self.examples if ask.path in OPTIONAL]
        assert len(self.v1) == len(OPTIONAL)

    def any_request(self) -> Ask:
        luck = self.chance.random()
        if luck < 0.25:
            return self.valid()
        if luck < 0.9:
            ask = replace(self.valid(), kind="mutated")
            for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
                ask = self.chance.choice(self.mutations)(self, ask)
            return ask
        return self.noise()

    def valid(self) -> Ask:
        luck = self.chance.random()
        if luck < 0.3 and self.cursors:
            origin, name, token = self.chance.choice(self.cursors)
            kept = tuple(pair for pair in origin.query if pair[0] not in (*CURSORS, "offset"))
            return replace(origin, query=(*kept, (name, token)))
        if luck < 0.4 and self.tags:
            origin, tag = self.chance.choice(self.tags)
            return origin.header("if-none-match", tag.encode())
        ask = self.chance.choice(self.v1 if luck < 0.85 else self.examples)
        query = dict(ask.query)
        names = OPTIONAL.get(ask.path, ("limit",) if "limit" in query else ())
        for name in self.chance.sample(names, min(len(names), self.chance.choice((0, 1, 1, 2)))):
            query[name] = self.chance.choice(VALUES[name])
        return replace(ask, query=tuple(query.items()))

    def noise(self) -> Ask:
        known = [ask.path for ask in self.examples]
        ask = Ask(self.chance.choice((*UNKNOWN_PATHS, *known)), kind="noise")
        if self.chance.random() < 0.5:
            ask = replace(ask, raw=self.chance.choice(RAW_QUERIES))
        else:
            ask = replace(
                ask, raw=quote(self.chance.randbytes(self.chance.randrange(200))).encode()
            )
        return self.other_method(ask) if self.chance.random() < 0.4 else self.odd_header(ask)

    def odd_value(self) -> str:
        pool = self.chance.choice((ODD_TEXT, ODD_NUMBERS, ODD_DATES))
        return self.chance.choice(pool)

    def _at(self, ask: Ask) -> int:
        return self.chance.randrange(len(ask.query))

    def without_one(self, ask: Ask) -> Ask:
        if not ask.query:
            return ask
        at = self._at(ask)
        return replace(ask, query=ask.query[:at] + ask.query[at + 1 :])

    def with_one_twice(self, ask: Ask) -> Ask:
        if not ask.query:
            return ask
        name, value = ask.query[self._at(ask)]
        return replace(ask, query=(*ask.query, (name, self.chance.choice((value, "", "x")))))

    def misspelt(self, ask: Ask) -> Ask:
        if not ask.query:
            return ask
        at = self._at(ask)
        name, value = ask.query[at]
        cut = self.chance.randrange(len(name) + 1)
        changed = self.chance.choice(
            (
                name[:cut] + name[cut + 1 :],
                name[:cut] + "x" + name[cut:],
                name.upper(),
                f" {name}\0",
            )
        )
        return replace(ask, query=(*ask.query[:at], (changed, value), *ask.query[at + 1 :]))

    def other_value(self, ask: Ask) -> Ask:
        if not ask.query:
            return replace(ask, query=((self.chance.choice(list(VALUES)), self.odd_value()),))
        at = self._at(ask)
        return replace(
            ask, query=(*ask.query[:at], (ask.query[at][0], self.odd_value()), *ask.query[at + 1 :])
        )

    def one_more(self, ask: Ask) -> Ask:
        names = (*VALUES, *CURSORS, "known_at", "fields", "x" * 300, "é", "\0", "")
        pair = (self.chance.choice(names), self.odd_value())
        return replace(ask, query=(*ask.query, pair))

    def misused_cursor(self, ask: Ask) -> Ask:
        if not self.cursors:
            return ask
        origin, name, token = self.chance.choice(self.cursors)
        forged = None
        match self.chance.randrange(7):
            case 0:  # a bit flipped
                raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
                raw[self.chance.randrange(len(raw))] ^= 1 << self.chance.randrange(8)
                token = forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")
            case 1:  # cut off
                token = token[: self.chance.randrange(len(token))]
            case 2:  # overlong
                token *= self.chance.choice((2, 5, 25))
            case 3:  # a character that does not belong
                at = self.chance.randrange(len(token))
                token = token[:at] + self.chance.choice("=+/ \0é*") + token[at + 1 :]
            case 4:  # under another name
                name = self.chance.choice(CURSORS)
            case 5:  # of another endpoint or other filters
                return replace(ask, query=(*ask.query, (name, token)))
            case _:  # beside another way of paging
                other = self.chance.choice((*CURSORS, "offset"))
                both = ((name, token), (other, "3"))
                return replace(origin, query=(*origin.query, *both), kind=ask.kind)
        kept = tuple(pair for pair in origin.query if pair[0] not in (*CURSORS, "offset"))
        return replace(origin, query=(*kept, (name, token)), kind=ask.kind, forged=forged)

    def broken_query(self, ask: Ask) -> Ask:
        raw = ask.query_string
        odd = self.chance.choice(RAW_QUERIES)
        if not raw:
            return replace(ask, raw=odd)
        at = self.chance.randrange(len(raw))
        broken = (raw[:at], raw[:at] + b"%" + raw[at:], raw.replace(b"=", b"", 1), raw + b"&" + odd)
        return replace(ask, raw=self.chance.choice(broken))

    def odd_header(self, ask: Ask) -> Ask:
        name = self.chance.choice(list(HEADERS))
        return ask.header(name, self.chance.choice(HEADERS[name]))

    def other_method(self, ask: Ask) -> Ask:
        return replace(ask, method=self.chance.choice(METHODS))

    def other_path(self, ask: Ask) -> Ask:
        at = self.chance.randrange(len("/v1/"), len(ask.path) + 1)
        middle = self.chance.choice(("x", "/", "%00", "%2f", "é", " ", "%", ".", "//"))
        return replace(ask, path=ask.path[:at] + middle + ask.path[at:])

    # fmt: off
    mutations = (
        without_one, with_one_twice, misspelt, other_value, other_value, other_value, one_more,
        misused_cursor, misused_cursor, misused_cursor, broken_query, odd_header, odd_header,
        other_method, other_path,
    )
    # fmt: on

    def learn(self, ask: Ask, answer: Answer) -> None:
        """Keeps what a good answer gave, up to a bound."""
        if ask.kind != "valid" or answer.status != 200 or len(self.cursors) > 3_000:
            return
        if tag := answer.headers.get("etag"):
            self.tags.append((ask, tag))
        if answer.headers["content-type"] == "application/json":
            meta = json.loads(answer.text)["meta"]
            takes_both = ask.path in ("/v1/curves", "/v1/curves/strips")
            for name in ("next_cursor", "prev_cursor"):
                if meta.get(name):
                    given = "prev_cursor" if takes_both and name == "prev_cursor" else "cursor"
                    self.cursors.append((ask, given, meta[name]))


def fault(ask: Ask, answer: Answer) -> str | None:
    """What is wrong with an answer."""
    if answer.status >= 500:
        return "a failure of ours"
    if ask.is_forged and answer.status < 400:
        return "a forged cursor is believed"
    seen = f"{answer.headers} {answer.text}"
    if leaked := LEAK.search(seen):
        return f"it leaks {leaked[0]!r}"
    if answer.status >= 400 and not (ask.method == "HEAD" and not answer.body):
        return _problem_fault(ask, answer)
    if ask.kind == "valid" and answer.status not in (200, 304):
        return "a valid request was refused"
    return None


def _problem_fault(ask: Ask, answer: Answer) -> str | None:
    if answer.headers["content-type"] != "application/problem+json":
        return "no problem document"
    document = json.loads(answer.text)
    for name in ("type", "title", "status", "detail", "request_id"):
        if not document.get(name):
            return f"no {name}"
    if document["status"] != answer.status:
        return "another status in the document"
    if document["request_id"] != answer.headers["x-request-id"]:
        return "another request id in the document"
    if answer.status == 400 and ask.query_string.count(b"&") < MOST_FIELDS:
        errors = document.get("errors") or [{}]
        if not all(isinstance(error.get("field"), str) for error in errors):
            return "no field is named"
    return None


def rows_in(answer: Answer) -> int:
    if answer.status != 200 or not answer.body:
        return 0
    if answer.headers["content-type"] == "application/json":
        data = json.loads(answer.text)["data"]
        return len(data) if isinstance(data, list) else 1
    return len(answer.text.splitlines()) - 1


@pytest.mark.usefixtures("some_demo_data")
def test_ten_thousand_odd_requests_get_proper_answers(
    run: Run[Any], chance: Random, say: Say
) -> None:
    from aurum.asgi import application

    fuzzer = Fuzzer(chance)
    statuses: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    with_rows = 0

    async def drill() -> None:
        nonlocal with_rows
        for _ in range(REQUESTS):
            ask = fuzzer.any_request()
            answer = await answer_to(application, ask)
            statuses[answer.status] += 1
            kinds[ask.kind] += 1
            with_rows += rows_in(answer) > 0
            if wrong := fault(ask, answer):
                faults.append(f"{answer.status} {wrong}: {ask}\n    {answer.text[:300]}")
            fuzzer.learn(ask, answer)

    run(drill())
    by_status = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    say(f"{by_status}; {with_rows} with rows; {', '.join(f'{n} {k}' for k, n in kinds.items())}")
    assert not faults, f"{len(faults)} of {REQUESTS}:\n" + "\n".join(faults[:20])
    assert statuses.total() == REQUESTS
    assert kinds["mutated"] >= REQUESTS / 2
    assert with_rows >= LEAST_WITH_ROWS
