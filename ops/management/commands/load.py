"""`manage.py load [FEED] PATH…`: brings files into the store, one load each."""

import contextlib
import glob
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
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
from aurum.stores.contract import LockLost, TableDiffers, Writer
from aurum.stores.registry import writer_of
from ops.retracting import retract_load
from ops.sources import Found, find_sources
from ops.unpacking import shown

MOST_SHOWN = 2000
"""Characters of a refusal's line."""

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
        if options["retract"] is None:
            _load_all(options["paths"], report, dry_run=options["dry_run"])
        elif options["paths"]:
            raise CommandError("--retract takes the number of a load, and no files.")
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


def _load_all(words: list[str], report: "Report", *, dry_run: bool) -> None:
    named, paths = _feed_and_paths(words)
    with find_sources(named, paths) as sources:
        for left_out in sources.refused:
            report.refused(left_out.name, left_out.reason)
        for left_out in sources.not_taken:
            report.not_taken(left_out.name, left_out.reason)
        for found in sources.files:
            _load_one(found, report, dry_run=dry_run)


def _load_one(found: Found, report: "Report", *, dry_run: bool) -> None:
    """Loads one file. Whatever goes wrong with it, the others load."""
    feed, name = found.feed, found.source.name
    quiet = report.as_json or not sys.stderr.isatty()

    def work() -> Loaded:
        # One writer per file: a store that was gone for one file serves the next.
        with contextlib.closing(writer_of(found.domain.name)) as writer:
            return _load(found, writer, dry_run=dry_run, quiet=quiet)

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


def _load(found: Found, writer: Writer, *, dry_run: bool, quiet: bool) -> Loaded:
    """Loads one file with a progress bar over its bytes."""
    feed, source, tables = found.feed, found.source, found.domain.tables
    with tqdm(desc=source.name, unit="B", unit_scale=True, disable=quiet, leave=False) as bar:
        watched = Source(source.name, lambda: cast(BinaryIO, _Watched(source.open(), bar)))
        if dry_run:
            return try_file(feed, watched, writer, load_log(), domain_tables=tables)
        return load_file(feed, watched, writer, load_log(), domain_tables=tables)


class _Watched:
    """A binary file that tells the bar how far it has been read.

    Feeds may use any method of a file; the bar is moved by those that read.
    """

    def __init__(self, file: BinaryIO, bar: Any) -> None:
        self._file, self._bar, self._at = file, bar, 0
        bar.reset(total=_size(file))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._file:
            self._move()
            yield line

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._move()
        return block

    read1 = read  # what a text wrapper asks for

    def _move(self) -> None:
        at = self._file.tell()  # a feed may look at the end first, and go back
        self._bar.update(at - self._at)
        self._at = at


def _size(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _details(done: Loaded) -> Iterator[str]:
    """What a person has to know of a load besides its counts."""
    if done.demo_rows:
        would = "would be " if done.load is None else ""
        yield f"demo data {would}taken out: {done.demo_rows} rows"
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
