"""Differences of two series."""

from aurum.errors import BadQuery, FieldError, near_words
from aurum.query import Query
from aurum.results import Result
from aurum.stores.paging import cut
from iso.dao import series
from iso.results import SPREADS
from iso.services import aggregates
from iso.services.display import EMPTY, add_derived_columns, explain


async def list_spreads(query: Query) -> Result:
    """Leg a less leg b by bucket, where both have prices, in the order of time."""
    if query.before_first_load:
        return await explain(query, EMPTY)
    await _must_exist(query)
    names = SPREADS.ordered(query.columns)
    found = await aggregates.spreads(query)
    columns = {name: [row[name] for row in found] for name in (found[0] if found else ())}
    if found:
        await add_derived_columns(query, columns, names)
    rows = list(zip(*(columns.get(name, ()) for name in names), strict=True))
    return await explain(query, cut(rows, query.page, names, SPREADS.order))


async def _must_exist(query: Query) -> None:
    legs = {name: query.filters[name] for name in ("leg_a", "leg_b")}
    missing = {*legs.values()} - await series.existing(query, tuple(legs.values()))
    known = await series.codes(query, "series_key") if missing else []
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
