"""Arrow IPC streams and Parquet files; a column's unit and meaning are in its field's metadata."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from aurum.stores.tables import Column, Kind, Row

ROWS_OF_GROUP = 50_000
"""Of a Parquet file: so many are held at once, and readers skip groups that they do not need."""

_date = lru_cache(maxsize=2**12)(date.fromisoformat)
_instant = lru_cache(maxsize=2**16)(datetime.fromisoformat)


def _dates(values: Iterable[str | None]) -> list[date | None]:
    return [_date(value) if value else None for value in values]


def _instants(values: Iterable[str | None]) -> list[datetime | None]:
    return [_instant(value) if value else None for value in values]


_VALUES: Mapping[Kind, Callable[..., Any]] = {Kind.DATE: _dates, Kind.INSTANT: _instants}
"""How text becomes what Arrow keeps."""


class _Table:
    """Rows as record batches."""

    def __init__(self, columns: Sequence[Column], *, spreadsheet: bool = False) -> None:
        import pyarrow as pa

        types = {
            Kind.TEXT: pa.string(),
            Kind.LOCAL: pa.string(),
            Kind.REAL: pa.float64(),
            Kind.DATE: pa.date32(),
            Kind.INSTANT: pa.timestamp("s", tz="UTC"),
            Kind.INTEGER: pa.int64(),
            Kind.BOOLEAN: pa.bool_(),
        }
        self.schema = pa.schema(
            pa.field(column.name, types[column.kind], metadata=_metadata(column))
            for column in columns
        )
        self._values = [_VALUES.get(column.kind, list) for column in columns]
        self.sink = io.BytesIO()
        self._batch = pa.record_batch

    def batch(self, rows: Sequence[Row]) -> Any:
        turned = zip(*rows, strict=True) if rows else ((),) * len(self._values)
        arrays = [of(values) for of, values in zip(self._values, turned, strict=True)]
        return self._batch(arrays, schema=self.schema)

    def written(self) -> bytes:
        """What has come to the sink, which is then empty. It goes on counting its bytes, as a
        Parquet file ends with the places of its parts."""
        sink, made = self.sink, self.sink.getvalue()
        sink.seek(0)
        sink.truncate()
        return made


def _metadata(column: Column) -> dict[str, str]:
    return {"doc": column.doc} | ({"unit": column.unit_text} if column.unit_text else {})


class ArrowStream(_Table):
    """An Arrow IPC stream: a batch for each piece, and a mark at its end."""

    def head(self) -> bytes:
        import pyarrow as pa

        self._writer = pa.ipc.new_stream(self.sink, self.schema)
        return self.written()

    def rows(self, rows: Sequence[Row]) -> bytes:
        self._writer.write_batch(self.batch(rows))
        return self.written()

    def end(self) -> Iterable[bytes]:
        self._writer.close()
        return (self.written(),)

    def close(self) -> None:
        pass


class _Forward(io.RawIOBase):
    """A file that is only ever written to; it knows how much, and gives up what it has."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._place += len(part)
        return len(part)

    def taken(self) -> bytes:
        made = b"".join(self._parts)
        self._parts.clear()
        return made


class Parquet(_Table):
    """A Parquet file, compressed; its end tells where its groups of rows are."""

    def head(self) -> bytes:
        import pyarrow.parquet as pq

        self._file, self._count = _Forward(), 0
        self._held: list[Any] = []
        self._writer = pq.ParquetWriter(self._file, self.schema, compression="zstd")
        return self._file.taken()

    def rows(self, rows: Sequence[Row]) -> bytes:
        self._held.append(self.batch(rows))
        self._count += len(rows)
        return self._grouped() if self._count >= ROWS_OF_GROUP else b""

    def _grouped(self) -> bytes:
        import pyarrow as pa

        table = pa.Table.from_batches(self._held, schema=self.schema).combine_chunks()
        self._writer.write_table(table)
        self._held, self._count = [], 0
        return self._file.taken()

    def end(self) -> Iterable[bytes]:
        made = self._grouped() if self._count else b""
        self._writer.close()
        return made, self._file.taken()

    def close(self) -> None:
        pass
