"""Fields of dates, months and instants. A range never includes its end."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rest_framework import serializers

from aurum.api.relative_times import DAY_FORMS, DAYS, MOMENT_FORMS, MOMENTS
from aurum.market.spans import Nearest, Span, dates_within
from aurum.market.tenors import month_of, next_month
from aurum.market.time import (
    MARKET,
    ZoneError,
    hour_starts,
    instant_text,
    wall_utc,
    zone_info,
)

ONE_DAY = timedelta(days=1)
MOST_DAYS = 50
LATEST = "latest"
NEAREST = "nearest:"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
MONTH = r"[0-9]{4}-(?:0[1-9]|1[0-2])"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_OFFSET = r"Z|[+-][0-9]{2}:[0-9]{2}"
INSTANT = rf"{DAY}T{_TIME}(?:{_OFFSET})"
MOMENT = rf"(?:{DAY}|{MONTH}|{DAY}T{_TIME}(?:{_OFFSET})?)"
ZONE = r"^[A-Za-z][A-Za-z0-9_+/-]{0,39}\Z"
_PLUS = re.compile(r" (?=[0-9]{2}:[0-9]{2}$)")


class Documented:
    """A field with an example of what it takes; `relative` is the pattern of the words for days or
    moments that were put in dates before it reads them (`aurum.api.relative_times`)."""

    example: Any = None
    relative = ""

    def __init__(self, *args: Any, example: Any = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if example is not None:
            self.example = example


class IsoDate(Documented, serializers.DateField):
    """A date; the query goes on with its ISO 8601 text, which is what stores compare."""

    allowed = "a date as YYYY-MM-DD"
    example = "2025-09-30"

    def to_internal_value(self, value: Any) -> str:  # type: ignore[override]
        day: date = super().to_internal_value(value)
        if day.isoformat() != value:
            self.fail("invalid", format="YYYY-MM-DD")
        return day.isoformat()


class Day(IsoDate):
    """A date, or how far it lies back."""

    allowed = f"a date as YYYY-MM-DD, {DAY_FORMS}"
    relative = DAYS


class DayRange(Documented, serializers.Field[Any, Any, Any, Any]):
    """A date or several, a month, `from..to` without its end, `all`, or a word that is asked for as
    it is.

    Where `latest` is such a word, so is `nearest:` with a date: the newest on or before it.
    """

    example = "2025-09"
    relative = DAYS

    def __init__(self, *words: str, **more: Any) -> None:
        self.words = ("all", *words)
        super().__init__(required=False, **more)

    @property
    def allowed(self) -> str:
        nearest = f", or the newest date on or before one ({NEAREST}2026-02-03)"
        return (
            f"a date (2026-02-03), up to {MOST_DAYS} of them (2026-02-03,2026-03-03), a month"
            f" (2026-02), a range without its end (2026-02-03..2026-03, -7d..today),"
            f" {DAY_FORMS}, or {' or '.join(self.words)}"
            f"{nearest if self.has_nearest else ''}"
        )

    @property
    def has_nearest(self) -> bool:
        return LATEST in self.words

    def to_internal_value(self, data: Any) -> Span | Nearest | tuple[str, ...] | str:
        text = str(data)
        if "," in text:
            days = text.split(",")
            if len(days) > MOST_DAYS:
                raise serializers.ValidationError(f"More than {MOST_DAYS} dates.", code="too_many")
            return tuple(sorted({_day(day.strip(" ")) for day in days}))
        if self.has_nearest and text.startswith(NEAREST):
            return Nearest(_day(text.removeprefix(NEAREST)))
        if text in self.words:
            return Span(None, None) if text == "all" else text
        first, dots, last = text.partition("..")
        start, after = _span(first)
        if not dots:
            return Span(start, after)
        end, _ = _span(last)
        if end <= start:
            raise serializers.ValidationError(
                "The range is empty: its end, which does not count, is not after its start.",
                code="empty_range",
            )
        return Span(start, end)


def _day(text: str) -> str:
    if re.fullmatch(MONTH, text):
        raise serializers.ValidationError(f"'{text}' is not a date.", code="invalid")
    return _span(text)[0]


def _span(text: str) -> tuple[str, str | None]:
    """The first day of a date or month, and the day after its last, of which the calendar's very
    last has none."""
    is_month = re.fullmatch(MONTH, text)
    try:
        if not is_month and not re.fullmatch(DAY, text):
            raise ValueError(text)
        first = date.fromisoformat(f"{text}-01" if is_month else text)
    except ValueError:
        raise serializers.ValidationError(
            f"'{text[:50]}' is not a date or month.", code="invalid"
        ) from None
    try:
        after = (first + timedelta(days=31)).replace(day=1) if is_month else first + ONE_DAY
    except OverflowError:
        return first.isoformat(), None
    return first.isoformat(), after.isoformat()


class DayOrMonth(Documented, serializers.Field[Any, Any, Any, Any]):
    """A date or a month, as the days it covers: the first, and the one after its last."""

    allowed = f"a date (2026-02-03), a month (2026-02), {DAY_FORMS}"
    example = "2025-09"
    relative = DAYS

    def to_internal_value(self, data: Any) -> Span:
        return Span(*_span(str(data)))


class Instant(Documented, serializers.Field[Any, Any, Any, Any]):
    """An instant with its offset; one in the future is refused."""

    allowed = "an ISO 8601 instant with its offset, not in the future, as 2026-02-03T14:00:00Z"
    example = "2025-10-01T06:00:00Z"

    def to_internal_value(self, data: Any) -> datetime:
        # A plus sign in a query string is a blank unless it was escaped.
        text = _PLUS.sub("+", str(data))
        try:
            if not re.fullmatch(INSTANT, text):
                raise ValueError(text)
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise serializers.ValidationError("This is not an instant.", code="invalid") from None
        try:
            instant = instant.astimezone(UTC)
        except OverflowError:
            raise serializers.ValidationError("This is out of range.", code="invalid") from None
        if instant > datetime.now(UTC):
            raise serializers.ValidationError("This is in the future.", code="future")
        return instant


class Moment(Documented, serializers.Field[Any, Any, Any, Any]):
    """One end of a range: a date or month, an instant, or a wall time without offset.

    A date, an aware or a naive datetime. A month is its first day, and so ends a range before it.
    """

    allowed = (
        "a date (2026-02-03), a month (2026-02), an instant with its offset"
        " (2026-02-03T14:00:00Z), or a wall time read in `tz` (2026-02-03T14:00)"
    )
    example = "2025-09-29"

    def to_internal_value(self, data: Any) -> date:
        # A plus sign in a query string is a blank unless it was escaped.
        text = _PLUS.sub("+", str(data))
        try:
            if re.fullmatch(rf"{DAY}T{_TIME}(?:{_OFFSET})?", text):
                moment = datetime.fromisoformat(text)
                return moment.astimezone(UTC) if moment.tzinfo else moment
            return date.fromisoformat(_span(text)[0])
        except (ValueError, OverflowError):
            raise serializers.ValidationError(
                f"'{text[:50]}' is not {self.allowed}.", code="invalid"
            ) from None


class PastMoment(Moment):
    """A moment, or how far it lies back."""

    allowed = f"{Moment.allowed}, {MOMENT_FORMS}"
    relative = MOMENTS


class ZoneName(Documented, serializers.RegexField):
    """A time zone by its IANA name, or `market`: each market's own."""

    allowed = "market, or the IANA name of a time zone, as America/Chicago or UTC"
    example = MARKET

    def __init__(self, **more: Any) -> None:
        super().__init__(ZONE, default=MARKET, **more)

    def to_internal_value(self, data: Any) -> str:
        name = str(super().to_internal_value(data))
        if name != MARKET:
            try:
                zone_info(name)
            except ZoneError:
                raise serializers.ValidationError(
                    f"There is no time zone '{name}'.", code="invalid"
                ) from None
        return name


