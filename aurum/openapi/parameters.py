"""What each field of a query takes, as JSON Schema: what fits is accepted, all else is refused.

What a schema cannot say is said by the parameter's description: that a range must not be empty, an
instant not lie in the future, a curve exist.
"""

from functools import singledispatch
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from aurum.api import fields, time_fields
from aurum.api.cursors import MAX_LENGTH
from aurum.api.day_fields import OneOfDays

Schema = dict[str, Any]
AnyField = serializers.Field[Any, Any, Any, Any]


def parameter_schema(field: AnyField) -> Schema:
    """A field's schema, with the default that stands where the parameter is absent."""
    schema = schema_of(field)
    if field.default is not empty:
        schema["default"] = field.default
    return schema


def example_of(field: AnyField) -> Any:
    """A value that the field takes; None where there is none to show."""
    match field:
        case fields.Many():
            one = example_of(field.child)
            return None if one is None else [one]
        case fields.ColumnNames():
            return list(field.columns[:3])
        case fields.Cursor():
            return None
        case serializers.ChoiceField():
            return next(iter(field.choices))
    if (example := getattr(field, "example", None)) is not None:
        return example
    return getattr(field, "min_value", None) if field.default is empty else field.default


def is_list(field: AnyField) -> bool:
    """Whether the parameter is several values, joined by commas."""
    return isinstance(field, fields.Many | fields.ColumnNames)


@singledispatch
def schema_of(field: AnyField) -> Schema:
    raise TypeError(f"{type(field).__name__} has no schema: add one to {__name__}")


@schema_of.register
def _(field: serializers.IntegerField) -> Schema:
    return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}


@schema_of.register
def _(field: fields.Number) -> Schema:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": fields.LARGEST_NUMBER}


@schema_of.register
def _(field: fields.SignedNumber) -> Schema:
    return {
        "type": "number",
        "minimum": -fields.LARGEST_NUMBER,
        "maximum": fields.LARGEST_NUMBER,
    }


@schema_of.register
def _(field: serializers.CharField) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": field.max_length}


@schema_of.register
def _(field: fields.Text) -> Schema:
    sizes = {"minLength": 1, "maxLength": field.max_length}
    return {"type": "string", **sizes, "pattern": f"^{fields.TEXT}$"}


@schema_of.register
def _(field: fields.Cursor) -> Schema:
    return {"type": "string", "maxLength": MAX_LENGTH, "pattern": "^[A-Za-z0-9_-]+$"}


@schema_of.register
def _(field: fields.IsoCode) -> Schema:
    return {"type": "string", "pattern": f"^{fields.CODE}$"}


@schema_of.register
def _(field: fields.Key) -> Schema:
    return {"type": "string", "pattern": f"^{fields.KEY}$"}


@schema_of.register
def _(field: serializers.ChoiceField) -> Schema:
    return {"type": "string", "enum": list(field.choices)}


@schema_of.register
def _(field: fields.Many) -> Schema:
    items = schema_of(field.child)
    if isinstance(field.child, fields.Text):
        # A comma ends a value.
        items["pattern"] = items["pattern"].replace(r"\x7f]", r"\x7f,]")
    return {"type": "array", "items": items, "minItems": 1, "maxItems": fields.MOST_VALUES}


@schema_of.register
def _(field: fields.ColumnNames) -> Schema:
    return {"type": "array", "items": {"type": "string", "enum": [*field.columns]}, "minItems": 1}


@schema_of.register
def _(field: serializers.DateField) -> Schema:
    return {"type": "string", "format": "date"}


@schema_of.register
def _(field: time_fields.Day) -> Schema:
    pattern = f"^(?:{time_fields.DAY}|{field.relative})$"
    return {"type": "string", "format": "day", "pattern": pattern}


@schema_of.register
def _(field: time_fields.Instant) -> Schema:
    return {"type": "string", "format": "date-time", "pattern": f"^{time_fields.INSTANT}$"}


@schema_of.register
def _(field: time_fields.Moment) -> Schema:
    return {"type": "string", "format": "moment", "pattern": f"^{time_fields.MOMENT}$"}


@schema_of.register
def _(field: time_fields.PastMoment) -> Schema:
    pattern = f"^(?:{time_fields.MOMENT}|{field.relative})$"
    return {"type": "string", "format": "past-moment", "pattern": pattern}


@schema_of.register
def _(field: time_fields.ZoneName) -> Schema:
    return {"type": "string", "format": "zone-name", "maxLength": 40}


@schema_of.register
def _(field: time_fields.DayRange) -> Schema:
    one = f"(?:{time_fields.DAY}|{time_fields.MONTH}|{field.relative})"
    words = "|".join(field.words)
    if field.has_nearest:
        words += f"|{time_fields.NEAREST}(?:{time_fields.DAY}|{field.relative})"
    several = rf"{one}(?:,{one}){{0,{time_fields.MOST_DAYS - 1}}}"
    pattern = rf"^(?:{several}|{one}\.\.{one}|{words})$"
    return {"type": "string", "format": "day-range", "pattern": pattern}


@schema_of.register
def _(field: OneOfDays) -> Schema:
    one = f"(?:{time_fields.DAY}|{field.relative})"
    pattern = f"^(?:{one}|{time_fields.LATEST}|{time_fields.NEAREST}{one})$"
    return {"type": "string", "format": "one-of-days", "pattern": pattern}


@schema_of.register
def _(field: time_fields.DayOrMonth) -> Schema:
    pattern = f"^(?:{time_fields.DAY}|{time_fields.MONTH}|{field.relative})$"
    return {"type": "string", "format": "day-or-month", "pattern": pattern}


@schema_of.register
def _(field: time_fields.MonthRange) -> Schema:
    one = time_fields.MONTH
    return {"type": "string", "format": "month-range", "pattern": rf"^{one}(?:\.\.{one})?$"}
