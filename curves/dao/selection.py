"""Which curves a query's filters select, whatever way their sources spell names."""

from collections.abc import Mapping, Sized
from functools import partial
from itertools import chain
from typing import Any

from aurum.cache.process import cached_per_snapshot
from aurum.query import Query
from aurum.snapshot import Snapshot
from aurum.stores.registry import DomainStore
from aurum.stores.sql import Select, ascending, columns_of, padded
from aurum.stores.tables import Row
from curves.calculations.spellings import BlockOfIso, blocks_meant, by_case, markets_meant
from curves.policies import NAMES, SPELLINGS
from curves.tables import CURVE, IDENTITY

STORE = DomainStore("curves")

CODES = """
    SELECT DISTINCT @columns FROM curve AS c WHERE @snapshot(c, curve) AND @where ORDER BY @order"""

C = columns_of(CURVE, "c")
EXACT = {name: C[name] for name in ("curve_key", *IDENTITY) if name != "block"}
SPELLED = ("iso", "market", "block")
IN_ANY_CASE = tuple(name for name in IDENTITY if name not in ("market", "block"))
"""What curves are called by nothing but these letters."""


async def of_curves(select: Select, query: Query, *, slot: str = "where") -> Select:
    """The select with the conditions of the query's filters on curves `c`."""
    meant = await texts_meant(query)
    if () in meant.values():
        return select.where("FALSE", slot=slot)
    blocks = meant.pop("block", ())
    select = select.filtered({**query.filters, **meant}, EXACT, slot=slot)
    return _in_blocks(select, blocks, slot) if blocks else select


async def texts_meant(query: Query) -> dict[str, tuple[Any, ...]]:
    """Of the query's names what curves have for them; nothing for what none has."""
    filters, snapshot = query.filters, query.snapshot
    meant: dict[str, tuple[Any, ...]] = {}
    if any(filters.get(name) for name in IN_ANY_CASE):
        there = await cached_per_snapshot(
            NAMES, snapshot, partial(_by_case, snapshot), size=100_000, is_negative=_is_nothing
        )
        for name in IN_ANY_CASE:
            if asked := filters.get(name):
                words = (asked,) if isinstance(asked, str) else asked
                texts = (there.get(name, {}).get(word.casefold(), ()) for word in words)
                meant[name] = tuple(sorted({*chain.from_iterable(texts)}))
    if filters.get("market") or filters.get("block"):
        load = partial(_texts, snapshot, SPELLED)
        known = await cached_per_snapshot(
            SPELLINGS, snapshot, load, size=10_000, is_negative=_is_nothing
        )
        both = (("market", markets_meant), ("block", blocks_meant))
        meant |= {name: find(filters[name], known) for name, find in both if filters.get(name)}
    return meant


async def _by_case(snapshot: Snapshot) -> dict[str, Mapping[str, tuple[str, ...]]]:
    rows = await _texts(snapshot, IN_ANY_CASE)
    return dict(zip(IN_ANY_CASE, map(by_case, zip(*rows, strict=True)), strict=bool(rows)))


async def _texts(snapshot: Snapshot, names: tuple[str, ...]) -> list[Row]:
    select = Select(CODES, C, names, ascending(*names), name="curves.spellings")
    return await STORE.fetch(select, snapshot)


def _is_nothing(found: Sized) -> bool:
    return not found


def _in_blocks(select: Select, blocks: tuple[BlockOfIso, ...], slot: str) -> Select:
    both = ", ".join(f"COALESCE({C[name].sql}, CAST('' AS TEXT))" for name in BlockOfIso._fields)
    pairs: list[str] = []
    values: dict[str, str] = {}
    for number, pair in enumerate(padded(blocks)):
        bound = {f"{name}_of_block_{number}": text for name, text in pair._asdict().items()}
        pairs.append(f"({', '.join(map(C['block'].bind, bound))})")
        values |= bound
    return select.where(f"({both}) IN ({', '.join(pairs)})", slot=slot, **values)
