"""Which engine serves which domain, and the open stores of each running event loop.

Pools belong to the loop they were opened in. The server opens and closes its own in lifespan; a
command or a test that runs a loop of its own gets stores of its own by the same call.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from django.conf import settings

from aurum.stores.contract import Store, Writer
from aurum.stores.embedded import EmbeddedStore
from aurum.stores.embedded_writer import EmbeddedWriter
from aurum.stores.timescale import PoolSize, TimescaleStore
from aurum.stores.timescale_writer import TimescaleWriter


@dataclass(frozen=True, slots=True)
class Engine:
    """`dialect` is sqlglot's name of its SQL; `needs` are the settings that must not be empty."""

    dialect: str
    make_store: Callable[[], Store]
    make_writer: Callable[[], Writer]
    needs: tuple[str, ...] = ()


def _embedded_store() -> Store:
    return EmbeddedStore(
        settings.AURUM_HOME / "market.sqlite3",
        workers=settings.AURUM_STORE_WORKERS,
        deadline_seconds=settings.AURUM_STORE_DEADLINE_SECONDS,
    )


def _timescale_store() -> Store:
    return TimescaleStore(
        settings.AURUM_TIMESCALE_DSN,
        pool=PoolSize(
            at_least=settings.AURUM_POOL_MIN_SIZE,
            at_most=settings.AURUM_POOL_MAX_SIZE,
            idle_seconds=settings.AURUM_POOL_MAX_IDLE_SECONDS,
            acquire_seconds=settings.AURUM_POOL_ACQUIRE_SECONDS,
        ),
        deadline_seconds=settings.AURUM_STORE_DEADLINE_SECONDS,
    )


ENGINES = {
    "embedded": Engine(
        "sqlite", _embedded_store, lambda: EmbeddedWriter(settings.AURUM_HOME / "market.sqlite3")
    ),
    "timescale": Engine(
        "postgres",
        _timescale_store,
        lambda: TimescaleWriter(settings.AURUM_TIMESCALE_DSN),
        needs=("AURUM_TIMESCALE_DSN",),
    ),
}

_open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Store]] = WeakKeyDictionary()


def engine_of(domain: str) -> str:
    return settings.AURUM_STORES.get(domain, "embedded")


async def store_of(domain: str) -> Store:
    """The domain's store, opened in the running loop on first use."""
    stores = _open.setdefault(asyncio.get_running_loop(), {})
    engine = engine_of(domain)
    if engine not in stores:
        stores[engine] = ENGINES[engine].make_store()
        await stores[engine].open()
    return stores[engine]


async def close_stores() -> None:
    """Closes what the running loop has open."""
    for store in _open.pop(asyncio.get_running_loop(), {}).values():
        await store.close()


def writer_of(domain: str) -> Writer:
    """A connection for one load; the caller closes it."""
    return ENGINES[engine_of(domain)].make_writer()
