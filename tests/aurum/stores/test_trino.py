"""Reading from a Trino: what rows are made of, and how reads end."""

import asyncio
import os
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import trino
from trino.exceptions import TrinoUserError

from aurum.errors import DeadlineExceeded, StoreUnavailable
from aurum.stores import ddl, trino_client
from aurum.stores.sql import Select
from aurum.stores.tables import Kind
from aurum.stores.trino import Session, TrinoStore
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

pytestmark = pytest.mark.trino

TYPES = ddl.TYPES["trino"]
ONE = Select("SELECT 1 AS one")


def address() -> str:
    url = os.environ.get("AURUM_TEST_TRINO_URL")
    if not url:
        pytest.fail("AURUM_TEST_TRINO_URL is not set")
    return url


class Other:
    """A connection of its own, to prepare and to look."""

    def __init__(self) -> None:
        self.connection = trino_client.connect(address())

    def __call__(self, sql: str) -> list[list[Any]]:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall()

    def states(self, endless: Select) -> list[list[Any]]:
        """The state of the query that has this text, and the error it ended with."""
        mark = endless.sql.split("'")[1]
        return self(
            "SELECT state, error_code FROM system.runtime.queries"
            f" WHERE source = 'aurum' AND query LIKE '%{mark}%' AND query NOT LIKE '%runtime%'"
        )


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    made = Other()
    catalog, schema = made.connection.catalog, made.connection.schema
    made(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{schema}")
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def table(other: Other) -> Iterator[str]:
    name = f"kinds_{uuid.uuid4().hex[:12]}"
    columns = ", ".join(f"{kind}_value {TYPES[kind]}" for kind in KINDS)
    other(f"CREATE TABLE {name} (line bigint, {columns})")
    rows = ", ".join(f"({n}, {', '.join(_literals(row))})" for n, row in enumerate(ROWS))
    other(f"INSERT INTO {name} VALUES {rows}")
    yield name
    other(f"DROP TABLE {name}")


def _literals(row: tuple[Any, ...]) -> Iterator[str]:
    for kind, value in zip(KINDS, row, strict=True):
        text = str(value).replace("'", "''")
        if kind is Kind.INSTANT:
            text = text.replace("T", " ").replace("Z", " UTC")
        yield "NULL" if value is None else f"CAST('{text}' AS {TYPES[kind]})"


@pytest.fixture
def endless() -> Select:
    long = ", ".join(f"UNNEST(SEQUENCE(1, 10000)) AS n{n}(x)" for n in range(4))
    return Select(f"SELECT COUNT(*), '{uuid.uuid4().hex}' AS mark FROM {long}")


@pytest.fixture
def make_reads(run: Run[Any]) -> Iterator[Any]:
    made: list[Reads] = []

    def make(url: str | None = None, **more: Any) -> Reads:
        given = {"workers": 2, "acquire_seconds": 20, "deadline_seconds": 30, **more}
        made.append(Reads(run, TrinoStore(url or address(), **given)))
        return made[-1]

    yield make
    for reads in made:
        run(reads.store.close())


@pytest.fixture
def reads(make_reads: Any) -> Reads:
    return make_reads()  # type: ignore[no-any-return]


def cancelled(other: Other, endless: Select) -> bool:
    """Whether the query is seen to have been cancelled on the server within a few seconds."""
    for _ in range(20):
        if other.states(endless) == [["FAILED", "USER_CANCELED"]]:
            return True
        time.sleep(0.2)
    return False


def test_each_kind_is_read_as_aurum_has_it(reads: Reads, table: str) -> None:
    check_reading(reads, table)


def test_each_kind_is_found_by_its_values(reads: Reads, table: str) -> None:
    check_finding(reads, table)


def test_what_is_not_found_is_null(reads: Reads, table: str) -> None:
    check_nothing_found(reads, table)


def test_whole_numbers_beyond_64_bits_are_no_other_numbers(reads: Reads, table: str) -> None:
    check_overflow(reads, table)
    with pytest.raises(OverflowError):
        reads(Select("SELECT CAST(1e300 AS BIGINT) AS one"))


def test_what_is_no_number_is_a_float_all_the_same(reads: Reads) -> None:
    ((much, less, none, exact),) = reads(
        Select("SELECT INFINITY(), -INFINITY(), NAN(), CAST('1.50' AS DECIMAL(5, 2))")
    )
    assert (much, less, str(none), str(exact)) == (float("inf"), float("-inf"), "nan", "1.50")


def test_marks_in_text_and_names_are_no_parameters(reads: Reads) -> None:
    text = "SELECT ':a ? ''it'' CAST(:a AS TEXT)', CAST(:b AS TEXT), CAST(:a AS TEXT), :b"
    found = reads(Select(f'{text} AS "a :b"'), a="?", b="'")
    assert found == [(":a ? 'it' CAST(:a AS TEXT)", "'", "?", "'")]


def test_many_rows_are_all_there(reads: Reads) -> None:
    found = reads(Select("SELECT n.x FROM UNNEST(SEQUENCE(1, 4321)) AS n(x)"))
    assert sorted(found) == [(n,) for n in range(1, 4322)]


def test_the_limit_of_the_server_is_a_deadline_too(make_reads: Any, endless: Select) -> None:
    """As where this process has no time to look at its own."""
    limited = make_reads(deadline_seconds=0.5).store
    connection = limited.connect()
    began = time.monotonic()
    with pytest.raises(trino.exceptions.TrinoQueryError) as error:
        limited.run(connection, endless.sql, {})
    assert isinstance(limited.problem_of(error.value), DeadlineExceeded)
    assert time.monotonic() - began < 10
    limited.close_connection(connection)


def test_a_read_past_its_deadline_ends_on_the_server(
    make_reads: Any, other: Other, endless: Select
) -> None:
    late = make_reads(deadline_seconds=1.5)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        late(endless)
    assert time.monotonic() - began < 2.5
    assert cancelled(other, endless)


def test_the_read_of_a_caller_who_leaves_ends_on_the_server(
    reads: Reads, other: Other, endless: Select, run: Run[Any]
) -> None:
    async def leave() -> float:
        task = asyncio.ensure_future(reads.store.fetch(endless, {}))
        await until(lambda: other.states(endless))
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert run(leave()) < 1
    assert cancelled(other, endless)
    assert reads(ONE) == [(1,)]


def test_who_leaves_before_the_first_answer_has_the_read_ended_too(
    reads: Reads, other: Other, endless: Select, run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client does nothing then, and does not say so: it has to be told again."""
    began: list[Session] = []
    run_there = TrinoStore.run

    def noted(store: TrinoStore, connection: Session, *more: Any) -> Any:
        began.append(connection)
        return run_there(store, connection, *more)

    monkeypatch.setattr(TrinoStore, "run", noted)

    async def leave() -> None:
        task = asyncio.ensure_future(reads.store.fetch(endless, {}))
        await until(lambda: began)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not reads.store.stats()["open"])

    run(leave())
    assert cancelled(other, endless)


def test_a_query_that_somebody_else_ends_is_a_failure_of_the_store(
    reads: Reads, other: Other, endless: Select, run: Run[Any]
) -> None:
    async def ended() -> None:
        task = asyncio.ensure_future(reads.store.fetch(endless, {}))
        await until(lambda: other.states(endless))
        ((name,),) = await asyncio.to_thread(
            other,
            "SELECT query_id FROM system.runtime.queries WHERE state <> 'FAILED'"
            f" AND query LIKE '%{endless.sql.split(chr(39))[1]}%' AND query NOT LIKE '%runtime%'",
        )
        await asyncio.to_thread(
            other, f"CALL system.runtime.kill_query(query_id => '{name}', message => 'enough')"
        )
        with pytest.raises(StoreUnavailable):
            await task

    run(ended())


def test_many_callers_share_few_connections(reads: Reads, run: Run[Any]) -> None:
    async def crowd() -> list[Any]:
        return await asyncio.gather(*(reads.store.fetch(ONE, {}) for _ in range(6)))

    assert run(crowd()) == [[(1,)]] * 6
    assert reads.store.stats() == {"open": 2, "idle": 2, "waiting": 0}
    run(reads.store.ping())


def test_a_table_that_is_not_there_is_no_mistake_but_a_wrong_text_is(
    make_reads: Any, reads: Reads
) -> None:
    nowhere = Select("SELECT n.one FROM nowhere AS n")
    with pytest.raises(StoreUnavailable):
        reads(nowhere)
    with pytest.raises(StoreUnavailable):
        make_reads(f"{address().rpartition('/')[0]}/none")(nowhere)
    with pytest.raises(TrinoUserError):
        reads(Select("SELECT n.nothing FROM UNNEST(SEQUENCE(1, 2)) AS n(x)"))
