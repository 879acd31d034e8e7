"""The domains: the installed apps that are one, each reached only through its `domain.py`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings

from aurum.apps import DomainConfig
from aurum.cache.policies import Policy
from aurum.loads.feeds import Feed
from aurum.stores.tables import Table

if TYPE_CHECKING:
    from aurum.api.routes import Route

DemoFile = tuple[str, Callable[[], bytes]]
"""A demo file's name and what makes it; the domain's first feed to take the name loads it."""


@dataclass(frozen=True)
class Domain:
    name: str
    urls: Mapping[str, str]
    """By API version, the module whose ROUTES it has: `{"v1": "iso.v1.urls"}`."""
    tables: tuple[Table, ...]
    feeds: tuple[Feed, ...]
    policies: tuple[Policy, ...] = ()
    warm: tuple[str, ...] = ()
    """Queries to ask before anyone does: path and query."""
    demo: Callable[[], Iterable[DemoFile]] = field(default=lambda: ())
    """Made-up data, which goes when the first real file is loaded into the domain."""
    reference: Callable[[], Iterable[DemoFile]] = field(default=lambda: ())
    """Files of facts that come with Aurum, and stay beside others."""
    moved_streams: Mapping[str, str] = field(default_factory=dict)
    """Paths that gave a stream, and the lists that now do."""
    look_at: tuple[tuple[str, str], ...] = ()
    """What a newcomer may click: (what it is, path and query)."""

    @cached_property
    def routes(self) -> dict[str, tuple["Route", ...]]:
        """By API version. A command that serves nothing does not import the views."""
        return {version: import_module(module).ROUTES for version, module in self.urls.items()}

    def feed_for(self, file_name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.takes(file_name))


def domains() -> tuple[Domain, ...]:
    """Every domain that is installed, in the order of INSTALLED_APPS."""
    configs = apps.get_app_configs()
    return tuple(config.domain for config in configs if isinstance(config, DomainConfig))


def all_routes() -> list["Route"]:
    """Every route that is switched on, in the order of the domains."""
    return [
        route
        for domain in domains()
        for version, routes in domain.routes.items()
        if version != "v1" or settings.AURUM_V1_SPLIT.get(domain.name, True)
        for route in routes
    ]


def moved_streams() -> dict[str, str]:
    """What the domains say has moved: old path to new."""
    return {old: new for one in domains() for old, new in one.moved_streams.items()}


def find_feed(name: str) -> tuple[Domain, Feed] | None:
    for domain in domains():
        for feed in domain.feeds:
            if feed.name == name:
                return domain, feed
    return None


def feeds_for(file_name: str) -> list[tuple[Domain, Feed]]:
    """The feeds that know a file's name: by priority, then in the order of the domains' FEEDS."""
    found = [(domain, feed) for domain in domains() for feed in domain.feeds]
    found.sort(key=lambda one: -one[1].priority)
    return [(domain, feed) for domain, feed in found if feed.takes(file_name)]
