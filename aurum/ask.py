"""What a service is asked: who wants to know, what, which page of it, and as of which loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aurum.stores.book import Known
from aurum.stores.paging import Wanted


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. `tenant` comes from the credential alone, never from a parameter or a header."""

    subject: str
    tenant: str
    scopes: frozenset[str]

    is_authenticated = True  # what Django and DRF ask of a user


@dataclass(frozen=True, slots=True)
class Ask:
    """`filters` are the parameters that say what is wanted; `columns` is what to show of it."""

    principal: Principal
    filters: Mapping[str, Any]
    wanted: Wanted
    known: Known
    columns: tuple[str, ...] = ()

    @property
    def watermarks(self) -> Mapping[str, int]:
        return self.known.loads

    @property
    def before_first_load(self) -> bool:
        return self.known.nothing

    def bound(self, *more: Mapping[str, Any]) -> dict[str, Any]:
        """What a question's text is bound to: the watermarks of its snapshots, and more values."""
        marks = {f"w_{table}": load for table, load in self.known.loads.items()}
        return {name: value for part in (marks, *more) for name, value in part.items()}
