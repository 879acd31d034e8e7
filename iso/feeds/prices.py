"""From a publisher's prices to rows of the price tables, for every feed of prices.

A feed says which interval a price is for, where, and what the publisher wrote. Here it is checked
whether the interval is one of the series', whether the components add up, and whether the file is
whole; series and locations are written down behind the last price.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.cells import InvalidRow, last_day, price, prices_at_once
from aurum.loads.feeds import Batch, RejectedRow
from aurum.loads.reading import ROWS_AT_ONCE
from aurum.market.calendars import calendar_of
from aurum.stores.tables import Row
from iso.feeds.columns import Coded, Numbers
from iso.feeds.intervals import Interval
from iso.feeds.locations import Location, must_be_askable
from iso.feeds.wholeness import Sum, Wholeness, comes_twice, shared_energy
from iso.tables import IRREGULAR, TABLES, nominal_minutes, words_of

LATE_SECONDS = 60
"""By how much an interval off the grid may be longer than the market's: a run that came late."""
PRICES, SERIES, LOCATIONS, WORDS = (table.name for table in TABLES)


class Values(NamedTuple):
    """Total and components as a file has them: text, numbers, None for what it does not have."""

    total: Any
    energy: Any = None
    congestion: Any = None
    loss: Any = None
    ghg: Any = None


PriceRow = tuple[str, Location, Interval, Values, Any, int | None]
"""Place in the file, where, when, how much, the row as it stood, the publisher's version."""
Read = PriceRow | None
"""None for a row that the feed has set aside, which counts all the same."""


