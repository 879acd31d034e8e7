"""`metadata.isos` and its like: a catalogue as CSV, with the columns of its table.

See docs/feeds/metadata.isos.md.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from aurum.errors import InvalidFile
from aurum.loads.cells import LONGEST_NAME, InvalidRow, is_name
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.loads.reading import ROWS_AT_ONCE, Line, csv_lines, header_of, picker, whole
from aurum.market.calendars import CALENDARS
from aurum.market.time import zone_info
from aurum.market.units import parse_unit
from aurum.stores.tables import Column, Kind, Row, Table
from metadata.tables import MARKETS, TABLES

CODES = {name for table in TABLES for name in table.key}
LONGEST_TEXT = 1000
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
"""Per column, what its text must pass: a ValueError says that it names nothing Aurum knows."""


def feed(name: str, table: Table, title: str) -> Feed:
    def read(file: BinaryIO) -> Iterator[Batch]:
        """Batches of rows; InvalidFile when the header or a line is not what it must be."""
        lines = csv_lines(file)
        header = header_of(lines)
        if len(header.cells) != len(table.names):
            raise InvalidFile(f"the columns must be {', '.join(table.names)}", header.place)
        pick = picker(header, table.names)
        while some := list(islice(lines, ROWS_AT_ONCE)):
            batch = Batch(rows={table.name: []}, places={table.name: []})
            for line in some:
                _add(batch, table, line, pick(whole(line, header).cells))
            yield batch

    return Feed(f"metadata.{name}", title, (table,), (f"{name}*.csv",), read, mode="replace")


def _add(batch: Batch, table: Table, line: Line, cells: tuple[str, ...]) -> None:
    raw = dict(zip(table.names, cells, strict=True))
    given = {name: cell.strip() for name, cell in raw.items()}
    try:
        row: Row = tuple(_value(column, given[column.name]) for column in table.columns)
    except InvalidRow as reason:
        key = tuple(given[name] for name in table.key)
        batch.rejected.append(RejectedRow(line.place, str(reason), json.dumps(raw), key))
        return
    batch.rows[table.name].append(row)
    batch.places[table.name].append(line.place)


def _value(column: Column, text: str) -> str | int | None:
    if not text:
        if not column.nullable:
            raise InvalidRow("missing_value")
        return None
    if column.kind is Kind.INTEGER:
        if not _WHOLE.fullmatch(text):
            raise InvalidRow("invalid_number")
        return int(text)
    if not is_name(text, LONGEST_NAME if column.name in CODES else LONGEST_TEXT):
        raise InvalidRow("invalid_text")
    try:
        CHECKS.get(column.name, str)(text)
    except ValueError:
        raise InvalidRow("unknown_value") from None
    return text
