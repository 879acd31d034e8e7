"""CSV and NDJSON: null is empty in the one and written out in the other; numbers are plain."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from aurum.api.formats import row_struct
from aurum.stores.tables import Column, Kind, Row

FORMULA_SIGNS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""With these, also as wide as a Chinese character, a spreadsheet begins a formula."""
BYTE_ORDER_MARK = "\ufeff"
"""By it Excel knows that a CSV is UTF-8."""
SECONDS = len("2025-09-29T04:00:00")

Values = Sequence[Any]
_encode = msgspec.json.Encoder().encode


class Ndjson:
    """One JSON object per line."""

    def __init__(self, columns: Sequence[Column], *, spreadsheet: bool = False) -> None:
        self._row = row_struct(tuple(columns))

    def head(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        row = self._row
        return b"".join([_encode(row(*values)) + b"\n" for values in rows])

    def end(self) -> Iterable[bytes]:
        return ()

    def close(self) -> None:
        pass


class Csv:
    """A header and the rows, RFC 4180."""

    def __init__(self, columns: Sequence[Column], *, spreadsheet: bool = False) -> None:
        self._names = [column.name for column in columns]
        self._cells = [_cells_of(column.kind, spreadsheet=spreadsheet) for column in columns]
        self._mark = BYTE_ORDER_MARK if spreadsheet else ""

    def head(self) -> bytes:
        return self._mark.encode() + _lines([self._names])

    def rows(self, rows: Sequence[Row]) -> bytes:
        cells = (
            column if of is None else of(column)
            for of, column in zip(self._cells, zip(*rows, strict=True), strict=bool(rows))
        )
        return _lines(zip(*cells, strict=True))

    def end(self) -> Iterable[bytes]:
        return ()

    def close(self) -> None:
        pass


def csv_bytes(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """A whole CSV."""
    made = Csv(columns)
    return made.head() + made.rows(rows)


def _lines(rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _reals(values: Values) -> Values:
    """Without an exponent, which Python writes for the very large and the very small."""
    return [
        value if value is None or 1e-4 <= abs(value) < 1e16 or not value else _plain(value)
        for value in values
    ]


def _plain(value: float) -> str:
    return format(Decimal(repr(value)), "f")


def _texts(values: Values) -> Values:
    """A spreadsheet would run a text that begins as a formula does."""
    return [f"'{value}" if value and value[0] in FORMULA_SIGNS else value for value in values]


def _booleans(values: Values) -> Values:
    return [None if value is None else "true" if value else "false" for value in values]


def _clock(values: Values) -> Values:
    """Date and time without `T` and offset, as spreadsheets read them."""
    return [value and value[:SECONDS].replace("T", " ") for value in values]


_CELLS: Mapping[Kind, Callable[[Values], Values]] = {
    Kind.REAL: _reals,
    Kind.TEXT: _texts,
    Kind.BOOLEAN: _booleans,
}


def _cells_of(kind: Kind, *, spreadsheet: bool) -> Callable[[Values], Values] | None:
    """What makes a column's values cells; None for those that are cells already."""
    if spreadsheet and kind in (Kind.INSTANT, Kind.LOCAL):
        return _clock
    return _CELLS.get(kind)
