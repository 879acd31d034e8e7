"""Which curves a query's filters select, whatever way their sources spell blocks and markets."""

from functools import partial
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.query import Query
from aurum.stores.registry import DomainStore
from aurum.stores.sql import Select, ascending, columns_of, padded
from curves.calculations.spellings import BlockOfIso, blocks_meant, markets_meant
from curves.policies import SPELLINGS
from curves.tables import CURVE, IDENTITY

STORE = DomainStore("curves")

CODES = """
    SELECT DISTINCT @columns FROM curve AS c WHERE @snapshot(c, curve) AND @where ORDER BY @order"""

C = columns_of(CURVE, "c")
EXACT = {name: C[name] for name in ("curve_key", *IDENTITY) if name != "block"}
SPELLED = ("iso", "market", "block")


async def of_curves(select: Select, query: Query, *, slot: str = "where") -> Select:
    """The select with the conditions of the query's filters on curves `c`."""
    meant = await texts_meant(query)
    if () in meant.values():
        return select.where("FALSE", slot=slot)
    blocks = meant.pop("block", ())
    select = select.filtered({**query.filters, **meant}, EXACT, slot=slot)
    return _in_blocks(select, blocks, slot) if blocks else select


async def texts_meant(query: Query) -> dict[str, tuple[Any, ...]]:
    """Of the query's `market` and `block` what curves have for them; nothing for what none has."""
    filters = query.filters
    if not {"market", "block"} & filters.keys():
        return {}
    load = partial(STORE.fetch, Select(CODES, C, SPELLED, ascending(*SPELLED)), query.snapshot)
    known = await cached_per_snapshot(
        SPELLINGS, query.snapshot, load, size=10_000, is_negative=lambda rows: not rows
    )
    both = (("market", markets_meant), ("block", blocks_meant))
    return {name: find(filters[name], known) for name, find in both if filters.get(name)}


def _in_blocks(select: Select, blocks: tuple[BlockOfIso, ...], slot: str) -> Select:
    both = ", ".join(f"COALESCE({C[name].sql}, CAST('' AS TEXT))" for name in BlockOfIso._fields)
    pairs: list[str] = []
    values: dict[str, str] = {}
    for number, pair in enumerate(padded(blocks)):
        bound = {f"{name}_of_block_{number}": text for name, text in pair._asdict().items()}
        pairs.append(f"({', '.join(map(C['block'].bind, bound))})")
        values |= bound
    return select.where(f"({both}) IN ({', '.join(pairs)})", slot=slot, **values)
