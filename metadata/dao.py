"""Questions about the catalogues: SQL in, rows out. Each is one small table."""

from collections.abc import Mapping

from aurum.ask import Ask
from aurum.listing import Listing
from aurum.stores.filters import conditions
from aurum.stores.paging import Page, fetch_page
from aurum.stores.registry import store_of
from aurum.stores.sql import Key, Question

ROWS = """
    SELECT {columns} FROM {table} AS t
    WHERE {snapshot(t, {table})} AND {where}
    ORDER BY {order} {page}"""


def _text(listing: Listing, text: str = ROWS) -> str:
    (table,) = listing.tables
    return text.replace("{table}", table.name)


def _columns(listing: Listing) -> Mapping[str, str]:
    return {name: f"t.{name}" for name in listing.column_names}


async def catalogue(ask: Ask, listing: Listing) -> Page:
    """A page of a catalogue; columns as asked, then the order's."""
    columns, names = _columns(listing), listing.ordered(ask.columns)
    where, values = conditions(ask.filters, columns)
    question = Question(
        _text(listing), tuple(columns[name] for name in names), where, listing.order
    )
    store = await store_of("metadata")
    return await fetch_page(store, question, ask.bound(values), ask.wanted, names)


async def codes(ask: Ask, listing: Listing, name: str) -> list[str]:
    """The distinct values of one column."""
    key = Key(name, f"t.{name}")
    text = _text(listing, ROWS.replace("SELECT", "SELECT DISTINCT"))
    question = Question(text, (key.column,), (f"{key.column} IS NOT NULL",), (key,))
    store = await store_of("metadata")
    return [value for (value,) in await store.fetch(question, ask.bound())]
