"""`manage.py demo`: what `make run` needs so that a newcomer has something to look at."""

import contextlib
import io
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from aurum.domains import DemoFile, Domain, domains
from aurum.errors import InvalidFile, StoreUnavailable
from aurum.loads.loader import Source, load_file, remove_demo
from aurum.loads.log import load_log
from aurum.stores.contract import LockLost, TableDiffers
from aurum.stores.registry import writer_of
from ops.accounts import demo_administrator


class Missing(NamedTuple):
    """A file that comes with Aurum and is not loaded yet."""

    domain: Domain
    file: DemoFile
    is_demo: bool


class Command(BaseCommand):
    help = "Loads the demo data that is not there yet and says what to click."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", default="8000", help="where the server will listen")
        parser.add_argument(
            "--remove", action="store_true", help="take the demo data out again, and stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["remove"]:
                self._remove()
            else:
                self._load()
                self._welcome(options["port"])
        except StoreUnavailable as error:
            raise CommandError(error.detail) from error
        except (TableDiffers, LockLost) as error:
            raise CommandError(str(error)) from error

    def _load(self) -> None:
        if settings.AURUM_ENV == "production":
            raise CommandError("Demo data has no place in production.")
        missing = list(self._missing())
        for one in tqdm(missing, desc="Demo data", unit="file", disable=not missing):
            try:
                _load(one)
            except InvalidFile as error:
                # A real file that was loaded while this runs keeps the rest out.
                self.stdout.write(f"{one.file[0]}: {error}")

    def _missing(self) -> Iterator[Missing]:
        log = load_log()
        for domain in domains():
            files = [Missing(domain, file, is_demo=False) for file in domain.reference()]
            made_up = [Missing(domain, file, is_demo=True) for file in domain.demo()]
            if made_up and log.has_real_data([table.name for table in domain.tables]):
                self.stdout.write(f"{domain.name} holds real data: no demo data is put beside it.")
                made_up = []
            for one in (*files, *made_up):
                name, _ = one.file
                if not log.finished(domain.feed_for(name).name, name):
                    yield one

    def _remove(self) -> None:
        for domain in domains():
            if not load_log().demo_loads([table.name for table in domain.tables]):
                continue
            with contextlib.closing(writer_of(domain.name)) as writer:
                done = remove_demo(domain.name, domain.tables, writer, load_log())
            self.stdout.write(
                f"{domain.name}: load {done.load}, {done.demo_rows} demo rows taken out"
            )

    def _welcome(self, port: str) -> None:
        base = f"http://127.0.0.1:{port}"
        name, password = demo_administrator(settings.AURUM_HOME)
        links = [link for domain in domains() for link in domain.look_at]
        lines = [f"  {what:34} {base}{where}" for what, where in links]
        lines.append(f"  {'What each error means':34} {base}/problems")
        how = f"{name} / {password}" if password else f"{name}, with the password you gave it"
        lines.append(f"  {'The console':34} {base}/admin/   ({how})")
        self.stdout.write("\n".join(["", "Aurum is about to listen. Look at:", *lines, ""]))


def _load(missing: Missing) -> None:
    domain, (name, make), is_demo = missing
    content = make()
    with contextlib.closing(writer_of(domain.name)) as writer:
        load_file(
            domain.feed_for(name),
            Source(name, lambda: io.BytesIO(content)),
            writer,
            load_log(),
            domain_tables=domain.tables,
            demo=is_demo,
        )
