"""What a domain's DAO asks: the store that serves its domain, under one snapshot."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from aurum.snapshot import Snapshot
from aurum.stores.paging import Page, PageRequest, cut
from aurum.stores.registry import store_of
from aurum.stores.sql import Select, reversed_order
from aurum.stores.tables import Row


class DomainStore:
    """Binds the watermarks of the snapshot. Before the first load there are no rows, and it does
    not ask: the tables may not even exist."""

    def __init__(self, domain: str) -> None:
        self._domain = domain

    async def fetch(self, select: Select, snapshot: Snapshot) -> list[Row]:
        """All rows, dates and instants as ISO 8601 text."""
        if snapshot.is_empty:
            return []
        store = await store_of(self._domain)
        return await store.fetch(select, _bound(select, snapshot))

    async def stream(self, select: Select, snapshot: Snapshot) -> AsyncGenerator[list[Row], None]:
        """All rows in pieces, in constant memory; leaving the iteration stops the query."""
        if snapshot.is_empty:
            return
        store = await store_of(self._domain)
        async with aclosing(store.stream(select, _bound(select, snapshot))) as pieces:
            async for rows in pieces:
                yield rows

    async def rows_from(
        self, select: Select, snapshot: Snapshot, request: PageRequest
    ) -> list[Row]:
        """The rows of a page request, in the direction that it reads."""
        asked = positioned(select, request)
        if request.limit is not None:
            asked = replace(asked, limited=True).with_values(limit=request.limit)
        if request.offset:
            asked = replace(asked, skipping=True).with_values(offset=request.offset)
        return await self.fetch(asked, snapshot)

    async def page(self, select: Select, snapshot: Snapshot, request: PageRequest) -> Page:
        """One page in the order of the select; its columns are the select's names."""
        # One row more than the page has tells whether there is another.
        limit = None if request.limit is None else request.limit + 1
        rows = await self.rows_from(select, snapshot, replace(request, limit=limit))
        return cut(Page(select.names, rows), request, select.order)


def positioned(select: Select, request: PageRequest) -> Select:
    """The select from the request's position on, in its direction."""
    position, order = request.position, select.order
    if position is None:
        return select
    values = {f"after_{k.name}": v for k, v in zip(order, position.values, strict=True)}
    if position.backward:
        select = replace(select, order=reversed_order(order))
    return replace(select, after=True).with_values(**values)


def _bound(select: Select, snapshot: Snapshot) -> Mapping[str, Any]:
    return {**{f"w_{table}": load for table, load in snapshot.loads.items()}, **select.values}
