"""Demo prices: made up, the same on every machine, and shaped like the real thing.

A year of hourly day-ahead prices of two or three places in each market, which holds both changes of
the clock, and real-time prices of its last days. Power is dear in the evening, cheap in a sunny or
windy night, and now and then costs less than nothing.
"""

import io
import math
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from aurum.domains import DemoFile
from aurum.market.calendars import calendar_of
from aurum.market.time import hour_starts, instant_text, zone_info
from iso.tables import nominal_minutes

SEED = 20250930
LAST = datetime(2025, 10, 1, tzinfo=UTC).date()
DAYS, REAL_TIME_DAYS = 365, 3
REAL_TIME = {
    **dict.fromkeys(("CAISO", "ERCOT"), "FIFTEEN_MINUTE"),
    **dict.fromkeys(("NYISO", "SPP"), "FIVE_MINUTE"),
}
"""The market of an operator's real-time prices, where they are not by the hour."""
COLUMNS = (
    *("iso", "market", "location_id", "interval_start", "price_total", "interval_minutes"),
    *("price_energy", "price_congestion", "price_loss", "price_ghg"),
    *("location_name", "location_type", "zone", "hub", "vintage"),
)
RELEASED = timedelta(hours=17, minutes=30)
"""After the midnight, by UTC, of the day before a day-ahead price is for."""


class _Place(NamedTuple):
    """`level` in USD/MWh; `swing` is how much of it the hours and seasons move."""

    iso: str
    location_id: str
    name: str
    kind: str
    zone: str
    level: float
    swing: float


PLACES = (
    _Place("ISONE", "4000", ".H.INTERNAL_HUB", "HUB", "", 52.0, 0.38),
    _Place("ISONE", "4004", ".Z.CONNECTICUT", "ZONE", "", 51.0, 0.38),
    _Place("NYISO", "61761", "N.Y.C.", "ZONE", "", 54.0, 0.40),
    _Place("NYISO", "61752", "WEST", "ZONE", "", 36.0, 0.30),
    _Place("MISO", "INDIANA.HUB", "INDIANA.HUB", "HUB", "", 40.0, 0.32),
    _Place("MISO", "MINN.HUB", "MINN.HUB", "HUB", "", 31.0, 0.45),
    _Place("SPP", "SPPNORTH_HUB", "SPPNORTH_HUB", "HUB", "", 27.0, 0.95),
    _Place("SPP", "SPPSOUTH_HUB", "SPPSOUTH_HUB", "HUB", "", 31.0, 0.80),
    _Place("CAISO", "TH_NP15_GEN-APND", "TH_NP15_GEN-APND", "HUB", "", 46.0, 0.60),
    _Place("CAISO", "TH_SP15_GEN-APND", "TH_SP15_GEN-APND", "HUB", "", 40.0, 0.85),
    _Place("ERCOT", "HB_NORTH", "HB_NORTH", "HUB", "", 38.0, 0.75),
    _Place("ERCOT", "HB_WEST", "HB_WEST", "HUB", "", 33.0, 1.05),
    _Place("PJM", "51288", "WESTERN HUB", "HUB", "", 44.0, 0.35),
    _Place("PJM", "51217", "EASTERN HUB", "HUB", "", 41.0, 0.33),
    _Place("PJM", "48592", "ALDENE", "NODE", "PSEG", 43.0, 0.40),
)


def demo_files() -> Iterable[DemoFile]:
    """One CSV for each market operator and market."""
    isos = dict.fromkeys(place.iso for place in PLACES)
    markets = [(iso, REAL_TIME.get(iso, "REAL_TIME")) for iso in isos]
    return [
        (f"lmp-demo-{iso}-{market}.csv".lower(), partial(_file, iso, market))
        for iso, market in (*markets, *((iso, "DAY_AHEAD") for iso in isos))
    ]


def _file(iso: str, market: str) -> bytes:
    out = io.StringIO()
    out.write(",".join(COLUMNS) + "\n")
    for place in PLACES:
        if place.iso == iso:
            out.writelines(_prices(place, market))
    return out.getvalue().encode()


def _days(place: _Place, count: int) -> Iterator[tuple[int, datetime]]:
    """The hours of the market's last days: their number in the day, and when they begin."""
    zone = calendar_of(place.iso).market_zone
    for ahead in range(count, 0, -1):
        starts = hour_starts(zone, LAST - timedelta(days=ahead))
        yield from enumerate(starts)


def _prices(place: _Place, market: str) -> Iterator[str]:
    noise, is_ahead = _noise(place, market), market == "DAY_AHEAD"
    minutes = nominal_minutes(place.iso, market)
    for hour, start in _days(place, DAYS if is_ahead else REAL_TIME_DAYS):
        for minute in range(0, 60, minutes):
            price = _price(place, hour, start, noise)
            price *= 1 if is_ahead else noise.uniform(0.8, 1.25)
            line = _line(place, market, start + timedelta(minutes=minute), minutes, price)
            yield f"{line},{_released(place, start) if is_ahead else ''}\n"


def _noise(place: _Place, market: str) -> random.Random:
    return random.Random(f"{SEED}{place.iso}{place.location_id}{market}")  # noqa: S311 - made up


def _price(place: _Place, hour: int, start: datetime, noise: random.Random) -> float:
    season = 0.5 * math.cos(2 * math.pi * (start.timetuple().tm_yday - 200) / 365)
    evening = math.sin(math.pi * (hour - 7) / 12) + 0.6 * math.exp(-((hour - 19) ** 2) / 8)
    wobble = noise.gauss(0, 0.35)
    return place.level * (1 + place.swing * (season + evening - 0.2 + wobble))


def _line(place: _Place, market: str, start: datetime, minutes: int, price: float) -> str:
    """A row of COLUMNS but for the vintage; losses are a fiftieth of the energy, congestion a tenth
    of the rest."""
    total = round(price, 2)
    energy = round(total / 1.08, 2)
    loss = round(energy * 0.02, 2)
    when = instant_text(start)
    congestion = round(total - energy - loss, 2)
    return (
        f"{place.iso},{market},{place.location_id},{when},{total},{minutes},"
        f"{energy},{congestion},{loss},,{place.name},{place.kind},{place.zone},"
    )


def _released(place: _Place, start: datetime) -> str:
    day = start.astimezone(zone_info(calendar_of(place.iso).market_zone)).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return instant_text(midnight - timedelta(days=1) + RELEASED)
