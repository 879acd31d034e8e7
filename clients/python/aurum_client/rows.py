"""All rows of a list, page by page or as one table."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

ROWS_OF_PAGE = 10_000
"""The most that a server gives at once."""


class Server(Protocol):
    def row(self, path: str, asked: Mapping[str, Any]) -> dict[str, Any]: ...

    def page(self, path: str, asked: Mapping[str, Any]) -> tuple[pa.Table, str | None]: ...


class Rows:
    """What a list has for a question. Nothing is asked before it is read; each reading asks anew.

    Instants are UTC, dates are dates, and each column's unit and meaning are in the metadata of the
    Arrow schema.
    """

    def __init__(self, server: Server, path: str, asked: Mapping[str, Any]) -> None:
        self._server, self._path = server, path
        self._limit = asked.get("limit")
        self._asked = {name: value for name, value in asked.items() if name != "limit"}

    def pages(self) -> Iterator[pa.Table]:
        """Tables of up to 10,000 rows, all of one snapshot; at least one, which may be empty."""
        left = self._limit
        size = ROWS_OF_PAGE if left is None else min(left, ROWS_OF_PAGE)
        page, after = self._server.page(self._path, {**self._asked, "limit": size})
        while True:
            if left is not None:
                page = page.slice(0, left)
                left -= page.num_rows
            yield page
            if after is None or left == 0:
                return
            page, after = self._server.page(after, {})

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for page in self.pages():
            yield from page.to_pylist()

    def to_arrow(self) -> pa.Table:
        return pa.concat_tables(self.pages())

    def to_pandas(self) -> "pd.DataFrame":
        """Instants as datetime64 in UTC, dates as `datetime.date`."""
        return self.to_arrow().to_pandas(timestamp_as_object=False, date_as_object=True)

    def to_polars(self) -> "pl.DataFrame":
        import polars  # noqa: PLC0415 - an extra of this package

        made = polars.from_arrow(self.to_arrow())
        assert isinstance(made, polars.DataFrame)
        return made
