"""The ASGI root: lifespan; static files; the frame, the gateway, Django."""

import asyncio
import gc
import os
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aurum.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.core.checks import ERROR, run_checks  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.db import Error  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from aurum.cache.process import CACHE  # noqa: E402
from aurum.database import READS, check_migrated  # noqa: E402
from aurum.polling import Poller  # noqa: E402
from aurum.server.frame import Frame  # noqa: E402
from aurum.server.gateway import Gateway  # noqa: E402
from aurum.server.handler import ApiHandler, DjangoHandler  # noqa: E402
from aurum.server.sessions import SESSIONS  # noqa: E402
from aurum.server.warmup import WARM, warm  # noqa: E402
from aurum.stores.registry import close_stores  # noqa: E402


def _checked() -> None:
    # Those that ask a database are none of the start's: one that does not answer is waited for.
    wrong = [found for found in run_checks(databases=()) if found.level >= ERROR]
    if wrong:
        raise ImproperlyConfigured("; ".join(f"{found.id}: {found.msg}" for found in wrong))


def _reason(error: Exception) -> str:
    """One line for whoever starts the server; a driver's text names no password."""
    if isinstance(error, Error):
        return f"The ops database cannot be used: {' '.join(str(error).split())}"
    return f"Aurum cannot start: {error!r}"


def freeze() -> None:
    """What is here now stays: walking through it again and again would hold requests up."""
    gc.collect()
    gc.freeze()


class Root:
    """Opens and closes what the process holds, and passes requests on."""

    def __init__(self) -> None:
        _checked()
        framed = self._framed = Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))
        self._files = ServeStaticASGI(framed, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL):
            await self._files(scope, receive, send)
        else:
            await self._framed(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        poller = Poller(check_migrated)
        WARM.begin(asyncio.get_running_loop(), partial(warm, self._framed))
        try:
            await asyncio.to_thread(poller.start)
        except Exception as error:  # noqa: BLE001 - whatever it is, there is nothing to serve
            await send({"type": "lifespan.startup.failed", "message": _reason(error)})
            return
        freeze()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(poller.stop)
        await CACHE.close()
        await close_stores()
        READS.close()
        SESSIONS.close()
        await send({"type": "lifespan.shutdown.complete"})


application = Root()
