"""Rows in the binary form of PostgreSQL's COPY, made a column at a time.

What stands in a column again and again is turned into bytes once, and the server has no text to
read.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

from aurum.stores.tables import Kind

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
"""Of every value the length of its bytes stands before them; of none, -1."""
FIRST_DAY, FIRST_INSTANT = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)

_short, _real = struct.Struct(">h").pack, struct.Struct(">id").pack
_long, _day, _truth = (struct.Struct(f">i{form}").pack for form in "qi?")


def _text(value: str) -> bytes:
    found = value.encode()
    return len(found).to_bytes(4) + found


FORMS: Mapping[Kind, Callable[[Any], bytes]] = {
    Kind.TEXT: _text,
    Kind.REAL: lambda value: _real(8, value),
    Kind.INTEGER: lambda value: _long(8, value),
    Kind.BOOLEAN: lambda value: _truth(1, value),
    Kind.DATE: lambda text: _day(4, (date.fromisoformat(text) - FIRST_DAY).days),
    Kind.INSTANT: lambda text: _long(
        8, (datetime.fromisoformat(text) - FIRST_INSTANT) // timedelta(microseconds=1)
    ),
}
"""The bytes of a value that is not null, in a column of the type that `ddl` has for its kind."""


def copied(columns: Iterable[tuple[Kind, Sequence[Any]]]) -> bytes:
    """All that is sent for some rows: of each column its kind, and its value in each row."""
    columns = [*columns]
    same, parts = _short(len(columns)), list[Iterable[bytes]]()
    for kind, values in columns:
        fields = _reals(values) if kind is Kind.REAL else None
        if fields is not None:
            parts += [repeat(same), fields] if same else [fields]
            same = b""
            continue
        form = FORMS[kind]
        means = {one: NULL if one is None else form(one) for one in {*values}}
        if len(means) == 1:
            same += means.popitem()[1]
            continue
        led = {one: same + field for one, field in means.items()}
        parts.append(map(led.__getitem__, values))
        same = b""
    count = len(columns[0][1])
    parts.append(repeat(same, count))
    rows = chain.from_iterable(zip(*parts, strict=False))  # some parts never end
    return b"".join([SIGNATURE, *rows, TRAILER])


def _reals(values: Sequence[float | None]) -> Iterable[bytes] | None:
    """The bytes of each number, as 0.0 and -0.0 are one to a dict; None where all are null."""
    types = {*map(type, values)}
    if types == {type(None)}:
        return None
    if type(None) not in types:
        return map(_real, repeat(8), values)
    return (NULL if value is None else _real(8, value) for value in values)
