"""Reading a query: a DRF serializer says what is allowed, and every mistake is named.

Strict on purpose: a misspelt parameter that was ignored would answer another question than the one
that was asked.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.fields import Field
from rest_framework.request import Request

from aurum.errors import BadQuery, FieldError, did_you_mean


def read_query(
    request: HttpRequest | Request, serializer: type[serializers.Serializer[Any]]
) -> dict[str, Any]:
    """The query's parameters as the serializer reads them; BadQuery lists all that is wrong."""
    given = request.GET
    fields = serializer().fields
    errors = [*_unknown(given, fields), *_repeated(given)]
    known = {name: value for name, value in given.items() if name in fields}
    bound = serializer(data=known)
    if not bound.is_valid():
        errors += field_errors(bound.errors, fields, known)
    if errors:
        raise BadQuery(_summary(errors), errors=errors)
    return dict(bound.validated_data)


def _summary(errors: list[FieldError]) -> str:
    first = errors[0]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{first.field}: {first.message}{more}"


def _unknown(given: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in given:
        if name not in fields:
            yield FieldError(
                name,
                f"There is no such parameter{did_you_mean(name, fields)}.",
                code="unknown_parameter",
                constraint=f"one of {', '.join(fields)}",
            )


def _repeated(given: Any) -> Iterator[FieldError]:
    for name, values in given.lists():
        if len(values) > 1:
            yield FieldError(
                name, "Given more than once.", code="repeated", value=values, constraint="one value"
            )


def field_errors(
    errors: Mapping[str, Any],
    fields: Mapping[str, Field[Any, Any, Any, Any]],
    given: Mapping[str, Any],
) -> list[FieldError]:
    """DRF's errors as ours: with the value that was given and what would be right."""
    return [
        FieldError(
            name,
            str(detail) + _near_choice(fields.get(name), given.get(name)),
            code=detail.code,
            value=given.get(name),
            constraint=constraint(fields.get(name)),
        )
        for name, details in errors.items()
        for detail in details
    ]


def _near_choice(field: Field[Any, Any, Any, Any] | None, value: Any) -> str:
    if isinstance(field, serializers.ChoiceField) and isinstance(value, str):
        return did_you_mean(value, list(field.choices))
    return ""


def constraint(field: Field[Any, Any, Any, Any] | None) -> str | None:
    """What a field takes, in words a caller can act on."""
    if isinstance(field, serializers.ChoiceField):
        return f"one of {', '.join(field.choices)}"
    if isinstance(field, serializers.IntegerField):
        return _range(field)
    if isinstance(field, serializers.DateField):
        return "a date as YYYY-MM-DD"
    if isinstance(field, serializers.RegexField):
        return f"{field.help_text}, at most {field.max_length} characters"
    if isinstance(field, serializers.CharField):
        return f"text of 1 to {field.max_length} characters"
    return None


def _range(field: serializers.IntegerField) -> str:
    if field.max_value is None:
        return f"a whole number, {field.min_value} or more"
    return f"a whole number from {field.min_value} to {field.max_value}"
