"""One file, one load: all of it becomes visible in one step, or nothing does.

    lock the tables -> undo what a dead load left -> begin -> read, merge, commit in short steps
    -> publish

Readers see nothing before the last step, because no watermark has reached the load's id. A load
that dies is found by the next one: it holds the lock, so it knows that nobody else is at work.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from aurum.errors import InvalidFile, StoreUnavailable
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.loads.log import Counts, LoadLog
from aurum.loads.remarks import Reasons, Remark
from aurum.snapshot import WATERMARKS
from aurum.stores.contract import LockLost, Writer
from aurum.stores.tables import Row, Table

COMMIT_SECONDS = 0.2
"""A transaction this old is committed, so that loads of other tables pass within half a second."""

FLAGGED_KEPT = 1000
"""Of a load: a publisher may guarantee nothing of millions of rows. They are in the table too."""

DRY_RUN = 2**62
"""The id a dry run merges under: greater than any load's, as a row's own load must be."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load; `open` starts it from the beginning, every time it is called."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How one load ended; `load` is None after a dry run.

    `demo_rows` counts rows of demo data that it took out, in all tables.
    """

    file: str
    load: int | None
    counts: Counts
    seconds: float
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()
    demo_rows: int = 0


@dataclass
class _LoadRun:
    """One load under way: `changed_elsewhere` counts rows of tables other than the main one."""

    tables: Sequence[Table]
    writer: Writer
    log: LoadLog
    load: int = DRY_RUN
    counts: Counts = field(default_factory=Counts)
    reasons: Reasons = field(default_factory=Reasons)
    warnings: list[str] = field(default_factory=list)
    removed: Sequence[int] = ()
    demo_rows: int = 0
    changed_elsewhere: int = 0
    started: float = field(default_factory=time.monotonic)
    committed: float = field(default_factory=time.monotonic)
    keys_of_rejected: list[Row] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        counts = self.counts
        changed = (counts.new, counts.revised, counts.closed, self.changed_elsewhere)
        return any((*changed, self.demo_rows))

    def begin(self, load: int) -> None:
        self.load = load
        self.writer.begin(load, self.tables[0])

    def take_out(self, tables: Sequence[Table], loads: Sequence[int]) -> None:
        """Closes all rows that these loads of demo data brought."""
        if loads:
            self.removed = loads
            self.demo_rows = self.writer.close_loads(tables, loads)

    def merge_all(self, feed: Feed, batches: Iterable[Batch], *, commit: bool) -> None:
        for batch in batches:
            self._merge(batch)
            if commit:
                self._commit_in_time()
        if feed.mode == "replace":
            # A row that was set aside is in the file all the same: its predecessor stays.
            closed = self.writer.close_missing(feed.scope, self.keys_of_rejected, feed.between)
            self.counts.closed += closed
        self._must_have_rows()

    def _merge(self, batch: Batch) -> None:
        self._merge_main(batch)
        for table in self.tables[1:]:
            if rows := batch.rows.get(table.name):
                self.changed_elsewhere += self.writer.merge(table, rows).changed
        for table in self.tables:
            if rows := batch.insert_if_new.get(table.name):
                self.changed_elsewhere += self.writer.insert_if_new(table, rows)
        self.warnings += batch.warnings
        self._flag(batch.flagged)
        self._set_aside(batch.rejected)

    def _must_have_rows(self) -> None:
        """InvalidFile where nothing of the file could be used: that is no success."""
        counts = self.counts
        if counts.new or counts.revised or counts.same or counts.older:
            return
        why = "; ".join(map(str, self.reasons.remarks()))
        raise InvalidFile(f"every row was set aside: {why}" if why else "there is no row")

    def _merge_main(self, batch: Batch) -> None:
        main = self.tables[0]
        rows = batch.rows.get(main.name)
        if not rows:
            return
        merged = self.writer.merge(main, rows)
        self.counts.new += merged.new
        self.counts.revised += merged.revised
        self.counts.same += merged.same
        self.counts.older += merged.older
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
            self.reasons.note(rejected, flagged=False)
            self._keep(rejected, flagged=False)
            self.keys_of_rejected += [row.key for row in rejected if row.key is not None]

    def _flag(self, flagged: list[RejectedRow]) -> None:
        """Counts rows that are in the table all the same, and keeps the first of them."""
        room = max(FLAGGED_KEPT - self.counts.flagged, 0)
        self.counts.flagged += len(flagged)
        self.reasons.note(flagged, flagged=True)
        self._keep(flagged[:room], flagged=True)

    def _keep(self, rows: list[RejectedRow], *, flagged: bool) -> None:
        if rows and self.load != DRY_RUN:
            self.log.quarantine(self.load, rows, flagged=flagged)

    def loaded(self, file: str, load: int | None) -> Loaded:
        return Loaded(
            file,
            load,
            self.counts,
            time.monotonic() - self.started,
            self.reasons.remarks(),
            tuple(self.warnings),
            self.demo_rows,
        )

    def _commit_in_time(self) -> None:
        if time.monotonic() - self.committed > COMMIT_SECONDS:
            self.writer.commit()
            self.committed = time.monotonic()


def _take_back(load: int, names: Sequence[str], writer: Writer, log: LoadLog, why: str) -> None:
    """Undoes a load that is not published, durably, and ends it in the log."""
    writer.undo(load, names)
    writer.commit()
    writer.flush()
    log.abandon(load, why)


def load_file(
    feed: Feed,
    source: Source,
    writer: Writer,
    log: LoadLog,
    *,
    domain_tables: Sequence[Table] = (),
    demo: bool = False,
) -> Loaded:
    """Loads one file, or nothing of it.

    Rows of demo data go out of `domain_tables` in the same step, unless the file is `demo` itself.
    Raises InvalidFile when it is not what the feed expects, or has no row that can be used;
    TableDiffers when a table is not as declared, LockLost when another load may have begun
    meanwhile, StoreUnavailable.
    """
    run = _LoadRun(feed.tables, writer, log)
    with source.open() as file:
        sha256 = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    tables = feed.tables if demo else _to_lock(feed, domain_tables, log)
    known = {"feed": feed.name, "file": source.name, "sha256": sha256, "demo": demo}
    with _one_step(run, tables, known) as load:
        if not demo:
            run.take_out(tables, _made_up(tables, domain_tables, log))
        elif log.has_real_data([table.name for table in domain_tables]):
            raise InvalidFile("there is real data: no demo data is put beside it")
        with source.open() as file:
            run.merge_all(feed, feed.read(file), commit=True)
    return run.loaded(source.name, load)


def remove_demo(domain: str, tables: Sequence[Table], writer: Writer, log: LoadLog) -> Loaded:
    """Takes the demo data out of a domain's tables; its rows stay as history."""
    run = _LoadRun(tables, writer, log)
    file = f"{domain}: demo data taken out"
    known = {"feed": "demo", "file": file, "sha256": "", "demo": True}
    with _one_step(run, tables, known) as load:
        run.take_out(tables, _made_up(tables, tables, log))
        run.removed = [*run.removed, load]  # which brings no rows, of demo data or other
    return run.loaded(file, load)


