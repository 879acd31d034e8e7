"""The caches of all server processes: what is in them, and commands to them.

A cache lives in its process's memory. The ops database carries commands to the processes and their
reports back, so that the console and the command line reach all of them.
"""

import os
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone

from aurum.cache.process import CACHE
from ops.models import CacheCommand, CacheReport

REPORT_SECONDS = 2
SILENT_SECONDS = 15
"""A process that has not reported for so long is gone."""


def send_command(kind: CacheCommand.Kind, actor: str, tag: str = "") -> CacheCommand:
    """To every server process; each follows within a second."""
    return CacheCommand.objects.create(kind=kind, tag=tag, actor=actor)


def reports() -> list[CacheReport]:
    """Of the processes that are alive."""
    heard = timezone.now() - timedelta(seconds=SILENT_SECONDS)
    return list(CacheReport.objects.filter(at__gte=heard))


def totals() -> dict[str, Counter[str]]:
    """The counters of each namespace over all processes."""
    found: dict[str, Counter[str]] = {}
    for report in reports():
        for namespace, counts in report.namespaces.items():
            found.setdefault(namespace, Counter()).update(counts)
    return found


def tags() -> Counter[str]:
    """How many entries carry each tag, over all processes, as they last reported."""
    found = Counter[str]()
    for report in reports():
        found.update(report.tags)
    return found


class CommandFollower:
    """Does what was commanded since this process began, and reports; the poller calls both."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._last: int | None = None

    def follow(self) -> None:
        """The first call does nothing: a cache that is still empty needs no older command."""
        if self._last is None:
            newest = CacheCommand.objects.order_by("-id").values_list("id", flat=True).first()
            self._last = newest or 0
        for command in CacheCommand.objects.filter(id__gt=self._last).order_by("id"):
            if command.kind == CacheCommand.Kind.PURGE:
                CACHE.purge(command.tag)
            else:
                self._warm()
            self._last = command.id

    def report(self) -> None:
        facts = {
            "at": timezone.now(),
            "namespaces": {name: asdict(stats) for name, stats in CACHE.stats().items()},
            "tags": CACHE.tags(),
        }
        CacheReport.objects.update_or_create(process=self._process, defaults=facts)
