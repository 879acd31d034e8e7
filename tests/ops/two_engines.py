"""A second engine beside the embedded one, which serves every domain."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from django.conf import settings as django_settings

from aurum.domains import domains
from aurum.stores import registry
from aurum.stores.embedded_writer import EmbeddedWriter
from aurum.stores.registry import Engine, writer_to
from aurum.stores.spans import spans_of
from aurum.stores.sql_rows import SqlRows
from tests.engines import EVERY, empty_store

OTHERS = ["another", *EVERY[1:]]
FEW = OTHERS[:3]
"""Without Trino, of which each statement takes a second."""


class AnotherFile(EmbeddedWriter):
    @classmethod
    def from_settings(cls) -> Self:
        return cls(django_settings.AURUM_HOME / "another" / "market.sqlite3")


@pytest.fixture
def other(
    request: pytest.FixtureRequest,
    home: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The name of the second engine, which is empty and serves no domain."""
    name: str = getattr(request, "param", "another")
    if name == "another":
        made = Engine(
            "sqlite",
            "aurum.stores.embedded.EmbeddedStore",
            "tests.ops.two_engines.AnotherFile",
        )
        monkeypatch.setitem(registry.ENGINES, name, made)
        yield name
        return
    with empty_store(name, settings):
        settings.AURUM_STORES = {}
        yield name


def serve_from(engine: str, settings: Any) -> None:
    settings.AURUM_STORES = {domain.name: engine for domain in domains()}


@contextlib.contextmanager
def writing(engine: str) -> Iterator[SqlRows]:
    with contextlib.closing(writer_to(engine)) as writer:
        assert isinstance(writer, SqlRows)
        yield writer
        writer.commit()


def put_all(other: str, *domain_names: str) -> None:
    """The rows of the embedded engine in the other one, as they are."""
    with writing("embedded") as source, writing(other) as target:
        for domain in domains():
            if domain.name not in domain_names:
                continue
            target.prepare(domain.tables)
            for table in domain.tables:
                for span in spans_of(table, [source]):
                    target.put(table, source.rows(table, span))


def run_sql(engine: str, *statements: str) -> None:
    """What happened to the rows of an engine behind our backs."""
    with writing(engine) as writer:
        for statement in statements:
            writer.execute(statement, {})
