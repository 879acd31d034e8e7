"""One answer in every format: the same columns, order and nulls.

Arrow and Parquet come with the `export` requirements; where they are missing the formats are not
offered.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from importlib.util import find_spec
from itertools import starmap
from typing import Any

import msgspec

from aurum.stores.tables import Column, Kind, Row

MEDIA_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
TYPES = {
    Kind.TEXT: str,
    Kind.REAL: float,
    Kind.DATE: str,
    Kind.INSTANT: str,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these, also as wide as a Chinese character, a spreadsheet begins a formula."""
_encode = msgspec.json.Encoder().encode


@cache
def available() -> Mapping[str, str]:
    """The formats of this installation by name, the preferred one first."""
    has_arrow = find_spec("pyarrow") is not None
    return {
        name: media_type
        for name, media_type in MEDIA_TYPES.items()
        if has_arrow or name not in ("arrow", "parquet")
    }


@cache
def row_struct(columns: tuple[Column, ...]) -> type[msgspec.Struct]:
    """A class whose instances encode one row, its fields in this order, nulls written out."""
    typed = [(column.name, TYPES[column.kind] | None) for column in columns]
    return msgspec.defstruct("Row", typed, gc=False)


def row_objects(
    columns: tuple[Column, ...], rows: Iterable[Row], first: Row = ()
) -> list[msgspec.Struct]:
    """What encodes as a list of rows, all of which begin with the values `first`."""
    row = row_struct(columns)
    return list(starmap(partial(row, *first) if first else row, rows))


def json_rows(columns: tuple[Column, ...], rows: Iterable[Row]) -> bytes:
    return _encode(row_objects(columns, rows))


def row_object(columns: tuple[Column, ...], rows: Sequence[Row], first: Row = ()) -> msgspec.Struct:
    """What encodes as the only row."""
    (values,) = rows
    return row_struct(columns)(*first, *values)


def json_row(columns: tuple[Column, ...], rows: Sequence[Row]) -> bytes:
    return _encode(row_object(columns, rows))


def column_lists(
    columns: tuple[Column, ...], rows: Sequence[Row], first: Row = ()
) -> dict[str, Sequence[Any]]:
    """What encodes as a list of values for each column."""
    turned = zip(*rows, strict=True) if rows else ((),) * (len(columns) - len(first))
    lists = (*((value,) * len(rows) for value in first), *turned)
    return dict(zip((column.name for column in columns), lists, strict=True))


def json_values(columns: tuple[Column, ...], rows: Sequence[Row]) -> bytes:
    """The only column as a list."""
    return _encode([value for (value,) in rows])


def json_lists(columns: tuple[Column, ...], rows: Sequence[Row]) -> bytes:
    """A list for each column, which may be shorter than another: nulls are left out."""
    names = (column.name for column in columns)
    return _encode(
        {name: [row[n] for row in rows if row[n] is not None] for n, name in enumerate(names)}
    )


def ndjson(columns: tuple[Column, ...], rows: Iterable[Row]) -> bytes:
    """One JSON object per line."""
    row = row_struct(columns)
    return b"".join(_encode(row(*values)) + b"\n" for values in rows)


def csv_bytes(names: Iterable[str] | None, rows: Iterable[Row]) -> bytes:
    """A header, unless there are no names, and the rows; null is empty, numbers are plain."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if names is not None:
        writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        text = repr(value)
        return format(Decimal(text), "f") if "e" in text else text
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    # A spreadsheet would run such a cell as a formula.
    dangerous = isinstance(value, str) and text.startswith(FORMULA_SIGNS)
    return f"'{text}" if dangerous else text


def arrow_table(columns: tuple[Column, ...], rows: Sequence[Row]) -> Any:
    """The rows as a pyarrow Table; a column's unit and meaning are in its field's metadata."""
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.REAL: pa.float64(),
        Kind.DATE: pa.date32(),
        Kind.INSTANT: pa.timestamp("s", tz="UTC"),
        Kind.INTEGER: pa.int64(),
        Kind.BOOLEAN: pa.bool_(),
    }
    fields = [
        pa.field(column.name, types[column.kind], metadata=_metadata(column)) for column in columns
    ]
    turned = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [
        pa.array(ARROW[column.kind](values) if column.kind in ARROW else values, types[column.kind])
        for column, values in zip(columns, turned, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _metadata(column: Column) -> dict[str, str]:
    return {"doc": column.doc} | ({"unit": column.unit_text} if column.unit_text else {})


def _dates(values: Iterable[str | None]) -> list[date | None]:
    return [date.fromisoformat(value) if value else None for value in values]


def _instants(values: Iterable[str | None]) -> list[datetime | None]:
    return [datetime.fromisoformat(value) if value else None for value in values]


ARROW = {Kind.DATE: _dates, Kind.INSTANT: _instants}
"""How text becomes what Arrow keeps."""


def arrow(columns: tuple[Column, ...], rows: Sequence[Row]) -> bytes:
    """An Arrow IPC stream."""
    import pyarrow as pa

    table, sink = arrow_table(columns, rows), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def parquet(columns: tuple[Column, ...], rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(arrow_table(columns, rows), sink, compression="zstd")
    return bytes(sink.getvalue())


def encode(format_name: str, columns: tuple[Column, ...], rows: Sequence[Row]) -> bytes:
    """The rows in one of the formats that have no envelope."""
    match format_name:
        case "ndjson":
            return ndjson(columns, rows)
        case "csv":
            return csv_bytes((column.name for column in columns), rows)
        case "arrow":
            return arrow(columns, rows)
        case "parquet":
            return parquet(columns, rows)
    raise ValueError(f"there is no format {format_name!r}")
