"""Queries about the catalogues, each of which is one small table."""

from aurum.query import Query
from aurum.stores.paging import Page
from aurum.stores.registry import DomainStore
from aurum.stores.sql import Select, SortOrder, ascending, columns_of

STORE = DomainStore("metadata")


def _select(query: Query, names: tuple[str, ...], order: SortOrder, what: str, name: str) -> Select:
    (table,) = query.schema.tables
    text = f"""
        {what} FROM {table.name} AS t
        WHERE @snapshot(t, {table.name}) AND @where
        ORDER BY @order @page"""
    return Select(text, columns_of(table, "t"), names, order, name=name)


async def catalogue(query: Query) -> Page:
    """A page of a catalogue."""
    names, order = query.columns_needed, query.schema.order
    select = _select(query, names, order, "SELECT @columns", "metadata.catalogue")
    select = select.filtered(query.filters, select.columns)
    return await STORE.page(select, query.snapshot, query.page)


async def codes(query: Query, name: str) -> list[str]:
    """The distinct values of one column."""
    what = "SELECT DISTINCT @columns"
    select = _select(query, (name,), ascending(name), what, "metadata.codes")
    select = select.where(f"{select.columns[name].sql} IS NOT NULL")
    return [value for (value,) in await STORE.fetch(select, query.snapshot)]
