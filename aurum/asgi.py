"""The ASGI root: lifespan; static files; the frame, the gateway, Django."""

import asyncio
import os
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aurum.settings")
django.setup(set_prefix=False)

from asgiref.sync import sync_to_async  # noqa: E402 - Django must be set up first
from django.conf import settings  # noqa: E402
from django.core.checks import ERROR, run_checks  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from aurum.cache.process import CACHE  # noqa: E402
from aurum.polling import Poller  # noqa: E402
from aurum.server.frame import Frame  # noqa: E402
from aurum.server.gateway import Gateway  # noqa: E402
from aurum.server.handler import ApiHandler, DjangoHandler  # noqa: E402
from aurum.server.warmup import WARM, warm  # noqa: E402
from aurum.stores.registry import close_stores  # noqa: E402


def _checked() -> None:
    wrong = [found for found in run_checks() if found.level >= ERROR]
    if wrong:
        raise ImproperlyConfigured("; ".join(f"{found.id}: {found.msg}" for found in wrong))


class Root:
    """Opens and closes what the process holds, and passes requests on."""

    def __init__(self) -> None:
        _checked()
        framed = Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))
        self._http = ServeStaticASGI(framed, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        poller = Poller()
        WARM.begin(asyncio.get_running_loop(), partial(warm, self._http))
        # Before the first request, so that a server with data never answers as if it had none.
        await sync_to_async(poller.start)()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await sync_to_async(poller.stop)()
        await CACHE.close()
        await close_stores()
        await send({"type": "lifespan.shutdown.complete"})


application = Root()
