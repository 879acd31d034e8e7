"""Questions about the catalogues: SQL in, rows out. Each is one small table."""

from collections.abc import Mapping

from aurum.query import Query
from aurum.results import ResultSchema
from aurum.stores.filters import conditions
from aurum.stores.paging import Page, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import Key, Select

ROWS = """
    SELECT {columns} FROM {table} AS t
    WHERE {snapshot(t, {table})} AND {where}
    ORDER BY {order} {page}"""


def _text(result_schema: ResultSchema, text: str = ROWS) -> str:
    (table,) = result_schema.tables
    return text.replace("{table}", table.name)


def _columns(result_schema: ResultSchema) -> Mapping[str, str]:
    return {name: f"t.{name}" for name in result_schema.column_names}


async def catalogue(query: Query, result_schema: ResultSchema) -> Page:
    """A page of a catalogue; columns as asked, then the order's."""
    columns, names = _columns(result_schema), result_schema.ordered(query.columns)
    where, values = conditions(query.filters, columns)
    select = Select(
        _text(result_schema), tuple(columns[name] for name in names), where, result_schema.order
    )
    store = await store_of("metadata")
    return await fetch_page(store, select, query.bound(values), query.page, names)


async def codes(query: Query, result_schema: ResultSchema, name: str) -> list[str]:
    """The distinct values of one column."""
    key = Key(name, f"t.{name}")
    text = _text(result_schema, ROWS.replace("SELECT", "SELECT DISTINCT"))
    select = Select(text, (key.column,), (f"{key.column} IS NOT NULL",), (key,))
    store = await store_of("metadata")
    return [value for (value,) in await store.fetch(select, query.bound())]
