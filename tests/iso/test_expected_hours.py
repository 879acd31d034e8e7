"""How many hours a bucket has: by the calendar of each market, whole and in part, asked again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aurum.market.calendars import calendar_of
from aurum.market.spans import Span
from aurum.market.time import MARKET
from iso.calculations.completeness import expected
from iso.calculations.resampling import GMT, Resampling
from iso.tables import ISOS

HOUR = timedelta(hours=1)
DAYS = (
    *("2025-03-08", "2025-03-09", "2025-03-10"),  # the spring change
    *("2025-07-03", "2025-07-04", "2025-07-05"),  # a holiday on a Friday, and a Saturday
    *("2025-11-01", "2025-11-02", "2025-11-03"),
)


def of_day(iso: str, block: str, text: str, length: str = "day") -> int:
    return expected((iso,), Resampling(length).at(iso, text), 60, {"block": block})


@pytest.mark.parametrize(
    ("isos", "block", "of_days"),
    [
        ("PJM,NYISO,ISONE,ERCOT,SPP", None, (24, 23, 24, 24, 24, 24, 24, 25, 24)),
        ("CAISO", None, (24, 23, 24, 24, 24, 24, 24, 25, 24)),
        ("MISO", None, (24, 24, 24, 24, 24, 24, 24, 24, 24)),
        ("PJM,NYISO,ISONE,ERCOT,SPP,MISO", "ON_PEAK", (0, 0, 16, 16, 0, 0, 0, 0, 16)),
        ("CAISO", "ON_PEAK", (16, 0, 16, 16, 0, 16, 16, 0, 16)),
        ("PJM", "OFF_PEAK", (24, 23, 8, 8, 24, 24, 24, 25, 8)),
        ("CAISO", "OFF_PEAK", (8, 23, 8, 8, 24, 8, 8, 25, 8)),
    ],
)
def test_hours_of_a_day_are_those_of_its_market(
    isos: str, block: str | None, of_days: tuple[int, ...]
) -> None:
    for _ in range(2):
        for iso in isos.split(","):
            got = tuple(of_day(iso, block or "7X24", day) for day in DAYS)
            assert got == of_days, iso


def test_months_and_years() -> None:
    # July 2025 has 23 weekdays and 4 Saturdays, and one holiday on a weekday.
    assert [of_day(iso, "ON_PEAK", "2025-07-09", "month") for iso in ("PJM", "CAISO", "PJM")] == [
        22 * 16, 26 * 16, 22 * 16,
    ]  # fmt: skip
    lengths = [of_day(iso, "7X24", "2025-03-09", "month") for iso in ("PJM", "MISO")]
    assert lengths == [743, 744]
    assert of_day("PJM", "7X24", "2025-03-09", "year") == 8760


RANGES = (
    {},
    {"delivery_date": Span("2025-03-09", "2025-11-02")},
    {"delivery_date": Span("2025-11-02", None)},
    {"delivery_date": Span(None, "2025-03-09")},
    {"interval_start": Span("2025-03-09T03:00:00Z", "2025-11-02T21:00:00Z")},
)


def one_by_one(
    isos: tuple[str, ...], start: datetime, end: datetime, asked: dict[str, Span], block: str
) -> int:
    """Each hour looked at by its own: in the block of all markets, and in the range."""
    calendars = [calendar_of(iso) for iso in isos]
    zone = ZoneInfo(calendars[0].market_zone)
    hours: Iterator[datetime] = (start + n * HOUR for n in range((end - start) // HOUR))
    days, instants = asked.get("delivery_date"), asked.get("interval_start")
    return sum(
        all(calendar.is_in(block, hour) for calendar in calendars)
        and (days is None or days.holds(hour.astimezone(zone).date().isoformat()))
        and (instants is None or instants.holds(f"{hour.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"))
        for hour in hours
    )


@pytest.mark.parametrize("asked", RANGES, ids=str)
@pytest.mark.parametrize("tz", [MARKET, GMT])
@pytest.mark.parametrize("isos", [*((iso,) for iso in ISOS), ("MISO", "NYISO"), ("PJM", "CAISO")])
def test_what_is_kept_is_what_is_counted_hour_by_hour(
    isos: tuple[str, ...], tz: str, asked: dict[str, Span]
) -> None:
    for length in ("day", "week", "month"):
        resampling = Resampling(length, tz)
        for text in DAYS[1::3]:
            bounds = resampling.at(isos[0], text)
            for block in ("ON_PEAK", "OFF_PEAK"):
                counted = one_by_one(isos, bounds.start, bounds.end, asked, block)
                # A range that ends before the bucket begins is never asked: no price is in both.
                if counted or not asked:
                    filters = {**asked, "block": block}
                    assert expected(isos, bounds, 60, filters) == counted, (text, block)