class Prices:
    """Collects the prices of one market's file in batches.

    `status` and `vintage` are those of rows for which no other is given. `whole` says that what the
    file says of a location is all the publisher says; where other forms say more, this one counts
    only for locations of which nothing is known. `labelled` says that only a label tells the passes
    of a repeated hour apart: then no label may come twice. `irregular` is for those whose intervals
    begin anywhere, and are at most LATE_SECONDS longer than the market's. `by_day` says that the
    report has whole days, so that one that has less is worth a warning.
    """

    def __init__(
        self,
        iso: str,
        market: str,
        *,
        status: str = "FINAL",
        vintage: str | None = None,
        check: Sum | None = None,
        whole: bool = True,
        labelled: bool = False,
        irregular: bool = False,
        by_day: bool = True,
    ) -> None:
        self.iso, self.market = iso, market
        self._status, self._vintage = status, vintage
        self._check, self._whole = check, whole
        self._zone, minutes = calendar_of(iso).market_zone, nominal_minutes(iso, market)
        self._seconds = minutes * 60
        self._grid = frozenset(f"{minute:02}:00" for minute in range(0, 60, minutes))
        if irregular and (iso, market) not in IRREGULAR:
            # Sums of every other market take its intervals to be of one length.
            raise ValueError(f"{iso} {market} has intervals of one length")
        self._irregular = irregular
        self._wholeness = Wholeness(iso, market, self._zone, by_day=by_day)
        self._keys: dict[Location, str] = {}
        self._said: dict[str, tuple[str, Location]] = {}
        self._last_day = last_day()
        self._labelled = labelled
        self._passes: set[tuple[str, str]] = set()
        self._energies: dict[str, float | None] | None = None
        self._energy_within = 0.0
        self._start()

    def _start(self) -> None:
        self._rows, self._places = list[Any](), list[str]()
        self._batch = Batch(rows={PRICES: self._rows}, places={PRICES: self._places})

    @property
    def full(self) -> bool:
        """Whether it is time for a batch: by rows read, as a file may have none that is good."""
        return len(self._rows) + len(self._batch.rejected) >= ROWS_AT_ONCE

    def take(self) -> Batch:
        """What was collected so far; the next batch starts empty."""
        done = self._batch
        self._start()
        return done

    def finish(self) -> Batch:
        """The last batch, with series and locations, and what the file lacks."""
        done = self.take()
        priced = [where for where in self._keys if where.location_id in self._said]
        keys = {self._keys[where]: where.location_id for where in priced}
        words = dict.fromkeys(
            word for where in priced for word in words_of(self.iso, where.location_id, where.name)
        )
        said = [(self.iso, *where, self._zone, day) for day, where in self._said.values()]
        done.rows[SERIES] = [(key, self.iso, self.market, place) for key, place in keys.items()]
        done.rows[WORDS] = list(words)
        (done.rows if self._whole else done.insert_if_new)[LOCATIONS] = said
        done.warnings += self._wholeness.warnings()
        return done

    def collect(self, rows: Iterable[Read]) -> Iterator[Batch]:
        """Batches of rows that are added as they come, the last one behind the last row.

        For a row that the feed itself sets aside with `reject`, there is None.
        """
        for row in rows:
            if row is not None:
                self.add(*row)
            if self.full:
                yield self.take()
        yield self.finish()

    def collect_same_energy(
        self, rows: Callable[[], Iterable[Read]], within: float
    ) -> Iterator[Batch]:
        """As `collect`, for a market with one energy price in each interval, to within `within`.

        The rows are read twice: which place is wrong shows only once all of an interval are known.
        Where no more than half of its places agree, none of them can be trusted.
        """
        found: dict[str, array[float]] = {}
        for row in rows():
            if row is not None and row[3].energy is not None:
                found.setdefault(row[2].interval_start, array("d")).append(row[3].energy)
            if self.full:
                self._start()  # what was rejected on the way is rejected again
        self._start()
        self._energies = {start: shared_energy(these, within) for start, these in found.items()}
        self._energy_within = within
        return self.collect(rows())

    def add(
        self,
        place: str,
        location: Location,
        at: Interval,
        values: Values,
        raw: Any,
        version: int | None = None,
        status: str | None = None,
        vintage: str | None = None,
    ) -> None:
        """One price; one that cannot be right is set aside with its reason and `raw`.

        InvalidFile where the location has no id.
        """
        if not location.location_id:
            raise InvalidFile("the location has no id", place)
        key = self._keys.get(location) or self._series_key(location.location_id)
        if self._labelled and comes_twice(self._zone, at.interval_start):
            self._note_pass(place, key, at)
        try:
            if location not in self._keys:
                must_be_askable(location)
            self._must_fit(at)
            total, *parts = map(price, values)
            if total is None:
                raise InvalidRow("missing_measurement")
            adds_up = self._adds_up(total, parts)
            self._check_energy(at, parts[0])
        except InvalidRow as reason:
            self.reject(place, str(reason), raw, self.key_of(location.location_id, at))
            return
        if not adds_up:
            self.flag(place, "components_do_not_add_up", raw)
        self._keys[location] = key
        day, start, _, seconds, *_ = at
        if self._wholeness.note(key, day, start, seconds):
            self._say(location, day)
        issue = status or self._status, version, vintage or self._vintage
        self._rows.append((key, *at, total, *parts, *issue))
        self._places.append(place)

    def sound(
        self,
        locations: Iterable[Location],
        intervals: Iterable[Interval],
        cells: Sequence[Sequence[Any]],
    ) -> list[Numbers] | None:
        """Columns of `Values` as numbers, if `add` would take each row without a remark."""
        if self._labelled or self._energies is not None:
            return None
        try:
            total, *parts = map(prices_at_once, cells)
            for location in {*locations} - self._keys.keys():
                must_be_askable(location)
            for at in intervals:
                self._must_fit(at)
        except InvalidRow:
            return None
        if None in total or not (self._check is None or self._check.holds_for_all(total, parts)):
            return None
        return [total, *parts]

    def add_all(
        self,
        places: Sequence[str],
        where: Coded[Location],
        when: Coded[Interval],
        columns: Sequence[Numbers],
        versions: Sequence[int | None],
    ) -> None:
        """Prices that are `sound`."""
        keys = {cell: self._series_key(one.location_id) for cell, one in where.means.items()}
        self._keys.update((one, keys[cell]) for cell, one in where.means.items())
        series = [*map(keys.__getitem__, where.cells)]
        for first in self._wholeness.note_all(series, when):
            self._say(where.of(first), when.of(first).delivery_date)
        at, status, vintage = map(when.means.__getitem__, when.cells), self._status, self._vintage
        self._rows += [
            (key, *interval, total, energy, congestion, loss, ghg, status, version, vintage)
            for key, interval, version, total, energy, congestion, loss, ghg in zip(
                series, at, versions, *columns, strict=True
            )
        ]
        self._places += places

    def _must_fit(self, at: Interval) -> None:
        """A series has intervals of one length, on the grid of the clock."""
        if self._irregular:
            fits = 0 < at.interval_seconds <= self._seconds + LATE_SECONDS
        else:
            fits = at.interval_seconds == self._seconds and at.interval_start[14:19] in self._grid
        if not fits:
            raise InvalidRow("interval_does_not_fit")
        if at.delivery_date > self._last_day:
            raise InvalidRow("date_ahead")

    def _note_pass(self, place: str, key: str, at: Interval) -> None:
        if (key, at.interval_start) in self._passes:
            raise InvalidFile("a repeated hour comes twice with the same label", place)
        self._passes.add((key, at.interval_start))

    def numbers(
        self, place: str, cells: Sequence[str], raw: Any, key: Row | None = None
    ) -> list[float] | None:
        """What a feed computes with; None, and the row is set aside, where a cell is no number."""
        try:
            found = [number for number in map(price, cells) if number is not None]
            if len(found) < len(cells):
                raise InvalidRow("missing_measurement")
        except InvalidRow as reason:
            self.reject(place, str(reason), raw, key)
            return None
        return found

    def key_of(self, location_id: str, at: Interval) -> Row:
        """The key of a price in ISO_LMP."""
        return self._series_key(location_id), at.delivery_date, at.interval_start

    def _series_key(self, location_id: str) -> str:
        return f"{self.iso}:{self.market}:{location_id}"

    def reject(self, place: str, reason: str, raw: Any, key: Row | None = None) -> None:
        """Sets a row aside; `key` is that of its price, where it is known."""
        self._batch.rejected.append(RejectedRow(place, reason, json.dumps(raw), key))

    def flag(self, place: str, reason: str, raw: Any) -> None:
        self._batch.flagged.append(RejectedRow(place, reason, json.dumps(raw)))

    def _adds_up(self, total: float, parts: Sequence[float | None]) -> bool:
        """Whether the components do; InvalidRow where the publisher guarantees that they do."""
        check = self._check
        if check is None or check.holds(total, parts):
            return True
        if check.guaranteed:
            raise InvalidRow("components_do_not_add_up")
        return False

    def _check_energy(self, at: Interval, energy: float | None) -> None:
        if self._energies is None or energy is None:
            return
        shared = self._energies[at.interval_start]
        if shared is None or abs(energy - shared) > self._energy_within + 1e-9:
            raise InvalidRow("energy_differs")

    def _say(self, location: Location, day: str) -> None:
        """Keeps what the file says of a location on the latest of its days."""
        known = self._said.get(location.location_id)
        if known is None or day >= known[0]:
            self._said[location.location_id] = day, location
