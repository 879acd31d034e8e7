"""Parameters are read as the serializers' own `run_validation` reads them, mistakes included."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.http import HttpRequest, QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from aurum.api.fields import Many
from aurum.api.query_params import field_errors, read_query
from aurum.domains import all_routes
from aurum.errors import BadQuery

SERIALIZERS = sorted(
    {
        found
        for route in all_routes()
        if (found := getattr(route.view, "query_serializer", None)) is not None
    },
    key=lambda one: (one.__module__, one.__name__),
)
VALUES = ("PJM", "power", "x", "", " ", ",", "1", "0", "2025-09", "2025-09-30", "2025-01..2025-03",
          "all", "latest", "DAY_AHEAD", "day", "mean", "null", "UTC", "a" * 300, "\x00", "\u0663",
          "2025-09-30T10:00", "2999-01-01T00:00:00Z", "PJM:DAY_AHEAD:1")  # fmt: skip


def _drf(reader: Any, given: dict[str, str]) -> tuple[Any, Any]:
    known = {n: [v] if isinstance(reader.fields[n], Many) else v for n, v in given.items()}
    try:
        return list(dict(reader.run_validation(known)).items()), None
    except ValidationError as wrong:
        return None, field_errors(cast(dict[str, Any], wrong.detail), reader.fields, known)


def _ours(serializer: type[Any], given: dict[str, str]) -> tuple[Any, Any]:
    asked = QueryDict(mutable=True)
    asked.update(given)
    request = cast(HttpRequest, SimpleNamespace(GET=asked))
    try:
        return list(read_query(request, serializer).items()), None
    except BadQuery as wrong:
        return None, list(wrong.errors)


@pytest.mark.parametrize("serializer", SERIALIZERS, ids=lambda one: one.__name__)
def test_parameters_are_read_as_drf_reads_them(serializer: type[Any]) -> None:
    reader = serializer()
    names = list(reader.fields)
    asked: list[dict[str, str]] = [{}]
    for value in VALUES:
        asked += [{name: value} for name in names]
        asked.append(dict.fromkeys(reversed(names), value))
    for given in asked:
        assert _ours(serializer, given) == _drf(reader, given), given


def test_a_serializer_with_rules_that_are_not_read_here_is_refused() -> None:
    class Own(serializers.Serializer[Any]):
        limit = serializers.IntegerField(required=False)

        def validate_limit(self, value: int) -> int:
            return value + 1

    class Now(serializers.Serializer[Any]):
        limit = serializers.IntegerField(default=lambda: 1)

    for serializer in (Own, Now):
        with pytest.raises(TypeError, match=serializer.__name__):
            _ours(serializer, {})
