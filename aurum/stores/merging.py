"""The statements that bring staged rows into a table, for the SQL engines.

Nothing is overwritten: a row that changed gets `superseded_by`, once, and its successor stands
beside it. All statements take `:load`, the id of the load at work.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from aurum.stores.tables import CURRENT, Row, Table


def is_load(column: str, load: str) -> str:
    """Whether a column has this load, where the rows are found by their keys.

    PostgreSQL would take the rows of a load that is newer than its statistics for one, and compare
    all of them with each of the keys. Of a sum it assumes that there are many.
    """
    return f"{column} + 0 = {load}"


def rank(table: Table, alias: str, name: str) -> str:
    """What a column of the version is compared by; no number is less than the first."""
    column = table.column(name)
    if column.ranks:
        ranks = " ".join(f"WHEN '{value}' THEN {n}" for n, value in enumerate(column.ranks))
        return f"CASE {alias}.{name} {ranks} ELSE -1 END"
    return f"COALESCE({alias}.{name}, 0)" if column.nullable else f"{alias}.{name}"


@dataclass(frozen=True)
class Merge:
    table: Table
    scope: tuple[str, ...] = ()
    between: str | None = None

    def same_key(self, left: str, right: str) -> str:
        return " AND ".join(f"{left}.{name} = {right}.{name}" for name in self.table.key)

    def differs(self, left: str, right: str) -> str:
        """Whether a change from one row to another is a revision."""
        pairs = (f"{left}.{name} IS DISTINCT FROM {right}.{name}" for name in self.table.values)
        return " OR ".join(pairs) or "FALSE"

    def is_other(self, left: str, right: str) -> str:
        """Whether two rows differ, be it in their vintage alone."""
        pairs = (f"{left}.{name} IS DISTINCT FROM {right}.{name}" for name in self._with_vintage)
        return " OR ".join(pairs) or "FALSE"

    @property
    def _with_vintage(self) -> tuple[str, ...]:
        return (*self.table.values, *filter(None, [self.table.vintage]))

    def says_more(self, left: str, right: str, names: Iterable[str]) -> str:
        """Whether the right row says something else of these columns than the left one.

        A form that lacks a column takes nothing away: while the rest is the same, what is known of
        that column stands. So does a vintage.
        """
        may_lack = (*self.table.may_lack, self.table.vintage)
        told = (
            f"{f'{right}.{name} IS NOT NULL AND ' if name in may_lack else ''}"
            f"{left}.{name} IS DISTINCT FROM {right}.{name}"
            for name in names
        )
        return " OR ".join(told) or "FALSE"

    def newer(self, left: str, right: str) -> str:
        """Whether one row is a newer issue than another: by the first column that tells, and else
        by the vintage, where that is known of both.

        No row of a table without these is.
        """
        newer: list[str] = []
        equal: list[str] = []
        for name in self.table.version:
            mine, other = rank(self.table, left, name), rank(self.table, right, name)
            newer.append(" AND ".join((*equal, f"{mine} > {other}")))
            equal.append(f"{mine} = {other}")
        if self.table.vintage is not None:
            mine, other = (f"{alias}.{self.table.vintage}" for alias in (left, right))
            known = f"{mine} IS NOT NULL AND {other} IS NOT NULL"  # the condition is never null
            newer.append(" AND ".join((*equal, known, f"{mine} > {other}")))
        return " OR ".join(f"({one})" for one in newer) or "FALSE"

    @cached_property
    def note_added(self) -> str:
        """Remembers the keys of staged rows that the load has added, by whatever way."""
        t, keys = self.table.name, ", ".join(self.table.key)
        return f"""
            INSERT INTO file_keys_{t} (line, {keys})
            SELECT -1, {", ".join(f"s.{name}" for name in self.table.key)}
            FROM staged_{t} AS s JOIN {t} AS c ON {self.same_key("c", "s")}
            WHERE c.superseded_by = {CURRENT} AND {is_load("c.load_id", ":load")}
            ON CONFLICT ({keys}) DO NOTHING"""

    @cached_property
    def note_keys(self) -> str:
        """Remembers the keys of staged rows that no earlier row of the file has."""
        t, keys = self.table.name, ", ".join(self.table.key)
        return f"""
            INSERT INTO file_keys_{t} (line, {keys})
            SELECT s.line, {", ".join(f"s.{name}" for name in self.table.key)}
            FROM staged_{t} AS s WHERE TRUE ORDER BY s.line
            ON CONFLICT ({keys}) DO NOTHING"""

    @cached_property
    def repeats(self) -> str:
        """Lines of staged rows whose key an earlier row of the file has."""
        t = self.table.name
        return f"""
            SELECT s.line FROM staged_{t} AS s JOIN file_keys_{t} AS k
            ON {self.same_key("k", "s")} WHERE k.line < s.line ORDER BY s.line"""

    @cached_property
    def drop_repeats(self) -> str:
        t = self.table.name
        return f"""
            DELETE FROM staged_{t} AS s WHERE EXISTS (
                SELECT 1 FROM file_keys_{t} AS k
                WHERE {self.same_key("k", "s")} AND k.line < s.line)"""

    @cached_property
    def drop_same(self) -> str:
        """Drops staged rows that the table has already, value for value."""
        return self._drop(f"NOT ({self.is_other('c', 's')})")

    @cached_property
    def drop_known_values(self) -> str:
        """Drops staged rows that say nothing but what the table has already."""
        return self._drop(f"NOT ({self.says_more('c', 's', self._with_vintage)})")

    @cached_property
    def drop_older(self) -> str:
        """Drops staged rows of which the table has a newer issue."""
        return self._drop(self.newer("c", "s"))

    @cached_property
    def drop_known(self) -> str:
        """Drops staged rows whose key the table has, whatever its values."""
        return self._drop("TRUE")

    def _drop(self, condition: str) -> str:
        """Drops staged rows `s` whose key has a current row `c` of which the condition is true."""
        t = self.table.name
        return f"""
            DELETE FROM staged_{t} AS s WHERE EXISTS (
                SELECT 1 FROM {t} AS c
                WHERE {self.same_key("c", "s")} AND c.superseded_by = {CURRENT}
                AND ({condition}))"""

    @cached_property
    def supersede(self) -> str:
        """Closes the current rows that staged rows replace."""
        # A current row of the load itself came from an earlier row of the file, and stands.
        t = self.table.name
        return f"""
            UPDATE {t} SET superseded_by = :load FROM staged_{t} AS s
            WHERE {self.same_key(t, "s")}
            AND {t}.superseded_by = {CURRENT} AND {t}.load_id < :load"""

    @cached_property
    def insert(self) -> str:
        """Adds what is staged, except where the load has added a row of the key already."""
        t, names = self.table.name, ", ".join(self.table.names)
        staged = ", ".join(f"s.{name}" for name in self.table.names)
        return f"""
            INSERT INTO {t} ({names}, load_id, superseded_by)
            SELECT {staged}, :load, {CURRENT} FROM staged_{t} AS s WHERE TRUE ORDER BY s.line
            ON CONFLICT ({", ".join(self.table.key)}, superseded_by) DO NOTHING"""

    @cached_property
    def not_newer(self) -> str:
        """Lines of staged rows that are no newer issue than the current row of their key."""
        t = self.table.name
        return f"""
            SELECT s.line FROM staged_{t} AS s JOIN {t} AS c
            ON {self.same_key("c", "s")} AND c.superseded_by = {CURRENT}
            WHERE NOT ({self.newer("s", "c")}) ORDER BY s.line"""

    @cached_property
    def drop_not_newer(self) -> str:
        return self._drop(f"NOT ({self.newer('s', 'c')})")

    @cached_property
    def take_back(self) -> str:
        """Deletes what the load itself has added under the keys of staged rows."""
        t = self.table.name
        return f"""
            DELETE FROM {t} AS c
            WHERE c.superseded_by = {CURRENT} AND {is_load("c.load_id", ":load")}
            AND EXISTS (SELECT 1 FROM staged_{t} AS s WHERE {self.same_key("c", "s")})"""

    def close_loads(self, loads: Iterable[int]) -> str:
        """Closes the current rows that some loads brought."""
        return f"""
            UPDATE {self.table.name} SET superseded_by = :load
            WHERE superseded_by = {CURRENT} AND load_id IN ({", ".join(map(str, loads))})"""

    @cached_property
    def clear(self) -> str:
        return f"DELETE FROM staged_{self.table.name}"

    @cached_property
    def clear_keys(self) -> str:
        return f"DELETE FROM file_keys_{self.table.name}"

    @cached_property
    def scopes(self) -> str:
        """The scopes the file covers: each combination of values in the scope's columns."""
        names = ", ".join(self.scope) or "1 AS anything"
        t = f"file_keys_{self.table.name}"
        if not self.between:
            return f"SELECT DISTINCT {names} FROM {t}"
        ends = f"MIN({self.between}) AS first_value, MAX({self.between}) AS last_value"
        return f"SELECT {names}, {ends} FROM {t} GROUP BY {', '.join(self.scope)}"

    @property
    def bound(self) -> tuple[str, ...]:
        """The names under which `close` takes the columns of `scopes`."""
        return (*self.scope, *(("first_value", "last_value") if self.between else ()))

    @cached_property
    def close(self) -> str:
        """Closes current rows of one scope that the file has not; its values are bound by name."""
        t = self.table.name
        within = " AND ".join(f"{t}.{name} = :{name}" for name in self.scope) or "TRUE"
        if self.between:
            within += f" AND {t}.{self.between} BETWEEN :first_value AND :last_value"
        return f"""
            UPDATE {t} SET superseded_by = :load
            WHERE {within} AND {t}.superseded_by = {CURRENT} AND {t}.load_id < :load
            AND NOT EXISTS (SELECT 1 FROM file_keys_{t} AS k WHERE {self.same_key("k", t)})"""


def newest_and_others(
    table: Table, rows: Sequence[Row], indexes: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Of some rows, the newest issue of each key, the first of equal ones; and the others."""
    places = [table.names.index(name) for name in table.key]
    newest: dict[Row, int] = {}
    for index in indexes:
        key = tuple(rows[index][place] for place in places)
        known = newest.setdefault(key, index)
        if table.issue(rows[index]) > table.issue(rows[known]):
            newest[key] = index
    first = {*newest.values()}
    return sorted(first), [index for index in indexes if index not in first]
