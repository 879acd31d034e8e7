"""One file, one load: all of it becomes visible in one step, or nothing does.

    take the tables' turn -> undo what a dead load left -> begin -> read, stage, merge, commit in
    short steps -> publish

Readers see nothing before the last step, because no watermark has reached the load's id. A load
that dies is found by the next one, which holds the turn and so knows that nobody is at work.
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
from aurum.stores.contract import Writer
from aurum.stores.dialects import render
from aurum.stores.merging import Merge, undo_statements
from aurum.stores.tables import Row, Table

COMMIT_SECONDS = 0.2
"""A transaction this old is committed, so that loads of other tables pass within half a second."""

DRY_RUN = 2**62
"""Greater than any load's id: a dry run merges under it and is rolled back."""


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
class _Tally:
    new: int = 0
    revised: int = 0
    closed: int = 0
    same: int = 0
    quarantined: int = 0
    flagged: int = 0
    elsewhere: int = 0

    def counts(self) -> Counts:
        return Counts(
            self.new, self.revised, self.closed, self.same, self.quarantined, self.flagged
        )

    @property
    def changed(self) -> bool:
        return bool(self.new or self.revised or self.closed or self.elsewhere)


@dataclass
class _LoadRun:
    """One load under way."""

    feed: Feed
    writer: Writer
    load: int
    quarantine: Callable[[list[RejectedRow]], None]
    tally: _Tally = field(default_factory=_Tally)
    began: float = field(default_factory=time.monotonic)
    line: int = 0
    spared: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.main = self.feed.tables[0]
        self.merges = {
            table.name: Merge(table, self.feed.scope if table is self.main else ())
            for table in self.feed.tables
        }

    def run(self, sql: str, **values: Any) -> int:
        text = render(sql, self.writer.dialect)
        return self.writer.execute(text, {"load": self.load, **values})

    def query(self, sql: str) -> list[Row]:
        return self.writer.fetch(render(sql, self.writer.dialect), {"load": self.load})

    def take(self, batch: Batch) -> None:
        for table in self.feed.tables:
            if batch.rows.get(table.name):
                self._merge(table, batch)
            if batch.insert_if_new.get(table.name):
                self._fall_back(table, batch.insert_if_new[table.name])
        self.tally.flagged += batch.flagged
        if batch.rejected:
            self._set_aside(batch.rejected)

    def _merge(self, table: Table, batch: Batch) -> None:
        merge, rows = self.merges[table.name], batch.rows[table.name]
        first = self.line
        self._stage(table, enumerate(rows, first))
        repeats: list[int] = []
        if table is self.main:
            self.line += len(rows)
            if self.run(merge.keep) < len(rows):
                repeats = [line - first for (line,) in self.query(merge.repeats)]
                self.run(merge.drop_repeats)
        same = self.run(merge.drop_same)
        revised = self.run(merge.supersede)
        added = self.run(merge.insert)
        if table is not self.main:
            self.tally.elsewhere += added
            return
        self.tally.same += same
        self.tally.revised += revised
        self.tally.new += added - revised
        if repeats:
            self._quarantine_contradictions(repeats, batch)

    def _fall_back(self, table: Table, rows: list[Row]) -> None:
        merge = self.merges[table.name]
        self._stage(table, enumerate(rows))
        self.run(merge.drop_known)
        self.tally.elsewhere += self.run(merge.insert)

    def _stage(self, table: Table, numbered: Iterable[tuple[int, Row]]) -> None:
        self.run(self.merges[table.name].clear)
        self.writer.stage(table, ((line, *row) for line, row in numbered))

    def _quarantine_contradictions(self, repeats: list[int], batch: Batch) -> None:
        """Of two rows of a file with one key the first stands; the other agrees or is set aside."""
        rows, places = batch.rows[self.main.name], batch.places[self.main.name]
        self._stage(self.main, ((index, rows[index]) for index in repeats))
        clashing = [
            RejectedRow(
                places[index],
                "contradicts_earlier_row",
                json.dumps(dict(zip(self.main.names, rows[index], strict=True))),
            )
            for (index,) in self.query(self.merges[self.main.name].contradictions)
        ]
        self.tally.same += len(repeats) - len(clashing)
        self._set_aside(clashing)

    def _set_aside(self, rejected: list[RejectedRow]) -> None:
        self.tally.quarantined += len(rejected)
        self.quarantine(rejected)
        self.spared += [row.key for row in rejected if row.key is not None]

    def _keep_rows_of_rejected(self) -> None:
        """A row that was set aside is in the file all the same: its predecessor stays."""
        blank = dict.fromkeys(self.main.names)
        named = ({**blank, **dict(zip(self.main.key, key, strict=True))} for key in self.spared)
        self._stage(self.main, enumerate((tuple(row.values()) for row in named), self.line))
        self.run(self.merges[self.main.name].keep)

    def close_missing(self) -> None:
        if self.feed.mode != "replace":
            return
        merge = self.merges[self.main.name]
        if self.spared:
            self._keep_rows_of_rejected()
        # One statement a scope: with its values bound, every engine enters the index at the place.
        for values in self.query(merge.scopes):
            within = dict(zip(merge.scope, values, strict=False))  # without a scope, one value
            self.tally.closed += self.run(merge.close, **within)

    def commit_in_time(self) -> None:
        if time.monotonic() - self.began > COMMIT_SECONDS:
            self.writer.commit()
            self.began = time.monotonic()

    def merge_all(self, batches: Iterable[Batch], *, commit: bool) -> None:
        self.run(self.merges[self.main.name].clear_kept)
        for batch in batches:
            self.take(batch)
            if commit:
                self.commit_in_time()
        self.close_missing()


