"""Loading into a ClickHouse: what it has no room for, which version does, what the dead leave."""

import contextlib
import threading
import time
from typing import Any

import pytest
from clickhouse_driver import Client

from aurum.errors import InvalidFile, StoreUnavailable
from aurum.stores import clickhouse_client
from aurum.stores.clickhouse_writer import ClickHouseWriter
from aurum.stores.registry import writer_of
from tests.conftest import Market
from tests.factories import curve_csv, months

pytestmark = [
    pytest.mark.clickhouse,
    pytest.mark.parametrize("engine", ["clickhouse"], indirect=True),
]


def query(sql: str) -> list[Any]:
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, ClickHouseWriter)
        return writer.query(sql, {})


def test_a_load_with_a_date_that_has_no_room_is_refused_whole(market: Market) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    rows = [*months("2025-11", 2), {"contract_month": "2300-01-01", "mid": 1}]
    with pytest.raises(InvalidFile, match="1900 to 2299, and not 2300-01-01"):
        market.load("curves.csv", curve_csv(rows))
    assert query("SELECT tenor_label FROM curve_observation") == [("2025-10",)]


def test_a_server_that_is_too_old_is_refused(
    market: Market, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(clickhouse_client, "AT_LEAST", (99, 1))
    with pytest.raises(StoreUnavailable):
        writer_of("curves")
    assert "store_too_old" in caplog.text


def test_what_a_dead_load_has_set_going_is_stopped_before_it_is_taken_back(
    market: Market, settings: Any
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    ended = threading.Event()
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, ClickHouseWriter)
        remark = writer.remark(7)

    def go_on() -> None:
        with contextlib.closing(_client(settings)) as client, contextlib.suppress(Exception):
            client.execute(f"{remark}SELECT sum(number % 7) FROM numbers(1000000000000)")
        ended.set()

    threading.Thread(target=go_on).start()
    running = f"SELECT COUNT(*) FROM system.processes WHERE startsWith(query, '{remark}')"
    deadline = time.monotonic() + 20
    while query(running) == [(0,)]:
        assert time.monotonic() < deadline
    with contextlib.closing(writer_of("curves")) as writer:
        writer.undo(7, ["curve_observation"])
    assert query(running) == [(0,)]
    assert ended.wait(20)


def _client(settings: Any) -> Any:
    client = Client.from_url(settings.AURUM_CLICKHOUSE_URL)
    client.close = client.disconnect
    return client
