"""What a service is asked: who wants to know, what, which page of it, and as of which loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aurum.identity import Principal
from aurum.snapshot import Snapshot
from aurum.stores.paging import PageRequest


@dataclass(frozen=True, slots=True)
class Query:
    """`filters` are the parameters that say what is wanted; `columns` is what to show of it."""

    principal: Principal
    filters: Mapping[str, Any]
    page: PageRequest
    snapshot: Snapshot
    columns: tuple[str, ...] = ()

    @property
    def watermarks(self) -> Mapping[str, int]:
        return self.snapshot.loads

    @property
    def before_first_load(self) -> bool:
        return self.snapshot.nothing

    def bound(self, *more: Mapping[str, Any]) -> dict[str, Any]:
        """What a question's text is bound to: the watermarks of its snapshots, and more values."""
        marks = {f"w_{table}": load for table, load in self.snapshot.loads.items()}
        return {name: value for part in (marks, *more) for name, value in part.items()}
