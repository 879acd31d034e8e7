"""Reading from a ClickHouse: what rows are made of, and how reads end."""

import asyncio
import os
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from clickhouse_driver import Client, errors

from aurum.errors import DeadlineExceeded, StoreUnavailable
from aurum.stores import clickhouse_client, ddl, threaded
from aurum.stores.clickhouse import ClickHouseStore
from aurum.stores.sql import Select
from aurum.stores.tables import Kind
from tests.aurum.stores.reading import (
    KINDS,
    ROWS,
    Reads,
    check_finding,
    check_nothing_found,
    check_overflow,
    check_reading,
    until,
)
from tests.conftest import Run

pytestmark = pytest.mark.clickhouse

TYPES = ddl.TYPES["clickhouse"]
READ = {Kind.DATE: date.fromisoformat, Kind.INSTANT: datetime.fromisoformat}
ENDLESS = Select("SELECT SUM(n.number) AS one FROM numbers(1000000000000) AS n WHERE @where")
RUNNING = "SELECT COUNT(*) FROM system.processes WHERE query LIKE '%SUM(n.number) AS o' || 'ne%'"


def address() -> str:
    url = os.environ.get("AURUM_TEST_CLICKHOUSE_URL")
    if not url:
        pytest.fail("AURUM_TEST_CLICKHOUSE_URL is not set")
    return url


@pytest.fixture(scope="module")
def other() -> Iterator[Client]:
    """A connection of its own, to prepare and to look."""
    client = clickhouse_client.connect(address())
    yield client
    client.disconnect()


@pytest.fixture(scope="module")
def table(other: Client) -> Iterator[str]:
    name = f"kinds_{uuid.uuid4().hex[:12]}"
    columns = ", ".join(f"{kind}_value Nullable({TYPES[kind]})" for kind in KINDS)
    other.execute(f"CREATE TABLE {name} (line Int64, {columns}) ENGINE = MergeTree ORDER BY line")
    other.execute(f"INSERT INTO {name} VALUES", [(n, *_native(row)) for n, row in enumerate(ROWS)])
    yield name
    other.execute(f"DROP TABLE {name}")


def _native(row: tuple[Any, ...]) -> Iterator[Any]:
    for kind, value in zip(KINDS, row, strict=True):
        yield READ[kind](value) if value and kind in READ else value


@pytest.fixture
def make_reads(run: Run[Any]) -> Iterator[Any]:
    made: list[Reads] = []

    def make(url: str | None = None, **more: Any) -> Reads:
        given = {"workers": 2, "acquire_seconds": 20, "deadline_seconds": 30, **more}
        made.append(Reads(run, ClickHouseStore(url or address(), **given)))
        return made[-1]

    yield make
    for reads in made:
        run(reads.store.close())


@pytest.fixture
def reads(make_reads: Any) -> Reads:
    return make_reads()  # type: ignore[no-any-return]


def gone(other: Client) -> bool:
    """Whether the endless query ends on the server within a few seconds."""
    for _ in range(50):
        if other.execute(RUNNING) == [(0,)]:
            return True
        time.sleep(0.1)
    return False


def test_each_kind_is_read_as_aurum_has_it(reads: Reads, table: str) -> None:
    check_reading(reads, table)


def test_each_kind_is_found_by_its_values(reads: Reads, table: str) -> None:
    check_finding(reads, table)


def test_what_is_not_found_is_null(reads: Reads, table: str) -> None:
    check_nothing_found(reads, table)


def test_whole_numbers_beyond_64_bits_are_no_other_numbers(reads: Reads, table: str) -> None:
    check_overflow(reads, table)


def test_a_server_says_who_reads_and_has_a_limit_of_its_own(
    make_reads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    execute = Client.execute

    def noted(client: Client, *args: Any, **more: Any) -> Any:
        asked.append(more)
        return execute(client, *args, **more)

    monkeypatch.setattr(Client, "execute", noted)
    limited = make_reads(deadline_seconds=2.5)
    assert limited(Select("SELECT getSetting('max_execution_time') AS one")) == [(4,)]
    limited(Select("SELECT 1 AS one"))
    ids = {more["query_id"] for more in asked}
    assert len(ids) == 2
    assert all(name.startswith("aurum-read-") for name in ids)


def test_a_read_past_its_deadline_ends_on_the_server(make_reads: Any, other: Client) -> None:
    late = make_reads(deadline_seconds=0.5)
    late.store._server_seconds = 60  # which is not what ends it
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        late(ENDLESS)
    assert time.monotonic() - began < 2
    assert gone(other)
    assert late(Select("SELECT 1 AS one")) == [(1,)]


def test_a_read_that_does_not_stop_ends_with_its_connection(
    make_reads: Any, run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClickHouseStore, "stop", lambda *_: None)
    monkeypatch.setattr(threaded, "STOPPING_SECONDS", 0.2)
    deaf = make_reads(workers=1, deadline_seconds=0.5)
    deaf.store._server_seconds = 60  # which is not what ends it
    for _ in range(3):
        with pytest.raises(DeadlineExceeded):
            deaf(ENDLESS)
        run(until(lambda: deaf.store.stats() == {"open": 0, "idle": 0, "waiting": 0}))


def test_the_read_of_a_caller_who_leaves_ends_on_the_server(
    reads: Reads, other: Client, run: Run[Any]
) -> None:
    async def leave() -> float:
        task = asyncio.ensure_future(reads.store.fetch(ENDLESS, {}))
        await until(lambda: other.execute(RUNNING) != [(0,)])
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert run(leave()) < 1
    assert gone(other)
    assert reads(Select("SELECT 1 AS one")) == [(1,)]


def test_the_limit_of_the_server_is_a_deadline_too(make_reads: Any) -> None:
    """As where this process has no time to look at its own. It is never half an answer."""
    limited = make_reads(f"{address()}?timeout_overflow_mode=break", deadline_seconds=0.5)
    connection = limited.store.connect()
    with pytest.raises(errors.ServerException) as error:
        limited.store.run(connection, "endless", ENDLESS.sql.replace("@where", "TRUE"), {})
    limited.store.close_connection(connection)
    assert isinstance(limited.store.problem_of(error.value), DeadlineExceeded)


def test_many_callers_share_few_connections(reads: Reads, run: Run[Any]) -> None:
    async def crowd() -> list[Any]:
        return await asyncio.gather(
            *(reads.store.fetch(Select("SELECT 1 AS one"), {}) for _ in range(20))
        )

    assert run(crowd()) == [[(1,)]] * 20
    assert reads.store.stats() == {"open": 2, "idle": 2, "waiting": 0}
    run(reads.store.ping())


def test_a_connection_that_was_cut_is_made_again(reads: Reads) -> None:
    assert reads(Select("SELECT 1 AS one")) == [(1,)]
    (idle,) = reads.store._idle
    idle.connection.socket.shutdown(socket.SHUT_RDWR)
    assert reads(Select("SELECT 1 AS one")) == [(1,)]
    assert reads.store._idle != [idle]


def test_a_table_that_is_not_there_is_no_mistake_but_a_wrong_text_is(reads: Reads) -> None:
    with pytest.raises(StoreUnavailable):
        reads(Select("SELECT n.one FROM nowhere AS n"))
    with pytest.raises(errors.ServerException):
        reads(Select("SELECT n.nothing FROM numbers(1) AS n"))
