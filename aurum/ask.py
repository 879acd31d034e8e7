"""What a service is asked: who wants to know, what, which page of it, and as of which loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    """`filters` are the parameters that say what is wanted; `watermarks` go by table name."""

    principal: Principal
    filters: Mapping[str, Any]
    wanted: Wanted
    watermarks: Mapping[str, int]

    @property
    def before_first_load(self) -> bool:
        return not all(self.watermarks.values())
