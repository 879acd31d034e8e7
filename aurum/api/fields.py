"""Fields of a query: one value has one spelling, and what is wrong is said in words to act on.

Each field says in `allowed` what it takes; error documents and the reference show it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rest_framework import serializers

from aurum.errors import did_you_mean
from aurum.market.tenors import month_of, next_month
from aurum.stores.filters import Days

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
MOST_VALUES = 50
CURSOR_LENGTH = 1000


class WholeNumber(serializers.IntegerField):
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


class IsoDate(serializers.DateField):
    """A date; the query goes on with its ISO 8601 text, which is what stores compare."""

    allowed = "a date as YYYY-MM-DD"

    def to_internal_value(self, value: Any) -> str:  # type: ignore[override]
        day: date = super().to_internal_value(value)
        if day.isoformat() != value:
            self.fail("invalid", format="YYYY-MM-DD")
        return day.isoformat()


class IsoCode(serializers.RegexField):
    """A market operator's code, in capitals whatever the caller wrote."""

    allowed = "letters only, at most 10 characters"

    def __init__(self, **more: Any) -> None:
        super().__init__(r"^[A-Za-z]+$", max_length=10, **more)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class Text(serializers.CharField):
    """Exact text; blanks at its ends do not count."""

    @property
    def allowed(self) -> str:
        return f"text of 1 to {self.max_length} characters"


class Key(serializers.RegexField):
    """An identifier."""

    allowed = "letters, digits, _ . and -, at most 128 characters"

    def __init__(self, **more: Any) -> None:
        super().__init__(r"^[A-Za-z0-9_.-]+$", max_length=128, **more)


class Choice(serializers.ChoiceField):
    """One of some words, in any case."""

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def to_internal_value(self, data: Any) -> Any:
        by_case = {str(word).lower(): word for word in self.choices}
        known = by_case.get(str(data).lower())
        if known is None:
            near = did_you_mean(str(data), self.choices)
            raise serializers.ValidationError(
                f"'{str(data)[:50]}' is not a choice{near}.", code="invalid_choice"
            )
        return known


class Many(serializers.Field[Any, Any, Any, Any]):
    """Values of another field: a comma list, the parameter repeated, or both. A tuple, sorted."""

    def __init__(self, child: Any, **more: Any) -> None:
        self.child = child
        super().__init__(required=False, **more)

    @property
    def allowed(self) -> str:
        return f"up to {MOST_VALUES} values, each {self.child.allowed}"

    def to_internal_value(self, data: Any) -> tuple[Any, ...]:
        words = [word for text in data for word in str(text).split(",")]
        if len(words) > MOST_VALUES:
            raise serializers.ValidationError(f"More than {MOST_VALUES} values.", code="too_many")
        return tuple(sorted({self.child.run_validation(word) for word in words}))


class ColumnNames(serializers.Field[Any, Any, Any, Any]):
    """Which columns to show, as a comma list; they come in the order asked for."""

    def __init__(self, columns: Sequence[str], **more: Any) -> None:
        self.columns = tuple(columns)
        super().__init__(required=False, **more)

    @property
    def allowed(self) -> str:
        return f"a comma list of {', '.join(self.columns)}"

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(str(data).split(",")))
        for name in names:
            if name not in self.columns:
                near = did_you_mean(name, self.columns)
                raise serializers.ValidationError(
                    f"There is no column '{name[:50]}'{near}.", code="unknown_column"
                )
        return names


LATEST = "latest"


