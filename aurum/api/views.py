"""The base of every API view: DRF's interfaces without its thread hops."""

import inspect
from typing import Any, ClassVar, NoReturn, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.views import APIView

from aurum.ask import Principal
from aurum.errors import Forbidden, MethodNotAllowed, Unauthorized


class AsyncAPIView(APIView):
    """Handlers are coroutines that return an `HttpResponse`; a Problem they raise is rendered.

    `scope` is what a caller's credential must allow.
    """

    view_is_async = True
    scope: ClassVar[str] = "read"
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]

    async def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        self.args, self.kwargs = args, kwargs
        self.headers = self.default_response_headers
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            handler = self._handler()
            self._authorize()
            response = handler(self.request, *args, **kwargs)
            if inspect.isawaitable(response):
                response = await response
        except Exception as error:  # noqa: BLE001 - boundary: DRF's own; what is not ours is raised again
            response = self.handle_exception(error)
        return self.finish(response)

    def _handler(self) -> Any:
        method = (self.request.method or "").lower()
        if method == "head":
            method = "get"
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            raise MethodNotAllowed(self.request.method or "", self.allowed_methods)
        return handler

    def _authorize(self) -> None:
        if self.request.user is None:
            raise Unauthorized
        if self.scope not in self.principal.scopes:
            raise Forbidden(f"This key does not have the scope '{self.scope}'.")
        self.request._request.caller = self.principal.subject  # type: ignore[attr-defined]  # access log

    @property
    def principal(self) -> Principal:
        caller: Principal = cast(Any, self.request).user
        return caller

    @property
    def allowed_methods(self) -> list[str]:
        has = [m for m in ("get", "post", "put", "patch", "delete") if hasattr(self, m)]
        if "get" in has:
            has.insert(1, "head")
        return [name.upper() for name in [*has, "options"]]

    def raise_uncaught_exception(self, exc: Exception) -> NoReturn:
        """Django logs it and `server_error` answers; DRF's own would look for a renderer."""
        raise exc

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def finish(self, response: HttpResponseBase) -> HttpResponseBase:
        """What every answer of this kind of view carries; a version's base class adds its own."""
        return response
