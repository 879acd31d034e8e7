"""Excel workbooks: one sheet with typed cells, units in its header, and ids that stay text."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from aurum.errors import BadQuery
from aurum.stores.tables import Column, Kind, Row

MOST_ROWS = 1_048_575
"""What a sheet has room for below its header."""
LONGEST_CELL = 32_767
PIECE = 2**16
WIDEST = 40

EPOCH = date(1899, 12, 30)
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - as the library takes it
FIRST_DAY = "1900-03-01"
"""Before it a spreadsheet counts a 29 February that never was: such a date stays text."""
SECONDS_OF_DAY = 86_400
FORMATS = {
    Kind.DATE: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm:ss",
    Kind.LOCAL: "yyyy-mm-dd hh:mm:ss",
}


@lru_cache(maxsize=2**16)
def _serial(text: str) -> float:
    """A date or time as spreadsheets count it: days, on the clock that the text itself shows."""
    moment = datetime.fromisoformat(text).replace(tzinfo=None)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return (moment.date() - EPOCH).days + seconds / SECONDS_OF_DAY


class Workbook:
    """A workbook of one sheet. It is whole only at its end, as a zip archive is."""

    def __init__(self, columns: Sequence[Column], *, spreadsheet: bool = False) -> None:
        import xlsxwriter

        self._columns, self._next = columns, 1
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._folder = tempfile.TemporaryDirectory()
        options = {"constant_memory": True, "tmpdir": self._folder.name}
        self._book = xlsxwriter.Workbook(self._file, options)
        # The same answer has the same bytes, so the book does not say when it was made.
        self._book.set_properties({"created": MADE})
        self._sheet = self._book.add_worksheet("data")
        formats = {kind: self._book.add_format({"num_format": f}) for kind, f in FORMATS.items()}
        self._write = [self._writer(column.kind, formats) for column in columns]

    def _writer(self, kind: Kind, formats: Mapping[Kind, Any]) -> Callable[[int, int, Any], Any]:
        """What writes a cell of this kind that is not empty, at a row and a column."""
        sheet, shape = self._sheet, formats.get(kind)

        def text(row: int, place: int, value: str) -> None:
            whole = len(value) <= LONGEST_CELL
            sheet.write_string(row, place, value if whole else f"{value[: LONGEST_CELL - 1]}…")

        def time(row: int, place: int, value: str) -> None:
            if value < FIRST_DAY:
                text(row, place, value)
            else:
                sheet.write_number(row, place, _serial(value), shape)

        if kind in FORMATS:
            return time
        if kind is Kind.BOOLEAN:
            return sheet.write_boolean  # type: ignore[no-any-return]
        return text if kind is Kind.TEXT else sheet.write_number

    def head(self) -> bytes:
        bold = self._book.add_format({"bold": True})
        for place, column in enumerate(self._columns):
            title = f"{column.name} [{column.unit}]" if column.unit else column.name
            self._sheet.set_column(place, place, min(WIDEST, max(len(title), 12)))
            self._sheet.write_string(0, place, title, bold)
        self._sheet.freeze_panes(1, 0)
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        """BadQuery where the sheet has no room for them."""
        if self._next + len(rows) - 1 > MOST_ROWS:
            raise BadQuery.field(
                "format",
                f"A sheet has room for {MOST_ROWS:,} rows, and more match.",
                code="too_many_rows",
                value="xlsx",
                constraint="a narrower filter, or another format: csv, parquet",
            )
        write = self._write
        for number, row in enumerate(rows, self._next):
            for place, value in enumerate(row):
                if value is not None:
                    write[place](number, place, value)
        self._next += len(rows)
        return b""

    def end(self) -> Iterable[bytes]:
        self._sheet.autofilter(0, 0, self._next - 1, len(self._columns) - 1)
        self._book.close()
        return self._read()

    def _read(self) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece

    def close(self) -> None:
        self._sheet._opt_close()  # the library closes it only with a book that is finished
        self._file.close()
        self._folder.cleanup()
