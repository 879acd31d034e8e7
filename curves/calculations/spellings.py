"""Which of the texts that curves have a filter means: sources spell blocks and markets freely."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aurum.market.calendars import CALENDARS, Block, UnknownBlock
from aurum.market.names import BLOCKS, MARKETS, word_of

Known = Iterable[tuple[str | None, ...]]
"""(iso, market, block) of the curves there are."""


class BlockOfIso(NamedTuple):
    """A block as some curves of a market operator have it; "" for curves of none."""

    iso: str
    block: str


def markets_meant(asked: str | tuple[str, ...], known: Known) -> tuple[str, ...]:
    """The texts of these markets, in whatever spelling, that there are."""
    words = {word_of(market, MARKETS) for market in _all(asked)}
    there = {market for _, market, _ in known if market and word_of(market, MARKETS) in words}
    return tuple(sorted(there))


def blocks_meant(asked: str | tuple[str, ...], known: Known) -> tuple[BlockOfIso, ...]:
    """The blocks there are that have the same hours in the operator's calendar.

    Where there is no calendar, or it has no such block, the name decides.
    """
    there = {
        BlockOfIso(iso or "", block)
        for iso, _, block in known
        if block and any(_is_same(block, name, iso) for name in _all(asked))
    }
    return tuple(sorted(there))


def by_case(texts: Iterable[str | None]) -> Mapping[str, tuple[str, ...]]:
    """The texts that there are, by what all cases of a text have in common."""
    found: dict[str, tuple[str, ...]] = {}
    for text in sorted({text for text in texts if text}):
        key = text.casefold()
        found[key] = (*found.get(key, ()), text)
    return found


def _all(asked: str | tuple[str, ...]) -> tuple[str, ...]:
    return (asked,) if isinstance(asked, str) else asked


def _is_same(block: str, asked: str, iso: str | None) -> bool:
    return block == asked or _hours(block, iso) == _hours(asked, iso)


def _hours(block: str, iso: str | None) -> Block | str:
    calendar = CALENDARS.get((iso or "").lower())
    try:
        return calendar.block(block) if calendar else word_of(block, BLOCKS)
    except UnknownBlock:
        return word_of(block, BLOCKS)
