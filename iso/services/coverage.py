"""From when to when markets are priced, and what that says of an empty answer."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.query import Coverage, Query, explain
from aurum.results import Result
from aurum.stores.paging import Page, PageRequest
from iso.dao import prices, series
from iso.dao.series import CoveredMarket
from iso.policies import COVERAGE
from iso.services.display import PARTS
from iso.tables import ISO_LMP, in_capitals


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


async def explain_prices(
    query: Query, page: Page, shown: Collection[tuple[str, ...]] = ()
) -> Result:
    """The page, with what is newest of the markets `shown`, of which the rows are; an empty one
    with the reason."""

    async def coverage() -> Coverage:
        known = await covered_markets(query)
        # A place is of some markets only, and what is newest of others says nothing of it.
        known = [one for one in known if not shown or (one.iso, one.market) in shown]
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

    found = await explain(
        query,
        page,
        names=PARTS,
        values_of=values_of,
        coverage=coverage,
        dates="delivery_date",
        spelling=in_capitals,
    )
    if found.reason == "no_match" and not found.suggestions and await _is_of_no_release(query):
        return replace(found, reason="not_released")
    return found


async def _is_of_no_release(query: Query) -> bool:
    """Whether a question for what was released by a moment would find prices without it."""
    filters = dict(query.filters)
    if filters.pop("vintage", None) is None:
        return False
    if leg := filters.get("leg_a"):
        filters["series_key"] = leg
    any_release = replace(query, filters=filters, page=PageRequest(1))
    return bool((await prices.in_order(any_release, ISO_LMP.key)).rows)
