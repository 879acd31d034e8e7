"""Which engine serves which domain, and the open stores of each running event loop.

Pools belong to the loop they were opened in. The server opens and closes its own in lifespan; a
command or a test that runs a loop of its own gets stores of its own by the same call.
"""

import asyncio
from weakref import WeakKeyDictionary

from django.conf import settings

from aurum.stores.contract import Writer
from aurum.stores.embedded import EmbeddedStore, EmbeddedWriter
from aurum.stores.timescale import PoolSize, TimescaleStore, TimescaleWriter

ENGINES = ("embedded", "timescale")

Store = EmbeddedStore | TimescaleStore

_open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Store]] = WeakKeyDictionary()


def engine_of(domain: str) -> str:
    return settings.AURUM_STORES.get(domain, "embedded")


def _make(engine: str) -> Store:
    deadline = settings.AURUM_STORE_DEADLINE_SECONDS
    if engine == "timescale":
        pool = PoolSize(
            at_least=settings.AURUM_POOL_MIN_SIZE,
            at_most=settings.AURUM_POOL_MAX_SIZE,
            idle_seconds=settings.AURUM_POOL_MAX_IDLE_SECONDS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
        )
        return TimescaleStore(settings.AURUM_TIMESCALE_DSN, pool=pool, deadline_seconds=deadline)
    return EmbeddedStore(
        settings.AURUM_HOME / "market.sqlite3",
        workers=settings.AURUM_STORE_WORKERS,
        deadline_seconds=deadline,
    )


async def store_of(domain: str) -> Store:
    """The domain's store, opened in the running loop on first use."""
    stores = _open.setdefault(asyncio.get_running_loop(), {})
    engine = engine_of(domain)
    if engine not in stores:
        stores[engine] = _make(engine)
        await stores[engine].open()
    return stores[engine]


async def close_stores() -> None:
    """Closes what the running loop has open."""
    for store in _open.pop(asyncio.get_running_loop(), {}).values():
        await store.close()


def writer_of(domain: str) -> Writer:
    """A connection for one load; the caller closes it."""
    if engine_of(domain) == "timescale":
        return TimescaleWriter(settings.AURUM_TIMESCALE_DSN)
    return EmbeddedWriter(settings.AURUM_HOME / "market.sqlite3")
