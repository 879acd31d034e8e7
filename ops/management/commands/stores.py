"""`manage.py stores`: looks after the tables of the engines; each verb is in `ops.stores`."""

import contextlib
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from aurum.checks import SETTINGS
from aurum.domains import Domain, domains
from aurum.errors import StoreUnavailable
from aurum.stores.contract import Writer
from aurum.stores.registry import engine_of, writer_of
from ops.stores.check import check
from ops.stores.migrate import migrate, print_sql, try_out
from ops.stores.ping import ping

Work = Callable[[BaseCommand, Domain, Writer], int]


class Command(BaseCommand):
    help = "Looks after the tables of the engines."
    requires_system_checks = (SETTINGS,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="action", required=True)
        verbs.add_parser("ping", help="say whether the engines in use answer")
        verbs.add_parser(
            "check",
            help="compare the real tables with the declared ones, their rows with the log of loads",
        )
        migrating = verbs.add_parser("migrate", help="add what may be added to the real tables")
        instead = migrating.add_mutually_exclusive_group()
        instead.add_argument("--dry-run", action="store_true", help="say what it would do")
        instead.add_argument(
            "--sql",
            action="store_true",
            help="print the SQL that makes all tables as declared",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if self._faults(options):
            sys.exit(1)
        if options.get("sql"):
            return  # what was printed is to be run
        self.stdout.write("All is well.")

    def _faults(self, options: dict[str, Any]) -> int:
        match options["action"]:
            case "ping":
                return ping(self, sorted({engine_of(domain.name) for domain in domains()}))
            case "check":
                return self._each_domain(check)
            case _:
                tried = print_sql if options["sql"] else try_out if options["dry_run"] else None
                return self._each_domain(tried or migrate)

    def _each_domain(self, work: Work) -> int:
        faults = 0
        for domain in domains():
            try:
                with contextlib.closing(writer_of(domain.name)) as writer:
                    faults += work(self, domain, writer)
            except StoreUnavailable as error:
                # The tables of other engines can be looked at all the same.
                self.stderr.write(f"{domain.name}: {engine_of(domain.name)}: {error.detail}")
                faults += 1
        return faults
