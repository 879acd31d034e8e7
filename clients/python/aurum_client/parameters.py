"""How Python's values are written in a query."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from numbers import Real
from typing import Any
from urllib.parse import quote


def query_of(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and texts of a query string; what is None is left out.

    A list is a choice of values. ValueError where it is empty: the server takes an absent filter
    for all there is.
    """
    return [(name, _text(name, value)) for name, value in params.items() if value is not None]


def path_of(template: str, **values: str | int) -> str:
    """A path with its parameters in the place of their names in braces."""
    for name, value in values.items():
        if value in ("", ".", ".."):  # that would be another path
            raise ValueError(f"{name}: {value!r} names nothing")
    return template.format(**{name: quote(str(value), safe="") for name, value in values.items()})


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return _moment(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Real):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        texts = [_one_of_many(name, one) for one in value]
        if not texts:
            raise ValueError(f"{name}: an empty list matches nothing; leave it out for all")
        return ",".join(texts)
    raise TypeError(f"{name}: a {type(value).__name__} is nothing that a query can say")


def _one_of_many(name: str, value: Any) -> str:
    text = _text(name, value)
    if '"' not in text and "," not in text:
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _moment(value: date) -> str:
    """ISO 8601. A midnight without a zone is its day: data frames have no other dates."""
    if isinstance(value, datetime):
        is_day = value.tzinfo is None and value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat()
    return value.isoformat()
