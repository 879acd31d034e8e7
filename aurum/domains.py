"""The domains: each declares itself once, in its `domain.py`, and is reached only through that."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from django.conf import settings

from aurum.api.routes import Route
from aurum.cache.policies import Policy
from aurum.loads.feeds import Feed
from aurum.stores.tables import Table

DemoFile = tuple[str, Callable[[], bytes]]
"""A demo file's name and what makes it; the domain's first feed to take the name loads it."""


@dataclass(frozen=True)
class Domain:
    name: str
    routes: Mapping[str, tuple[Route, ...]]
    """By API version: `{"v1": (...)}`."""
    tables: tuple[Table, ...]
    feeds: tuple[Feed, ...]
    policies: tuple[Policy, ...] = ()
    warm: tuple[str, ...] = ()
    """Questions to ask before anyone does: path and query."""
    demo: Callable[[], Iterable[DemoFile]] = field(default=lambda: ())
    look_at: tuple[tuple[str, str], ...] = ()
    """What a newcomer may click: (what it is, path and query)."""

    def feed_for(self, file_name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.takes(file_name))


@cache
def domains() -> tuple[Domain, ...]:
    """All of settings.DOMAINS; a domain that cannot be imported stops the start."""
    return tuple(import_module(f"{name}.domain").DOMAIN for name in settings.DOMAINS)


def all_routes() -> list[Route]:
    """Every route that is switched on, in the order of the domains."""
    return list(_routes())


def _routes() -> Iterator[Route]:
    for domain in domains():
        for version, routes in domain.routes.items():
            if version != "v1" or settings.AURUM_V1_SPLIT.get(domain.name, True):
                yield from routes


def find_feed(name: str) -> tuple[Domain, Feed] | None:
    for domain in domains():
        for feed in domain.feeds:
            if feed.name == name:
                return domain, feed
    return None
