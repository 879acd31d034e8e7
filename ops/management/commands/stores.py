"""`manage.py stores`: looks after the tables of the engines; each verb is in `ops.stores`."""

import contextlib
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aurum.checks import SETTINGS
from aurum.domains import Domain, domains
from aurum.errors import Problem, StoreUnavailable, did_you_mean
from aurum.loads.log import LoadRefused, load_log
from aurum.stores.contract import LockLost, TableDiffers, Writer
from aurum.stores.registry import ENGINES, engine_of, writer_of
from ops.stores.check import check
from ops.stores.copy import copy
from ops.stores.engines import opened
from ops.stores.migrate import migrate, print_sql, try_out
from ops.stores.ping import ping
from ops.stores.prune import note_due, prune, wait_for_questions
from ops.stores.verify import verify

Work = Callable[[BaseCommand, Domain, Writer], int]

NAMED = "an engine, named as in AURUM_STORES"


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
        verifying = verbs.add_parser("verify", help="compare all rows of two engines")
        copying = verbs.add_parser("copy", help="bring all rows into another engine")
        for verb, first, second in ((verifying, "A", "B"), (copying, "FROM", "TO")):
            verb.add_argument("first", choices=ENGINES, metavar=first, help=NAMED)
            verb.add_argument("second", choices=ENGINES, metavar=second, help=NAMED)
            verb.add_argument("--domain", help="of this domain alone")
        copying.add_argument(
            "--since", type=int, metavar="LOAD", help="only what loads from this one on changed"
        )
        pruning = verbs.add_parser(
            "prune", help="delete replaced rows of tables that do not keep their history for ever"
        )
        pruning.add_argument("--dry-run", action="store_true", help="say what it would delete")

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
            case "verify":
                return self._two_engines(verify, options)
            case "copy":
                return self._two_engines(partial(copy, since=_load(options["since"])), options)
            case "prune":
                return self._prune(dry_run=options["dry_run"])
            case _:
                tried = print_sql if options["sql"] else try_out if options["dry_run"] else None
                return self._each_domain(tried or migrate)

    def _two_engines(self, work: Callable[..., int], options: dict[str, Any]) -> int:
        quiet = not sys.stderr.isatty()
        faults = 0
        for domain in _chosen(options["domain"]):
            try:
                with opened(options["first"], options["second"]) as engines:
                    faults += work(self, domain, engines, quiet=quiet)
            except (TableDiffers, LockLost, LoadRefused) as error:
                self.stderr.write(f"{domain.name}: {error}")
                faults += 1
            except Problem as error:
                self.stderr.write(f"{domain.name}: {error.detail}")
                faults += 1
        return faults

    def _prune(self, *, dry_run: bool) -> int:
        if dry_run:
            return self._each_domain(note_due)
        # Between the two whoever still reads what will be gone comes to an end.
        faults = self._each_domain(partial(note_due, log=load_log()))
        if load_log().pruned([table.name for domain in domains() for table in domain.tables]):
            wait_for_questions()
            faults += self._each_domain(prune)
        return faults

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


def _chosen(name: str | None) -> Sequence[Domain]:
    """The domain of that name, or all; CommandError where there is none."""
    known = {domain.name: domain for domain in domains()}
    if name is None:
        return tuple(known.values())
    if name not in known:
        near = did_you_mean(name, known)
        raise CommandError(f"There is no domain '{name}'{near}. Domains: {', '.join(known)}.")
    return (known[name],)


def _load(since: int | None) -> int | None:
    """CommandError where the log of loads has no such load."""
    if since is not None and load_log().entry(since) is None:
        raise CommandError(f"There is no load {since}.")
    return since
