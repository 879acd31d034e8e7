"""A whole table that fails on the way: each client says so, and none takes the part."""

import asyncio
import shutil
import subprocess
from http.client import IncompleteRead
from typing import Any
from urllib.request import urlopen

import httpx
import pytest

from aurum.api import v2
from aurum.api.formats import TABLES
from aurum.errors import StoreUnavailable
from aurum.query import pieces
from tests.aurum.server.serving import serving
from tests.conftest import Market, Run
from tests.factories import curve_csv, months

STREAMED = [name for name in TABLES if name != "xlsx"]  # which is sent once it is whole


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def parts(*given: Any) -> Any:
        count = 0
        async for page in pieces(*given):
            if count == 2:
                raise StoreUnavailable
            count += 1
            yield page

    monkeypatch.setattr(v2, "pieces", parts)
    monkeypatch.setattr(v2.V2View, "rows_of_piece", 20)


def by_curl(url: str) -> None:
    made = subprocess.run(["curl", "-sS", "-o", "/dev/null", url], capture_output=True, text=True)
    if made.returncode:
        raise OSError(made.stderr)


def by_httpx(url: str) -> None:
    httpx.get(url, headers={"Accept-Encoding": "identity"})


def by_httpx_gzip(url: str) -> None:
    httpx.get(url, headers={"Accept-Encoding": "gzip"})


def by_urllib(url: str) -> None:
    urlopen(url).read()


CLIENTS = [
    pytest.param(
        by_curl,
        marks=pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here"),
    ),
    by_httpx,
    by_httpx_gzip,
    by_urllib,
]


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("form", STREAMED)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_table_that_is_cut_off_is_an_error(
    market: Market, application: Any, run: Run[Any], form: str, client: Any
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 60)))

    async def read() -> None:
        async with serving(application) as server:
            host, port = server._address
            url = f"http://{host}:{port}/v2/curves/observations?format={form}"
            await asyncio.to_thread(client, url)

    with pytest.raises((OSError, httpx.RemoteProtocolError, IncompleteRead)):
        run(read())
