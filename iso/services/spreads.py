"""Differences of two series."""

from aurum.ask import Ask
from aurum.errors import BadQuery, FieldError, near_words
from aurum.listing import Answer
from aurum.stores.paging import cut
from iso.dao import series
from iso.listings import SPREADS
from iso.services import aggregates
from iso.services.shown import EMPTY, complete, told


async def list_spreads(ask: Ask) -> Answer:
    """Leg a less leg b by bucket, where both have prices, in the order of time."""
    if ask.before_first_load:
        return await told(ask, EMPTY)
    await _must_exist(ask)
    names = SPREADS.ordered(ask.columns)
    found = await aggregates.spreads(ask)
    columns = {name: [row[name] for row in found] for name in (found[0] if found else ())}
    if found:
        await complete(ask, columns, names)
    rows = list(zip(*(columns.get(name, ()) for name in names), strict=True))
    return await told(ask, cut(rows, ask.wanted, names, SPREADS.order))


async def _must_exist(ask: Ask) -> None:
    legs = {name: ask.filters[name] for name in ("leg_a", "leg_b")}
    missing = {*legs.values()} - await series.existing(ask, tuple(legs.values()))
    known = await series.codes(ask, "series_key") if missing else []
    errors = [
        FieldError(
            name,
            f"There is no series '{key}'.",
            "unknown_series",
            key,
            f"one of {', '.join(near_words(key, known)) or 'the series of /v2/iso/lmp/latest'}",
        )
        for name, key in legs.items()
        if key in missing
    ]
    if errors:
        raise BadQuery(errors[0].message, errors=errors)
