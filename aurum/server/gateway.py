"""The gateway: where the API learns who is calling, and whether the answer is already there.

It sits before Django and parses no domain's parameters: the cache's key is made of the request as
it stands. It decides once what a request is: a read of the API goes to the handler that needs no
thread, everything else to Django's own.
"""

import math
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.handlers.asgi import get_script_prefix

from aurum.api.accept import LONGEST, preferred
from aurum.api.caching import CACHE_KEY, cache_status, key_of
from aurum.api.representation import RawHeaders, Representation, conditional_response
from aurum.api.views import AsyncAPIView
from aurum.cache.process import CACHE
from aurum.cache.result import CacheResult
from aurum.domains import all_routes
from aurum.errors import ContentTooLarge, NotReady, Problem, Unauthorized
from aurum.identity import ANONYMOUS, CALLER, CALLING, Principal, identify
from aurum.polling import age
from aurum.server.frame import HEADERS, Scope, has_body
from aurum.server.sessions import SESSIONS, session_key

PREFIXES: Final = ("/v1/", "/v2/")
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Gateway:
    """Answers what the cache has; passes the rest on, with its caller and its key in the scope."""

    def __init__(self, reads: Any, others: Any) -> None:
        self._reads, self._others = reads, others
        self._views = _cached_views()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        path: str = scope["path"] if scope["type"] == "http" else ""
        if mounted_at := scope.get("root_path"):
            path = path.removeprefix(mounted_at.rstrip("/"))
        if not path.startswith(PREFIXES):
            await self._others(scope, receive, send)
            return
        headers = scope[HEADERS]
        if has_body(headers):
            raise ContentTooLarge("Nothing at this address takes a body.")
        caller = _caller(scope, headers)
        if "cookie" in headers and (key := session_key(headers)) is not None:
            caller = await _by_session(key, caller)
        scope[CALLER] = caller
        if scope["method"] not in READS:
            await self._others(scope, receive, send)
            return
        view = self._views.get(scope["path"])
        # A caller that cannot be known, or may not read this, hears so from the view.
        if view is not None and isinstance(caller, Principal) and view.scope in caller.scopes:
            found = _kept(scope, headers, view, caller)
            if found is not None:
                await _send(scope, send, headers, view, found, private=caller is not ANONYMOUS)
                return
        if settings.AURUM_CANARIES:
            subject = caller.subject if isinstance(caller, Principal) else ""
            CALLING.set(f"{subject} {_address(scope)}")
        await self._reads(scope, receive, send)


def _cached_views() -> dict[str, type[AsyncAPIView]]:
    """The views whose answers are kept, by path, of the paths that have no parameter."""
    return {
        f"/{route.path}": route.view
        for route in all_routes()
        if "<" not in route.path and route.view.cache_policy() is not None
    }


def _caller(scope: Scope, headers: Mapping[str, str]) -> Principal | Problem:
    """Who is calling, or why that cannot be known: the view says so, where it matters."""
    if age() == math.inf:
        return NotReady()
    if (known := scope.get(CALLER)) is not None:  # what this process asks itself, to warm up
        return known  # type: ignore[no-any-return]
    try:
        return identify(headers, _address(scope))
    except Unauthorized as refusal:
        return refusal


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


async def _by_session(key: str, caller: Principal | Problem) -> Principal | Problem:
    """Who is signed in; with a session that is nobody's a caller is who it is without."""
    if isinstance(caller, NotReady):
        return caller
    return await SESSIONS.find(key) or caller


def _kept(
    scope: Scope, headers: Mapping[str, str], view: type[AsyncAPIView], caller: Principal
) -> CacheResult[Representation] | None:
    """The answer that is kept for this very request; the view keeps its own under the same key."""
    policy = view.cache_policy()
    # OPTIONS asks about the path; and the path of a mounted Aurum is read by Django.
    if policy is None or scope["method"] == "OPTIONS" or get_script_prefix(scope):
        return None
    path, query = scope["path"], scope["query_string"].decode()
    key = key_of(policy, view.tables, caller, path, query, _accepted(view, headers))
    scope[CACHE_KEY] = key
    return CACHE.peek(policy.namespace, key)


async def _send(
    scope: Scope,
    send: Any,
    headers: Mapping[str, str],
    view: type[AsyncAPIView],
    found: CacheResult[Representation],
    private: bool,
) -> None:
    out = conditional_response(
        found.value,
        headers.get("accept-encoding", ""),
        headers.get("if-none-match"),
        private=private,
        body=scope["method"] != "HEAD",
    )
    raw = [
        *out.head.raw,
        *_version_headers(view),  # type: ignore[arg-type]
        (b"cache-status", cache_status(found).encode()),
    ]
    await send({"type": "http.response.start", "status": out.status, "headers": raw})
    await send({"type": "http.response.body", "body": out.body})


def _accepted(view: type[AsyncAPIView], headers: Mapping[str, str]) -> str | None:
    """The format that `Accept` leads to; what it led to is remembered for headers of fair size."""
    accept = headers.get("accept", "")
    if len(accept) > LONGEST:
        return preferred(accept, view.formats())
    return _preferred(view, accept)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def _preferred(view: type[AsyncAPIView], accept: str) -> str | None:
    return preferred(accept, view.formats())


@cache
def _version_headers(view: type[AsyncAPIView]) -> RawHeaders:
    return tuple(
        [(name.lower().encode(), value.encode("latin-1")) for name, value in view.version_headers()]
    )
