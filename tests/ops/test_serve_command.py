"""`manage.py serve`: uvicorn, started as the server ought to be."""

import resource
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.main import main

from aurum.server.protocol import Protocol
from ops.management.commands.serve import HEADROOM, MOST_CONNECTIONS, defaults


def options(*given: str) -> dict[str, Any]:
    """What uvicorn makes of the command's options and those given."""
    return main.make_context("serve", [*defaults(), *given]).params


def test_it_gives_what_the_server_ought_to_have() -> None:
    found = options()
    assert found["app"] == "aurum.asgi:application"
    assert found["lifespan"] == "on"
    assert found["timeout_graceful_shutdown"] > 0
    assert found["limit_concurrency"] > 0
    assert (found["access_log"], found["server_header"]) == (False, False)
    config = Config(found["app"], http=found["http"], ws=found["ws"])
    config.load()
    assert config.http_protocol_class is Protocol
    assert config.ws_protocol_class is None


def test_options_given_count_before_its_own() -> None:
    found = options("--port", "8123", "--log-level", "info", "--limit-concurrency", "7")
    assert (found["port"], found["log_level"], found["limit_concurrency"]) == (8123, "info", 7)


@pytest.mark.parametrize(
    ("files", "connections"),
    [(1024, 1024 - HEADROOM), (1_000_000, MOST_CONNECTIONS), (-1, MOST_CONNECTIONS), (64, 1)],
)
def test_connections_leave_descriptors_for_the_databases(
    monkeypatch: pytest.MonkeyPatch, files: int, connections: int
) -> None:
    assert resource.RLIM_INFINITY == -1
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert options()["limit_concurrency"] == connections
