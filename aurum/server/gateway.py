"""The front: where the API learns who is calling, and whether the answer is already there.

It sits before Django and parses no domain's parameters: the cache's key is made of the request as
it stands. Anything else, any doubt, goes on to the view, which gives the same bytes.
"""

import time
from collections.abc import Mapping
from typing import Any

from django.core.handlers.asgi import get_script_prefix

from aurum.api.caching import key_of
from aurum.api.representation import Representation, conditional_response
from aurum.api.views import AsyncAPIView
from aurum.cache.process import CACHE
from aurum.cache.result import CacheResult, cache_status
from aurum.domains import all_routes
from aurum.errors import Unauthorized
from aurum.identity import Principal, identify
from aurum.server.frame import (
    access_line,
    is_served,
    is_too_long,
    request_id_of,
    security_headers_of,
)
from aurum.server.handler import Scope, is_read


class Gateway:
    """Answers what the cache has, and passes on the rest with its caller in the scope."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._views = _views()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if is_read(scope):
            began = time.perf_counter()
            given = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
            }
            # Of a header given twice Django makes one; that is a doubt, and left to it.
            once = len(given) == len(scope["headers"])
            caller = _caller(scope, given) if once else None
            if caller is not None:
                scope["aurum.principal"] = caller
                if await self._answered(scope, send, given, caller, began):
                    return
        await self._app(scope, receive, send)

    async def _answered(
        self, scope: Scope, send: Any, given: Mapping[str, str], caller: Principal, began: float
    ) -> bool:
        view = self._views.get(scope["path"])
        query = _query(scope)
        if view is None or view.policy is None or view.streams:
            return False
        if query is None or scope["method"] == "OPTIONS":
            return False
        if view.scope not in caller.scopes or not is_served(given.get("host", "")):
            return False
        if is_too_long(scope["path"], query):
            return False
        key = key_of(
            view.policy, view.tables, caller, scope["path"], query, given.get("accept", "")
        )
        found = CACHE.peek(view.policy.namespace, key)
        if found is None:
            return False
        await _send(scope, send, given, view, caller, found, began)
        return True


def _views() -> dict[str, type[AsyncAPIView]]:
    """The views by path, of the paths that have no parameter."""
    return {f"/{route.path}": route.view for route in all_routes() if "<" not in route.path}


def _caller(scope: Scope, given: Mapping[str, str]) -> Principal | None:
    """The caller; None leaves it to the view to say what is wrong with the credential."""
    client = scope.get("client")
    try:
        return identify(
            authorization=given.get("authorization"),
            api_key=given.get("x-api-key"),
            address=client[0] if client else "",
            forwarded="x-forwarded-for" in given or "forwarded" in given,
        )
    except Unauthorized:
        return None


def _query(scope: Scope) -> str | None:
    """The query as Django reads it; None for bytes it would refuse, and for a mounted Aurum."""
    if get_script_prefix(scope):
        return None
    try:
        return str(scope["query_string"].decode())
    except UnicodeDecodeError:
        return None


async def _send(
    scope: Scope,
    send: Any,
    given: Mapping[str, str],
    view: type[AsyncAPIView],
    caller: Principal,
    found: CacheResult[Representation],
    began: float,
) -> None:
    out = conditional_response(
        found.value,
        given.get("accept-encoding", ""),
        given.get("if-none-match"),
        head=scope["method"] == "HEAD",
    )
    request_id = request_id_of(given.get("x-request-id", ""))
    took = (time.perf_counter() - began) * 1000
    headers = [
        *out.headers,
        *view.version_headers(),
        *security_headers_of(),
        ("Cache-Status", cache_status(found)),
        ("X-Request-Id", request_id),
        ("Server-Timing", f"total;dur={took:.1f}"),
    ]
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": out.status, "headers": raw})
    await send({"type": "http.response.body", "body": out.body})
    client = scope.get("client")
    access_line(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode(),
        status=out.status,
        began=began,
        size=len(out.body),
        client=client[0] if client else "",
        request_id=request_id,
        caller=caller.subject,
    )
