"""Aurum's URLs, and below /v1/test/ views that do what a view of Aurum should not."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.urls import path, reverse

from aurum import urls
from aurum.api.views import AsyncAPIView
from aurum.cache.policies import loaded_data

WHOSE: contextvars.ContextVar[str] = contextvars.ContextVar("whose")


async def ready(request: Any, **more: str) -> HttpResponse:
    return HttpResponse(b"{}")


async def waiting(request: Any) -> HttpResponse:
    try:
        await request.scope["until"].wait()
    except asyncio.CancelledError:
        request.scope["cancelled"] = True
        if "stubborn" not in request.GET:
            raise
    return HttpResponse(b"waited")


async def whose(request: Any) -> HttpResponse:
    WHOSE.set(request.GET["name"])
    await request.scope["until"].wait()
    return HttpResponse(WHOSE.get())


async def streamed(request: Any) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_parts(request.scope))
    response._resource_closers.append(lambda: request.scope.update(released=True))
    return response


async def _parts(scope: dict[str, Any]) -> AsyncIterator[bytes]:
    task = asyncio.current_task()
    try:
        for number in range(3):
            yield f"part {number};".encode()
            if number and "until" in scope:
                await scope["until"].wait()
    finally:
        scope["closed_by"] = "its request" if asyncio.current_task() is task else "another task"


async def failing(request: Any, kind: str) -> HttpResponse | None:
    errors = {
        "crash": ZeroDivisionError(), "absent": Http404("no"), "denied": PermissionDenied(),
        "bad": BadRequest("bad"), "suspicious": SuspiciousOperation("hm"),
    }  # fmt: skip
    if kind in errors:
        raise errors[kind]
    return None


async def cookie(request: Any) -> HttpResponse:
    response = HttpResponse("é", headers={"X-Frame-Options": "SAMEORIGIN"})
    response.set_cookie("taste", "sweet", secure=True)
    return response


async def template(request: Any) -> SimpleTemplateResponse:
    return SimpleTemplateResponse(
        engines["django"].from_string("drawn {{ when }}"), {"when": "late"}
    )


async def addressed(request: Any) -> HttpResponse:
    return HttpResponse(f"{reverse('ready')} {request.path_info} {request.get_full_path()}")


async def threaded(request: Any) -> HttpResponse:
    return HttpResponse(await sync_to_async(request.scope["work"])())


def blocking(request: Any) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.body!r}")


class OnlyPost(AsyncAPIView):
    async def post(self, request: Any) -> HttpResponse:
        return HttpResponse()


class Unsafe(AsyncAPIView):
    async def post(self, request: Any) -> HttpResponse:
        return HttpResponse()

    put = patch = delete = post


class PolicedStream(AsyncAPIView):
    """It has a policy, by inheritance or by mistake, and streams."""

    policy = loaded_data(namespace="test-streams")
    asked = count(1)

    def streams(self, request: Any) -> bool:
        return True

    async def get(self, request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(_once(f"part {next(self.asked)};".encode()))


async def _once(part: bytes) -> AsyncIterator[bytes]:
    yield part


class Large(AsyncAPIView):
    async def get(self, request: Any) -> HttpResponse:
        return HttpResponse(b"x" * 200_000)


views: dict[str, Callable[..., Any]] = {
    "ready": ready, "named/<str:key>": ready, "waiting": waiting, "whose": whose,
    "streamed": streamed, "failing/<str:kind>": failing, "cookie": cookie, "template": template,
    "addressed": addressed, "threaded": threaded, "blocking": blocking, "large": Large.as_view(),
    "only-post": OnlyPost.as_view(), "policed-stream": PolicedStream.as_view(),
    "unsafe": Unsafe.as_view(),
}  # fmt: skip
urlpatterns = [
    *(path(f"v1/test/{where}", view, name=where) for where, view in views.items()),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
