"""A fixture: what asks the ops database in a thread sees what the test has written there."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from django.db import connections

from aurum.database import READS

T = TypeVar("T")


@pytest.fixture
def ops_reads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads that ask the ops database see what the test has written: unless its transactions are
    real ones, they share its connection, as nothing of it is committed."""
    mark = request.node.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        yield
        return
    shared = connections["default"]

    async def ask(call: Callable[[], T]) -> T:
        def asked() -> T:
            connections["default"] = shared
            try:
                return call()
            finally:
                del connections["default"]

        return await asyncio.to_thread(asked)

    shared.inc_thread_sharing()
    monkeypatch.setattr(READS, "ask", ask)
    yield
    shared.dec_thread_sharing()
