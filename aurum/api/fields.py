"""Fields of a query: one value has one spelling, and what is wrong is said in words to act on.

Each field says in `allowed` what it takes, which error documents show, and in `example` a value, as
the reference shows it. `aurum.openapi.parameters` says all of it as JSON Schema.
"""

import csv
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from aurum.api.formats import formats_of
from aurum.api.time_fields import Documented, Instant
from aurum.errors import did_you_mean
from aurum.market.names import Synonyms, named, operator_code
from aurum.results import ResultSchema

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
CODE = "[A-Za-z]{1,10}"
KEY = "[A-Za-z0-9_.-]{1,128}"
TEXT = r" *[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
"""No control characters, and not only blanks."""
LONGEST_CURSOR = 4000
MOST_VALUES = 50
LARGEST_NUMBER = 1e12


class WholeNumber(Documented, serializers.IntegerField):
    """ASCII digits and nothing else: no `1e2`, `1_0`, ` 5` or digits of other scripts."""

    @property
    def allowed(self) -> str:
        if self.max_value is None:
            return f"a whole number, {self.min_value} or more"
        return f"a whole number from {self.min_value} to {self.max_value}"

    def to_internal_value(self, data: Any) -> int:
        if not _WHOLE.fullmatch(str(data)):
            self.fail("invalid")
        return int(data)


class IsoCode(Documented, serializers.RegexField):
    """A market operator's code, in capitals whatever the caller wrote; ISO-NE is ISONE."""

    allowed = "letters only, at most 10 characters"
    example = "PJM"

    def __init__(self, **more: Any) -> None:
        super().__init__(rf"^{CODE}\Z", trim_whitespace=False, **more)

    def to_internal_value(self, data: Any) -> str:
        return operator_code(str(super().to_internal_value(data)))


class Text(Documented, serializers.RegexField):
    """Exact text; blanks at its ends do not count, but for its length."""

    def __init__(self, **more: Any) -> None:
        super().__init__(rf"^{TEXT}\Z", trim_whitespace=False, **more)

    @property
    def allowed(self) -> str:
        return f"text of 1 to {self.max_length} characters"

    def run_validation(self, data: Any = empty) -> str:
        # Stripped after validation: DRF would strip any white space first, control characters too.
        return str(super().run_validation(data)).strip(" ")


class Key(Documented, serializers.RegexField):
    """An identifier."""

    allowed = "letters, digits, _ . and -, at most 128 characters"

    def __init__(self, **more: Any) -> None:
        super().__init__(rf"^{KEY}\Z", trim_whitespace=False, **more)
        # DRF's own, for characters that the pattern has not, look at each character.
        self.validators = self.validators[-1:]


class Choice(Documented, serializers.ChoiceField):
    """One of some words, in any case."""

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.choices)}"

    @cached_property
    def _by_case(self) -> dict[str, Any]:
        return {str(word).lower(): word for word in self.choices}

    def to_internal_value(self, data: Any) -> Any:
        known = self._by_case.get(str(data).lower())
        if known is None:
            near = did_you_mean(str(data), self.choices)
            raise serializers.ValidationError(
                f"'{str(data)[:50]}' is not a choice{near}.", code="invalid_choice"
            )
        return known


class Named(Choice):
    """One of some words in any spelling, or a name that the trade has for it."""

    def __init__(self, choices: Sequence[str], synonyms: Synonyms, **more: Any) -> None:
        self.synonyms = synonyms
        super().__init__(choices, **more)

    def to_internal_value(self, data: Any) -> Any:
        known = named(str(data), map(str, self.choices), self.synonyms)
        return super().to_internal_value(data if known is None else known)


class Many(Documented, serializers.Field[Any, Any, Any, Any]):
    """Values of another field: a comma list, the parameter repeated, or both. A tuple, sorted.

    A value that itself has a comma stands in double quotes, as in a CSV.
    """

    def __init__(self, child: Any, **more: Any) -> None:
        self.child = child
        super().__init__(required=False, **more)

    @property
    def allowed(self) -> str:
        return f"up to {MOST_VALUES} values, each {self.child.allowed}"

    def to_internal_value(self, data: Any) -> tuple[Any, ...]:
        words = [word.strip(" ") for text in data for word in _words(str(text))]
        if len(words) > MOST_VALUES:
            raise serializers.ValidationError(f"More than {MOST_VALUES} values.", code="too_many")
        # Sorted and without repeats: equal choices give the same filters, and so the same cursor.
        return tuple(sorted({self.child.run_validation(word) for word in words}))


