"""`manage.py cache stats|purge|warm`: the caches of all running servers."""

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ops import caching
from ops.admin.audited import record
from ops.models import CacheCommand


class Command(BaseCommand):
    help = "Shows, purges or warms the caches of the running servers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("stats", "purge", "warm"))
        parser.add_argument("tag", nargs="?", help="what to purge, as table:curve_observation")
        parser.add_argument("--dry-run", action="store_true", help="say how much it would reach")
        parser.add_argument("--json", action="store_true", help="stats as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "stats":
            self._stats(as_json=options["json"])
        elif options["action"] == "purge":
            self._purge(options["tag"], dry_run=options["dry_run"])
        else:
            self._send(CacheCommand.Kind.WARM)
            self.stdout.write("Every server sends its warm-up requests within a second.")

    def _stats(self, *, as_json: bool) -> None:
        totals = caching.totals()
        if as_json:
            self.stdout.write(json.dumps({name: dict(counts) for name, counts in totals.items()}))
            return
        self.stdout.write(f"{len(caching.reports())} server processes")
        for name, counts in sorted(totals.items()):
            facts = ", ".join(f"{key} {value}" for key, value in counts.items() if value)
            self.stdout.write(f"{name}: {facts or 'nothing yet'}")

    def _purge(self, tag: str | None, *, dry_run: bool) -> None:
        known = caching.tags()
        if not tag:
            there = ", ".join(sorted(known)) or "none at the moment"
            raise CommandError(f"Name a tag. There are {there}.")
        reached = known[tag]
        if dry_run:
            self.stdout.write(f"{tag}: {reached} entries would go.")
            return
        self._send(CacheCommand.Kind.PURGE, tag)
        self.stdout.write(f"{tag}: {reached} entries go, on every server within a second.")

    def _send(self, kind: CacheCommand.Kind, tag: str = "") -> None:
        actor = f"command:{getpass.getuser()}"
        record(actor, kind, caching.send_command(kind, actor, tag))
