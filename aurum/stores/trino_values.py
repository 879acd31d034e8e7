"""Values between Aurum's rows and Trino's: parameters by place, and what travels as text."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import trino

from aurum.stores.instants import KEPT, clock_of, shown
from aurum.stores.tables import Row

GREATEST = 2**63 - 1
_MARK = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*"  # text and names, whatever stands in them
    | CAST\(:(?P<cast>\w+)\ AS\ (?P<kind>[A-Z ]+)\) | :(?P<bare>\w+)""",
    re.VERBOSE,
)
_INSTANT = "TIMESTAMP WITH TIME ZONE"


def bound(sql: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The text with `?` for its parameters, and their values in that order."""
    text, marks = _positional(sql)
    return text, [_given(params[name], kind) for name, kind in marks]


@lru_cache(maxsize=1024)
def _positional(sql: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text with `?` for its parameters, and these in their order: their names, and the types
    they are cast to."""
    marks: list[tuple[str, str]] = []

    def placed(found: re.Match[str]) -> str:
        if name := found["bare"] or found["cast"]:
            marks.append((name, found["kind"] or ""))
            return "?" if found["bare"] else f"CAST(? AS {found['kind']})"
        return found[0]

    return _MARK.sub(placed, sql), tuple(marks)


def _given(value: Any, kind: str) -> Any:
    """A value as it is cast to this type."""
    if kind == _INSTANT:
        return f"{clock_of(value)} UTC"
    if kind == "BIGINT" and not -GREATEST - 1 <= value <= GREATEST:
        raise OverflowError(f"{value} is beyond 64 bits")
    return value


def shown_rows(rows: list[list[Any]], cursor: trino.dbapi.Cursor) -> list[Row]:
    """A cursor's rows as Aurum has them: instants as ISO 8601 text, and every number a number."""
    how = [_how_to_show(column.type_code) for column in cursor.description]
    columns = (
        values if show is None else [None if value is None else show(value) for value in values]
        for show, values in zip(how, zip(*rows, strict=True), strict=False)
    )
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=256)
def _how_to_show(kind: str) -> Callable[[Any], Any] | None:
    if kind.startswith("timestamp"):
        return _instant_text if kind.endswith("with time zone") else shown
    if kind in ("double", "real"):
        return float  # what is no number travels as text
    return Decimal if kind.startswith("decimal") else None


@lru_cache(maxsize=KEPT)
def _instant_text(value: str) -> str:
    """ValueError for what is in another zone: Iceberg keeps instants in UTC."""
    if not value.endswith(" UTC"):
        raise ValueError(f"{value} is not in UTC")
    return shown(value)
