"""`manage.py demo`: what `make run` needs so that a newcomer has something to look at."""

import contextlib
import io
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from aurum.domains import DemoFile, Domain, domains
from aurum.errors import StoreUnavailable
from aurum.loads.loader import Source, load_file
from aurum.loads.log import load_log
from aurum.stores.contract import LockLost, TableDiffers
from aurum.stores.registry import writer_of
from ops.accounts import demo_administrator


class Command(BaseCommand):
    help = "Loads the demo data that is not there yet and says what to click."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", default="8000", help="where the server will listen")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.AURUM_ENV == "production":
            raise CommandError("Demo data has no place in production.")
        log = load_log()
        missing = [
            (domain, file)
            for domain in domains()
            for file in domain.demo()
            if not log.finished(domain.feed_for(file[0]).name, file[0])
        ]
        try:
            for domain, file in tqdm(missing, desc="Demo data", unit="file", disable=not missing):
                _load(domain, file)
        except StoreUnavailable as error:
            raise CommandError(error.detail) from error
        except (TableDiffers, LockLost) as error:
            raise CommandError(str(error)) from error
        self._welcome(options["port"])

    def _welcome(self, port: str) -> None:
        base = f"http://127.0.0.1:{port}"
        name, password = demo_administrator(settings.AURUM_HOME)
        links = [link for domain in domains() for link in domain.look_at]
        lines = [f"  {what:34} {base}{where}" for what, where in links]
        lines.append(f"  {'What each error means':34} {base}/problems")
        how = f"{name} / {password}" if password else f"{name}, with the password you gave it"
        lines.append(f"  {'The console':34} {base}/admin/   ({how})")
        self.stdout.write("\n".join(["", "Aurum is about to listen. Look at:", *lines, ""]))


def _load(domain: Domain, file: DemoFile) -> None:
    name, make = file
    content = make()
    with contextlib.closing(writer_of(domain.name)) as writer:
        load_file(
            domain.feed_for(name), Source(name, lambda: io.BytesIO(content)), writer, load_log()
        )
