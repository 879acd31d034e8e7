"""`manage.py load [FEED] PATH…`: brings files into the store, one load each."""

import contextlib
import glob
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, cast

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from tqdm import tqdm

from aurum.checks import SETTINGS
from aurum.domains import Domain, domains, find_feed
from aurum.errors import InvalidFile, did_you_mean
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source, load_file, try_file
from aurum.loads.log import LoadRefused, load_log
from aurum.loads.reasons import what_failed
from aurum.loads.run import Loaded
from aurum.loads.vintages import vintage_of
from aurum.stores.contract import LockLost, TableDiffers, Writer
from aurum.stores.registry import writer_of
from ops.retracting import retract_load
from ops.sources import Found, find_sources
from ops.unpacking import shown
from ops.watching import Watched

MOST_SHOWN = 2000
"""Characters of a refusal's line."""

Way = Callable[..., Loaded]
"""How a file is loaded: tried or not, with a vintage or without."""

log = structlog.get_logger("aurum.loads")


class Command(BaseCommand):
    help = (
        "Loads files: each is one load, wholly there or not at all. A file's own name says which"
        " feed reads it; name the feed where it does not. Exit status 0 means that all is well."
    )
    requires_system_checks = (SETTINGS,)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Options may stand before, between and after the paths.
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths",
            nargs="*",
            metavar="[FEED] PATH",
            help="files, folders, zip archives, gzip files or patterns; the first word may be the"
            " name of the feed that reads them",
        )
        parser.add_argument("--list", action="store_true", help="list the feeds and stop")
        parser.add_argument(
            "--json", action="store_true", help="one JSON object per file on stdout"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument(
            "--vintage",
            metavar="INSTANT",
            help="when the publisher released the files, where they do not say so: an ISO 8601"
            " instant with its offset, as 2025-09-30T13:00:00Z",
        )
        parser.add_argument(
            "--retract",
            type=int,
            metavar="LOAD",
            help="take back a published load: what it replaced stands again, history is kept",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list(as_json=options["json"])
            return
        report = Report(self, as_json=options["json"])
        vintage = _vintage(options["vintage"])
        if options["retract"] is None:
            way = partial(try_file if options["dry_run"] else load_file, vintage=vintage)
            _load_all(options["paths"], report, way)
        elif options["paths"] or vintage is not None:
            given = "files" if options["paths"] else "--vintage"
            raise CommandError(f"--retract takes the number of a load, and no {given}.")
        else:
            _retract_one(options["retract"], report, dry_run=options["dry_run"])
        if report.failed:
            sys.exit(1)

    def _list(self, *, as_json: bool) -> None:
        feeds = [feed for domain in domains() for feed in domain.feeds]
        width = max(len(feed.name) for feed in feeds)
        for feed in feeds:
            facts = {
                "feed": feed.name,
                "title": feed.title,
                "mode": feed.mode,
                "takes": feed.patterns,
            }
            takes = " ".join(feed.patterns)
            line = f"{feed.name:{width}} {feed.mode:8} {feed.title}\n{'':{width}} {takes}"
            self.stdout.write(json.dumps(facts) if as_json else line)


def _feed_and_paths(words: list[str]) -> tuple[tuple[Domain, Feed] | None, list[str]]:
    """The feed, if the first word is one's name, and the paths; CommandError where there are none,
    or where that word can only be a feed's name and is none."""
    names = [feed.name for domain in domains() for feed in domain.feeds]
    if not words:
        raise CommandError(f"Name files, or a feed and files. Feeds: {', '.join(names)}.")
    first, *others = words
    named = find_feed(first)
    if named is not None and not others:
        raise CommandError("Name at least one file, folder, zip archive or pattern.")
    of_a_domain = first.partition(".")[0] in {domain.name for domain in domains()}
    if named is None and of_a_domain and not glob.glob(first):
        near = did_you_mean(first, names)
        raise CommandError(f"There is no feed '{first}'{near}. Feeds: {', '.join(names)}.")
    return (None, words) if named is None else (named, others)


def _vintage(text: str | None) -> datetime | None:
    try:
        return None if text is None else vintage_of(text)
    except ValueError as error:
        raise CommandError(f"--vintage: {error}.") from None


def _load_all(words: list[str], report: "Report", way: Way) -> None:
    named, paths = _feed_and_paths(words)
    with find_sources(named, paths) as sources:
        for left_out in sources.refused:
            report.refused(left_out.name, left_out.reason)
        for left_out in sources.not_taken:
            report.not_taken(left_out.name, left_out.reason)
        for found in sources.files:
            _load_one(found, report, way)


def _load_one(found: Found, report: "Report", way: Way) -> None:
    """Loads one file. Whatever goes wrong with it, the others load."""
    feed, name = found.feed, found.source.name
    quiet = report.as_json or not sys.stderr.isatty()

    def work() -> Loaded:
        # One writer per file: a store that was gone for one file serves the next.
        with contextlib.closing(writer_of(found.domain.name)) as writer:
            return _load(found, writer, way, quiet=quiet)

    done = _outcome(work, file=name, feed=feed.name)
    if isinstance(done, Loaded):
        report.loaded(done, feed.name)
        return
    # A reason may only be understood by who knows what the file was taken for.
    if found.by_name:
        known = "" if feed.priority >= 0 else "no feed of a publisher knows the name; "
        done = f"{done} ({known}read as {feed.name})"
    report.refused(name, done)


def _retract_one(load: int, report: "Report", *, dry_run: bool) -> None:
    name = f"load {load}"
    done = _outcome(lambda: retract_load(load, dry_run=dry_run), file=name, feed="retract")
    if isinstance(done, Loaded):
        report.loaded(done, "retract")
    else:
        report.refused(name, done)


def _outcome(work: Callable[[], Loaded], **known: str) -> Loaded | str:
    """What was done, or why it was not: the boundary of everything that may go wrong."""
    # A connection that broke with one file is not kept for the next.
    close_old_connections()
    try:
        return work()
    except (InvalidFile, TableDiffers, LockLost, LoadRefused) as error:
        return str(error)
    except Exception as error:
        if reason := what_failed(error):
            return reason
        if isinstance(error, OSError):
            return str(error)
        # A fault of ours that one file brings to light.
        log.exception("load_failed", **known)
        return f"it could not be loaded: {type(error).__name__}: {error}"


def _load(found: Found, writer: Writer, way: Way, *, quiet: bool) -> Loaded:
    """Loads one file with a progress bar over its bytes."""
    feed, source, tables = found.feed, found.source, found.domain.tables
    with tqdm(desc=source.name, unit="B", unit_scale=True, disable=quiet, leave=False) as bar:
        watched = Source(source.name, lambda: cast(BinaryIO, Watched(source.open(), bar)))
        return way(feed, watched, writer, load_log(), domain_tables=tables)


def _details(done: Loaded) -> Iterator[str]:
    """What a person has to know of a load besides its counts."""
    if done.demo_rows:
        would = "would be " if done.load is None else ""
        yield f"demo data {would}taken out: {done.demo_rows} rows"
    if done.kept:
        yield f"kept for questions by vintage alone: {done.kept} of the rows that are same or older"
    yield from done.warnings
    for remark in done.remarks:
        yield f"{'flagged' if remark.flagged else 'set aside'}: {remark}"


class Report:
    """One line per file: for a person, or as JSON with nothing else on stdout."""

    def __init__(self, command: BaseCommand, *, as_json: bool) -> None:
        self.as_json, self.failed = as_json, False
        self._out, self._err = command.stdout, command.stderr

    def loaded(self, done: Loaded, feed: str) -> None:
        counts = done.counts
        if self.as_json:
            self._json(
                file=done.file,
                feed=feed,
                load=done.load,
                **asdict(counts),
                reasons=[asdict(remark) for remark in done.remarks],
                warnings=list(done.warnings),
                demo_rows=done.demo_rows,
                **({"kept": done.kept} if done.kept else {}),
                **({"retracts": done.retracts} if done.retracts else {}),
                seconds=round(done.seconds, 3),
            )
            return
        flagged = f" {counts.flagged} flagged," if counts.flagged else ""
        older = f" {counts.older} older," if counts.older else ""
        number = "dry run" if done.load is None else f"load {done.load}"
        self._out.write(
            f"{done.file}: {number} of {feed}, {counts.new} new, {counts.revised} revised,"
            f" {counts.closed} closed, {counts.same} same,{older}"
            f" {counts.quarantined} quarantined,{flagged} {done.seconds:.2f} s"
        )
        for line in _details(done):
            self._out.write(shown(f"  {line}", MOST_SHOWN))

    def refused(self, name: str, reason: str) -> None:
        self.failed = True
        if self.as_json:
            self._json(file=name, refused=reason)
        else:
            # A reason may quote the file.
            self._err.write(shown(f"{name}: refused, {reason}", MOST_SHOWN))

    def not_taken(self, name: str, reason: str) -> None:
        if self.as_json:
            self._json(file=name, not_taken=True, reason=reason)
        else:
            self._out.write(f"{name}: not taken, {reason}")

    def _json(self, **facts: Any) -> None:
        self._out.write(json.dumps(facts))
