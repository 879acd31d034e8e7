"""Reading a publisher's JSON: a document as a whole."""

import json
import re
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.reading import NO_TEXT

LONGEST_DOCUMENT = 256 * 2**20
"""Bytes of a JSON document, which is read as a whole and takes several times as much memory."""


def json_document(file: BinaryIO) -> Any:
    """A whole JSON document; InvalidFile where it is not one.

    Blanks and a byte order mark before it, in whichever order, are no part of it. An integer of
    more than 18 digits, which no engine keeps, is text.
    """
    raw = file.read(LONGEST_DOCUMENT + 1)
    if len(raw) > LONGEST_DOCUMENT:
        raise InvalidFile(f"it has more than {LONGEST_DOCUMENT:,} bytes: load it in parts")
    try:
        text = raw.decode()
        if text.lstrip().startswith("\ufeff"):
            text = text.replace("\ufeff", " ", 1)
        document = json.loads(text, parse_int=_integer)
        if _ESCAPED.search(text):
            _must_be_text(document, "the top level")
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text", f"byte {error.start}") from error
    except RecursionError:
        raise InvalidFile("this JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InvalidFile(f"this is not whole JSON: {error.msg}", place) from error
    return document


_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_IN_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= 18 else digits


def _must_be_text(value: Any, place: str) -> None:
    """InvalidFile, with its place, for a text within a document that no engine could keep."""
    if isinstance(value, str) and _IN_NO_TEXT.search(value):
        raise InvalidFile(NO_TEXT, place)
    if isinstance(value, dict):
        for name, inner in value.items():
            _must_be_text(name, f"a name in {place}")
            _must_be_text(inner, name)
    if isinstance(value, list):
        for number, inner in enumerate(value):
            _must_be_text(inner, f"{place}[{number}]")
