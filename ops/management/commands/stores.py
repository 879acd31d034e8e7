"""`manage.py stores check|migrate`: are the real tables what the domains and the log declare?"""

import contextlib
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand

from aurum.checks import SETTINGS
from aurum.domains import Domain, domains
from aurum.errors import StoreUnavailable
from aurum.loads import belonging
from aurum.loads.log import load_log
from aurum.stores.contract import Writer
from aurum.stores.drift import Difference
from aurum.stores.registry import engine_of, writer_of
from aurum.stores.tables import Table


class Command(BaseCommand):
    help = (
        "check compares the real tables with the declared ones, and their rows with the log of"
        " loads; migrate adds what may be added."
    )
    requires_system_checks = (SETTINGS,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("check", "migrate"))
        parser.add_argument("--dry-run", action="store_true", help="say what migrate would do")

    def handle(self, *args: Any, **options: Any) -> None:
        work = self._check if options["action"] == "check" else self._migrate
        faults = 0
        for domain in domains():
            try:
                with contextlib.closing(writer_of(domain.name)) as writer:
                    faults += sum(work(domain, table, writer, options) for table in domain.tables)
                    if options["action"] == "check":
                        faults += self._compare(domain, writer)
            except StoreUnavailable as error:
                # The tables of other engines can be looked at all the same.
                self.stderr.write(f"{domain.name}: {engine_of(domain.name)}: {error.detail}")
                faults += 1
        if faults:
            sys.exit(1)
        self.stdout.write("All is well.")

    def _check(self, domain: Domain, table: Table, writer: Writer, options: dict[str, Any]) -> int:
        """Says what differs; how many faults that is."""
        differences = writer.differences(table)
        if differences is None:
            return self._not_there(table)
        for difference in differences:
            self.stderr.write(f"{table.name}: {difference.text}")
        return len(differences)

    def _not_there(self, table: Table) -> int:
        if table.name in load_log().watermarks():
            self.stderr.write(f"{table.name}: the table is gone, and loads of it are published")
            return 1
        self.stdout.write(f"{table.name}: not there yet, its first load makes it")
        return 0

    def _compare(self, domain: Domain, writer: Writer) -> int:
        """Says what the log of loads and the rows tell differently; how many faults that is."""
        faults = 0
        for must_be_mended, text in belonging.differences(domain.tables, writer, load_log()):
            (self.stderr if must_be_mended else self.stdout).write(text)
            faults += must_be_mended
        return faults

    def _migrate(
        self, domain: Domain, table: Table, writer: Writer, options: dict[str, Any]
    ) -> int:
        """Migrates a table, or refuses it as a whole; how many differences are left."""
        if options["dry_run"]:
            return self._report(table, writer.differences(table) or (), "would run")
        # Under its former name too: an older release may be loading it.
        former = [replace(table, name=table.renamed_from)] if table.renamed_from else []
        with writer.lock([table, *former]):
            differences = writer.differences(table) or ()
            left = self._report(table, differences, "runs")
            if not left and differences:
                if table.renamed_from:
                    # First the log: were this to end here, `check` would still see the rest.
                    load_log().rename_table(table.renamed_from, table.name)
                writer.migrate(differences)
        return left

    def _report(self, table: Table, differences: Sequence[Difference], verb: str) -> int:
        """Says what can be done or, if anything cannot, only that; how much that is."""
        impossible = [one for one in differences if one.remedy is None]
        for one in impossible:
            self.stderr.write(f"{table.name}: {one.text}. This has to be done by hand.")
        if impossible:
            self.stderr.write(f"{table.name}: left as it is.")
            return len(impossible)
        for one in differences:
            self.stdout.write(f"{table.name}: {one.text}; {verb} {one.remedy}")
        return 0
