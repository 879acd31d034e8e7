"""One file, one load: all of it becomes visible in one step, or nothing does.

    lock the tables -> undo what a dead load left -> begin -> read, merge, commit in short steps
    -> publish

Readers see nothing before the last step, because no watermark has reached the load's id. A load
that dies is found by the next one: it holds the lock, so it knows that nobody else is at work.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from aurum.errors import StoreUnavailable
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.loads.log import Counts, LoadLog
from aurum.snapshot import WATERMARKS
from aurum.stores.contract import LockLost, Writer
from aurum.stores.tables import Row

COMMIT_SECONDS = 0.2
"""A transaction this old is committed, so that loads of other tables pass within half a second."""

DRY_RUN = 2**62
"""The id a dry run merges under: greater than any load's, as a row's own load must be."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load; `open` starts it from the beginning, every time it is called."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How one load ended; `load` is None after a dry run."""

    file: str
    load: int | None
    counts: Counts
    seconds: float


@dataclass
class _LoadRun:
    """One load under way: `changed_elsewhere` counts rows of tables other than the main one."""

    feed: Feed
    writer: Writer
    quarantine: Callable[[list[RejectedRow]], None]
    counts: Counts = field(default_factory=Counts)
    changed_elsewhere: int = 0
    began: float = field(default_factory=time.monotonic)
    keys_of_rejected: list[Row] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        counts = self.counts
        return bool(counts.new or counts.revised or counts.closed or self.changed_elsewhere)

    def merge_all(self, load: int, batches: Iterable[Batch], *, commit: bool) -> None:
        main, *others = self.feed.tables
        self.writer.begin(load, main)
        for batch in batches:
            self._merge_main(batch)
            for table in others:
                if rows := batch.rows.get(table.name):
                    self.changed_elsewhere += self.writer.merge(table, rows).changed
            for table in self.feed.tables:
                if rows := batch.insert_if_new.get(table.name):
                    self.changed_elsewhere += self.writer.insert_if_new(table, rows)
            self.counts.flagged += batch.flagged
            self._set_aside(batch.rejected)
            if commit:
                self._commit_in_time()
        if self.feed.mode == "replace":
            # A row that was set aside is in the file all the same: its predecessor stays.
            closed = self.writer.close_missing(self.feed.scope, self.keys_of_rejected)
            self.counts.closed += closed

    def _merge_main(self, batch: Batch) -> None:
        main = self.feed.tables[0]
        rows = batch.rows.get(main.name)
        if not rows:
            return
        merged = self.writer.merge(main, rows)
        self.counts.new += merged.new
        self.counts.revised += merged.revised
        self.counts.same += merged.same + merged.older
        # Quarantine, and not the last row wins: which of the two is right the file does not say,
        # and a price would otherwise be revised to and fro each time the file is loaded.
        self._set_aside(
            [
                RejectedRow(
                    batch.places[main.name][index],
                    "contradicts_earlier_row",
                    json.dumps(dict(zip(main.names, rows[index], strict=True))),
                )
                for index in merged.contradictions
            ]
        )

    def _set_aside(self, rejected: list[RejectedRow]) -> None:
        if rejected:
            self.counts.quarantined += len(rejected)
            self.quarantine(rejected)
            self.keys_of_rejected += [row.key for row in rejected if row.key is not None]

    def _commit_in_time(self) -> None:
        if time.monotonic() - self.began > COMMIT_SECONDS:
            self.writer.commit()
            self.began = time.monotonic()


def _take_back(load: int, names: Sequence[str], writer: Writer, log: LoadLog, why: str) -> None:
    """Undoes a load that is not published, durably, and ends it in the log."""
    writer.undo(load, names)
    writer.commit()
    writer.flush()
    log.abandon(load, why)


def load_file(feed: Feed, source: Source, writer: Writer, log: LoadLog) -> Loaded:
    """Loads one file, or nothing of it.

    Raises InvalidFile when it is not what the feed expects, TableDiffers when a table is not as
    declared, LockLost when another load may have begun meanwhile, StoreUnavailable.
    """
    began, tables = time.monotonic(), feed.tables
    names = [table.name for table in tables]
    with source.open() as file:
        sha256 = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    with writer.lock(tables):
        writer.prepare(tables)
        for dead, touched in log.unpublished(names).items():
            _take_back(dead, touched, writer, log, "its process ended before it was published")
        load = log.begin(feed=feed.name, file=source.name, sha256=sha256, tables=names)
        run = _LoadRun(feed, writer, lambda rows: log.quarantine(load, rows))
        try:
            with source.open() as file:
                run.merge_all(load, feed.read(file), commit=True)
            writer.commit()
            writer.flush()
            # Without the lock another load may have taken this one for dead and undone it.
            if not writer.holds_lock():
                raise LockLost(f"load {load} lost its lock before it could be published")
            log.publish(load, run.counts, changed=run.changed)
        except BaseException as error:
            # Also for Ctrl-C: what can be taken back at once need not wait for the next load. What
            # was published before the error came is not taken back; and a store that is gone keeps
            # what it has, as the next load, which needs the store, begins by undoing it.
            if load in log.unpublished(names):
                with suppress(StoreUnavailable):
                    writer.rollback()
                    _take_back(load, names, writer, log, str(error) or type(error).__name__)
            raise
    WATERMARKS.refresh()
    return Loaded(source.name, load, run.counts, time.monotonic() - began)


def try_file(feed: Feed, source: Source, writer: Writer, log: LoadLog) -> Loaded:
    """What loading the file would do, without doing it; raises what `load_file` does."""
    began, tables = time.monotonic(), feed.tables
    with writer.lock(tables):
        writer.prepare(tables)
        run = _LoadRun(feed, writer, lambda rows: None)
        dead = log.unpublished([table.name for table in tables])
        with writer.dry_run(dead), source.open() as file:
            run.merge_all(DRY_RUN, feed.read(file), commit=False)
    return Loaded(source.name, None, run.counts, time.monotonic() - began)
