"""What a list can show, and what was found for a question."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aurum.errors import near_words
from aurum.stores.paging import Page
from aurum.stores.sql import Order
from aurum.stores.tables import Column, Table


@dataclass(frozen=True)
class ResultSchema:
    """A v2 answer: what it can show, in which order, out of which tables.

    `shown` are the columns of an answer whose question names none.
    """

    name: str
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    order: Order
    tables: tuple[Table, ...]
    max_age: int

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    def asked(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """The columns a question's `fields` names, or those that are shown without it."""
        return params.get("fields") or self.shown

    def ordered(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """These columns and, behind them, what the order needs besides."""
        return tuple(dict.fromkeys((*columns, *(key.name for key in self.order))))

    def fetched(self, shown: tuple[str, ...]) -> tuple[str, ...]:
        """What has to be read to show these columns: theirs, and those that hold their units."""
        units = (self.by_name[name].unit or "" for name in shown)
        return tuple(dict.fromkeys((*shown, *(u[1:] for u in units if u.startswith("=")))))


@dataclass(frozen=True)
class Result:
    """What a service found. `reason` says why there is nothing; `near` what was perhaps meant.

    `latest` is the newest valuation date, or interval, that the asked tables hold.
    """

    page: Page
    latest: str | None = None
    reason: str | None = None
    near: Mapping[str, list[str]] = field(default_factory=dict)


async def suggest(
    filters: Mapping[str, Any],
    names: Iterable[str],
    known: Callable[[str], Awaitable[Sequence[str]]],
    spelt: Callable[[str], str] = str,
) -> dict[str, list[str]]:
    """For each filter value that is not among those `known` of its name, what was perhaps meant.

    `spelt` is how values are compared.
    """
    near: dict[str, list[str]] = {}
    for name in names:
        if asked := filters.get(name):
            there = await known(name)
            same = {*map(spelt, there)}
            for value in (asked,) if isinstance(asked, str) else asked:
                if spelt(value) not in same:
                    near.setdefault(name, []).extend(near_words(value, there))
    return near