def undo(load: int, tables: Iterable[str], writer: Writer) -> None:
    """Takes back whatever a load has written; doing it twice does nothing more.

    Whoever holds the turn of one of its tables may undo a dead load in all of them: it had all
    their turns, and who loaded any of them since has undone it before.
    """
    for table in tables:
        for statement in undo_statements(table):
            writer.execute(render(statement, writer.dialect), {"load": load})


def _take_back(load: int, names: Sequence[str], writer: Writer, log: LoadLog, why: str) -> None:
    """Undoes a load that failed, unless it got as far as being published."""
    if load not in log.unpublished(names):
        return
    # A store that is gone keeps what it has: the next load, which needs it, cleans up first.
    with suppress(StoreUnavailable):
        writer.rollback()
        undo(load, names, writer)
        writer.commit()
        writer.flush()
        log.abandon(load, why)


def load_file(feed: Feed, source: Source, writer: Writer, log: LoadLog) -> Loaded:
    """Loads one file; LoadRefused when it is not what the feed expects, and then nothing of it."""
    began, tables = time.monotonic(), feed.tables
    names = [table.name for table in tables]
    with source.open() as file:
        sha256 = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    with writer.lock(tables):
        writer.prepare(tables)
        for dead, touched in log.unpublished(names).items():
            undo(dead, touched, writer)
            writer.commit()
            writer.flush()
            log.abandon(dead, "its process ended before it was published")
        load = log.begin(feed=feed.name, file=source.name, sha256=sha256, tables=names)
        work = _LoadRun(feed, writer, load, lambda rows: log.quarantine(load, rows))
        try:
            with source.open() as file:
                work.merge_all(feed.read(file), commit=True)
            writer.commit()
            writer.flush()
            if not writer.holds_lock():
                raise RuntimeError(f"load {load} lost its turn before it could be published")
            log.publish(load, work.tally.counts(), changed=work.tally.changed)
        except BaseException as error:
            # Also for Ctrl-C: what can be taken back at once need not wait for the next load.
            _take_back(load, names, writer, log, str(error) or type(error).__name__)
            raise
    WATERMARKS.refresh()
    return Loaded(source.name, load, work.tally.counts(), time.monotonic() - began)


def try_file(feed: Feed, source: Source, writer: Writer, log: LoadLog) -> Loaded:
    """What loading the file would do, without doing it."""
    began, tables = time.monotonic(), feed.tables
    with writer.lock(tables):
        writer.prepare(tables)
        work = _LoadRun(feed, writer, DRY_RUN, lambda rows: None)
        try:
            for dead, touched in log.unpublished([table.name for table in tables]).items():
                undo(dead, touched, writer)
            with source.open() as file:
                work.merge_all(feed.read(file), commit=False)
        finally:
            writer.rollback()
    return Loaded(source.name, None, work.tally.counts(), time.monotonic() - began)
