"""A server with demo data, as a user would start it."""

import os
from collections.abc import Iterator

import pytest

from curves.demo import demo_files as curve_files
from iso.domain import DOMAIN
from tests.drills.processes import Site


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with two days of curves and the prices of a market."""
    home = tmp_path_factory.mktemp("home")
    environment = {name: value for name, value in os.environ.items() if name[:6] != "AURUM_"}
    environment |= {
        "AURUM_HOME": str(home),
        "AURUM_LOG_LEVEL": "WARNING",
        "AURUM_AUTH": "anonymous",
    }
    site = Site("embedded", home, environment, "")
    site.migrate()
    files = home / "files"
    files.mkdir()
    for name, make in list(curve_files())[:2]:
        (files / name).write_bytes(make())
    site.load(files)
    name, make = next(iter(DOMAIN.demo()))
    (home / name).write_bytes(make())
    site.load(home / name, feed=DOMAIN.feed_for(name).name)
    try:
        with site.serve() as client:
            yield str(client.base_url).rstrip("/")
    finally:
        site.stop()
