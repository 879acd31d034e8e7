"""A client that leaves: what it asked of the store ends with it."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.drills.conftest import Say
from tests.drills.processes import Site, until
from tests.factories import curve_csv, months

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timescale,
    pytest.mark.parametrize("engine", ["timescale"], indirect=True),
]

TARGETS = [
    "/v1/curves?limit=7",
    "/v2/curves/observations?limit=7",
    "/v2/curves/observations?format=csv",
]
SOON = 4.0
"""Seconds from a client's leaving to its query's end; the store's deadline is 10, the sleep 60."""
SLOW = """
    ALTER TABLE curve_observation RENAME TO kept;
    CREATE VIEW curve_observation AS SELECT * FROM kept WHERE pg_sleep(60) IS NOT NULL
"""
ASLEEP = """
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'aurum' AND state = 'active' AND wait_event = 'PgSleep'
"""


@pytest.fixture
def slow_site(site: Site, settings: Any, tmp_path: Path) -> Site:
    """An installation with one load, where every query of observations sleeps."""
    site._environment["AURUM_LOG_LEVEL"] = "INFO"
    path = tmp_path / "curves.csv"
    path.write_text(curve_csv(months("2025-10", 4)))
    site.load(path)
    with psycopg.connect(settings.AURUM_TIMESCALE_DSN) as database:
        database.execute(SLOW)
    return site


def ask(client: httpx.Client, target: str) -> socket.socket:
    """A request whose answer nobody has read."""
    url = client.base_url
    connection = socket.create_connection((url.host, url.port))
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode())
    return connection


def access_lines(site: Site) -> list[dict[str, Any]]:
    lines = (site.home / "server.log").read_text().splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in said if line["event"] == "http_request"]


def test_the_query_of_a_client_that_left_is_cancelled(slow_site: Site, say: Say) -> None:
    with slow_site.serve() as client:
        for target in TARGETS:
            with ask(client, target):
                until(lambda: slow_site.ask(ASLEEP), f"a query of {target}")
            left = time.monotonic()
            until(lambda: not slow_site.ask(ASLEEP), f"the end of {target}", seconds=SOON)
            say(f"{target}: ended {time.monotonic() - left:.2f} s after its client left")
        until(lambda: len(access_lines(slow_site)) == len(TARGETS), "lines in the access log")
    lines = access_lines(slow_site)
    assert [line["status"] for line in lines] == [499] * len(TARGETS)
    assert [f"{line['path']}?{line['query']}" for line in lines] == TARGETS


def test_who_asks_the_same_keeps_the_query_alive(slow_site: Site) -> None:
    """Two wait for one query; it ends when both have left."""
    with slow_site.serve() as client:
        with ask(client, TARGETS[0]):
            with ask(client, TARGETS[0]):
                until(lambda: slow_site.ask(ASLEEP), "the query of both")
                query = slow_site.ask(ASLEEP)
                time.sleep(0.5)  # for the second one to have joined, which nothing shows
            until(lambda: access_lines(slow_site), "the second one's line")
            assert slow_site.ask(ASLEEP) == query
            assert len(query) == 1
        until(lambda: not slow_site.ask(ASLEEP), "the end", seconds=SOON)
        until(lambda: len(access_lines(slow_site)) == 2, "the first one's line")
    assert [line["status"] for line in access_lines(slow_site)] == [499, 499]
