"""What is kept of a publisher's releases, for tables whose rows have a vintage.

A row that says what the current row says, but was released later, takes its place, so that the
current row is of the newest release that is known. One that was released earlier is put beside it
as a row that its own load has replaced (`superseded_by = load_id`): it was current for no reader,
and answers only who asks what was released by a moment. So the order of loading does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from aurum.stores.composing import Released
from aurum.stores.merging import Merge, is_load, rank
from aurum.stores.sql import Select
from aurum.stores.tables import CURRENT, Row, Table


def have_vintage(table: Table, rows: Sequence[Row]) -> bool:
    """Whether it is known of any of these rows when it was released."""
    if table.vintage is None:
        return False
    place = table.names.index(table.vintage)
    return any(row[place] is not None for row in rows)


@dataclass(frozen=True)
class Releases:
    """Statements beside those of `merge`; `void` are the loads that say nothing any more."""

    merge: Merge
    void: Sequence[int]

    @property
    def _name(self) -> str:
        return self.merge.table.name

    @property
    def _vintage(self) -> str:
        return str(self.merge.table.vintage)

    @cached_property
    def _is_kept(self) -> str:
        """Whether the table has this very release of a staged row `s`, current or not."""
        v, merge = self._vintage, self.merge
        counts = f"AND n.load_id NOT IN ({', '.join(map(str, self.void))})" if self.void else ""
        return f"""EXISTS (
            SELECT 1 FROM {self._name} AS n WHERE {merge.same_key("n", "s")}
            AND n.{v} = s.{v} AND NOT ({merge.differs("n", "s")}) {counts})"""

    @cached_property
    def keep_older(self) -> str:
        """Adds staged rows of which a newer issue stands, as rows that this load has replaced."""
        t, table, merge = self._name, self.merge.table, self.merge
        return f"""
            INSERT INTO {t} ({", ".join(table.names)}, load_id, superseded_by)
            SELECT {", ".join(f"s.{name}" for name in table.names)}, :load, :load
            FROM staged_{t} AS s JOIN {t} AS c
            ON {merge.same_key("c", "s")} AND c.superseded_by = {CURRENT} AND c.load_id < :load
            WHERE s.{self._vintage} IS NOT NULL AND ({merge.newer("c", "s")})
            AND NOT {self._is_kept} ORDER BY s.line
            ON CONFLICT ({", ".join(table.key)}, superseded_by) DO NOTHING"""

    @cached_property
    def confirm(self) -> str:
        """Of staged rows that confirm the current row: gives them what their form lacks.

        What the load adds for these says nothing but that it was released again.
        """
        t, table, merge = self._name, self.merge.table, self.merge
        filled = table.may_lack or (self._vintage,)
        given = (
            f"{name} = COALESCE(staged_{t}.{name}, c.{name})"
            if name in table.may_lack
            else f"{name} = staged_{t}.{name}"
            for name in filled
        )
        return f"""
            UPDATE staged_{t} SET {", ".join(given)} FROM {t} AS c
            WHERE {merge.same_key("c", f"staged_{t}")} AND c.superseded_by = {CURRENT}
            AND NOT ({merge.says_more("c", f"staged_{t}", table.values)})"""

    @cached_property
    def drop_kept(self) -> str:
        """Drops staged rows whose very release the table has."""
        return f"DELETE FROM staged_{self._name} AS s WHERE {self._is_kept}"

    def _beside(self, condition: str) -> str:
        """Whether the load has kept a row `k` of the key of a staged row `s`, of which it holds."""
        return f"""EXISTS (
            SELECT 1 FROM {self._name} AS k WHERE {self.merge.same_key("k", "s")}
            AND k.superseded_by = :load AND k.load_id = :load AND ({condition}))"""

    @cached_property
    def _is_second(self) -> str:
        """Whether a file has had another release of a staged row, or this one with other values:
        of each key it has one, and of that the newest issue."""
        v, newer = self._vintage, self.merge.newer
        other = f"k.{v} IS DISTINCT FROM s.{v}"
        contradicts = f"NOT ({newer('s', 'k')}) AND NOT ({newer('k', 's')})"
        return f"""
            s.{v} IS NOT NULL AND ({self._beside(f"{other} OR {contradicts}")} OR (
                NOT {self._beside("TRUE")} AND EXISTS (
                    SELECT 1 FROM {self._name} AS c WHERE {self.merge.same_key("c", "s")}
                    AND c.superseded_by = {CURRENT} AND c.{v} IS DISTINCT FROM s.{v})))"""

    @cached_property
    def drop_older(self) -> str:
        """Drops staged rows of whose release the load has kept a newer issue."""
        older = self._beside(self.merge.newer("k", "s"))
        return f"DELETE FROM staged_{self._name} AS s WHERE {older}"

    @cached_property
    def take_back(self) -> str:
        """Deletes what the load itself has kept under the keys of staged rows."""
        t = self._name
        return f"""
            DELETE FROM {t} AS k WHERE k.superseded_by = :load AND {is_load("k.load_id", ":load")}
            AND EXISTS (SELECT 1 FROM staged_{t} AS s WHERE {self.merge.same_key("k", "s")})"""

    @cached_property
    def second(self) -> str:
        """Lines of staged rows whose key the file has had in another release."""
        t = self._name
        return f"SELECT s.line FROM staged_{t} AS s WHERE {self._is_second} ORDER BY s.line"

    @cached_property
    def drop_second(self) -> str:
        return f"DELETE FROM staged_{self._name} AS s WHERE {self._is_second}"


def as_released(select: Select, table: Table, moment: str, void: Sequence[int]) -> Select:
    """The select, with the rows of a table as they were released by a moment, an instant's text.

    `void` are the loads that say nothing any more, or that took one back and so only repeat others.
    """
    if table.vintage is None:
        raise ValueError(f"table {table.name} keeps no vintage")
    issue = tuple(rank(table, "{}", name) for name in table.version)
    released = Released(table.name, table.key, table.vintage, issue, len(void))
    bound = {f"void_{number}": load for number, load in enumerate(void)}
    return replace(select, released=released).with_values(released_by=moment, **bound)
