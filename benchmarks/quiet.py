"""Aurum as it is served, with one more route, `/v2/empty`, and without what goes by the clock.

The poller looks for new loads and keys twice a second, however many requests there are. The slower
the machine, the more of its looks would be counted with one request. Likewise the embedded store
leaves a select that was too much for the loop's thread to the others for a while, and then tries it
here again: here it is for ever.
"""

import math
import sys
from types import ModuleType
from typing import Any

from aurum import asgi  # isort: split

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from aurum import urls
from aurum.api.views import AsyncAPIView
from aurum.polling import refresh_all
from aurum.stores import embedded
from aurum.stores.registry import close_stores


class Empty(AsyncAPIView):
    async def get(self, request: Request) -> HttpResponse:
        return HttpResponse(b"{}", content_type="application/json")


routes = ModuleType("benchmarks.quiet_urls")
routes.urlpatterns = [path("v2/empty", Empty.as_view()), *urls.urlpatterns]  # type: ignore[attr-defined]
sys.modules[routes.__name__] = routes
settings.ROOT_URLCONF = routes.__name__

embedded.SLOW_SECONDS = settings.AURUM_STORE_DEADLINE_SECONDS
embedded.ELSEWHERE_SECONDS = math.inf


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await asgi.application(scope, receive, send)
        return
    await receive()
    await sync_to_async(refresh_all)()
    asgi.freeze()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await close_stores()
    await send({"type": "lifespan.shutdown.complete"})
