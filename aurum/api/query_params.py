"""Reading a query: a DRF serializer says what is allowed, and every mistake is named.

Strict on purpose: if a misspelt parameter were ignored, the caller would get the answer to another
query, and not notice.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, cast

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty
from rest_framework.request import Request

from aurum.api.fields import Many
from aurum.api.relative_times import SAY_THE_ZONE, absolute, is_relative, zone_asked
from aurum.errors import BadQuery, FieldError, did_you_mean


def read_query(
    request: HttpRequest | Request,
    serializer: type[serializers.Serializer[Any]],
    now: datetime | None = None,
    /,
    **path: str,
) -> dict[str, Any]:
    """The query's parameters as the serializer reads them; BadQuery lists all that is wrong.

    `path` are parameters of the path, which the serializer reads as well; `now` is the moment from
    which days and moments lie back that are said so, where that may be.
    """
    given = request.GET
    reader = _reader(serializer)
    fields = reader.fields
    errors = [*_unknown(given, fields, path), *_repeated(given, fields)]
    known: dict[str, Any] = dict(path)
    for name, values in given.lists():
        if name in fields and name not in path:
            known[name] = values if isinstance(fields[name], Many) else values[-1]
    validated: dict[str, Any] = {}
    try:
        validated = reader.read(known, now)
    except ValidationError as wrong:
        errors += field_errors(cast(dict[str, Any], wrong.detail), fields, known)
    if errors:
        raise BadQuery(_summary(errors), errors=errors)
    return dict(validated)


def follows_clock(
    request: HttpRequest | Request, serializer: type[serializers.Serializer[Any]]
) -> bool:
    """Whether a day or moment of the query is said by how far it lies back."""
    given, relative = request.GET, _reader(serializer).relative
    return any(
        is_relative(text, relative[name])
        for name in given.keys() & relative.keys()
        for text in given.getlist(name)
    )


class _Reader:
    """A serializer, and what its fields stand for where they are absent.

    Its `run_validation` asks every field of every request, and a query gives three of thirty. One
    instance serves all requests: a new one would copy each field. Nothing is kept in it, and views
    run in the loop's thread only.
    """

    def __init__(self, serializer: type[serializers.Serializer[Any]]) -> None:
        self._serializer = serializer()
        # Plain, as DRF's own mapping is written in Python and read for each parameter.
        self.fields: Mapping[str, Any] = dict(self._serializer.fields)
        if self._serializer.validators or not all(map(self._is_plain, self.fields.values())):
            raise TypeError(f"{serializer.__name__} has what is not read here, but by DRF")
        patterns = {name: getattr(field, "relative", "") for name, field in self.fields.items()}
        self.relative = {name: pattern for name, pattern in patterns.items() if pattern}

    def _is_plain(self, field: Any) -> bool:
        name, default = field.field_name, field.default
        is_value = default is empty or not callable(default)
        own = hasattr(self._serializer, f"validate_{name}")
        return field.source == name and is_value and not (field.read_only or own)

    def read(self, given: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
        """What `run_validation` makes of the parameters, and its errors."""
        if now is not None:
            given = self._absolute(given, now)
        read: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, field in self.fields.items():
            if name in given or field.required:
                try:
                    read[name] = field.run_validation(given.get(name, empty))
                except ValidationError as wrong:
                    errors[name] = wrong.detail
            elif field.default is not empty:
                read[name] = field.default
        if errors:
            raise ValidationError(errors)
        try:
            return self._serializer.validate(read)  # type: ignore[no-any-return]
        except ValidationError as wrong:
            raise ValidationError(serializers.as_serializer_error(wrong)) from wrong

    def _absolute(self, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """The parameters with dates in the place of how far they lie back."""
        by: dict[str, Any] = {}
        for name in (name for name in SAY_THE_ZONE if name in self.fields and name in given):
            with suppress(ValidationError):  # which is said when all are read
                by[name] = self.fields[name].run_validation(given[name])
        zone = zone_asked(by)
        asked = self.relative.keys() & given.keys()
        dated = {name: absolute(given[name], self.relative[name], now, zone) for name in asked}
        return {**given, **dated}


_reader = cache(_Reader)


def fields_of(serializer: type[serializers.Serializer[Any]]) -> Mapping[str, Any]:
    """The fields of a serializer by name, in their order."""
    return _reader(serializer).fields


def _summary(errors: list[FieldError]) -> str:
    first = errors[0]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{first.field}: {first.message}{more}"


def _unknown(
    given: Mapping[str, Any], fields: Mapping[str, Any], path: Mapping[str, str]
) -> Iterator[FieldError]:
    names = [name for name in fields if name not in path]
    for name in given:
        if name not in names:
            yield FieldError(
                name,
                f"There is no such parameter{did_you_mean(name, names)}.",
                code="unknown_parameter",
                constraint=f"one of {', '.join(names)}" if names else "no parameter",
            )


def _repeated(given: Any, fields: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, values in given.lists():
        if len(values) > 1 and not isinstance(fields.get(name), Many):
            yield FieldError(
                name, "Given more than once.", code="repeated", value=values, constraint="one value"
            )


def field_errors(
    errors: Mapping[str, Any],
    fields: Mapping[str, Any],
    given: Mapping[str, Any],
) -> list[FieldError]:
    """DRF's errors as ours: with the value that was given and what would be right."""
    return [
        FieldError(
            name,
            str(detail),
            code=detail.code,
            value=given.get(name),
            constraint=getattr(fields.get(name), "allowed", None),
        )
        for name, details in errors.items()
        for detail in details
    ]
