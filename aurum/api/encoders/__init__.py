"""Tables as files: rows in one of the formats that have no envelope, written piece by piece."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from aurum.api.encoders.arrow import ArrowStream, Parquet
from aurum.api.encoders.text import Csv, Ndjson
from aurum.api.encoders.workbook import Workbook
from aurum.stores.tables import Column, Row


class Encoder(Protocol):
    """Writes a table of these columns: `head`, `rows` as often as there are some, `end`.

    Each gives the bytes that are ready. `spreadsheet` asks for times as a spreadsheet reads them.
    `close` gives back what an unfinished table holds.
    """

    def __init__(self, columns: Sequence[Column], *, spreadsheet: bool = False) -> None: ...

    def head(self) -> bytes: ...

    def rows(self, rows: Sequence[Row]) -> bytes: ...

    def end(self) -> Iterable[bytes]: ...

    def close(self) -> None: ...


ENCODERS: Mapping[str, type[Encoder]] = {
    "ndjson": Ndjson,
    "csv": Csv,
    "arrow": ArrowStream,
    "parquet": Parquet,
    "xlsx": Workbook,
}


def encode(
    format_name: str, columns: Sequence[Column], rows: Sequence[Row], *, spreadsheet: bool = False
) -> bytes:
    """A whole table at once."""
    encoder = ENCODERS[format_name](columns, spreadsheet=spreadsheet)
    try:
        return b"".join([encoder.head(), encoder.rows(rows), *encoder.end()])
    finally:
        encoder.close()
