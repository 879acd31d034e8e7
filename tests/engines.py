"""The engines that tests run on, each at the address that its variable names."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from aurum.domains import domains

ADDRESS = {
    "timescale": "AURUM_TIMESCALE_DSN",
    "clickhouse": "AURUM_CLICKHOUSE_URL",
    "trino": "AURUM_TRINO_URL",
}
"""The setting of each engine's address."""
GONE = {
    "timescale": "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1",
    "clickhouse": "clickhouse://nobody@127.0.0.1:9/none",
    "trino": "http://nobody@127.0.0.1:9/none/none",
}
"""Addresses that nobody answers at."""


def _of(*names: str) -> list[Any]:
    return [pytest.param(name, marks=getattr(pytest.mark, name)) for name in names]


BOTH = [pytest.param("embedded"), *_of("timescale")]
COLUMN_STORES = _of("clickhouse", "trino")
EVERY = [*BOTH, *COLUMN_STORES]
MIXED = _of("mixed")
"""A site that has several, as docs/engines.md advises."""


def address_of(engine: str) -> str:
    variable = f"AURUM_TEST_{engine.upper()}_URL"
    url = os.environ.get(variable)
    if not url:
        pytest.fail(f"{variable} is not set")
    return url


@contextmanager
def empty_store(engine: str, settings: Any) -> Iterator[None]:
    """An empty store of the engine that serves every domain."""
    if engine == "embedded":
        yield
        return
    stores = dict.fromkeys((domain.name for domain in domains()), engine)
    if engine == "mixed":
        stores = {"curves": "clickhouse", "iso": "timescale", "metadata": "timescale"}
    settings.AURUM_STORES = stores
    name = f"test_{uuid.uuid4().hex[:12]}"
    with ExitStack() as made:
        for each in {*stores.values()}:
            make, drop = MAKE[each]
            setattr(settings, ADDRESS[each], make(name))
            made.callback(drop, name)
        yield


def lose_store(engine: str, settings: Any) -> None:
    """From now on the engine is nowhere to be found."""
    if engine == "embedded":
        file = settings.AURUM_HOME / "market.sqlite3"
        file.rename(file.with_name("elsewhere"))
    else:
        setattr(settings, ADDRESS[engine], GONE[engine])
        settings.AURUM_POOL_ACQUIRE_SECONDS = 0.3


def new_schema(name: str) -> str:
    """Makes an empty schema; returns the address at which its tables are found without it."""
    url = address_of("timescale")
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(f"CREATE SCHEMA {name}")
    return f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={name},public')}"


def drop_schema(name: str) -> None:
    with psycopg.connect(address_of("timescale"), autocommit=True) as database:
        database.execute(f"DROP SCHEMA {name} CASCADE")


def _new_database(name: str) -> str:
    _on_clickhouse(f"CREATE DATABASE {name}")
    return _with_path(address_of("clickhouse"), f"/{name}")


def _on_clickhouse(sql: str) -> None:
    from clickhouse_driver import Client

    client = Client.from_url(address_of("clickhouse"))
    client.execute(sql)
    client.disconnect()


def _new_lake(name: str) -> str:
    url = address_of("trino")
    catalog = urlsplit(url).path.split("/")[1]
    _on_trino(f"CREATE SCHEMA {catalog}.{name}")
    return _with_path(url, f"/{catalog}/{name}")


def _on_trino(sql: str) -> None:
    from aurum.stores.trino_client import connect

    cursor = connect(address_of("trino")).cursor()
    cursor.execute(sql)
    cursor.fetchall()


def _with_path(url: str, path: str) -> str:
    return urlsplit(url)._replace(path=path).geturl()


MAKE: dict[str, tuple[Callable[[str], str], Callable[[str], None]]] = {
    "timescale": (new_schema, drop_schema),
    "clickhouse": (_new_database, lambda name: _on_clickhouse(f"DROP DATABASE {name}")),
    "trino": (_new_lake, lambda name: _on_trino(f"DROP SCHEMA {name} CASCADE")),
}
"""How a part of an engine is made that only one test uses, and how it is dropped."""
