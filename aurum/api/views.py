"""The base of every API view: DRF's interfaces without its thread hops."""

import asyncio
import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from aurum.api.accept import preferred
from aurum.api.authentication import check_csrf
from aurum.api.caching import CACHE_KEY, cache_status, key_of, tags_of, uncached_status
from aurum.api.problems import problem_response
from aurum.api.representation import Headers, Representation, deliver
from aurum.cache.policies import Policy
from aurum.cache.process import CACHE
from aurum.errors import DeadlineExceeded, Forbidden, MethodNotAllowed, Problem, Unauthorized
from aurum.identity import ANONYMOUS, Principal
from aurum.stores.tables import Table


class AsyncAPIView(APIView):
    """Handlers are coroutines that return a `Representation`, or a response where nothing may be
    kept. A Problem they raise is rendered; any other exception goes on to Django, which logs it
    and answers with `aurum.api.problems.server_error`.

    `scope` is what a caller's credential must allow. With a `policy` a GET's answer is kept, under
    the watermarks of `tables`, unless the view `streams` it.
    """

    view_is_async = True
    principal: Principal
    scope: ClassVar[str] = "read"
    policy: ClassVar[Policy | None] = None
    tables: ClassVar[Sequence[Table]] = ()
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]

    async def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            handler = self._handler(request)
            self._authorize()
            response = await self._answer(request, partial(handler, self.request, *args, **kwargs))
        except Problem as problem:
            response = problem_response(problem, request)
        for name, value in self.version_headers():
            response.headers[name] = value
        return response

    async def _answer(self, request: HttpRequest, handle: Callable[[], Any]) -> HttpResponseBase:
        policy = self.cache_policy()
        if self.streams(request):
            policy = None
        else:
            handle = partial(_in_time, handle)
            if policy is not None and self.follows_clock(request):
                policy = None
        if policy is None or request.method not in ("GET", "HEAD"):
            made = response = await handle()
            if isinstance(made, Representation):
                response = deliver(request, made, private=self.is_private)
            if status := uncached_status():
                response["Cache-Status"] = status
            return cast(HttpResponseBase, response)
        # The gateway has made it, unless the path has parameters or Aurum is mounted below one.
        key: Hashable = cast(Any, request).scope.get(CACHE_KEY)
        if key is None:
            query = request.META["QUERY_STRING"]
            accepted = preferred(request.headers.get("Accept", ""), self.formats())
            key = key_of(policy, self.tables, self.principal, request.path, query, accepted)
        found = await CACHE.get(
            policy,
            key,
            tags_of(policy, self.tables, self.principal),
            handle,
            size=attrgetter("size"),
            is_negative=attrgetter("empty"),
        )
        response = deliver(request, found.value, private=self.is_private)
        response["Cache-Status"] = cache_status(found)
        return response

    def follows_clock(self, request: HttpRequest | Request) -> bool:
        """Whether the question has another meaning at another time: its answer is not kept."""
        return False

    @property
    def is_private(self) -> bool:
        """Whether the caller had to show a key for the answer, or to sign in."""
        return self.principal is not ANONYMOUS

    @classmethod
    def formats(cls) -> Mapping[str, str]:
        """The media types that answers can have, by name, the preferred one first."""
        return {}

    @classmethod
    def cache_policy(cls) -> Policy | None:
        """Under which policy answers are kept, if they are."""
        return cls.policy

    def streams(self, request: HttpRequest | Request) -> bool:
        """Whether the answer is a stream. It is never kept, and each of its reads has the time
        that one question may take."""
        return False

    # Instances of all three have no state, so one of each is enough; DRF makes new ones for each
    # request.

    @classmethod
    @cache
    def get_parsers(cls) -> list[Any]:
        return [parser() for parser in cls.parser_classes]

    @classmethod
    @cache
    def get_authenticators(cls) -> list[Any]:
        return [authenticator() for authenticator in cls.authentication_classes]

    @classmethod
    @cache
    def get_content_negotiator(cls) -> Any:
        return cls.content_negotiation_class()

    def _handler(self, request: HttpRequest) -> Any:
        method = (request.method or "").lower()
        if method == "head":
            method = "get"
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            raise MethodNotAllowed(request.method or "", self.allowed_methods)
        return handler

    def _authorize(self) -> None:
        # DRF would authenticate when the user is first asked for, by way of two exceptions.
        request = cast(Any, self.request)
        for authenticator in request.authenticators:
            if (found := authenticator.authenticate(request)) is not None:
                caller: Principal = found[0]
                break
        else:
            raise Unauthorized
        if self.scope not in caller.scopes:
            whose = "You do" if caller.by_session else "This key does"
            raise Forbidden(f"{whose} not have the scope '{self.scope}'.")
        if caller.by_session:
            check_csrf(request._request)
        request.user = self.principal = caller

    @property
    def allowed_methods(self) -> list[str]:
        has = [m for m in ("get", "post", "put", "patch", "delete") if hasattr(self, m)]
        if "get" in has:
            has.insert(1, "head")
        return [name.upper() for name in [*has, "options"]]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        response = HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})
        del response["Content-Type"]
        return response

    @classmethod
    def version_headers(cls) -> Headers:
        """Headers of every answer, errors included; the base class of a version gives its own."""
        return ()


async def _in_time(handle: Callable[[], Any]) -> Any:
    """What a handler makes, within the time that one question may take: of the store, however often
    it is asked, and of the arithmetic, as far as that gives other requests their turn."""
    try:
        async with asyncio.timeout(settings.AURUM_STORE_DEADLINE_SECONDS):
            made = handle()
            return await made if inspect.isawaitable(made) else made
    except TimeoutError as error:
        raise DeadlineExceeded from error
