"""From a publisher's prices to rows of the price tables, for every feed of prices.

A feed says which interval a price is for, where, and what the publisher wrote. Here the components
are checked against their sum, and series and locations are written down when first named.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, RejectedRow
from aurum.loads.reading import InvalidRow, price
from aurum.market.calendars import calendar_of
from aurum.market.time import instant_text, local_hour, wall_hours
from aurum.stores.tables import Row
from iso.tables import TABLES, in_capitals

ROWS_AT_ONCE = 5_000
PRICES, SERIES, LOCATIONS, WORDS = (table.name for table in TABLES)


class Interval(NamedTuple):
    """When a price is for: the columns of ISO_LMP from `delivery_date` to `is_peak_day`."""

    delivery_date: str
    interval_start: str
    interval_end: str
    interval_minutes: int
    hour_beginning: int
    hour_ending: int
    utc_offset: int
    is_peak_day: int


class Location(NamedTuple):
    """What a file says of a location."""

    location_id: str
    name: str | None = None
    kind: str | None = None
    zone: str | None = None
    hub: str | None = None


def words_of(iso: str, location: Location) -> list[Row]:
    """Rows of ISO_LOCATION_NAME: what the location is called."""
    words = {in_capitals(word) for word in (location.location_id, location.name) if word}
    return [(word, iso, location.location_id) for word in sorted(words)]


class Values(NamedTuple):
    """Total and components as a file has them: text, numbers, None for what it does not have."""

    total: Any
    energy: Any = None
    congestion: Any = None
    loss: Any = None
    ghg: Any = None


PriceRow = tuple[str, Location, Interval, Values, Any, int | None]
"""Place in the file, where, when, how much, the row as it stood, the publisher's version."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How exactly the components add up to the total, and whether the publisher guarantees it."""

    within: float
    guaranteed: bool = True

    def holds(self, total: float, parts: Sequence[float | None]) -> bool:
        """Whether they do; they always do where energy, congestion or loss is not given."""
        energy, congestion, loss, ghg = parts
        if energy is None or congestion is None or loss is None:
            return True
        apart = total - energy - congestion - loss - (ghg or 0.0)
        return -self.within - 1e-9 <= apart <= self.within + 1e-9


@lru_cache(maxsize=2**17)
def interval(iso: str, start: datetime, minutes: int) -> Interval:
    """The interval that begins at an instant, with what the market's clock and calendar say."""
    calendar = calendar_of(iso)
    local = local_hour(calendar.zone, start)
    return Interval(
        local.day.isoformat(),
        instant_text(start),
        instant_text(start + timedelta(minutes=minutes)),
        minutes,
        local.hour,
        local.hour + 1,
        local.offset,
        int(calendar.is_peak_day(local.day)),
    )


def resolved(place: str, clock: Callable[..., Any], *args: Any) -> Any:
    """What a reading of a clock gives; InvalidFile, with the place, when it cannot be resolved."""
    try:
        return clock(*args)
    except (ValueError, OverflowError) as error:  # the ends of the calendar overflow
        raise InvalidFile(f"this time cannot be resolved: {error}", place) from error


@lru_cache(maxsize=2**12)
def _comes_twice(zone: str, start: str) -> bool:
    """Whether the clock shows the hour of an instant twice on its day."""
    local = local_hour(zone, datetime.fromisoformat(start))
    return wall_hours(zone, local.day).count(local.hour) > 1


class Prices:
    """Collects a batch of one market's prices.

    `whole` says that what the file says of a location is all the publisher says; where other forms
    say more, this one counts only for locations of which nothing is known. `labelled` says that
    only a label tells the passes of a repeated hour apart: then no label may come twice.
    """

    def __init__(
        self,
        iso: str,
        market: str,
        *,
        check: Sum | None = None,
        whole: bool = True,
        labelled: bool = False,
    ) -> None:
        self.iso, self.market = iso, market
        self._check, self._whole = check, whole
        self._timezone = calendar_of(iso).zone
        self._keys: dict[Location, str] = {}
        self._labelled = labelled
        self._passes: set[tuple[str, str]] = set()
        self._start()

    def _start(self) -> None:
        registry: dict[str, Any] = {LOCATIONS: []}
        self._locations = registry[LOCATIONS]
        self._rows: list[Any] = []
        self._places: list[str] = []
        self._series: list[Any] = []
        self._words: list[Any] = []
        rows = {PRICES: self._rows, SERIES: self._series, WORDS: self._words}
        self._batch = Batch(
            rows=rows | (registry if self._whole else {}),
            insert_if_new={} if self._whole else registry,
            places={PRICES: self._places},
        )

    @property
    def full(self) -> bool:
        return len(self._rows) >= ROWS_AT_ONCE

    def take(self) -> Batch:
        """What was collected so far; the next batch starts empty."""
        done = self._batch
        self._start()
        return done

    def collect(self, rows: Iterable[PriceRow]) -> Iterator[Batch]:
        """Batches of rows that are added as they come, the last one behind the last row.

        A feed that makes `rows` may `reject` between two of them.
        """
        for row in rows:
            self.add(*row)
            if self.full:
                yield self.take()
        yield self.take()

    def add(
        self,
        place: str,
        location: Location,
        at: Interval,
        values: Values,
        raw: Any,
        version: int | None = None,
    ) -> None:
        """One price; one that cannot be right is set aside with its reason and `raw`.

        InvalidFile where the location has no id.
        """
        key = self._keys.get(location) or self._named(location, place)
        if self._labelled and _comes_twice(self._timezone, at.interval_start):
            self._note_pass(place, key, at)
        try:
            total, *parts = map(price, values)
            if total is None:
                raise InvalidRow("missing_measurement")
            self._check_components(total, parts)
        except InvalidRow as reason:
            self.reject(place, str(reason), raw)
            return
        self._rows.append((key, *at, total, *parts, version))
        self._places.append(place)

    def _note_pass(self, place: str, key: str, at: Interval) -> None:
        if (key, at.interval_start) in self._passes:
            raise InvalidFile("a repeated hour comes twice with the same label", place)
        self._passes.add((key, at.interval_start))

    def reject(self, place: str, reason: str, raw: Any) -> None:
        self._batch.rejected.append(RejectedRow(place, reason, json.dumps(raw)))

    def _check_components(self, total: float, parts: Sequence[float | None]) -> None:
        check = self._check
        if check is None:
            return
        if check.guaranteed and None in parts[:3] and parts[:3] != [None] * 3:
            raise InvalidRow("missing_component")  # a form may leave out all of them, not one
        if check.holds(total, parts):
            return
        if check.guaranteed:
            raise InvalidRow("components_do_not_add_up")
        self._batch.flagged += 1

    def _named(self, location: Location, place: str) -> str:
        if not location.location_id:
            raise InvalidFile("the location has no id", place)
        key = f"{self.iso}:{self.market}:{location.location_id}"
        self._keys[location] = key
        self._series.append((key, self.iso, self.market, location.location_id))
        self._locations.append((self.iso, *location, self._timezone))
        self._words += words_of(self.iso, location)
        return key
