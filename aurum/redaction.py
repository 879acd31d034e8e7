"""Blanking API keys in text that is kept or shown, and finding them in an address."""

import re
from urllib.parse import parse_qsl, unquote

_KEY = re.compile(
    r"""
    ( au(?:_|%5[fF])[0-9a-f]{10} (?=\.|%2[eE])         # the prefix of a key, wherever it stands
    | (?:(?<![0-9A-Za-z_])|(?<=%[0-9A-Fa-f]{2}))       # or what somebody has made of one
      au(?:_|%5[fF])[0-9A-Za-z]{1,32} (?=(?:\.|%2[eE])[\w%~-]{8})
    )
    (?:\.|%2[eE]) [\w%~-]+
    """,
    re.ASCII | re.VERBOSE,
)

KEY_PARAMETERS = frozenset(
    {"api_key", "api-key", "apikey", "x-api-key", "x_api_key", "access_token", "token"}
)
"""What callers of other servers name the parameter that has their key; here none is named so."""
_ENCODED = re.compile("%(?:[4-7]|25)")
"""A letter, a line below or a percent sign, as a URL may escape it: what a key is recognised by."""


def redacted(text: str) -> str:
    """The text without the secret of any key in it, also where a URL has escaped it."""
    if "au_" not in text and "au%5" not in text:  # in most texts, and found a hundred times sooner
        return text
    return _KEY.sub(r"\1.***", text)


def redact_line(logger: object, name: str, line: str) -> str:
    """The last step of every log line, so that whatever the line was made of is covered."""
    return redacted(line)


def key_parameter(query: bytes) -> str | None:
    """The first parameter of a query that holds a key, by its own name or by its value.

    None where there is none. A name that may be a part of the key is given as `…`.
    """
    text = query.decode("latin-1")  # to look for a text in is a fraction of the work
    if not _has_traces(text) and not (
        "%" in text and _ENCODED.search(text) and _has_traces(unquote(text, "latin-1"))
    ):
        return None
    for name, value in parse_qsl(query.decode(errors="replace"), keep_blank_values=True):
        if name.strip().lower() in KEY_PARAMETERS:
            return name.strip().lower()
        if redacted(value) != value:
            return name if name.isidentifier() and len(name) <= 20 else "…"
        if redacted(name) != name:
            return "…"
    return None


def _has_traces(text: str) -> bool:
    """Whether it is worth reading: this is asked of every request, and most have none."""
    text = text.lower()
    return "au_" in text or "au%5" in text or "token" in text or "api" in text
