"""Where a load into a column store is merged: a file of SQLite, of this load alone.

It gets what the engine has of the keys at work, and is merged into as the embedded engine is: so
what becomes of a row is the same on all engines. What has changed in it at the end is all that has
to be written to the engine.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

from aurum.stores.contract import MergeResult, Retracted
from aurum.stores.embedded_writer import EmbeddedWriter
from aurum.stores.merging import Merge
from aurum.stores.sql import columns_of, padded
from aurum.stores.tables import CURRENT, Kind, Row, Table

KEYS_AT_ONCE = 256
"""Of the first column of a key, in one question."""
ABSENT = {Kind.TEXT: "", Kind.DATE: "0001-01-01", Kind.INSTANT: "0001-01-01T00:00:00Z"}
"""Stands in a row of which only a part of the key is known; 0 does for all other kinds."""

Span = tuple[Any, Any]
"""First and last value of the second column of a key."""


class ReadRows(Protocol):
    def __call__(
        self, columns: str, table: str, condition: str, values: Mapping[str, Any]
    ) -> Iterable[Row]:
        """What an engine selects of a table `o`, in PostgreSQL's dialect; dates and instants as
        ISO 8601 text."""


class Scratch(EmbeddedWriter):
    def __init__(self, path: Path, read: ReadRows) -> None:
        super().__init__(path)
        self._db.execute("PRAGMA synchronous = OFF")  # it is worth nothing once the load has ended
        self._read_rows = read
        self._tables: dict[str, Table] = {}
        self._brought: dict[str, dict[Any, Span]] = {}
        self._dead: Mapping[int, Iterable[str]] = {}

    def prepare(self, tables: Sequence[Table]) -> None:
        super().prepare(tables)
        self._tables |= {table.name: table for table in tables}

    def leave_out(self, dead: Mapping[int, Iterable[str]]) -> None:
        """From now on what these loads have done to the engine's rows counts as undone."""
        self._dead = dead

    def forget(self) -> None:
        """Drops what it has of the engine, and what was changed in that."""
        self.rollback()
        for name in self._tables:
            self.execute(f"DELETE FROM {name}", {})
        self.commit()
        self._brought, self._dead = {}, {}

    @property
    def _is_current(self) -> str:
        """Whether nothing has replaced a row `o` of the engine, but for loads that are left out."""
        return f"o.superseded_by IN ({_listed((CURRENT, *self._dead))})"

    def merge(self, table: Table, rows: Sequence[Row]) -> MergeResult:
        self._bring_keys(table, rows)
        return super().merge(table, rows)

    def insert_if_new(self, table: Table, rows: Sequence[Row]) -> int:
        self._bring_keys(table, rows)
        return super().insert_if_new(table, rows)

    def close_loads(self, tables: Sequence[Table], loads: Sequence[int]) -> int:
        brought_by = f"{self._is_current} AND o.load_id IN ({_listed(loads)})"
        for table in tables if loads else ():
            self._bring(table, brought_by)
        return super().close_loads(tables, loads)

    def retract(
        self, table: Table, load: int, void: Sequence[int], rows_need: Table | None
    ) -> Retracted:
        loads = _listed((load, *(void if rows_need else ())))
        touched = f"(u.load_id IN ({loads}) OR u.superseded_by = {load})"
        self._bring(table, _is_among(table, table.key, touched))
        if rows_need is not None:
            self._bring_needs(table, rows_need, touched, void)
        return super().retract(table, load, void, rows_need)

    def _close_within(self, merge: Merge, within: Mapping[str, Any]) -> int:
        columns = columns_of(merge.table, "o")
        conditions = [f"{columns[name].sql} = {columns[name].bind(name)}" for name in merge.scope]
        if merge.between:
            first, last = (columns[merge.between].bind(f"{end}_value") for end in ("first", "last"))
            conditions.append(f"{columns[merge.between].sql} BETWEEN {first} AND {last}")
        conditions.append(self._is_current)
        bound = {name: within[name] for name in merge.bound}
        self._bring(merge.table, " AND ".join(conditions), bound)
        return super()._close_within(merge, within)

    def _bring_keys(self, table: Table, rows: Sequence[Row]) -> None:
        """Brings what the engine has of the keys of some rows, and between them."""
        lead, *others = (table.names.index(name) for name in table.key)
        spans: dict[Any, Span] = {}
        for row in rows:
            value, place = row[lead], row[others[0]] if others else None
            first, last = spans.setdefault(value, (place, place))
            if others and not first <= place <= last:
                spans[value] = min(first, place), max(last, place)
        known = self._brought.setdefault(table.name, {})
        missing: dict[Span, list[Any]] = {}
        for value, span in spans.items():
            for part in _not_in(known.get(value), span):
                missing.setdefault(part, []).append(value)
            known[value] = _both(known.get(value), span)
        for (first, last), values in missing.items():
            for start in range(0, len(values), KEYS_AT_ONCE):
                some = values[start : start + KEYS_AT_ONCE]
                self._bring_between(table, some, first, last)

    def _bring_between(self, table: Table, values: Sequence[Any], first: Any, last: Any) -> None:
        columns, names = columns_of(table, "o"), table.key
        bound = {f"key_{number}": value for number, value in enumerate(padded(tuple(values)))}
        lead = columns[names[0]]
        conditions = [f"{lead.sql} IN ({', '.join(map(lead.bind, bound))})"]
        if len(names) > 1:
            place = columns[names[1]]
            conditions.append(f"{place.sql} BETWEEN {place.bind('first')} AND {place.bind('last')}")
            bound |= {"first": first, "last": last}
        if table.vintage is None:  # else each release counts, be it current or not
            conditions.append(self._is_current)
        self._bring(table, " AND ".join(conditions), bound)

    def _bring(self, table: Table, condition: str, values: Mapping[str, Any] | None = None) -> None:
        """Brings rows of the engine, unless they are here already, and have been changed since.

        Of one load and key there is one row, but for one that it has added as replaced.
        """
        names = (*table.names, "load_id", "superseded_by")
        found = self._read_rows(
            ", ".join(f"o.{name}" for name in names), table.name, condition, values or {}
        )
        compared = (*table.key, "load_id", "superseded_by", "load_id")
        values_of = itemgetter(*(names.index(name) for name in compared))
        same = " AND ".join(f"{name} = ?" for name in (*table.key, "load_id"))
        self._begin()
        self._db.executemany(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join('?' * len(names))}"
            f" WHERE NOT EXISTS (SELECT 1 FROM {table.name} WHERE {same}"
            " AND (superseded_by = load_id) = (? = ?))",
            ((*row, *values_of(row)) for row in self._living(table, found)),
        )

    def _living(self, table: Table, rows: Iterable[Row]) -> Iterable[Row]:
        dead = {load for load, names in self._dead.items() if table.name in {*names}}
        if not dead:
            return rows
        return (
            (*row[:-1], CURRENT if row[-1] in dead else row[-1])
            for row in rows
            if row[-2] not in dead
        )

    def _bring_needs(
        self, table: Table, rows_need: Table, touched: str, void: Sequence[int]
    ) -> None:
        """Of rows that need those of `table`, brings only that they are there, as they may be many;
        those that loads brought which do not count may have been closed here, and come whole."""
        shared = tuple(name for name in table.key if name in rows_need.names)
        among = _is_among(table, shared, touched)
        self._bring(rows_need, f"{among} AND {self._is_current} AND o.load_id IN ({_listed(void)})")
        columns = f"DISTINCT {', '.join(f'o.{name}' for name in shared)}"
        counts = f"{among} AND o.load_id NOT IN ({_listed(void)})"
        found = self._read_rows(columns, rows_need.name, counts, {})
        absent = {
            column.name: None if column.nullable else ABSENT.get(column.kind, 0)
            for column in rows_need.columns
        }
        names = ", ".join((*absent, "load_id", "superseded_by"))
        marks = ", ".join("?" * len(absent))
        self._begin()
        self._db.executemany(
            f"INSERT OR IGNORE INTO {rows_need.name} ({names}) VALUES ({marks}, 0, {CURRENT})",
            (tuple({**absent, **dict(zip(shared, row, strict=True))}.values()) for row in found),
        )

    def superseded(self, table: Table, load: int) -> Iterator[Row]:
        """The keys of rows that were current before the load, and are no more."""
        keys = ", ".join(table.key)
        return self._db.execute(
            f"SELECT {keys} FROM {table.name} WHERE superseded_by = {load} AND load_id < {load}"
            f" ORDER BY {keys}"
        )

    def added(self, table: Table, load: int) -> Iterator[Row]:
        """The rows that the load has added: the table's columns, its id, and what replaced them."""
        names = ", ".join((*table.names, "load_id", "superseded_by"))
        return self._db.execute(
            f"SELECT {names} FROM {table.name} WHERE load_id = {load}"
            f" ORDER BY {', '.join(table.key)}"
        )

    @property
    def tables(self) -> Sequence[Table]:
        return tuple(self._tables.values())

    @property
    def is_trying(self) -> bool:
        return self._trying


def _listed(loads: Iterable[int]) -> str:
    return ", ".join(map(str, loads))


def _is_among(table: Table, names: Sequence[str], touched: str) -> str:
    """Whether a row `o` has the values in some columns that a row `u` of the table has."""
    mine, theirs = (", ".join(f"{alias}.{name}" for name in names) for alias in ("o", "u"))
    mine = mine if len(names) == 1 else f"({mine})"
    return f"{mine} IN (SELECT {theirs} FROM {table.name} AS u WHERE {touched})"


def _not_in(known: Span | None, span: Span) -> list[Span]:
    """What of a span is not known yet."""
    if known is None:
        return [span]
    if span[0] is None:
        return []  # a key of one column has nothing between
    before = [(span[0], known[0])] if span[0] < known[0] else []
    behind = [(known[1], span[1])] if span[1] > known[1] else []
    return [*before, *behind]


def _both(known: Span | None, span: Span) -> Span:
    if known is None or span[0] is None:
        return span
    return min(known[0], span[0]), max(known[1], span[1])
