"""What one load did to a table, gone through in short steps, for the SQL engines.

The keys that the load brought, replaced or closed are first noted in a scratch table, which holds
nobody up; each step then changes the rows of some of these keys, by the primary key. Of one key
everything is in one step, so that a step is whole by itself and may be done again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from aurum.stores.merging import is_load
from aurum.stores.tables import CURRENT

KEYS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Touched:
    """`key` has the engine's type of each column of the natural key of the table `name`.

    Steps bind `:touched_by`, the load, and `:first` and `:last`, lines of the scratch table.
    """

    name: str
    key: Mapping[str, str]

    def create(self, integer: str) -> list[str]:
        """`line` counts the keys in their order."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.key.items())
        return [
            "DROP TABLE IF EXISTS touched",
            f"CREATE TEMP TABLE touched (line {integer} PRIMARY KEY, {columns})",
        ]

    def note(self, brought_by: Iterable[int] = ()) -> str:
        """Notes the keys that the load touched, and those of what other loads brought."""
        keys = ", ".join(self.key)
        loads = ", ".join(map(str, (":touched_by", *brought_by)))
        return f"""
            INSERT INTO touched (line, {keys})
            SELECT ROW_NUMBER() OVER (ORDER BY {keys}), {keys} FROM (
                SELECT DISTINCT {keys} FROM {self.name}
                WHERE load_id IN ({loads}) OR superseded_by = :touched_by) AS found"""

    @cached_property
    def _of_step(self) -> str:
        keys = ", ".join(self.key)
        return f"""
            ({keys}) IN (SELECT {keys} FROM touched WHERE line BETWEEN :first AND :last)"""

    @cached_property
    def undo(self) -> tuple[str, str]:
        """Deletes a load's rows before it revives those they superseded: one row per key is
        current."""
        return (
            f"""
            DELETE FROM {self.name}
            WHERE {is_load("load_id", ":touched_by")} AND {self._of_step}""",
            f"""
            UPDATE {self.name} SET superseded_by = {CURRENT}
            WHERE {is_load("superseded_by", ":touched_by")} AND {self._of_step}""",
        )
