"""Blanking API keys in text that is kept or shown, and finding them in an address."""

import re
from urllib.parse import parse_qsl, quote, unquote

_KEY = re.compile(
    r"""
    ( [aA][uU](?:_|%5[fF])[0-9A-Fa-f]{10} (?=\.|%2[eE])  # the prefix of a key, wherever it stands
    | (?:(?<![0-9A-Za-z_])|(?<=%[0-9A-Fa-f]{2}))         # or what somebody has made of one
      [aA][uU](?:_|%5[fF])[0-9A-Za-z]{1,32} (?=(?:\.|%2[eE])[\w%~-]{8})
    )
    (?:\.|%2[eE]) [\w%~-]+
    """,
    re.ASCII | re.VERBOSE,
)

KEY_PARAMETERS = frozenset(
    {"api_key", "apikey", "x_api_key", "aurum_key", "key", "access_token", "token", "bearer"}
    | {"auth", "authorization", "secret", "password"}
)
"""What callers of other servers name the parameter that has their key, with `-` for `_` too; here
none is named so."""
_TRACES = (
    *("au_", "au%5", "api", "token", "auth", "secret", "password", "bearer", "aurum"),
    *("&key", ";key", "+key", " key"),
)
_ESCAPED = re.compile("%(?:25)*(?:[46]1|[57]5|5f|2e)", re.IGNORECASE)
"""A part of a key's prefix as a URL may escape it, once or several times."""
_PART = re.compile(r"""[^\s"'&=,;?#<>\\]+""")
"""A part of an address. Whether something in it is escaped is looked at apart, as a pattern that
asks for that tries each letter of a long part anew."""
_ENCODED = re.compile("%(?:[4-7]|25)")
"""A letter, a line below or a percent sign, as a URL may escape it: what a key is recognised by."""
MOST_DECODED = 3


def redacted(text: str) -> str:
    """The text without the secret of any key in it, also where a URL has escaped it."""
    lower = text.lower()
    if "au_" in lower or "au%5" in lower:  # not in most texts, and found a hundred times sooner
        text = _KEY.sub(r"\1.***", text)
    return _PART.sub(_decoded_and_redacted, text) if _ESCAPED.search(text) else text


def _decoded_and_redacted(found: re.Match[str]) -> str:
    part = found[0]
    for _ in range(MOST_DECODED if "%" in part else 0):
        part = unquote(part)
        if (blanked := _KEY.sub(r"\1.***", part)) != part:
            return quote(blanked, safe="/_.*~:")
    return found[0]


def redact_line(logger: object, name: str, line: str) -> str:
    """The last step of every log line, so that whatever the line was made of is covered."""
    return redacted(line)


def key_parameter(query: bytes) -> str | None:
    """The first parameter of a query that holds a key, by its own name or by its value.

    None where there is none. A name that may be a part of the key is given as `…`.
    """
    text = query.decode("latin-1")  # to look for a text in is a fraction of the work
    if not _has_traces(text) and not (
        "%" in text and _ENCODED.search(text) and _has_traces(_decoded(text))
    ):
        return None
    for name, value in parse_qsl(query.decode(errors="replace"), keep_blank_values=True):
        called = name.rpartition(";")[2].strip().lower()
        if _decoded(called).replace("-", "_") in KEY_PARAMETERS:
            return called
        if redacted(value) != value:
            return name if name.isidentifier() and len(name) <= 20 else "…"
        if redacted(name) != name:
            return "…"
    return None


def _decoded(text: str) -> str:
    for _ in range(MOST_DECODED):
        text = unquote(text, "latin-1")
    return text


def _has_traces(text: str) -> bool:
    """Whether it is worth reading: this is asked of every request, and most have none."""
    text = text.lower()
    if text.startswith("key"):
        return True
    for trace in _TRACES:  # noqa: SIM110 - a generator would cost more than the looking
        if trace in text:
            return True
    return False
