"""`manage.py openapi`: the API's description, with real answers to demo data as its examples."""

import io
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test.utils import override_settings

from aurum.domains import domains
from aurum.identity import ANONYMOUS
from aurum.openapi import VERSIONS, document_of
from aurum.openapi.examples import add_examples
from aurum.openapi.generator import Generator
from aurum.openapi.responses import INSTANT
from aurum.polling import refresh_all
from aurum.server.client import get
from aurum.server.frame import Frame
from aurum.server.gateway import Gateway
from aurum.server.handler import ApiHandler, DjangoHandler
from aurum.stores.registry import close_stores
from ops.models import Load


class Command(BaseCommand):
    help = "Writes the OpenAPI documents that the server serves, from the routes there are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit 1 where one is not current"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with demo_data():
            made = async_to_sync(_documents)()
        stale = [path for path, text in made.items() if _read(path) != text]
        if options["check"] and stale:
            names = ", ".join(path.name for path in stale)
            raise CommandError(f"{names}: not current. Run manage.py openapi.")
        for path in stale:
            path.write_text(made[path])
            self.stdout.write(f"{path.name}: written")


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@contextmanager
def demo_data() -> Iterator[None]:
    """A fresh installation in this process, with nothing but demo data; gone afterwards."""
    with TemporaryDirectory() as home:
        here = override_settings(
            AURUM_HOME=Path(home),
            AURUM_STORES={},
            AURUM_AUTH=["anonymous"],
            AURUM_PROBLEM_BASE="",
            ALLOWED_HOSTS=["testserver"],
        )
        with here:
            before = connection.creation.create_test_db(verbosity=0, autoclobber=True)
            try:
                call_command("demo", stdout=io.StringIO())
                Load.objects.update(ended_at=datetime.fromisoformat(INSTANT))
                refresh_all()
                yield
            finally:
                connection.creation.destroy_test_db(before, verbosity=0)


async def _documents() -> dict[Path, str]:
    app = Frame(Gateway(reads=ApiHandler(), others=DjangoHandler()))

    async def query(target: str, media_type: str) -> bytes:
        status, body = await get(
            app, target, caller=ANONYMOUS, accept=media_type, encoding="identity"
        )
        if status != HTTPStatus.OK:
            raise CommandError(f"{target}: {status} {body.decode()}")
        return body

    made = {}
    for version in VERSIONS:
        document = Generator(api_version=version).get_schema(public=True)
        routes = [route for domain in domains() for route in domain.routes.get(version, ())]
        await add_examples(document, routes, query)
        made[document_of(version)] = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    await close_stores()
    return made
