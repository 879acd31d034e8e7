"""Which series of prices there are, and from when to when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aurum.query import Query
from aurum.results import Result
from iso.dao import series
from iso.services.coverage import explain_prices
from iso.services.display import add_derived_columns
from iso.tables import usual_seconds

ENDS = ("first_start", "last_end")


async def list_series(query: Query) -> Result:
    """Series in the order of their keys, each with the ends of its prices."""
    names = query.columns_needed
    read = {name for name in names if name in series.CATALOGUE_COLUMNS} | {"series_key"}
    if "intervals_expected" in names:
        read.update(ENDS)
    page = await series.catalogue(query, sorted(read))
    if not page.rows:
        return await explain_prices(query, replace(page, columns=names))
    columns = page.by_name()
    lengths = [usual_seconds(key) for key in columns["series_key"]]
    columns["interval_seconds"] = [length or 1 for length in lengths]
    await add_derived_columns(query.snapshot, query.filters, columns, names)
    if "interval_minutes" in names:
        columns["interval_minutes"] = [length and length // 60 for length in lengths]
    if "intervals_expected" in names:
        columns["intervals_expected"] = _expected(lengths, *(columns[name] for name in ENDS))
    rows = list(zip(*(columns[name] for name in names), strict=True))
    return await explain_prices(query, replace(page, columns=names, rows=rows))


def _expected(
    lengths: Sequence[int | None], starts: Sequence[Any], ends: Sequence[Any]
) -> list[int | None]:
    """How many intervals of its length each series would have between its ends."""
    return [
        None
        if length is None or first is None
        else int((_instant(last) - _instant(first)).total_seconds()) // length
        for length, first, last in zip(lengths, starts, ends, strict=True)
    ]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