@contextmanager
def _one_step(run: _LoadRun, tables: Sequence[Table], known: dict[str, Any]) -> Iterator[int]:
    """A load under way: what the block writes is published behind it, or taken back."""
    writer, log, names = run.writer, run.log, [table.name for table in tables]
    with writer.lock(tables):
        writer.prepare(tables)
        for dead, touched in log.unpublished(names).items():
            _take_back(dead, touched, writer, log, "its process ended before it was published")
        load = log.begin(tables=names, **known)
        run.begin(load)
        try:
            yield load
            writer.commit()
            writer.flush()
            # Without the lock another load may have taken this one for dead and undone it.
            if not writer.holds_lock():
                raise LockLost(f"load {load} lost its lock before it could be published")
            log.publish(
                load, run.counts, changed=run.changed, warnings=run.warnings, removed=run.removed
            )
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


def try_file(
    feed: Feed,
    source: Source,
    writer: Writer,
    log: LoadLog,
    *,
    domain_tables: Sequence[Table] = (),
) -> Loaded:
    """What loading the file would do, without doing it; raises what `load_file` does."""
    run = _LoadRun(feed.tables, writer, log)
    tables = _to_lock(feed, domain_tables, log)
    with writer.lock(tables):
        writer.prepare(tables)
        dead = log.unpublished([table.name for table in tables])
        with writer.dry_run(dead), source.open() as file:
            run.begin(DRY_RUN)
            run.take_out(tables, _made_up(tables, domain_tables, log))
            run.merge_all(feed, feed.read(file), commit=False)
    return run.loaded(source.name, None)


def _to_lock(feed: Feed, domain_tables: Sequence[Table], log: LoadLog) -> Sequence[Table]:
    """The tables that a load of the feed writes to: all of the domain if demo data has to go."""
    if log.demo_loads([table.name for table in domain_tables]):
        return tuple(dict.fromkeys((*feed.tables, *domain_tables)))
    return feed.tables


def _made_up(
    locked: Sequence[Table], domain_tables: Sequence[Table], log: LoadLog
) -> Sequence[int]:
    """The loads of demo data that are there now, under the lock."""
    found = log.demo_loads([table.name for table in domain_tables])
    if found and not {*domain_tables} <= {*locked}:
        raise InvalidFile("demo data was loaded in the meantime: load the file again")
    return found
