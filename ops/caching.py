"""The caches of all server processes: what is in them, and orders they follow.

A cache lives in its process's memory. The ops database carries orders to the processes and their
reports back, so that the console and the command line reach all of them.
"""

import os
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache

from django.utils import timezone

from aurum.cache.process import CACHE
from aurum.polling import Polled
from aurum.server.warmup import WARM
from ops.models import CacheCommand, CacheReport

REPORT_SECONDS = 2
SILENT_SECONDS = 15
"""A process that has not reported for so long is gone."""


def order(kind: CacheCommand.Kind, actor: str, tag: str = "") -> CacheCommand:
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


ORDERS: Polled[int] = Polled("cache-orders", 0)
"""The last order this process has followed."""


@cache
def _follower() -> "Follower":
    return Follower(WARM)


def follow_orders() -> int:
    """One step of this process's follower, which begins with the first call."""
    return _follower().follow()


class Follower:
    """Does what was ordered since this process began, and reports; called by the poll."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        newest = CacheCommand.objects.order_by("-id").values_list("id", flat=True).first()
        self._seen = newest or 0
        self._reported: datetime | None = None

    def follow(self) -> int:
        for done in CacheCommand.objects.filter(id__gt=self._seen).order_by("id"):
            if done.kind == CacheCommand.Kind.PURGE:
                CACHE.purge(done.tag)
            else:
                self._warm()
            self._seen = done.id
        self._report()
        return self._seen

    def _report(self) -> None:
        now = timezone.now()
        if self._reported and now - self._reported < timedelta(seconds=REPORT_SECONDS):
            return
        namespaces = {name: asdict(stats) for name, stats in CACHE.stats().items()}
        facts = {"at": now, "namespaces": namespaces, "tags": CACHE.tags()}
        CacheReport.objects.update_or_create(process=self._process, defaults=facts)
        self._reported = now
