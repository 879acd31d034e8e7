"""The ASGI handlers: one for the API's reads, and Django's own for everything else.

Django's own handler hops to a thread twice for every request (for its signals), starts a new thread
each time, keeps a file for the body and a task that listens for the client to leave. A read of the
API has no body, asks no database of Django's and often has its answer at once, so it is answered in
the event loop. The gateway decides which requests are such reads.

None of the receivers of Django's request signals has anything to do unless a request has used a
thread: they close the connections and caches of that thread, and forget its queries. So
`request_finished` is sent only then, and `request_started` never: a new thread holds nothing yet.
"""

import asyncio
from functools import lru_cache
from io import BytesIO
from types import TracebackType
from typing import Any, Self

from asgiref.sync import (
    SyncToAsync,
    ThreadSensitiveContext,
    iscoroutinefunction,
    sync_to_async,
)
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.handlers.exception import (
    convert_exception_to_response,
    response_for_exception,
)
from django.core.signals import request_finished
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, get_resolver, set_script_prefix
from django.utils.datastructures import CaseInsensitiveMapping
from django.utils.functional import cached_property
from django.utils.log import log_response

from aurum.server.frame import HEADERS, REQUEST_ID, Scope


class FramedRequest(ASGIRequest):
    """Django's request; it knows the id that the frame has given it."""

    @property
    def request_id(self) -> str:
        return str(self.scope[REQUEST_ID])


class ReadRequest(FramedRequest):
    """Without a body. What Django makes of all headers is made where something asks for it."""

    def __init__(self, scope: Scope, body_file: BytesIO) -> None:
        self.scope, self._stream = scope, body_file
        self.method, self.path = scope["method"], scope["path"]
        self.script_name = get_script_prefix(scope)
        self.path_info = self.path.removeprefix(self.script_name)
        self.content_type, self.content_params = "", {}
        self.resolver_match = None
        self._read_started = self._post_parse_error = False

    @cached_property
    def META(self) -> dict[str, Any]:  # type: ignore[override]  # noqa: N802 - Django's name
        return ASGIRequest(self.scope, self._stream).META

    @cached_property
    def headers(self) -> CaseInsensitiveMapping[str]:  # type: ignore[override]
        return CaseInsensitiveMapping(self.scope[HEADERS])

    @cached_property
    def GET(self) -> QueryDict:  # type: ignore[override]  # noqa: N802 - Django's name
        return QueryDict(self.scope["query_string"].decode())


class DjangoHandler(ASGIHandler):
    """Django's own, unchanged: for the console, the pages, and the API's writes."""

    request_class = FramedRequest


def _resolve(urlconf: Any, path: str) -> tuple[ResolverMatch, bool]:
    """The view of a path and whether it is a coroutine."""
    match = get_resolver(urlconf).resolve(path)
    return match, iscoroutinefunction(match.func)


_kept_resolve = lru_cache(maxsize=1024)(_resolve)
"""Both are slow to find out; longer paths than any of ours are found out anew."""
LONGEST_KEPT = 200


class ApiHandler(ASGIHandler):
    """Overrides what Django does not document; its tests compare both handlers' answers."""

    request_class = ReadRequest

    def load_middleware(self, is_async: bool = True) -> None:
        """None: what every request needs is in the frame and the gateway, without a thread."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain: Any = convert_exception_to_response(self._get_response_async)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        # Should the view use sync_to_async, the thread is this request's own and ends with it, as
        # in Django. Entered by hand, because most requests have no thread to end.
        threads = ThreadSensitiveContext()
        threads.token = SyncToAsync.thread_sensitive_context.set(threads)
        try:
            await self.handle(scope, receive, send)
        finally:
            if threads in SyncToAsync.context_to_thread_executor:
                await self._end(threads)
            else:
                SyncToAsync.thread_sensitive_context.reset(threads.token)

    async def _end(self, threads: ThreadSensitiveContext) -> None:
        try:
            await request_finished.asend(sender=self.__class__)
        finally:
            await threads.__aexit__(None, None, None)  # type: ignore[no-untyped-call]

    async def handle(self, scope: Scope, receive: Any, send: Any) -> None:
        request, refusal = self.create_request(scope, BytesIO())
        # The prefix is this task's own. Where there is none, Django's default is right.
        if request is not None and request.script_name:
            set_script_prefix(request.script_name)
        response: Any = refusal
        try:
            with DisconnectWatcher(receive) as watcher:
                if request is not None:
                    response = await self.run_get_response(request)
                if response.streaming:
                    await self.send_response(response, send)
            if not watcher.client_left and not response.streaming:
                await self.send_response(response, send)
        finally:
            if response is not None and response._resource_closers:
                response.close()

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        response: Any = await self._middleware_chain(request)
        if response.status_code >= 400:
            log_response(
                "%s: %s",
                response.reason_phrase,
                request.path,
                response=response,
                request=request,
            )
        return response  # type: ignore[no-any-return]

    async def _get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Django's, for a view that is a coroutine, and without hooks for middleware."""
        try:
            path = request.path_info
            resolve = _kept_resolve if len(path) <= LONGEST_KEPT else _resolve
            match, is_coroutine = resolve(settings.ROOT_URLCONF, path)
        except Http404 as error:
            return response_for_exception(request, error)
        if not is_coroutine:
            return await super()._get_response_async(request)  # type: ignore[misc, no-any-return]
        request.resolver_match = match
        response = await match.func(request, *match.args, **match.kwargs)
        if not isinstance(response, HttpResponseBase):
            self.check_response(response, match.func)
        if hasattr(response, "render"):
            response = await sync_to_async(response.render)()
        return response  # type: ignore[no-any-return]

    async def send_response(self, response: Any, send: Any) -> None:
        if response.streaming:
            try:
                await super().send_response(response, send)
            finally:
                if close := getattr(response._iterator, "aclose", None):
                    await close()
        elif response.cookies:
            await super().send_response(response, send)
        else:
            headers = [
                (name.encode("ascii"), value.encode("latin-1"))
                for name, value in response.headers._store.values()
            ]
            status = response.status_code
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": response.content})


class DisconnectWatcher:
    """Cancels the current task when its client leaves; it listens from the task's first wait on.

    An answer that is ready without waiting costs one callback, and that is never called.
    """

    __slots__ = ("_callback", "_cancelling", "_listening", "_receive", "_task", "client_left")

    def __init__(self, receive: Any) -> None:
        self._receive = receive
        self._listening: asyncio.Task[None] | None = None
        self.client_left = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._callback = asyncio.get_running_loop().call_soon(self._start)
        return self

    def _start(self) -> None:
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.client_left = True
        self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self._callback.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if not self.client_left:
            return False
        # As in asyncio.timeout: what others cancelled too goes on being cancelled.
        return self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError
