"""From when to when markets are priced, and what that says of an empty answer."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.query import Coverage, Query, explain
from aurum.results import Result
from aurum.stores.paging import Page
from iso.dao import series
from iso.dao.series import CoveredMarket
from iso.policies import COVERAGE
from iso.services.display import PARTS
from iso.tables import in_capitals


async def covered_markets(query: Query) -> list[CoveredMarket]:
    """From when to when each market is priced that the query is about."""
    load = partial(series.coverage, query.snapshot)
    known = await cached_per_snapshot(
        COVERAGE, query.snapshot, load, size=10_000, is_negative=lambda markets: not markets
    )
    return [
        one
        for one in known
        if _names(query.filters, "iso", one.iso) and _names(query.filters, "market", one.market)
    ]


def _names(filters: Mapping[str, Any], name: str, value: str) -> bool:
    asked = filters.get(name)
    return not asked or value in ((asked,) if isinstance(asked, str) else asked)


async def explain_prices(query: Query, page: Page) -> Result:
    """The page, with what is newest; an empty one with the reason."""

    async def coverage() -> Coverage:
        known = await covered_markets(query)
        if not known:
            return Coverage()
        return Coverage(
            min(one.first_date for one in known),
            max(one.last_date for one in known),
            max(one.last_start for one in known),
        )

    async def values_of(name: str) -> list[str]:
        if name == "location_id":
            return await series.names_of(query.snapshot, query.filters.get("iso") or ())
        if name == "market":
            found = await covered_markets(replace(query, filters={**query.filters, "market": ()}))
            return sorted({one.market for one in found})
        return await series.codes(query.snapshot, name)

    return await explain(
        query,
        page,
        names=PARTS,
        values_of=values_of,
        coverage=coverage,
        dates="delivery_date",
        spelling=in_capitals,
    )
