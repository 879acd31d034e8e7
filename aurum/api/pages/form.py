"""A list's parameters as a form: choices as choices, what is wanted first, the rest folded away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from aurum.api import fields as query_fields
from aurum.api.pages.cells import with_code
from aurum.api.query_params import fields_of

NOT_ASKED = ("cursor", "format", "shape", "timestamps", "end_record", "plot")
"""What a form has no use for: the page itself leads to other pages, formats and pictures."""
FOLDED = ("limit", "fields", "known_at")
MOST_SHOWN = 6


@dataclass(frozen=True)
class Input:
    """One control of the form; `options` are of a choice, with those that are chosen."""

    name: str
    help_text: str
    value: str
    placeholder: str
    required: bool
    several: bool = False
    options: list[tuple[str, bool]] = field(default_factory=list)
    folded: bool = False

    @property
    def size(self) -> int:
        """Lines of a choice of several."""
        return min(MOST_SHOWN, len(self.options))


def inputs_of(
    serializer: type[serializers.Serializer[Any]], given: QueryDict, path: Mapping[str, str]
) -> Iterator[Input]:
    """The controls, required ones first; in the order of the serializer."""
    found = [
        _input(name, one, given)
        for name, one in fields_of(serializer).items()
        if name not in NOT_ASKED and name not in path
    ]
    yield from sorted(found, key=lambda one: (one.folded, not one.required))


def _input(name: str, one: Any, given: QueryDict) -> Input:
    several = isinstance(one, query_fields.Many)
    child = one.child if several else one
    values = [word for text in given.getlist(name) for word in text.split(",")]
    options = []
    if isinstance(child, serializers.ChoiceField):
        chosen = {value.strip().lower() for value in values}
        options = [(str(word), str(word).lower() in chosen) for word in child.choices]
    example = getattr(child, "example", None)
    return Input(
        name=name,
        help_text=with_code(str(one.help_text or "")),
        value=",".join(given.getlist(name)),
        placeholder="" if example is None else str(example),
        required=one.required,
        several=several,
        options=options,
        folded=name in FOLDED,
    )
