"""Requests at random, at least half of them mutated from valid ones."""

import base64
import json
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import parse_qsl, quote

from aurum.domains import all_routes
from tests.drills.requests import (
    CURSORS,
    HEADERS,
    METHODS,
    ODD_DATES,
    ODD_NUMBERS,
    ODD_TEXT,
    OPTIONAL,
    RAW_QUERIES,
    UNKNOWN_PATHS,
    VALUES,
    Query,
    Result,
)


@dataclass
class Fuzzer:
    """Makes requests; remembers cursors and tags of good answers to use and misuse them."""

    chance: Random
    cursors: list[tuple[Query, str, str]] = field(default_factory=list)
    """Of each: the request it came with, the parameter's name, the token."""
    tags: list[tuple[Query, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.examples = [
            Query(route.example_path, tuple(parse_qsl(route.example))) for route in all_routes()
        ]
        self.v1 = [ask for ask in self.examples if ask.path in OPTIONAL]
        assert len(self.v1) == len(OPTIONAL)

    def any_request(self) -> Query:
        luck = self.chance.random()
        if luck < 0.25:
            return self.valid()
        if luck < 0.9:
            ask = replace(self.valid(), kind="mutated")
            for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
                ask = self.chance.choice(self.mutations)(self, ask)
            return ask
        return self.noise()

    def valid(self) -> Query:
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

    def noise(self) -> Query:
        known = [ask.path for ask in self.examples]
        ask = Query(self.chance.choice((*UNKNOWN_PATHS, *known)), kind="noise")
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

    def _at(self, ask: Query) -> int:
        return self.chance.randrange(len(ask.query))

    def without_one(self, ask: Query) -> Query:
        if not ask.query:
            return ask
        at = self._at(ask)
        return replace(ask, query=ask.query[:at] + ask.query[at + 1 :])

    def with_one_twice(self, ask: Query) -> Query:
        if not ask.query:
            return ask
        name, value = ask.query[self._at(ask)]
        return replace(ask, query=(*ask.query, (name, self.chance.choice((value, "", "x")))))

    def misspelt(self, ask: Query) -> Query:
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

    def other_value(self, ask: Query) -> Query:
        if not ask.query:
            return replace(ask, query=((self.chance.choice(list(VALUES)), self.odd_value()),))
        at = self._at(ask)
        return replace(
            ask, query=(*ask.query[:at], (ask.query[at][0], self.odd_value()), *ask.query[at + 1 :])
        )

    def one_more(self, ask: Query) -> Query:
        names = (*VALUES, *CURSORS, "known_at", "fields", "x" * 300, "é", "\0", "")
        pair = (self.chance.choice(names), self.odd_value())
        return replace(ask, query=(*ask.query, pair))

    def misused_cursor(self, ask: Query) -> Query:
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

    def broken_query(self, ask: Query) -> Query:
        raw = ask.query_string
        odd = self.chance.choice(RAW_QUERIES)
        if not raw:
            return replace(ask, raw=odd)
        at = self.chance.randrange(len(raw))
        broken = (raw[:at], raw[:at] + b"%" + raw[at:], raw.replace(b"=", b"", 1), raw + b"&" + odd)
        return replace(ask, raw=self.chance.choice(broken))

    def odd_header(self, ask: Query) -> Query:
        name = self.chance.choice(list(HEADERS))
        return ask.header(name, self.chance.choice(HEADERS[name]))

    def other_method(self, ask: Query) -> Query:
        return replace(ask, method=self.chance.choice(METHODS))

    def other_path(self, ask: Query) -> Query:
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

    def learn(self, ask: Query, answer: Result) -> None:
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
