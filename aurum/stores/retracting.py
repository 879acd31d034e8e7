"""The statements that take a published load back, for the SQL engines.

A table is brought to the state it would have had the load never been: of each key that the load
touched, the newest row that a load brought which still counts stands again, unless one that still
counts has closed it. History is kept: what stood is closed, what stands again is a new row. Of rows
with a vintage the newest is not always the last that was loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from aurum.stores.merging import Merge
from aurum.stores.tables import CURRENT, Table


@dataclass(frozen=True)
class Retraction:
    """`void` are the loads that do not count: the one taken back, and those before it.

    Steps bind `:first` and `:last`, lines of the scratch table `touched`, and `:load`, the load at
    work. `rows_need` is the table whose rows need those of this one.
    """

    table: Table
    void: Sequence[int]
    rows_need: Table | None = None

    @property
    def _void(self) -> str:
        return ", ".join(map(str, self.void))

    def _same(self, left: str, right: str, names: Sequence[str]) -> str:
        return " AND ".join(f"{left}.{name} = {right}.{name}" for name in names)

    @cached_property
    def stage(self) -> str:
        """Stages the rows that ought to stand."""
        t, key = self.table.name, self.table.key
        names = ", ".join(self.table.names)
        beaten = self._is_beaten if self.table.vintage is None else self._is_beaten_by_a_release
        return f"""
            INSERT INTO staged_{t} (line, {names})
            SELECT u.line, {", ".join(f"r.{name}" for name in self.table.names)}
            FROM touched AS u JOIN {t} AS r ON {self._same("u", "r", key)}
            WHERE u.line BETWEEN :first AND :last AND r.load_id NOT IN ({self._void})
            AND NOT {beaten}"""

    @property
    def _is_beaten(self) -> str:
        """Whether a load that counts has replaced or closed a row `r`."""
        return f"""EXISTS (
            SELECT 1 FROM {self.table.name} AS o WHERE {self._same("o", "r", self.table.key)}
            AND ((o.load_id > r.load_id AND o.load_id NOT IN ({self._void}))
                OR (o.superseded_by > r.load_id AND o.superseded_by < {CURRENT}
                    AND o.superseded_by NOT IN ({self._void}))))"""

    @property
    def _is_beaten_by_a_release(self) -> str:
        """Whether a row `r` would not stand, had only the loads that count come in their order.

        A row gives way to any later one that is no older issue, and to an earlier one that is a
        newer issue; but a row without a vintage, and a closing, end what was known before.
        """
        t, merge, same = self.table.name, Merge(self.table), self._same("o", "r", self.table.key)
        return f"""(EXISTS (
                SELECT 1 FROM {t} AS o WHERE {same} AND o.load_id NOT IN ({self._void})
                AND ((o.load_id > r.load_id AND NOT ({merge.newer("r", "o")}))
                    OR (o.load_id < r.load_id AND ({merge.newer("o", "r")})
                        AND NOT {self._is_ended("o.load_id", "r.load_id")})))
            OR {self._is_closed("o", "r.load_id", str(CURRENT))})"""

    def _is_ended(self, after: str, before: str) -> str:
        """Whether a row without a vintage, or a closing, came between two loads."""
        same = self._same("m", "r", self.table.key)
        return f"""(EXISTS (
                SELECT 1 FROM {self.table.name} AS m WHERE {same}
                AND m.load_id > {after} AND m.load_id < {before}
                AND m.{self.table.vintage} IS NULL AND m.load_id NOT IN ({self._void}))
            OR {self._is_closed("m", after, before)})"""

    def _is_closed(self, alias: str, after: str, before: str) -> str:
        """Whether a load between two others that counts left the key out, and had no row of it."""
        t, key, by = self.table.name, self.table.key, f"{alias}.superseded_by"
        return f"""EXISTS (
            SELECT 1 FROM {t} AS {alias} WHERE {self._same(alias, "r", key)}
            AND {by} > {after} AND {by} < {before} AND {by} NOT IN ({self._void})
            AND NOT EXISTS (
                SELECT 1 FROM {t} AS n WHERE {self._same("n", "r", key)} AND n.load_id = {by}))"""

    @cached_property
    def pass_over(self) -> list[str]:
        """Takes out the keys of which the current row says what it ought to, or is still needed."""
        t = self.table.name
        merge = Merge(self.table)
        right = f"""
            DELETE FROM touched WHERE line IN (
                SELECT s.line FROM staged_{t} AS s JOIN {t} AS c
                ON {self._same("c", "s", self.table.key)} AND c.superseded_by = {CURRENT}
                WHERE NOT ({merge.is_other("c", "s")}))"""
        if self.rows_need is None:
            return [right]
        shared = [name for name in self.table.key if name in self.rows_need.names]
        needed = f"""
            DELETE FROM touched WHERE line BETWEEN :first AND :last
            AND line NOT IN (SELECT line FROM staged_{t})
            AND EXISTS (
                SELECT 1 FROM {self.rows_need.name} AS n
                WHERE {self._same("n", "touched", shared)}
                AND (n.superseded_by = {CURRENT} OR n.load_id NOT IN ({self._void})))"""
        return [right, needed]

    @cached_property
    def close(self) -> str:
        """Closes what nothing takes the place of."""
        keys = ", ".join(self.table.key)
        return f"""
            UPDATE {self.table.name} SET superseded_by = :load
            WHERE superseded_by = {CURRENT} AND load_id < :load AND ({keys}) IN (
                SELECT {keys} FROM touched WHERE line BETWEEN :first AND :last)"""
