"""From a publisher's prices to rows of the curve tables, for every feed of curves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from aurum.loads.cells import InvalidRow, last_day
from aurum.loads.feeds import Batch, RejectedRow
from aurum.loads.reading import ROWS_AT_ONCE
from aurum.market.rounding import exact
from aurum.stores.tables import Row
from curves.tables import CURVE, CURVE_OBSERVATION, CURVE_TENOR, IDENTITY

OBSERVATIONS, CURVES, TENORS = CURVE_OBSERVATION.name, CURVE.name, CURVE_TENOR.name


def middle(mid: float | None, bid: float | None, ask: float | None) -> float | None:
    """The given middle, else that of bid and ask; InvalidRow without any price or if they cross."""
    if bid is not None and ask is not None and bid > ask:
        raise InvalidRow("negative_spread")
    if mid is None and bid is None and ask is None:
        raise InvalidRow("missing_measurement")
    if mid is None and bid is not None and ask is not None:
        return float((exact(bid) + exact(ask)) / 2)
    return mid


@dataclass
class Rows:
    """Collects a batch; a curve and a tenor are written down the first time a file names them."""

    batch: Batch = field(default_factory=Batch)
    last_day: str = field(default_factory=last_day)
    _curves: set[str] = field(default_factory=set)
    _tenors: set[Row] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.batch = Batch(
            rows={OBSERVATIONS: [], CURVES: [], TENORS: []},
            insert_if_new={CURVES: []},
            places={OBSERVATIONS: []},
        )

    @property
    def full(self) -> bool:
        """Whether it is time for a batch: by rows read, as a file may have none that is good."""
        return len(self.batch.rows[OBSERVATIONS]) + len(self.batch.rejected) >= ROWS_AT_ONCE

    def must_be_by_now(self, asof: str) -> None:
        """InvalidRow for a valuation date that nobody can know anything of yet."""
        if asof > self.last_day:
            raise InvalidRow("asof_date_ahead")

    def curve(self, key: str, parts: Mapping[str, str | None]) -> None:
        """Must come before the curve's observations: what is not in `curve` is never shown.

        A file that says nothing of a curve but its key takes nothing away from what is known.
        """
        if key not in self._curves:
            self._curves.add(key)
            row = (key, *(parts.get(name) for name in IDENTITY))
            known = any(row[1:])
            (self.batch.rows if known else self.batch.insert_if_new)[CURVES].append(row)

    def observation(self, place: str, row: Row) -> None:
        tenor = row[:3]  # curve_key, tenor_label, price_type lead both tables
        if tenor not in self._tenors:
            self._tenors.add(tenor)
            self.batch.rows[TENORS].append(tenor)
        self.batch.rows[OBSERVATIONS].append(row)
        self.batch.places[OBSERVATIONS].append(place)

    def reject(self, place: str, reason: str, raw: str, key: Row | None = None) -> None:
        self.batch.rejected.append(RejectedRow(place, reason, raw, key))

    def take(self) -> Batch:
        """What was collected so far; the next batch starts empty."""
        done = self.batch
        self._start()
        return done


def iso_text(month: date | None) -> str | None:
    return month.isoformat() if month else None
