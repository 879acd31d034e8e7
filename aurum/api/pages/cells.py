"""Values of a table as HTML: numbers as they are, nothing as a dash, keys as links."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from aurum.stores.tables import Column, Kind, Row

NUMBERS = (Kind.REAL, Kind.INTEGER)
LONGEST = 24
"""Characters of a key that are shown; the link has all of them."""
_CODE = re.compile("`([^`]+)`")
NOTHING = '<span title="nothing">&ndash;</span>'


def text_of(column: Column, value: Any, beside: str = "") -> SafeString:
    """One value, escaped; `beside` is what its link asks for as well."""
    if value is None:
        return mark_safe(NOTHING)  # noqa: S308 - our own
    if isinstance(value, bool):
        return escape("yes" if value else "no")
    text = str(value)
    if column.link is None:
        return escape(text)
    shown = f"{text[:10]}…" if len(text) > LONGEST else text
    where = escape(column.link.format(quote(text, safe="")) + beside)
    return mark_safe(  # noqa: S308 - both parts are escaped
        f'<a href="{where}" title="{escape(text)}">{escape(shown)}</a>'
    )


def with_code(text: str) -> SafeString:
    """A sentence, what stands in backticks as code."""
    return mark_safe(  # noqa: S308 - escaped
        _CODE.sub(r"<code>\1</code>", escape(text))
    )


def body_of(columns: Sequence[Column], rows: Sequence[Row]) -> SafeString:
    """The rows of a table's body. By hand, as a template takes ten times as long."""
    opened = ['<td class="n">' if column.kind in NUMBERS else "<td>" for column in columns]
    names = [column.name for column in columns]
    others = [
        [(name, names.index(name)) for name in column.link_with if name in names]
        for column in columns
    ]
    lines = (
        "".join(
            f"{begin}{text_of(column, value, _beside(row, places))}</td>"
            for begin, column, value, places in zip(opened, columns, row, others, strict=True)
        )
        for row in rows
    )
    return mark_safe("\n".join(f"<tr>{line}</tr>" for line in lines))  # noqa: S308 - escaped


def _beside(row: Row, places: Sequence[tuple[str, int]]) -> str:
    return "".join(f"&{name}={quote(str(row[place]), safe='')}" for name, place in places)


def head_of(column: Column, unit: str | None) -> str:
    """The unit beside a column's name, unless rows differ in it."""
    return "" if unit is None or unit.startswith("=") else unit
