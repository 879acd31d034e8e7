"""Differences of two series."""

from collections.abc import Sequence
from typing import Any

from aurum.query import Query, must_exist
from aurum.results import Result
from aurum.stores.paging import Page, cut
from iso.dao import series
from iso.services import aggregates
from iso.services.coverage import explain_prices
from iso.services.display import add_derived_columns

LEGS = ("leg_a", "leg_b")


async def list_spreads(query: Query) -> Result:
    """Leg a less leg b by bucket, where both have prices, in the order of time."""
    asked = tuple(query.filters[name] for name in LEGS)
    known = await series.existing(query.snapshot, asked)
    if {*asked} - {*known}:
        known = await series.codes(query.snapshot, "series_key")
    must_exist(query, LEGS, known, thing="series", listed_at="series of /v2/iso/lmp/latest")
    names, found = query.columns_needed, await aggregates.spreads(query)
    columns: dict[str, Sequence[Any]] = {
        name: [row[name] for row in found] for name in (found[0] if found else ())
    }
    if found:
        await add_derived_columns(query.snapshot, query.filters, columns, names)
    rows = list(zip(*(columns.get(name, ()) for name in names), strict=True))
    page = cut(Page(names, rows), query.page, query.schema.order)
    return await explain_prices(query, page)