class DayRange(serializers.Field[Any, Any, Any, Any]):
    """A date, a month, `from..to` without its end, `all`, or `latest` where that exists."""

    def __init__(self, *, latest: bool = False, **more: Any) -> None:
        self.latest = latest
        super().__init__(required=False, **more)

    @property
    def allowed(self) -> str:
        return (
            "a date (2026-02-03), a month (2026-02), a range without its end"
            f" (2026-02-03..2026-03), all{', or latest' if self.latest else ''}"
        )

    def to_internal_value(self, data: Any) -> Days | str:
        text = str(data)
        if self.latest and text == LATEST:
            return LATEST
        if text == "all":
            return Days(None, None)
        first, dots, last = text.partition("..")
        start, after = self._span(first)
        if not dots:
            return Days(start.isoformat(), after.isoformat())
        end, _ = self._span(last)
        if end <= start:
            raise serializers.ValidationError(
                "The range is empty: its end, which does not count, is not after its start.",
                code="empty_range",
            )
        return Days(start.isoformat(), end.isoformat())

    def _span(self, text: str) -> tuple[date, date]:
        """The first day of a date or month and the day after its last."""
        try:
            if found := _MONTH.fullmatch(text):
                first = date(int(found[1]), int(found[2]), 1)
                return first, (first + timedelta(days=31)).replace(day=1)
            day = date.fromisoformat(text)
            if len(text) == 10:
                return day, day + timedelta(days=1)
        except (ValueError, OverflowError):
            pass
        raise serializers.ValidationError(f"'{text[:50]}' is not a date or month.", code="invalid")


class Instant(serializers.Field[Any, Any, Any, Any]):
    """An instant with its offset; one in the future is refused."""

    allowed = "an ISO 8601 instant with its offset, not in the future, as 2026-02-03T14:00:00Z"

    def to_internal_value(self, data: Any) -> datetime:
        # A plus sign in a query string is a blank unless it was escaped.
        text = re.sub(r" (?=[0-9]{2}:[0-9]{2}$)", "+", str(data))
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or len(text) < len("2026-02-03T14:00Z"):
            raise serializers.ValidationError("This is not an instant.", code="invalid")
        try:
            instant = instant.astimezone(UTC)
        except OverflowError:
            raise serializers.ValidationError("This is out of range.", code="invalid") from None
        if instant > datetime.now(UTC):
            raise serializers.ValidationError("This is in the future.", code="future")
        return instant


class MonthRange(serializers.Field[Any, Any, Any, Any]):
    """Consecutive months: one, or `from..to` without its end. Their first days."""

    allowed = "a month (2026-11) or a range of months without its end (2026-11..2027-04)"
    most = 120

    def to_internal_value(self, data: Any) -> tuple[date, ...]:
        first, dots, last = str(data).partition("..")
        begin, end = self._month(first), self._month(last) if dots else None
        count = 1 if end is None else (end.year - begin.year) * 12 + end.month - begin.month
        if not 1 <= count <= self.most:
            raise serializers.ValidationError(
                f"The range has {max(count, 0)} months; it may have 1 to {self.most}.",
                code="range_size",
            )
        return tuple(next_month(begin, number) for number in range(count))

    def _month(self, text: str) -> date:
        month = month_of(text)
        if month is None:
            raise serializers.ValidationError(f"'{text[:50]}' is not a month.", code="invalid")
        return month


class Number(serializers.FloatField):
    """A finite number greater than zero."""

    allowed = "a number greater than 0, as 7.5"

    def to_internal_value(self, data: Any) -> float:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", str(data)) or not float(data) > 0:
            self.fail("invalid")
        return float(data)


class V1Page(serializers.Serializer[Any]):
    """Which page of a v1 list; routes that page backward add `prev_cursor`."""

    limit = WholeNumber(
        min_value=1, max_value=500, default=200, help_text="How many rows at the most."
    )
    cursor = Text(
        max_length=4000, required=False, help_text="`next_cursor` of the page before, to go on."
    )
    since_cursor = Text(
        max_length=4000, required=False, help_text="The same, from a walk that was put aside."
    )
    offset = WholeNumber(
        min_value=0, max_value=1_000_000, required=False, help_text="Deprecated: use a cursor."
    )


FORMATS = ("json", "ndjson", "csv", "arrow", "parquet")


class V2Query(serializers.Serializer[Any]):
    """What every v2 question may say besides its filters."""

    known_at = Instant(
        required=False, help_text="Answer with what was known at this instant. Now if absent."
    )
    format = Choice(FORMATS, required=False, help_text="Instead of an `Accept` header.")
    shape = Choice(
        ("rows", "columns"), default="rows", help_text="JSON as a list of rows, or of columns."
    )


class V2List(V2Query):
    limit = WholeNumber(
        min_value=1, max_value=1000, default=100, help_text="How many rows at the most."
    )
    cursor = Text(
        max_length=4000,
        required=False,
        help_text="`next_cursor` or `prev_cursor` of a page of this very question.",
    )
