"""What a feed is: one publisher's file format, read apart from how its rows are stored.

A feed's `read` takes an open binary file and yields, in the file's order, batches of rows and the
rows that had to be left out. It never touches a store: the loader decides what is new.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import BinaryIO, Literal

from aurum.stores.tables import Row, Table


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that fails a check: kept in quarantine and in no table, or flagged (see `Batch`).

    `key` is the natural key in the feed's main table where it is known; a `replace` load does not
    close the row that has it, for the file did not leave it out.
    """

    place: str
    reason: str
    raw: str
    key: Row | None = None


@dataclass(slots=True)
class Batch:
    """Some of a file's rows, by table name, in the order of each table's columns.

    `insert_if_new` are rows of tables other than the main one that count only where their key is
    new.
    `flagged` are rows that are in the main table all the same, for their publisher does not
    guarantee what they fail; `warnings` say what the file as a whole lacks.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    insert_if_new: dict[str, list[Row]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    flagged: list[RejectedRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Feed:
    """`tables[0]` is the main table: the counts of a load are the counts of its rows.

    `mode` is `upsert` (what a file leaves out stays) or `replace`: a current row of the main table
    that agrees with some row of the file in the columns `scope`, but is not itself in the file, is
    closed by the load. A `replace` without a scope is the whole table: a file without rows closes
    nothing all the same.
    Where a file may have a part of its scope, it is the truth from its first to its last value
    there of the column `between`.
    `patterns` are those of the file names it knows, as of a shell, in any case. Feeds of a greater
    `priority` are offered a name first: one that knows nearly every name is below 0.
    `joins` gives the name that files have in common which are parts of one report, such as a file
    for each component: they are read as one file, one after another.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    patterns: tuple[str, ...]
    read: Callable[[BinaryIO], Iterable[Batch]]
    mode: Literal["upsert", "replace"] = "upsert"
    scope: tuple[str, ...] = ()
    between: str | None = None
    priority: int = 0
    joins: Callable[[str], str] | None = None

    def __post_init__(self) -> None:
        if (self.scope or self.between) and self.mode != "replace":
            raise ValueError(f"feed {self.name}: scope and between go with mode replace")

    @property
    def publisher(self) -> str:
        """What the names of one publisher's feeds begin with, such as `iso.pjm`."""
        return self.name.partition("_")[0]

    def takes(self, file_name: str) -> bool:
        """Whether it knows the name, which is without folders."""
        return any(fnmatchcase(file_name.lower(), one.lower()) for one in self.patterns)
