"""What each answer of v1 about reference data shows."""

from dataclasses import replace

from aurum.results import ResultSchema
from aurum.stores.tables import Column, Kind
from metadata import results

CALENDARS = ResultSchema(
    name="metadata_calendars",
    columns=(
        Column("name", Kind.TEXT, "The trading calendar."),
        Column("timezone", Kind.TEXT, "IANA name of its clock."),
    ),
)
BLOCKS = ResultSchema(
    name="metadata_blocks", columns=(Column("block", Kind.TEXT, "A block of the calendar."),)
)
HOURS = ResultSchema(
    name="metadata_hours",
    columns=(Column("hour", Kind.TEXT, "An hour's beginning, local with its offset."),),
)
EXPAND = replace(HOURS, name="metadata_expand")
UNITS = ResultSchema(
    name="metadata_units",
    columns=(
        Column("currencies", Kind.TEXT, "ISO 4217 codes."),
        Column("units", Kind.TEXT, "What a price may be per."),
    ),
)
UNITS_MAPPING = ResultSchema(
    name="metadata_units_mapping",
    columns=tuple(results.UNITS.by_name[name] for name in ("units_raw", "currency", "per_unit")),
)
