"""What an answer can show, and what was found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from aurum.stores.paging import Page
from aurum.stores.sql import SortOrder
from aurum.stores.tables import Column, Table


@dataclass(frozen=True)
class Plot:
    """A picture of rows: those of `y` that have values over `x`, a series for each value of `by`.

    `kind` is `line`, with gaps where intervals are missing; `bar`; `heat`, hours of the day over
    days; or `duration`, values from the greatest to the least over the share of intervals.
    `needs` are further columns that it is drawn from.
    """

    name: str
    kind: str
    x: str
    y: tuple[str, ...]
    by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def columns_in(self, names: Iterable[str]) -> tuple[str, ...]:
        """Of these columns those that it needs, in their order."""
        wanted = {self.x, *self.y, *self.by, *self.needs}
        return tuple(name for name in names if name in wanted)


@dataclass(frozen=True)
class ResultSchema:
    """The columns of an answer, their order, and the tables they are read from.

    `default_columns` are shown where a query names none; all of them unless declared. A page for
    people shows `page_columns` then, if there are any: what a key stands for. Without
    tables an answer follows from rules and has no history. `name` is signed into cursors. `plots`
    are the pictures that can be made of it, the usual one first.
    """

    name: str
    columns: tuple[Column, ...]
    order: SortOrder = ()
    tables: tuple[Table, ...] = ()
    default_columns: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    page_columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.default_columns:
            object.__setattr__(self, "default_columns", self.column_names)
        for name in (*self.default_columns, *self.page_columns, *(key.name for key in self.order)):
            if name not in self.by_name:
                raise ValueError(f"{self.name} has no column {name!r}")

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def table_names(self) -> tuple[str, ...]:
        return tuple(table.name for table in self.tables)

    def selected(self, fields: tuple[str, ...] | None) -> tuple[str, ...]:
        """The columns that a query's `fields` names, or the default ones; `*` is all of them."""
        return self.column_names if fields == ("*",) else fields or self.default_columns

    def plot_named(self, name: str | None) -> Plot | None:
        """A plot by its name, or the usual one."""
        return next((one for one in self.plots if name in (None, one.name)), None)

    def with_units(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """These columns and those that hold their units."""
        units = (self.by_name[name].unit_from for name in names)
        return tuple(dict.fromkeys((*names, *(name for name in units if name))))

    def with_sort_keys(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """These columns and those that the order needs."""
        return tuple(dict.fromkeys((*names, *(key.name for key in self.order))))


@dataclass(frozen=True)
class Result:
    """What a service found. `latest` is the newest valuation date, or interval, of the tables.

    Of an empty page, `reason` says why it is empty, and `suggestions` what was perhaps meant by a
    filter that matches nothing.
    """

    page: Page
    latest: str | None = None
    reason: str | None = None
    suggestions: Mapping[str, list[str]] = field(default_factory=dict)
