"""The formats of an answer, and how its rows are written as JSON: columns, order, nulls.

The tables among them are written by `aurum.api.encoders`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import starmap
from typing import Any

import msgspec

from aurum.results import ResultSchema
from aurum.stores.tables import Column, Kind, Row

MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "html": "text/html",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
    "vegalite": "application/vnd.vegalite.v6+json",
}
"""By name, the preferred one first."""
TABLES = ("ndjson", "csv", "arrow", "parquet", "xlsx")
"""Those that are a table and nothing else; without a limit they are whole."""
PICTURES = ("svg", "png", "vegalite")
"""Those that show the rows of a list that has plots."""
TYPES = {
    Kind.TEXT: str,
    Kind.REAL: float,
    Kind.DATE: str,
    Kind.INSTANT: str,
    Kind.LOCAL: str,
    Kind.INTEGER: int,
    Kind.BOOLEAN: bool,
}
_encode = msgspec.json.Encoder().encode


def content_type(name: str) -> str:
    """The media type of a format, with the encoding of what would else be taken for another."""
    coded = name in ("csv", "html")
    return f"{MEDIA_TYPES[name]}; charset=utf-8" if coded else MEDIA_TYPES[name]


def formats_of(schema: ResultSchema) -> dict[str, str]:
    """The formats that answers of a schema can have, by name, the preferred one first."""
    return {n: t for n, t in MEDIA_TYPES.items() if n not in PICTURES or schema.plots}


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
