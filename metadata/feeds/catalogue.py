"""`metadata.isos` and its like: a catalogue as CSV, its columns those of the table.

See docs/feeds/metadata.isos.md.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.market.calendars import CALENDARS
from aurum.market.time import zone_info
from aurum.market.units import parse_unit
from aurum.stores.tables import Column, Kind, Row, Table
from metadata.tables import MARKETS

_WHOLE = re.compile(r"[1-9][0-9]{0,3}")
_CODE = re.compile(r"[A-Z]{1,10}")


def _code(text: str) -> None:
    if not _CODE.fullmatch(text):
        raise ValueError(text)


def _unit(text: str) -> None:
    if str(parse_unit(text)) != text:
        raise ValueError(text)


CHECKS: Mapping[str, Callable[[str], object]] = {
    "iso": _code,
    "timezone": zone_info,
    "calendar": tuple(CALENDARS).index,
    "market": MARKETS.index,
    "unit": _unit,
}
"""What a column's text has to be a name of, as Aurum writes it; a ValueError says it is none."""


class InvalidRow(ValueError):
    """A row's value that cannot be; the text is the reason quarantine keeps."""


def feed(name: str, table: Table, title: str) -> Feed:
    def read(file: BinaryIO) -> Iterator[Batch]:
        """One batch; LoadRefused when the header or a line is not what it must be."""
        yield _read(file, table)

    return Feed(f"metadata.{name}", title, (table,), f"{name}*.csv", read, mode="replace")


def _read(file: BinaryIO, table: Table) -> Batch:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFile("this is not UTF-8 text", f"byte {error.start}") from error
    batch = Batch(rows={table.name: []}, places={table.name: []})
    lines = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if sorted(lines.fieldnames or ()) != sorted(table.names):
            raise InvalidFile(f"the columns must be {', '.join(table.names)}", "line 1")
        for cells in lines:
            _add(batch, table, f"line {lines.line_num}", cells)
    except csv.Error as error:
        raise InvalidFile(f"this is not CSV: {error}", f"line {lines.line_num}") from error
    return batch


def _add(batch: Batch, table: Table, place: str, cells: Mapping[str, Any]) -> None:
    if len(cells) != len(table.names) or None in cells.values():
        raise InvalidFile(f"{len(table.names)} cells are expected", place)
    given = {name: cells[name].strip() for name in table.names}
    try:
        row: Row = tuple(_value(column, given[column.name]) for column in table.columns)
    except InvalidRow as reason:
        key = tuple(given[name] for name in table.key)
        batch.rejected.append(RejectedRow(place, str(reason), json.dumps(cells), key))
        return
    batch.rows[table.name].append(row)
    batch.places[table.name].append(place)


def _value(column: Column, text: str) -> str | int | None:
    if not text:
        if not column.nullable:
            raise InvalidRow("missing_value")
        return None
    if column.kind is Kind.INTEGER:
        if not _WHOLE.fullmatch(text):
            raise InvalidRow("invalid_number")
        return int(text)
    try:
        CHECKS.get(column.name, str)(text)
    except ValueError:
        raise InvalidRow("unknown_value") from None
    return text
