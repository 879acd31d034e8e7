"""The verbs of a `Writer` in SQL, for every engine with temporary tables and transactions.

An engine's own class brings its connection: how a statement runs, how rows are staged, how a lock
is held. What the statements say stands in `merging.py`.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aurum.stores.contract import MergeResult, Retracted, TableDiffers
from aurum.stores.ddl import (
    NEWEST_LOAD,
    TYPES,
    create_newest_load,
    create_scratch,
    create_table,
)
from aurum.stores.dialects import render
from aurum.stores.drift import Difference, RealTable, differences_of
from aurum.stores.merging import Merge, newest_and_others
from aurum.stores.retracting import Retraction
from aurum.stores.tables import CURRENT, Kind, Row, Table
from aurum.stores.touched import KEYS_AT_ONCE, Touched

PAUSE_SECONDS = 0.005
"""Between two steps of a long work, so that who waits for the one writer gets its turn."""


class SqlWriter(ABC):
    dialect: str

    _load: int = 0
    _main: Table
    _trying = False
    """Whether this is a dry run, of which nothing is committed."""

    _line: int
    """How many rows of the main table the file has had before the batch at work."""

    @abstractmethod
    def execute(self, sql: str, params: Mapping[str, Any]) -> int:
        """Runs one statement of the engine's dialect in a transaction; how many rows it touched."""

    @abstractmethod
    def prepare_scratch(self, sql: str, params: Mapping[str, Any]) -> int:
        """As `execute`, for what writes to scratch tables alone: nobody is held up by it."""

    @abstractmethod
    def analyze(self, scratch: str) -> None:
        """Tells a planner that has to be told what is in a scratch table."""

    @abstractmethod
    def query(self, sql: str, params: Mapping[str, Any]) -> list[Row]: ...

    @abstractmethod
    def stage(self, table: Table, rows: Iterable[Row]) -> None:
        """Puts rows, each led by its line number, into the table's scratch table."""

    @abstractmethod
    def describe(self, name: str) -> RealTable | None:
        """The real table of this name, None if there is none."""

    @abstractmethod
    def commit(self) -> None: ...

    @abstractmethod
    def rollback(self) -> None: ...

    def create(self, table: Table) -> None:
        """Makes a table that is missing."""
        for statement in create_table(table, self.dialect):
            self.execute(statement, {})

    def differences(self, table: Table) -> list[Difference] | None:
        real = self.describe(table.name)
        old = self.describe(table.renamed_from) if table.renamed_from else None
        if real is not None and old is not None:
            # Which of the two has the rows is for a person to see.
            text = f"there is {old.name}, its former name, beside it: one of the two must go"
            return [Difference(text), *differences_of(table, real, self.dialect)]
        found = real or old
        return None if found is None else differences_of(table, found, self.dialect)

    def migrate(self, differences: Sequence[Difference]) -> None:
        for difference in differences:
            if difference.remedy is None:
                raise ValueError(f"nothing can be done by itself: {difference.text}")
            self.execute(difference.remedy, {})
        self.commit()

    def prepare(self, tables: Sequence[Table]) -> None:
        if self.describe(NEWEST_LOAD) is None:
            self.execute(create_newest_load(self.dialect), {})
        for table in tables:
            differences = self.differences(table)
            if differences is None:
                self.create(table)
            elif differences:
                raise TableDiffers(table.name, differences)
            for statement in create_scratch(table, self.dialect):
                self.execute(statement, {})
        self.commit()

    def newest_loads(self, tables: Sequence[Table]) -> Mapping[str, int]:
        noted: dict[str, int] = {}
        if self.describe(NEWEST_LOAD) is not None:
            noted = dict(self.query(f"SELECT table_name, load_id FROM {NEWEST_LOAD}", {}))
        # Where none is noted, an earlier release has loaded the table: it is read once.
        return {
            table.name: noted.get(table.name) or max(self.loads_in(table), default=0)
            for table in tables
        }

    def loads_in(self, table: Table) -> set[int]:
        if self.describe(table.name) is None:
            return set()
        found = self.query(
            f"SELECT load_id FROM {table.name} UNION"
            f" SELECT superseded_by FROM {table.name} WHERE superseded_by < {CURRENT}",
            {},
        )
        return {load for (load,) in found}

    def note_load(self, load: int, tables: Sequence[Table]) -> None:
        for table in tables:
            self.execute(
                render(
                    f"INSERT INTO {NEWEST_LOAD} (table_name, load_id) VALUES (:name, :load)"
                    " ON CONFLICT (table_name) DO UPDATE SET load_id = excluded.load_id",
                    self.dialect,
                ),
                {"name": table.name, "load": load},
            )
        self.commit()

    def undo(self, load: int, tables: Iterable[str]) -> None:
        for name in tables:
            for touched, step in self._steps(name, load):
                for statement in touched.undo:
                    self._run(statement, **step)

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

    def begin(self, load: int, main: Table) -> None:
        self._load, self._main, self._line = load, main, 0
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
        merge, is_main = self._merge_of(table), table.name == self._main.name
        first = self._line if is_main else 0
        self._stage_anew(table, enumerate(rows, first))
        repeats = []
        if is_main:
            self._line += len(rows)
            repeats = [line - first for line in self._set_repeats_apart(merge, len(rows))]
        # Each step leaves in the scratch table what the next one works on: once the rows are gone
        # that change nothing, every row left is inserted, and a current row of its key superseded.
        same = self._run(merge.drop_known_values)
        older = self._run(merge.drop_older) if table.version and same < len(rows) else 0
        revised = self._run(merge.supersede)
        added = self._run(merge.insert)
        found = MergeResult(added - revised, revised, same, older)
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
            closed += self._run(merge.close, **within)
        return closed

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
        same, older = self._run(merge.drop_known_values), self._run(merge.drop_older)
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
            (*found.contradictions, *contradictions),
        )

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
