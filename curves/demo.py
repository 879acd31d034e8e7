"""Demo curves: made up, the same on every machine, and shaped like the real thing.

Power peaks in summer or winter by market, gas in winter; prices rise gently along the curve; each
valuation date moves all of it a little. Thinly traded curves lack months far out.
"""

import csv
import io
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from aurum.domains import DemoFile
from aurum.market.tenors import next_month

SEED = 20250901
FIRST, LAST = date(2025, 9, 2), date(2025, 9, 30)
MONTHS = 84

COLUMNS = (
    *("asof_date", "asset_class", "iso", "location", "market", "product", "block"),
    *("contract_month", "price_type", "mid", "bid", "ask", "units_raw", "currency", "per_unit"),
)

HUBS = {
    "PJM": (("Western Hub", 46.0), ("AEP-Dayton Hub", 43.5), ("N Illinois Hub", 39.0)),
    "ERCOT": (("HB_NORTH", 44.0), ("HB_HOUSTON", 45.5), ("HB_WEST", 41.0)),
    "CAISO": (("TH_NP15_GEN-APND", 52.0), ("TH_SP15_GEN-APND", 47.5)),
    "NYISO": (("N.Y.C.", 55.0), ("WEST", 38.0)),
    "ISONE": ((".H.INTERNAL_HUB", 57.0), (".Z.CONNECTICUT", 56.0)),
    "MISO": (("INDIANA.HUB", 41.0), ("MINN.HUB", 35.5)),
    "SPP": (("SPPNORTH_HUB", 31.0), ("SPPSOUTH_HUB", 33.5)),
}
GAS = (
    ("Henry Hub", 3.40),
    ("Chicago Citygate", 3.30),
    ("Transco Zone 6 NY", 3.85),
    ("SoCal Citygate", 4.10),
    ("Waha", 2.10),
    ("Algonquin Citygate", 5.20),
)
WINTER_PEAKING = ("NYISO", "ISONE")


@dataclass(frozen=True, slots=True)
class _Curve:
    """`level` in currency/unit; `swing` is the seasonal share; `spread` the bid-ask share."""

    asset_class: str
    iso: str
    location: str
    block: str
    level: float
    swing: float
    winter: bool
    spread: float
    lacks: frozenset[int]


def _curves() -> list[_Curve]:
    made = []
    for iso, hubs in HUBS.items():
        for rank, (location, level) in enumerate(hubs):
            for block, share in (("ON_PEAK", 1.15), ("OFF_PEAK", 0.82)):
                lacks = frozenset(range(60, MONTHS)) if rank == 1 else frozenset()
                winter = iso in WINTER_PEAKING
                spread = 0.004 + 0.004 * rank
                made.append(
                    _Curve(
                        "power", iso, location, block, level * share, 0.22, winter, spread, lacks
                    )
                )
    for rank, (location, level) in enumerate(GAS):
        lacks = frozenset(range(61, MONTHS, 2)) if rank > 3 else frozenset()
        made.append(_Curve("gas", "", location, "", level, 0.18, True, 0.006, lacks))
    for rank, iso in enumerate(("PJM", "ERCOT", "CAISO", "NYISO")):
        made.append(
            _Curve(
                "renewable", iso, "REC Tier 1", "", 24.0 - 4 * rank, 0.0, False, 0.02, frozenset()
            )
        )
    return made


def _days() -> list[date]:
    span = ((FIRST + timedelta(days=n)) for n in range((LAST - FIRST).days + 1))
    return [day for day in span if day.weekday() < 5]


def demo_files() -> Iterable[DemoFile]:
    """One CSV for each business day of September 2025."""
    return [(f"demo-curves-{day}.csv", partial(_file, day)) for day in _days()]


def _file(day: date) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, curve in enumerate(_curves()):
        writer.writerows(_rows(curve, number, day))
    return out.getvalue().encode()


def _rows(curve: _Curve, number: int, day: date) -> Iterable[tuple[object, ...]]:
    currency, unit = ("USD", "MMBtu" if curve.asset_class == "gas" else "MWh")
    market = "" if curve.asset_class == "renewable" else "DAY_AHEAD"
    product = {"power": "power", "gas": "gas", "renewable": "REC"}[curve.asset_class]
    drift = _drift(number, day)
    for ahead in range(MONTHS):
        if ahead in curve.lacks:
            continue
        month = next_month(day.replace(day=1), ahead)
        mid = round(curve.level * (1 + drift) * _shape(curve, month, ahead), 3)
        half = max(0.001, round(mid * curve.spread / 2, 3))
        yield (
            *(day, curve.asset_class, curve.iso, curve.location, market, product, curve.block),
            *(month, "MID", f"{mid:.3f}", f"{mid - half:.3f}", f"{mid + half:.3f}"),
            *(f"$/{unit}", currency, unit),
        )


def _shape(curve: _Curve, month: date, ahead: int) -> float:
    """Season and contango: about 1, highest in January or in July, 1.8 % dearer each year out."""
    phase = month.month - (1 if curve.winter else 7)
    return (1 + curve.swing * math.cos(2 * math.pi * phase / 12)) * (1 + 0.0015 * ahead)


def _drift(number: int, day: date) -> float:
    """How far a curve has walked since the first day, as a share of its level."""
    walk = random.Random(SEED * 1000 + number)  # noqa: S311 - made-up prices, no secret
    steps = (day - FIRST).days + 1
    return sum(walk.uniform(-0.012, 0.013) for _ in range(steps))
