"""The rows of a list: read page by page as they are wanted, of one state of the data."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pyarrow as pa

from aurum_client.errors import AurumError, TransferError
from aurum_client.parameters import query_of
from aurum_client.transport import Transport, unexpected

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

ARROW = "application/vnd.apache.arrow.stream"
ROWS_OF_PAGE = 10_000
"""The most rows that a server gives at once."""
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


class Rows:
    """The rows of a query, which nothing has asked for yet.

    Each of `for`, `pages`, `first` and the `to_…` asks the server anew. What one of them reads is
    of one state of the data, however many pages it has and whatever is loaded meanwhile: a page
    that fails is asked for again with the same cursor, so that no row comes twice and none is left
    out.

    An instant is a UTC timestamp, a date a date, a missing value a null. A result without rows has
    its columns and their types.
    """

    def __init__(
        self,
        transport: Transport,
        path: str,
        params: Mapping[str, Any],
        limit: int | None = None,
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit: {limit} is not a whole number from 1 on")
        self._transport, self._path, self._limit = transport, path, limit
        self._query = query_of(params)

    def __repr__(self) -> str:
        return f"Rows({self._path}{'?' if self._query else ''}{urlencode(self._query, safe=',:')})"

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for page in self.pages():
            yield from page.to_pylist()

    def pages(self) -> Iterator[pa.Table]:
        """Arrow tables of up to 10,000 rows, one after another; of no rows, one that is empty.

        A column's field has its meaning and its unit in its metadata.
        """
        left, cursor = self._limit, ""
        while True:
            asked = ROWS_OF_PAGE if left is None else min(left, ROWS_OF_PAGE)
            table, following = self._page(asked, cursor)
            yield table
            left = None if left is None else left - table.num_rows
            if not following or left == 0:
                return
            if following == cursor or not table.num_rows:
                raise AurumError(f"{self._path}: the next page is the same page again.")
            cursor = following

    def first(self) -> dict[str, Any] | None:
        """The first row, or None; one row is asked for."""
        table, _ = self._page(1, "")
        return next(iter(table.to_pylist()), None)

    def to_arrow(self) -> pa.Table:
        """All rows: timestamps in UTC by the second, dates as date32."""
        return pa.concat_tables(self.pages())

    def to_pandas(self) -> "pd.DataFrame":
        """All rows, with an index from 0.

        Instants are `datetime64[s, UTC]`, dates `datetime64[ms]`, whole numbers `Int64` and truths
        `boolean`, which have a null: an id never becomes a rounded number.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("pip install 'aurum-client[pandas]'") from error
        nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
        frame: pd.DataFrame = self.to_arrow().to_pandas(
            date_as_object=False, types_mapper=nullable.get
        )
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """All rows: instants are `Datetime` in UTC by the millisecond, dates `Date`."""
        try:
            import polars as pl
        except ImportError as error:
            raise ImportError("pip install 'aurum-client[polars]'") from error
        frame = pl.from_arrow(self.to_arrow())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _page(self, limit: int, cursor: str) -> tuple[pa.Table, str]:
        """A page and the cursor of the next, which is empty after the last."""
        # Only the cursor is taken from the next page's address: the rest is asked as it was, of the
        # server that it was asked of, also behind a proxy that puts a prefix before the path.
        query = [*self._query, ("limit", str(limit))]
        query += [("cursor", cursor)] * bool(cursor)
        return self._transport.get(self._path, query, ARROW, _read_page)


def read_row(answer: httpx.Response) -> dict[str, Any]:
    """The one row of an answer; of JSON what is under `data`, or the document."""
    if answer.headers.get("content-type", "").startswith("application/json"):
        document = answer.json()
        row = document.get("data", document) if isinstance(document, dict) else None
        if isinstance(row, dict):
            return row
        raise unexpected(answer)
    (found,) = read_table(answer).to_pylist()
    return dict(found)


def read_table(answer: httpx.Response) -> pa.Table:
    """A whole table; TransferError where its end is missing, which pyarrow would not say."""
    if not answer.headers.get("content-type", "").startswith(ARROW):
        raise unexpected(answer)
    body = answer.content
    if not body.endswith(_END_OF_STREAM):
        raise TransferError("The Arrow stream has no end: it was cut off on the way.")
    try:
        return pa.ipc.open_stream(body).read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise TransferError(f"The Arrow stream cannot be read: {error}") from error


def _read_page(answer: httpx.Response) -> tuple[pa.Table, str]:
    found = _NEXT.search(answer.headers.get("link", ""))
    query = dict(parse_qsl(urlsplit(found[1]).query)) if found else {}
    if found and not query.get("cursor"):
        raise AurumError("The next page has no cursor.")
    return read_table(answer), query.get("cursor", "")
