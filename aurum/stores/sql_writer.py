"""The verbs of a `Writer` in SQL, for every engine with temporary tables and transactions.

An engine's own class brings its connection: how a statement runs, how rows are staged, how a lock
is held. What the statements say stands in `merging.py`; what is done to whole tables, in
`sql_tables.py`.
"""

import time
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from aurum.stores.contract import MergeResult, Retracted
from aurum.stores.ddl import TYPES
from aurum.stores.dialects import render
from aurum.stores.merging import Merge, newest_and_others
from aurum.stores.releases import Releases, have_vintage
from aurum.stores.retracting import Retraction
from aurum.stores.spans import spans_of
from aurum.stores.sql_rows import SqlRows
from aurum.stores.tables import Kind, Row, Table
from aurum.stores.touched import KEYS_AT_ONCE, Touched

PAUSE_SECONDS = 0.005
"""Between two steps of a long work, so that who waits for the one writer gets its turn."""


class SqlWriter(SqlRows):
    _load: int = 0
    _void: Sequence[int] = ()
    _main: Table
    _trying = False
    """Whether this is a dry run, of which nothing is committed."""

    _line: int
    """How many rows of the main table the file has had before the batch at work."""

    _all_new: bool
    """Whether every row of the main table was new in the batch before the one at work."""

    _unstaged: bool
    """Whether the file has rows whose keys were not noted, for they went straight in."""

    @abstractmethod
    def prepare_scratch(self, sql: str, params: Mapping[str, Any]) -> int:
        """As `execute`, for what writes to scratch tables alone: nobody is held up by it."""

    @abstractmethod
    def analyze(self, scratch: str) -> None:
        """Tells a planner that has to be told what is in a scratch table."""

    @abstractmethod
    def stage(self, table: Table, rows: Iterable[Row]) -> None:
        """Puts rows, each led by its line number, into the table's scratch table."""

    @abstractmethod
    def add(self, table: Table, rows: Sequence[Row], load: int) -> bool:
        """Adds rows as current ones of the load; False once one has a key that is there.

        What of them was added by then, the caller rolls back.
        """

    @abstractmethod
    def supersede(self, table: Table, keys: Sequence[Row], load: int) -> None:
        """Closes the rows of these keys that were current before the load."""

    @abstractmethod
    def rollback(self) -> None: ...

    def undo(self, load: int, tables: Iterable[str]) -> None:
        for name in tables:
            for touched, step in self._steps(name, load):
                for statement in touched.undo:
                    self._run(statement, **step)

    def prune(self, table: Table, until: int) -> None:
        for span in spans_of(table, [self]):
            self.remove(table, span, f"superseded_by <= {until}")
            self.commit()
            time.sleep(PAUSE_SECONDS)

    def _steps(
        self, name: str, load: int, brought_by: Iterable[int] = ()
    ) -> Iterator[tuple[Touched, dict[str, int]]]:
        """Notes what a load has touched, and commits between the steps, whose values it yields."""
        real = self.describe(name)
        if real is None:
            return  # the load died before it made the table
        touched = Touched(name, {column: real.columns[column][0] for column in real.key[:-1]})
        for statement in touched.create(TYPES[self.dialect][Kind.INTEGER]):
            self.prepare_scratch(statement, {})
        noted = self.prepare_scratch(
            render(touched.note(brought_by), self.dialect), {"touched_by": load}
        )
        self.analyze("touched")
        for first in range(1, noted + 1, KEYS_AT_ONCE):
            last = min(first + KEYS_AT_ONCE - 1, noted)
            yield touched, {"touched_by": load, "first": first, "last": last}
            if not self._trying:
                self.commit()
                time.sleep(PAUSE_SECONDS)

    def begin(
        self, load: int, main: Table, *, replaces: bool = False, void: Sequence[int] = ()
    ) -> None:
        self._load, self._main, self._line, self._void = load, main, 0, void
        # What a file that replaces others leaves out is found by the keys that it has.
        self._replaces, self._all_new, self._unstaged = replaces, not replaces, False
        self._merges: dict[str, Merge] = {}
        self._run(self._merge_of(main).clear_keys)

    @contextmanager
    def dry_run(self, dead: Mapping[int, Iterable[str]]) -> Iterator[None]:
        self._trying = True
        try:
            for load, tables in dead.items():
                self.undo(load, tables)
            yield
        finally:
            self._trying = False
            self.rollback()

    def merge(self, table: Table, rows: Sequence[Row]) -> MergeResult:
        is_main = table.name == self._main.name
        if is_main and self._all_new and self._add_all(rows):
            return MergeResult(new=len(rows))
        return self._merge_staged(table, rows, is_main=is_main)

    def _add_all(self, rows: Sequence[Row]) -> bool:
        """Adds rows of the main table without staging them, if the key of each is new to the table
        and the file; which is so for nearly every file, and takes one statement instead of seven.
        """
        # A key that the file has had has a current row: what is not new is seen in the table.
        leading = self._main.names.index(self._main.key[0])
        in_order = sorted(rows, key=itemgetter(leading))  # neighbours in the table one by one
        self.execute("SAVEPOINT adding", {})
        added = self.add(self._main, in_order, self._load)
        if not added:
            self.execute("ROLLBACK TO SAVEPOINT adding", {})
        self.execute("RELEASE SAVEPOINT adding", {})
        if not added:
            return False
        self._line += len(rows)
        self._unstaged = True
        return True

    def _merge_staged(self, table: Table, rows: Sequence[Row], *, is_main: bool) -> MergeResult:
        merge = self._merge_of(table)
        first = self._line if is_main else 0
        self._stage_anew(table, enumerate(rows, first))
        repeats = []
        if is_main:
            self._line += len(rows)
            if self._unstaged:
                self._run(merge.note_added)
            repeats = [line - first for line in self._set_repeats_apart(merge, len(rows))]
        # Each step leaves in the scratch table what the next one works on: once the rows are gone
        # that change nothing, every row left is inserted, and a current row of its key superseded.
        same = self._run(merge.drop_known_values)
        releases = Releases(merge, self._void) if have_vintage(table, rows) else None
        kept = self._run(releases.keep_older) if releases and same < len(rows) else 0
        has_issues = table.version or table.vintage
        older = self._run(merge.drop_older) if has_issues and same < len(rows) else 0
        confirmed = self._run(releases.confirm) if releases else 0
        revised = self._run(merge.supersede)
        new, revised = self._run(merge.insert) - revised, revised - confirmed
        found = MergeResult(new, revised, same + confirmed, older, kept=kept + confirmed)
        if is_main:
            self._all_new = found.new == len(rows) and not self._replaces
        for part in newest_and_others(table, rows, repeats) if repeats else ():
            found = self._merge_repeats(merge, rows, part, found)
        return found

    def insert_if_new(self, table: Table, rows: Sequence[Row]) -> int:
        merge = self._merge_of(table)
        self._stage_anew(table, enumerate(rows))
        self._run(merge.drop_known)
        return self._run(merge.insert)

    def close_loads(self, tables: Sequence[Table], loads: Sequence[int]) -> int:
        return sum(self._run(self._merge_of(table).close_loads(loads)) for table in tables)

    def retract(
        self, table: Table, load: int, void: Sequence[int], rows_need: Table | None
    ) -> Retracted:
        merge, retraction = self._merge_of(table), Retraction(table, void, rows_need)
        found = Retracted()
        # What an earlier retraction left because it was needed may be needed no more.
        for _, step in self._steps(table.name, load, void if rows_need else ()):
            for statement in (merge.clear, retraction.stage, *retraction.pass_over):
                self._run(statement, **step)
            self._run(merge.drop_same)
            revised = self._run(merge.supersede)
            closed = self._run(retraction.close, **step)
            new = self._run(merge.insert) - revised
            left = step["last"] - step["first"] + 1 - new - revised - closed
            found += Retracted(new, revised, closed, left)
        return found

    def close_missing(
        self, scope: Sequence[str], keep: Sequence[Row], between: str | None = None
    ) -> int:
        merge = Merge(self._main, tuple(scope), between)
        if keep:
            # As if the file had named these keys: then their current rows are not missing from it.
            blank = dict.fromkeys(self._main.names)
            named = ({**blank, **dict(zip(self._main.key, key, strict=True))} for key in keep)
            self._stage_anew(self._main, enumerate((tuple(n.values()) for n in named), self._line))
            self._run(merge.note_keys)
        closed = 0
        # One statement per scope: with its values bound, every engine enters the index there. One
        # statement over all scopes left that to the planner, which read whole histories instead.
        for values in self._select(merge.scopes):
            within = dict(zip(merge.bound, values, strict=False))  # one value if there is no scope
            closed += self._close_within(merge, within)
        return closed

    def _close_within(self, merge: Merge, within: Mapping[str, Any]) -> int:
        """Closes current rows of one scope that the file has left out; how many."""
        return self._run(merge.close, **within)

    def _set_repeats_apart(self, merge: Merge, staged: int) -> list[int]:
        """Takes out staged rows whose key an earlier row of the file has; their line numbers."""
        if self._run(merge.note_keys) == staged:
            return []  # every key was noted, so none was there before
        lines = [line for (line,) in self._select(merge.repeats)]
        self._run(merge.drop_repeats)
        return lines

    def _merge_repeats(
        self, merge: Merge, rows: Sequence[Row], repeats: Sequence[int], found: MergeResult
    ) -> MergeResult:
        """What became of `found` and of rows whose key an earlier row of the file has.

        A newer issue takes the place of the row that now stands; what differs from it otherwise
        contradicts it.
        """
        # Compared only now: the first row of the key may have come in this very batch, or have been
        # left out for one of a later version. What is current after the merge is what stands.
        self._stage_anew(self._main, ((index, rows[index]) for index in repeats))
        apart = MergeResult()
        if have_vintage(self._main, rows):
            apart = self._second_releases(Releases(merge, self._void))
        same = apart.same + self._run(merge.drop_known_values)
        older = apart.older + self._run(merge.drop_older)
        contradictions = tuple(index for (index,) in self._select(merge.not_newer))
        self._run(merge.drop_not_newer)
        # The row that the load itself has added under the key is counted already.
        older += self._run(merge.take_back)
        revised = self._run(merge.supersede)
        self._run(merge.insert)
        return MergeResult(
            found.new,
            found.revised + revised,
            found.same + same,
            found.older + older,
            (*found.contradictions, *apart.contradictions, *contradictions),
            found.kept + apart.kept,
        )

    def _second_releases(self, releases: Releases) -> MergeResult:
        """Takes out staged rows of which the file has had this release or another, and keeps those
        that are a newer issue of an older release, in place of what it has kept of that."""
        same = self._run(releases.drop_kept)
        seconds = tuple(index for (index,) in self._select(releases.second))
        self._run(releases.drop_second)
        older = self._run(releases.drop_older)
        kept = -self._run(releases.take_back)
        kept += self._run(releases.keep_older)
        return MergeResult(same=same, older=older, contradictions=seconds, kept=kept)

    def _stage_anew(self, table: Table, numbered: Iterable[tuple[int, Row]]) -> None:
        self._run(self._merge_of(table).clear)
        self.stage(table, ((line, *row) for line, row in numbered))

    def _merge_of(self, table: Table) -> Merge:
        """The statements of a table, whose texts are made once per file."""
        if table.name not in self._merges:
            self._merges[table.name] = Merge(table)
        return self._merges[table.name]

    def _run(self, sql: str, **values: Any) -> int:
        return self.execute(render(sql, self.dialect), {"load": self._load, **values})

    def _select(self, sql: str) -> list[Row]:
        return self.query(render(sql, self.dialect), {"load": self._load})
