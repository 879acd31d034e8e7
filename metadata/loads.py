"""The loads behind the numbers: which file brought them, when, and what became of its rows."""

from functools import partial

from aurum.database import READS
from aurum.loads.log import load_log
from aurum.query import Query, raise_not_found
from aurum.results import Result
from aurum.stores.paging import Page, cut


async def list_loads(query: Query) -> Result:
    """Loads that ended well, the newest first."""
    page = await _page(query)
    return Result(page, reason=None if page.rows else "no_match")


async def one_load(query: Query) -> Result:
    """One load; NotFound where readers cannot have met it."""
    page = await _page(query)
    if not page.rows:
        load = str(query.filters["load_id"])
        what = f"There is no load {load} whose rows can be seen"
        await raise_not_found(what, "load_id", load, (), thing="load", code="unknown_load")
    return Result(page)


async def _page(query: Query) -> Page:
    names = query.columns_needed
    rows = await READS.ask(partial(load_log().listed, names, query.filters, query.page))
    return cut(Page(names, rows), query.page, query.schema.order)
