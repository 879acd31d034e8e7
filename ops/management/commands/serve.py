"""`manage.py serve`: the server, started as it ought to be."""

import resource
from typing import Any

from django.core.management.base import BaseCommand
from uvicorn.main import main

GRACE_SECONDS = 10
"""How long what is under way may take after SIGTERM."""
HEADROOM = 128
"""Descriptors kept for what is no connection: the databases, static files, the log."""
MOST_CONNECTIONS = 4096


class Command(BaseCommand):
    help = "Starts the server. Takes uvicorn's options, which count before those that it gives."
    requires_system_checks = ()  # the application runs them, in every worker

    def run_from_argv(self, argv: list[str]) -> None:
        """The options are uvicorn's own, so they are left to it."""
        self.handle(*argv[2:])

    def handle(self, *options: Any, **_: Any) -> None:
        main(args=[*defaults(), *options], prog_name="manage.py serve")


def defaults() -> list[str]:
    return [
        "aurum.asgi:application",
        *("--http", "aurum.server.protocol:Protocol", "--ws", "none"),
        *("--lifespan", "on"),  # "auto" would go on without what has failed to start
        *("--timeout-graceful-shutdown", str(GRACE_SECONDS)),
        *("--limit-concurrency", str(most_connections())),
        *("--log-level", "warning", "--no-access-log", "--no-server-header"),
    ]


def most_connections() -> int:
    """How many connections a process can have beside its databases."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(1, min(MOST_CONNECTIONS, files - HEADROOM))
