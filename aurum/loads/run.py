"""One load under way: what becomes of a file's rows, and what is to be said of it."""

import gc
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed, RejectedRow
from aurum.loads.log import Counts, LoadLog, LoadRefused
from aurum.loads.remarks import Reasons, Remark
from aurum.loads.vintages import with_vintage
from aurum.stores.contract import MergeResult, Writer
from aurum.stores.tables import Row, Table

COMMIT_SECONDS = 0.2
"""A transaction this old is committed, so that loads of other tables pass within half a second."""

MOST_SET_ASIDE = 0.5
"""A file of which a greater share of rows is set aside is refused: it is not what its feed reads.

That is for files from `COUNTED_FROM` rows on. It is known at the end, and before once
`GIVEN_UP_FROM` rows are set aside: no more of a bad file is kept in quarantine.
"""
COUNTED_FROM, GIVEN_UP_FROM = 1_000, 100_000

FLAGGED_KEPT = 1000
"""Of a load: a publisher may guarantee nothing of millions of rows. They are in the table too."""

OBJECTS_BETWEEN_COLLECTIONS = 500_000
"""Of a load; Python's own measure is 700."""

DRY_RUN = 2**62
"""The id a dry run merges under: greater than any load's, as a row's own load must be."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How one load ended; `load` is None after a dry run.

    `demo_rows` counts rows of demo data that it took out, in all tables; `kept` those of the rows
    that are same or older which were added for questions by vintage.
    """

    file: str
    load: int | None
    counts: Counts
    seconds: float
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()
    demo_rows: int = 0
    kept: int = 0
    retracts: int | None = None
    """The load that this one took back."""


@dataclass
class LoadRun:
    """One load under way: `changed_elsewhere` counts rows of tables other than the main one."""

    tables: Sequence[Table]
    writer: Writer
    log: LoadLog
    load: int = DRY_RUN
    counts: Counts = field(default_factory=Counts)
    reasons: Reasons = field(default_factory=Reasons)
    warnings: list[str] = field(default_factory=list)
    replaces: bool = False
    """Whether what the file leaves out is closed."""
    removed: Sequence[int] = ()
    demo_rows: int = 0
    changed_elsewhere: int = 0
    kept: int = 0
    """Of the rows that are same or older, those that were added for questions by vintage."""
    vintage: str | None = None
    """When the publisher released the file, where it does not say so itself."""
    started: float = field(default_factory=time.monotonic)
    committed: float = field(default_factory=time.monotonic)
    keys_of_rejected: list[Row] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        counts = self.counts
        changed = (counts.new, counts.revised, counts.closed, self.changed_elsewhere, self.kept)
        return any((*changed, self.demo_rows))

    def begin(self, load: int) -> None:
        self.load = load
        main = self.tables[0]
        void = self.log.void([main.name]) if main.vintage else ()
        self.writer.begin(load, main, replaces=self.replaces, void=void)

    def take_out(self, tables: Sequence[Table], loads: Sequence[int]) -> None:
        """Closes all rows that these loads of demo data brought."""
        if loads:
            self.removed = loads
            self.demo_rows = self.writer.close_loads(tables, loads)

    def merge_all(self, feed: Feed, batches: Iterable[Batch], *, commit: bool) -> None:
        with _collecting_seldom():
            for batch in batches:
                self._merge(batch)
                self._must_not_be_bad(at_least=GIVEN_UP_FROM)
                if commit:
                    self._commit_in_time()
        self._must_have_rows()
        if self.replaces:
            # A row that was set aside is in the file all the same: its predecessor stays.
            closed = self.writer.close_missing(feed.scope, self.keys_of_rejected, feed.between)
            self.counts.closed += closed

    def _merge(self, batch: Batch) -> None:
        if self.vintage is not None:
            for table in self.tables:
                if table.vintage is not None and (rows := batch.rows.get(table.name)):
                    batch.rows[table.name] = with_vintage(table, rows, self.vintage)
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
        if not self.counts.read:
            raise InvalidFile("there is no row")
        if self.counts.quarantined == self.counts.read:
            raise InvalidFile(f"every row was set aside: {self._reasons()}")
        self._must_not_be_bad(at_least=0)

    def _must_not_be_bad(self, *, at_least: int) -> None:
        """InvalidFile where so many rows, and too great a share, were set aside."""
        aside, read = self.counts.quarantined, self.counts.read
        if read >= COUNTED_FROM and aside > max(at_least, MOST_SET_ASIDE * read):
            raise InvalidFile(
                f"{aside} of the {read} rows read were set aside, more than {MOST_SET_ASIDE:.0%}:"
                f" {self._reasons()}"
            )

    def _reasons(self) -> str:
        return "; ".join(map(str, self.reasons.remarks()))

    def _merge_main(self, batch: Batch) -> None:
        main = self.tables[0]
        rows = batch.rows.get(main.name)
        if not rows:
            return
        merged = self.writer.merge(main, rows)
        self._must_account_for(len(rows), merged)
        self.counts.new += merged.new
        self.counts.revised += merged.revised
        self.counts.same += merged.same
        self.counts.older += merged.older
        self.kept += merged.kept
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

    def _must_account_for(self, given: int, merged: MergeResult) -> None:
        """LoadRefused where something became of fewer or more rows than were given."""
        found = merged.changed + merged.same + merged.older + len(merged.contradictions)
        if found != given:
            raise LoadRefused(
                f"of {given} rows of {self.tables[0].name} {found} are accounted for, so that rows"
                " would be lost: nothing is loaded; `manage.py stores check` compares the databases"
            )

    def _set_aside(self, rejected: list[RejectedRow]) -> None:
        if rejected:
            self.counts.quarantined += len(rejected)
            self.reasons.note(rejected, flagged=False)
            self._keep(rejected, flagged=False)
            if self.replaces:
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
            self.kept,
        )

    def _commit_in_time(self) -> None:
        if time.monotonic() - self.committed > COMMIT_SECONDS:
            self.writer.commit()
            self.committed = time.monotonic()


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """A batch is many objects without cycles, which the collector would walk again and again."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