def _words(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    try:
        (found,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        raise serializers.ValidationError("A quote is not closed.", code="invalid") from None
    return found


class ColumnNames(Documented, serializers.Field[Any, Any, Any, Any]):
    """Which columns to show, as a comma list; they come in the order asked for."""

    def __init__(self, columns: Sequence[str], **more: Any) -> None:
        self.columns = tuple(columns)
        more.setdefault("help_text", "Which columns, in the order wanted; `*` for all.")
        super().__init__(required=False, **more)

    @property
    def allowed(self) -> str:
        return f"* for all, or a comma list of {', '.join(self.columns)}"

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        if data == "*":
            return ("*",)
        names = tuple(dict.fromkeys(str(data).split(",")))
        for name in names:
            if name not in self.columns:
                near = did_you_mean(name, self.columns)
                raise serializers.ValidationError(
                    f"There is no column '{name[:50]}'{near}.", code="unknown_column"
                )
        return names


def refused(field: str, message: str, code: str = "conflict") -> serializers.ValidationError:
    """What a serializer raises where fields do not go together: the error is that field's."""
    return serializers.ValidationError({field: [message]}, code=code)


def with_choices(
    serializer: type[serializers.Serializer[Any]], schema: ResultSchema
) -> type[serializers.Serializer[Any]]:
    """The serializer with `fields` and `format`, and `plot` where there are some: the columns,
    formats and pictures of this schema."""
    more: dict[str, Any] = {
        "fields": ColumnNames(schema.column_names),
        "format": Choice(
            tuple(formats_of(schema)), required=False, help_text="Instead of an `Accept` header."
        ),
    }
    if schema.plots:
        more["plot"] = Choice(
            tuple(plot.name for plot in schema.plots),
            required=False,
            help_text="Of svg, png and vegalite, and of a page: which picture.",
        )
    return type(serializer.__name__, (serializer,), more)


class Number(Documented, serializers.FloatField):
    """A finite number greater than zero."""

    allowed = f"a number greater than 0, as 7.5, and at most {LARGEST_NUMBER:.0f}"
    example = 7.5

    def to_internal_value(self, data: Any) -> float:
        if not _NUMBER.fullmatch(str(data)) or not 0 < float(data) <= LARGEST_NUMBER:
            self.fail("invalid")
        return float(data)


class SignedNumber(Documented, serializers.FloatField):
    """A finite number of either sign."""

    allowed = f"a number, as -5 or 12.5, of at most {LARGEST_NUMBER:.0f}"

    def to_internal_value(self, data: Any) -> float:
        if not _NUMBER.fullmatch(str(data).removeprefix("-")) or abs(float(data)) > LARGEST_NUMBER:
            self.fail("invalid")
        return float(data)


class Cursor(Text):
    """Where a page begins, as an earlier answer says; opaque."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=LONGEST_CURSOR, required=False, **more)


class V1Page(serializers.Serializer[Any]):
    """Which page of a v1 list; routes that page backward add `prev_cursor`."""

    limit = WholeNumber(
        min_value=1, max_value=500, default=200, help_text="How many rows at the most."
    )
    cursor = Cursor(help_text="`next_cursor` of the page before, to go on.")
    since_cursor = Cursor(help_text="The same, from a walk that was put aside.")
    offset = WholeNumber(
        min_value=0, max_value=1_000_000, required=False, help_text="Deprecated: use a cursor."
    )


ROWS_OF_PAGE, ROWS_OF_PICTURE, MOST_ROWS = 100, 5_000, 10_000
"""Of a v2 list: if no limit is given, of a picture then, and at the most."""


class V2Query(serializers.Serializer[Any]):
    """What every v2 query may say besides its filters."""

    known_at = Instant(
        required=False, help_text="Answer with what was known at this instant. Now if absent."
    )
    shape = Choice(
        ("rows", "columns"), default="rows", help_text="JSON as a list of rows, or of columns."
    )
    timestamps = Choice(
        ("iso", "spreadsheet"),
        required=False,
        help_text="Of CSV: times as ISO 8601, or as spreadsheets read them, in a file that Excel"
        " knows as UTF-8.",
    )


class V2List(V2Query):
    limit = WholeNumber(
        min_value=1,
        max_value=MOST_ROWS,
        required=False,
        help_text=f"How many rows at the most. If absent, JSON has {ROWS_OF_PAGE}, a picture"
        f" {ROWS_OF_PICTURE:,}, and a table, as CSV or Parquet, all that match.",
    )
    end_record = Choice(
        ("true", "false"),
        required=False,
        help_text="Of a whole CSV or NDJSON: a last record with the number of rows and the SHA-256"
        " of all bytes before it.",
    )
    cursor = Cursor(help_text="`next_cursor` or `prev_cursor` of a page of this very query.")
