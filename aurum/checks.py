"""System checks: what `manage.py check` and the start of the server insist on."""

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from aurum.api.routes import conflicts, path_shape
from aurum.domains import Domain, all_routes, domains
from aurum.environment import NAMES, Status
from aurum.errors import StoreUnavailable, did_you_mean
from aurum.loads.belonging import compare_newest
from aurum.loads.log import load_log
from aurum.stores.registry import ENGINES, writer_of

SETTINGS = "aurum_settings"
"""The tag of what a command insists on that serves nothing: it need not import the views."""
AUTH_WORDS = ("anonymous", "key")
ORIGIN = re.compile(
    r"(?!http:.*:80$|https:.*:443$)"
    r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?"
)
"""As browsers write it."""
DROPPED_HINT = "Remove it from the environment."


def _names() -> Iterable[CheckMessage]:
    """Every AURUM_* variable must be one that does something."""
    for name in settings.ENVIRONMENT:
        entry = NAMES.get(name)
        if entry is None:
            near = did_you_mean(name, NAMES)
            yield Error(f"{name} is not a name Aurum knows{near}.", id="aurum.E001")
        elif entry.status is Status.DROPPED:
            yield Error(f"{name} has no effect: {entry.note}.", DROPPED_HINT, id="aurum.E002")
        elif entry.status is Status.LATER:
            yield Error(
                f"{name} does not work yet: it {entry.note}.", DROPPED_HINT, id="aurum.E003"
            )
        elif entry.status is Status.ALIAS and f"AURUM_{entry.target}" in settings.ENVIRONMENT:
            yield Error(f"{name} and AURUM_{entry.target} say the same twice.", id="aurum.E004")


def _routes() -> Iterable[CheckMessage]:
    for conflict in conflicts(all_routes()):
        yield Error(f"Routes conflict: {conflict}.", id="aurum.E010")


def _successors() -> Iterable[CheckMessage]:
    """A deprecated answer links to its successor, and a client may follow that link."""
    declared = [
        route for domain in domains() for routes in domain.routes.values() for route in routes
    ]
    paths = {f"/{route.path}" for route in declared if route.path.startswith("v2/")}
    shapes = {path_shape(path) for path in paths}
    for route in declared:
        successor = getattr(route.view, "successor", None)
        if successor and path_shape(successor) not in shapes:
            near = did_you_mean(successor, paths)
            yield Error(
                f"The successor '{successor}' of '/{route.path}', declared at"
                f" {route.place}, is no route of v2{near}.",
                id="aurum.E012",
            )


def _policies() -> Iterable[CheckMessage]:
    """The cache counts and clears by namespace, so each has one policy."""
    owners: dict[str, list[str]] = {}
    for domain in domains():
        for policy in domain.policies:
            owners.setdefault(policy.namespace, []).append(domain.name)
    for namespace, names in owners.items():
        if len(names) > 1:
            both = " and ".join(f"'{name}'" for name in names)
            yield Error(f"Cache namespace '{namespace}' has policies of {both}.", id="aurum.E011")


def _stores() -> Iterable[CheckMessage]:
    names = [domain.name for domain in domains()]
    named = [(domain, engine) for domain, (engine, *_) in settings.AURUM_CANARIES.items()]
    named += settings.AURUM_STORES.items()
    for domain, engine in named:
        if domain not in names:
            near = did_you_mean(domain, names)
            yield Error(f"AURUM_STORES names no domain '{domain}'{near}.", id="aurum.E020")
        if engine not in ENGINES:
            near = did_you_mean(engine, ENGINES)
            yield Error(
                f"AURUM_STORES: there is no engine '{engine}'{near}.",
                f"Engines: {', '.join(ENGINES)}.",
                id="aurum.E021",
            )
    for name, known in ENGINES.items():
        for needed in known.needs:
            if name in {engine for _, engine in named} and not getattr(settings, needed):
                yield Error(f"AURUM_STORES uses {name}: set {needed}.", id="aurum.E022")


def _auth() -> Iterable[CheckMessage]:
    for word in settings.AURUM_AUTH:
        if word not in AUTH_WORDS:
            yield Error(
                f"AURUM_AUTH: '{word}' is not one of {', '.join(AUTH_WORDS)}.", id="aurum.E030"
            )
    if settings.AURUM_ENV != "production":
        return
    given = settings.ENVIRONMENT
    if not given.get("AURUM_SECRET_KEY") or len(given["AURUM_SECRET_KEY"]) < 50:
        yield Error("Production needs AURUM_SECRET_KEY, 50 characters or more.", id="aurum.E031")
    if not given.get("AURUM_ALLOWED_HOSTS") or "*" in settings.ALLOWED_HOSTS:
        yield Error("Production needs AURUM_ALLOWED_HOSTS, without '*'.", id="aurum.E032")
    if not given.get("AURUM_AUTH") or "anonymous" in settings.AURUM_AUTH:
        yield Error("Production needs AURUM_AUTH without 'anonymous'.", id="aurum.E033")
    if settings.DEBUG:
        yield Error("AURUM_DEBUG shows internals and is refused in production.", id="aurum.E034")


def _origins() -> Iterable[CheckMessage]:
    for origin in sorted(settings.AURUM_CORS_ORIGINS):
        if origin != "*" and not ORIGIN.fullmatch(origin):
            yield Error(
                f"AURUM_CORS_ORIGINS: '{origin}' is no origin, such as https://desk.example.com,"
                " in lower case, without a path or a default port.",
                id="aurum.E035",
            )


@register(SETTINGS)
def settings_checks(app_configs: Sequence[AppConfig] | None, **more: Any) -> list[CheckMessage]:
    return [*_names(), *_policies(), *_stores(), *_auth(), *_origins()]


@register(Tags.urls)
def route_checks(app_configs: Sequence[AppConfig] | None, **more: Any) -> list[CheckMessage]:
    return [*_routes(), *_successors()]


@register(Tags.database)
def stores_and_log(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **more: Any
) -> Iterable[CheckMessage]:
    """Of `manage.py check --database default`, and of `migrate`: the newest loads, which are known
    without reading tables."""
    return [message for domain in domains() if databases for message in _newest_loads(domain)]


def _newest_loads(domain: Domain) -> Iterable[CheckMessage]:
    try:
        with closing(writer_of(domain.name)) as writer:
            fault, lost = compare_newest(domain.tables, writer, load_log())
    except StoreUnavailable as error:
        yield Warning(f"{domain.name}: {error.detail}", id="aurum.W040")
    except DatabaseError:
        return  # before the first `migrate` there is no log, and so nothing to compare
    else:
        if fault:
            yield Error(f"{domain.name}: {fault}.", id="aurum.E041")
        if lost:
            yield Warning(f"{domain.name}: {lost}.", id="aurum.W042")
