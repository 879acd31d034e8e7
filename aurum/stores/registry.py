"""Which engine serves which domain, and the open stores of each running event loop.

Pools belong to the loop they were opened in. The server opens and closes its own in lifespan; a
command or a test that runs a loop of its own gets stores of its own by the same call.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import cast
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils.module_loading import import_string
from msgspec import structs

from aurum.snapshot import Snapshot
from aurum.stores.canary import CanaryStore
from aurum.stores.contract import Store, Writer
from aurum.stores.guarded import GuardedStore
from aurum.stores.paging import Page, PageRequest, cut
from aurum.stores.sql import Select, reversed_order
from aurum.stores.tables import Row


@dataclass(frozen=True, slots=True)
class Engine:
    """`dialect` is sqlglot's name of its SQL; `store` and `writer` are classes, imported once they
    are needed, as a driver may be large; `needs` are the settings that must not be empty. Of a
    whole table no fewer than `rows_of_piece` are read at a time, where a question of any size takes
    the engine long."""

    dialect: str
    store: str
    writer: str
    needs: tuple[str, ...] = ()
    rows_of_piece: int = 0

    def make_store(self) -> Store:
        return cast(Store, import_string(self.store).from_settings())

    def make_writer(self) -> Writer:
        return cast(Writer, import_string(self.writer).from_settings())


ENGINES = {
    "embedded": Engine(
        "sqlite",
        "aurum.stores.embedded.EmbeddedStore",
        "aurum.stores.embedded_writer.EmbeddedWriter",
    ),
    "timescale": Engine(
        "postgres",
        "aurum.stores.timescale.TimescaleStore",
        "aurum.stores.timescale_writer.TimescaleWriter",
        needs=("AURUM_TIMESCALE_DSN",),
    ),
    "clickhouse": Engine(
        "clickhouse",
        "aurum.stores.clickhouse.ClickHouseStore",
        "aurum.stores.clickhouse_writer.ClickHouseWriter",
        needs=("AURUM_CLICKHOUSE_URL",),
        rows_of_piece=20_000,
    ),
    "trino": Engine(
        "trino",
        "aurum.stores.trino.TrinoStore",
        "aurum.stores.trino_writer.TrinoWriter",
        needs=("AURUM_TRINO_URL",),
        rows_of_piece=50_000,
    ),
}

Fetch = Callable[[Select, Snapshot], Awaitable[list[Row]]]

_open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Store]] = WeakKeyDictionary()


def engine_of(domain: str) -> str:
    return settings.AURUM_STORES.get(domain, "embedded")


def rows_of_piece(domain: str) -> int:
    """How many rows of a whole table are read at a time at the least."""
    return ENGINES[engine_of(domain)].rows_of_piece


async def store_of(domain: str) -> Store:
    """The domain's store, opened in the running loop on first use."""
    stores = _open.setdefault(asyncio.get_running_loop(), {})
    canary = settings.AURUM_CANARIES.get(domain)
    if canary is None:
        return await _store(engine_of(domain), stores)
    name = f"{domain} with a canary"
    if name not in stores:
        first, second = await _store(engine_of(domain), stores), await _store(canary[0], stores)
        engine, percent, shadow = canary
        stores[name] = CanaryStore(domain, first, second, engine, percent, shadow=shadow)
    return stores[name]


async def _store(engine: str, stores: dict[str, Store]) -> Store:
    if engine not in stores:
        stores[engine] = GuardedStore(engine, ENGINES[engine].make_store())
        await stores[engine].open()
    return stores[engine]


async def close_stores() -> None:
    """Closes what the running loop has open."""
    # What stands on others was opened after them.
    for store in reversed(_open.pop(asyncio.get_running_loop(), {}).values()):
        await store.close()


def writer_of(domain: str) -> Writer:
    """A connection for one load; the caller closes it."""
    return writer_to(engine_of(domain))


def writer_to(engine: str) -> Writer:
    """A connection to an engine, named as in AURUM_STORES; the caller closes it."""
    return ENGINES[engine].make_writer()


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
        with store.exports.other():
            return await store.fetch(select, {**snapshot.parameters, **select.values})

    async def rows_from(
        self, select: Select, snapshot: Snapshot, request: PageRequest
    ) -> list[Row]:
        """The rows of a page request, in the direction that it reads."""
        if snapshot.is_empty or not request.export:
            return await self._read(select, snapshot, request, self.fetch)
        store = await store_of(self._domain)

        async def fetch(asked: Select, snapshot: Snapshot) -> list[Row]:
            return await store.fetch(asked, {**snapshot.parameters, **asked.values})

        # Once the answer has begun it can only be cut off, so its later pieces wait: for those
        # before them, each of which has a deadline.
        async with store.exports.turn(patient=request.position is not None):
            return await self._read(select, snapshot, request, fetch)

    async def _read(
        self, select: Select, snapshot: Snapshot, request: PageRequest, fetch: Fetch
    ) -> list[Row]:
        """What is left of the position's group is read by its key, and only where that does not
        fill the page, the groups behind. One condition for both would be an OR: SQLite then reads
        the position's group from its first row."""
        if request.position is None or select.groups is None:
            return await fetch(limited(positioned(select, request), request), snapshot)
        in_group, behind = parted(select, request)
        rows = await fetch(limited(in_group, request), snapshot)
        missing = None if request.limit is None else request.limit - len(rows)
        if missing == 0:
            return rows
        rest = replace(request, limit=missing)
        return [*rows, *await fetch(limited(behind, rest), snapshot)]

    async def page(self, select: Select, snapshot: Snapshot, request: PageRequest) -> Page:
        """One page in the order of the select; it has the columns that the select names, those
        that are `fixed` but once."""
        if fixed := select.fixed:
            names = tuple(name for name in select.names if name not in fixed)
            select = structs.replace(select, names=names)
        # One row more than the page has tells whether there is another.
        limit = None if request.limit is None else request.limit + 1
        rows = await self.rows_from(select, snapshot, replace(request, limit=limit))
        return cut(Page(select.names, rows, fixed=fixed), request, select.order)


def positioned(select: Select, request: PageRequest) -> Select:
    """The select from the request's position on, in its direction."""
    position, order = request.position, select.order
    if position is None:
        return select
    values = {f"after_{k.name}": v for k, v in zip(order, position.values, strict=True)}
    if position.backward:
        select = structs.replace(select, order=reversed_order(order))
    return structs.replace(select, after=True).with_values(**values)


def parted(select: Select, request: PageRequest) -> tuple[Select, Select]:
    """The select in two, in the request's direction: what is left of the position's group, and the
    groups that come behind it."""
    position, groups = request.position, select.groups
    if position is None or groups is None:
        raise ValueError("only what has groups, from a position on, is read in two parts")
    slot, key = groups
    name = f"after_{select.order[0].name}"
    own, place = select.columns[select.order[0].name], key.bind(name)
    asked = positioned(select, request)
    # All of the order stays: SQLite sees by it that it passes the groups of GROUP BY in order.
    in_group = structs.replace(asked, shared=1).where(f"{own.sql} = {own.bind(name)}")
    behind = structs.replace(asked, after=False)
    sign = "<" if position.backward else ">"
    return (
        in_group.where(f"{key.sql} = {place}", slot=slot),
        behind.where(f"{key.sql} {sign} {place}", slot=slot),
    )


def limited(select: Select, request: PageRequest) -> Select:
    """The select with the request's limit and offset."""
    if request.limit is not None:
        select = structs.replace(select, limited=True).with_values(limit=request.limit)
    if request.offset:
        select = structs.replace(select, skipping=True).with_values(offset=request.offset)
    return select