def time_spans(
    attrs: Mapping[str, Any], market_zone: Callable[[], str | None]
) -> tuple[Span, Span]:
    """What `start`, `end` and `tz` say, as a range of delivery dates and one of instants.

    A date is the market's own day, unless `tz` names a zone; `market_zone` is the zone of the only
    market asked for, in which a wall time is read.
    """
    start, end = (
        _end(name, attrs, market_zone) if name in attrs else None for name in ("start", "end")
    )
    if start is not None and end is not None and type(start) is type(end) and end <= start:
        raise serializers.ValidationError(
            {"end": ["The range is empty: its end, which does not count, is not after its start."]},
            code="empty_range",
        )
    instants = (instant_text(e) if isinstance(e, datetime) else None for e in (start, end))
    return dates_within(start, end), Span(*instants)


def _end(
    name: str, attrs: Mapping[str, Any], market_zone: Callable[[], str | None]
) -> date | datetime:
    """A date by the market's clock, or an instant in UTC."""
    value, tz = attrs[name], attrs.get("tz", MARKET)
    is_wall = isinstance(value, datetime) and value.tzinfo is None
    if not is_wall and (tz == MARKET or isinstance(value, datetime)):
        return value  # type: ignore[no-any-return]
    zone = market_zone() if tz == MARKET else tz
    if zone is None:
        raise serializers.ValidationError(
            {name: ["A wall time needs `tz`, or one `iso` whose clock it is read by."]},
            code="wall_time",
        )
    try:
        return wall_utc(zone, value) if is_wall else hour_starts(zone, value)[0]
    except ValueError as error:
        raise serializers.ValidationError({name: [f"{error}."]}, code="wall_time") from None


class MonthRange(Documented, serializers.Field[Any, Any, Any, Any]):
    """Consecutive months: one, or `from..to` without its end. Their first days."""

    allowed = "a month (2026-11) or a range of months without its end (2026-11..2027-04)"
    example = "2026-01..2026-04"
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
