"""Connections that say nothing or dribble end, and others are served meanwhile."""

import resource
import socket
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.drills.clients import address_of, connections, open_ones
from tests.drills.conftest import Say
from tests.drills.processes import Site, until
from tests.factories import curve_csv, months

pytestmark = pytest.mark.drill

FILES, CROWD = 256, 200
GIVEN_UP = 2


def few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


@pytest.fixture
def narrow_site(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An installation whose server may open few files."""
    site._environment["AURUM_API_RECEIVE_SECONDS"] = str(GIVEN_UP)
    path = tmp_path / "curves.csv"
    path.write_text(curve_csv(months("2025-10", 60)))
    site.load(path)
    start = site.start

    def start_with_few_files(*command: str, **more: Any) -> Any:
        return start(*command, preexec_fn=few_files, **more)

    monkeypatch.setattr(site, "start", start_with_few_files)
    return site


def test_a_crowd_that_asks_nothing_leaves_room_and_goes(narrow_site: Site, say: Say) -> None:
    """There are more of them than the server has room for."""
    pages = (f"/v2/curves/observations?limit={number}" for number in count(1))
    with narrow_site.serve() as client:
        descriptors = Path(f"/proc/{narrow_site._started[-1].pid}/fd")
        for said in (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n"):
            began, waited = time.monotonic(), 0.0
            with connections(address_of(client), CROWD, said) as crowd:
                while time.monotonic() - began < GIVEN_UP / 2:
                    dribble(crowd if said else [])
                    asked = time.monotonic()
                    assert client.get(next(pages)).status_code == 200
                    waited = max(waited, time.monotonic() - asked)
                    assert len([*descriptors.iterdir()]) < FILES - 64
                until(lambda crowd=crowd: open_ones(crowd) == 0, "their end", GIVEN_UP + 2)
                say(f"{said!r}: gone after {time.monotonic() - began:.1f} s, waited {waited:.3f} s")
        until(lambda: len([*descriptors.iterdir()]) < 64, "their descriptors")


def dribble(crowd: list[socket.socket]) -> None:
    for connection in crowd:
        with suppress(ConnectionError):
            connection.sendall(b"A: b\r\n")
