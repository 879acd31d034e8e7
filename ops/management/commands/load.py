"""`manage.py load FEED FILE…`: brings files into the store, one load each."""

import contextlib
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from aurum.domains import Domain, domains, find_feed
from aurum.errors import InvalidFile, StoreUnavailable, did_you_mean
from aurum.loads.feeds import Feed
from aurum.loads.loader import Loaded, Source, load_file, try_file
from aurum.loads.log import load_log
from aurum.stores.contract import LockLost, TableDiffers, Writer
from aurum.stores.registry import writer_of
from ops.sources import Sources, find_sources


class Command(BaseCommand):
    help = "Loads files of a feed: each file is one load, wholly there or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feed", nargs="?", help="the feed's name; --list shows all")
        parser.add_argument(
            "paths", nargs="*", help="files, directories, zip archives or glob patterns"
        )
        parser.add_argument("--list", action="store_true", help="list the feeds and stop")
        parser.add_argument(
            "--json", action="store_true", help="one JSON object per file on stdout"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list(as_json=options["json"])
            return
        domain, feed = self._feed(options["feed"])
        if not options["paths"]:
            raise CommandError("Name at least one file, directory, zip archive or pattern.")
        taken = find_sources(feed, options["paths"])
        report = Report(self, as_json=options["json"])
        for refused in taken.refused:
            report.refused(refused.name, refused.reason)
        for name in taken.not_taken:
            report.not_taken(name)
        self._load_all(domain, feed, taken, report, dry_run=options["dry_run"])
        if report.failed:
            sys.exit(1)

    def _list(self, *, as_json: bool) -> None:
        for feed in (feed for domain in domains() for feed in domain.feeds):
            facts = {
                "feed": feed.name,
                "title": feed.title,
                "mode": feed.mode,
                "takes": feed.pattern,
            }
            line = f"{feed.name:20} {feed.mode:8} {feed.pattern:24} {feed.title}"
            self.stdout.write(json.dumps(facts) if as_json else line)

    def _feed(self, name: str | None) -> tuple[Domain, Feed]:
        names = [feed.name for domain in domains() for feed in domain.feeds]
        if name is None:
            raise CommandError(f"Name a feed: {', '.join(names)}.")
        found = find_feed(name)
        if found is None:
            near = did_you_mean(name, names)
            raise CommandError(f"There is no feed '{name}'{near}. Feeds: {', '.join(names)}.")
        return found

    def _load_all(
        self, domain: Domain, feed: Feed, taken: Sources, report: "Report", *, dry_run: bool
    ) -> None:
        quiet = report.as_json or not sys.stderr.isatty()
        for source in taken.sources:
            # One writer per file: a store that was gone for one file serves the next.
            try:
                with contextlib.closing(writer_of(domain.name)) as writer:
                    done = _load(domain, feed, source, writer, dry_run=dry_run, quiet=quiet)
                report.loaded(done)
            except StoreUnavailable as error:
                report.refused(source.name, error.detail)
            except (InvalidFile, TableDiffers, LockLost, OSError) as error:
                report.refused(source.name, str(error))


def _load(
    domain: Domain, feed: Feed, source: Source, writer: Writer, *, dry_run: bool, quiet: bool
) -> Loaded:
    """Loads one file with a progress bar over its bytes."""
    with tqdm(desc=source.name, unit="B", unit_scale=True, disable=quiet, leave=False) as bar:
        watched = Source(source.name, lambda: cast(BinaryIO, _Watched(source.open(), bar)))
        if dry_run:
            return try_file(feed, watched, writer, load_log(), domain_tables=domain.tables)
        return load_file(feed, watched, writer, load_log(), domain_tables=domain.tables)


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
        yield f"demo data taken out: {done.demo_rows} rows"
    yield from done.warnings
    for remark in done.remarks:
        yield f"{'flagged' if remark.flagged else 'set aside'}: {remark}"


class Report:
    """One line per file: for a person, or as JSON with nothing else on stdout."""

    def __init__(self, command: BaseCommand, *, as_json: bool) -> None:
        self.as_json, self.failed = as_json, False
        self._out, self._err = command.stdout, command.stderr

    def loaded(self, done: Loaded) -> None:
        counts = done.counts
        if self.as_json:
            self._json(
                file=done.file,
                load=done.load,
                **asdict(counts),
                reasons=[asdict(remark) for remark in done.remarks],
                warnings=list(done.warnings),
                demo_rows=done.demo_rows,
                seconds=round(done.seconds, 3),
            )
            return
        flagged = f" {counts.flagged} flagged," if counts.flagged else ""
        older = f" {counts.older} older," if counts.older else ""
        number = "dry run" if done.load is None else f"load {done.load}"
        self._out.write(
            f"{done.file}: {number}, {counts.new} new, {counts.revised} revised,"
            f" {counts.closed} closed, {counts.same} same,{older}"
            f" {counts.quarantined} quarantined,{flagged} {done.seconds:.2f} s"
        )
        for line in _details(done):
            self._out.write(f"  {line}")

    def refused(self, name: str, reason: str) -> None:
        self.failed = True
        if self.as_json:
            self._json(file=name, refused=reason)
        else:
            self._err.write(f"{name}: refused, {reason}")

    def not_taken(self, name: str) -> None:
        if self.as_json:
            self._json(file=name, not_taken=True)
        else:
            self._out.write(f"{name}: not taken, the feed does not know this name")

    def _json(self, **facts: Any) -> None:
        self._out.write(json.dumps(facts))
