"""Aurum with one more route, `/v2/empty`, whose view does nothing."""

import os
import sys
from types import ModuleType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aurum.settings")

import django

django.setup(set_prefix=False)

from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from aurum.api.views import AsyncAPIView


class Empty(AsyncAPIView):
    async def get(self, request: Request) -> HttpResponse:
        return HttpResponse(b"{}", content_type="application/json")


urls = ModuleType("benchmarks.empty_urls")
urls.urlpatterns = [path("v2/empty", Empty.as_view())]  # type: ignore[attr-defined]
sys.modules["benchmarks.empty_urls"] = urls
settings.ROOT_URLCONF = "benchmarks.empty_urls"

from aurum.front import Front
from aurum.lean import LeanASGIHandler

_http = Front(LeanASGIHandler())


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] != "lifespan":
        await _http(scope, receive, send)
        return
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
