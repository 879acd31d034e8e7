"""Reads of servers that are gone, hang or have no time, and addresses that are none.

Nothing of these engines is needed to find out.
"""

import json
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from clickhouse_driver import errors
from trino import exceptions

from aurum.errors import DeadlineExceeded, StoreUnavailable
from aurum.stores import addresses, clickhouse_client, trino_client
from aurum.stores.clickhouse import ClickHouseStore
from aurum.stores.sql import Select
from aurum.stores.threaded import ThreadedStore
from aurum.stores.trino import TrinoStore
from tests.aurum.stores.reading import until
from tests.conftest import Run

ONE = Select("SELECT 1 AS one")
STORES: list[tuple[type[ThreadedStore[Any]], str]] = [
    (ClickHouseStore, "clickhouse://aurum:s3cret%20word@127.0.0.1:{}/market"),
    (ClickHouseStore, "clickhouses://aurum:s3cret%20word@127.0.0.1:{}/market"),
    (TrinoStore, "http://aurum@127.0.0.1:{}/lake/market"),
    (TrinoStore, "https://aurum:s3cret%20word@127.0.0.1:{}/lake/market"),
]


def store_at(kind: Any, url: str, port: int, **more: Any) -> Any:
    given = {"workers": 2, "acquire_seconds": 5, "deadline_seconds": 10, **more}
    return kind(url.format(port), **given)


@pytest.mark.parametrize(("kind", "url"), STORES)
def test_a_server_that_is_gone_is_unavailable_and_no_secret_is_told(
    kind: Any, url: str, run: Run[Any], caplog: pytest.LogCaptureFixture
) -> None:
    store = store_at(kind, url, 9)
    with pytest.raises(StoreUnavailable) as error:
        run(store.fetch(ONE, {}))
    told = "".join(traceback.format_exception(error.value)) + caplog.text
    assert "store_failed" in told
    assert "s3cret" not in told
    assert "word" not in told
    with pytest.raises(StoreUnavailable):
        run(store.ping())
    assert store.stats() == {"open": 0, "idle": 0, "waiting": 0}
    run(store.close())


@pytest.mark.parametrize(("kind", "url"), STORES[::2])
def test_a_server_that_hangs_takes_no_longer_than_the_deadline_and_no_thread_for_ever(
    kind: Any, url: str, run: Run[Any]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = store_at(kind, url, silent.getsockname()[1], deadline_seconds=0.3)
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            run(store.fetch(ONE, {}))
        assert time.monotonic() - began < 1
        assert store.stats()["open"] == 1
        run(until(lambda: not store.stats()["open"], 5))
        run(store.close())


class Coordinator(BaseHTTPRequestHandler):
    """A Trino that has no time for so many requests, and would be asked again in an hour."""

    busy = 0

    def do_POST(self) -> None:
        kind = type(self)
        kind.busy -= 1
        self.send_response(503 if kind.busy >= 0 else 200)
        self.send_header("Retry-After", "3600")
        self.end_headers()
        columns = [{"name": "one", "type": "bigint", "typeSignature": {}}]
        columns[0]["typeSignature"] = {"rawType": "bigint", "arguments": []}
        answer = {"id": "q", "infoUri": "", "stats": {}, "columns": columns, "data": [[1]]}
        if kind.busy < 0:
            self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def coordinator() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Coordinator) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_trino_that_has_no_time_is_asked_again_twice(coordinator: int, run: Run[Any]) -> None:
    store = store_at(TrinoStore, "http://aurum@127.0.0.1:{}/lake/market", coordinator)
    Coordinator.busy = 2
    assert run(store.fetch(ONE, {})) == [(1,)]
    Coordinator.busy = 3
    with pytest.raises(StoreUnavailable):
        run(store.fetch(ONE, {}))
    run(store.close())


CLICKHOUSE, TRINO = clickhouse_client.problem_of, trino_client.problem_of


@pytest.mark.parametrize(
    ("problem_of", "error", "problem"),
    [
        (CLICKHOUSE, errors.ServerException("", errors.ErrorCodes.SYNTAX_ERROR), "NoneType"),
        (CLICKHOUSE, errors.ServerException("", 202), "Overloaded"),
        (CLICKHOUSE, errors.ServerException("", 394), "StoreUnavailable"),
        (CLICKHOUSE, errors.ServerException("", 407), "OverflowError"),
        (CLICKHOUSE, errors.ServerException("", 516), "StoreUnavailable"),
        (CLICKHOUSE, errors.SocketTimeoutError(), "StoreUnavailable"),
        (CLICKHOUSE, TimeoutError(), "StoreUnavailable"),
        (CLICKHOUSE, errors.NetworkError(), "ConnectionLost"),
        (CLICKHOUSE, EOFError(), "ConnectionLost"),
        (CLICKHOUSE, ValueError("a mistake of ours"), "NoneType"),
        (TRINO, exceptions.OperationalError("error 404: nothing here"), "ConnectionLost"),
        (TRINO, exceptions.TrinoConnectionError("failed to fetch"), "ConnectionLost"),
        (TRINO, exceptions.HttpError("error 401: who"), "StoreUnavailable"),
        (TRINO, exceptions.TrinoQueryError({"errorName": "QUERY_QUEUE_FULL"}), "Overloaded"),
        (TRINO, json.JSONDecodeError("a proxy", "<html>", 0), "StoreUnavailable"),
        (TRINO, ValueError("a mistake of ours"), "NoneType"),
    ],
)
def test_what_errors_of_the_drivers_mean(problem_of: Any, error: Exception, problem: str) -> None:
    assert type(problem_of(error)).__name__ == problem


@pytest.mark.parametrize(
    ("check", "url"),
    [
        *(
            (addresses.check_clickhouse, url)
            for url in (
                *(
                    "",
                    "s3cret",
                    "postgresql://a:s3cret@b/c",
                    "clickhouse://",
                    "clickhouse:///s3cret",
                ),
                *("clickhouse://a:s3cret/word@host/c", "clickhouse://a:s3cret@host:many/c"),
            )
        ),
        *(
            (addresses.check_trino, url)
            for url in (
                *("", "s3cret", "clickhouse://a:s3cret@b/c/d", "https://", "https:///s3cret/d"),
                *("https://a:s3cret/word@host/c/d", "https://a:s3cret@host:many/c/d"),
                *("http://a:s3cret@host/c/d", "https://a:s3cret@host/c"),
                "https://a:s3cret@host/c/d/e",
            )
        ),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(check: Any, url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a") as error:
        check(url)
    assert "s3cret" not in "".join(traceback.format_exception(error.value))
    assert "s3cret" not in repr(error.value)
