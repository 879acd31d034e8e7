"""A series is one product: intervals of one length, of which the newest issue stands."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.loads.feeds import Batch
from aurum.loads.loader import Source, load_file
from aurum.loads.log import load_log
from aurum.stores.registry import writer_of
from iso.feeds.intervals import between, interval
from iso.feeds.locations import Location
from iso.feeds.prices import Prices, Values
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

MIDNIGHT = datetime(2026, 9, 24, 4, tzinfo=UTC)
"""In New York."""


def collected(prices: Prices, *rows: tuple[Any, ...]) -> list[Batch]:
    return list(prices.collect(rows))  # type: ignore[arg-type]


def row(place: str, at: Any, price: float, **values: float) -> tuple[Any, ...]:
    return f"line {place}", Location(place, f"{place} name"), at, Values(price, **values), [], None


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize(
    ("series", "start", "minutes"),
    [
        ("NYISO:FIVE_MINUTE:1", "2026-09-24T04:00:00Z", 60),
        ("NYISO:REAL_TIME:1", "2026-09-24T04:00:00Z", 5),
        ("CAISO:HOUR_AHEAD:1", "2026-09-24T04:00:00Z", 60),
        ("PJM:DAY_AHEAD:1", "2026-09-24T04:30:00Z", 60),
        ("ERCOT:FIFTEEN_MINUTE:1", "2026-09-24T04:05:00Z", 15),
    ],
)
def test_a_price_of_another_product_does_not_enter_a_series(
    market: Market, api: Api, series: str, start: str, minutes: int
) -> None:
    good = hours("2026-09-24T04:00:00Z", 1, lambda n: 20.0, series="PJM:DAY_AHEAD:9")
    counts = market.load("iso.csv", lmp(good, hours(start, 1, series=series, minutes=minutes)))
    assert (counts.counts.new, counts.counts.quarantined) == (1, 1)
    assert [r["price_total"] for r in api.rows("/v2/iso/lmp")] == [20.0]


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_hourly_and_five_minute_prices_are_two_series(market: Market, api: Api) -> None:
    five = hours(
        "2026-09-24T04:00:00Z", 12, lambda n: 20.0 + n, series="NYISO:FIVE_MINUTE:1", minutes=5
    )
    market.load("iso.csv", lmp(five))
    market.load(
        "iso.csv",
        lmp(hours("2026-09-24T04:00:00Z", 1, lambda n: 100.0, series="NYISO:REAL_TIME:1")),
    )
    fields = "fields=market,mean,count,expected,hours_expected,hours_covered,partial"
    rows = api.rows(f"/v2/iso/lmp?resample=hour&{fields}")
    assert [tuple(r.values()) for r in rows] == [
        ("FIVE_MINUTE", 25.5, 12, 12, 1.0, 1.0, False),
        ("REAL_TIME", 100.0, 1, 1, 1.0, 1.0, False),
    ]


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_aggregates_weigh_a_price_by_how_long_it_held(market: Market, api: Api) -> None:
    """Four minutes at 1,030 in an hour at 30, and then nothing for the last five minutes."""
    ends = [*range(5, 55, 5), 54, 55]
    steps = zip([0, *ends], [*ends], strict=False)
    rows = [row("1", _part(begin, end), 1030.0 if end == 54 else 30.0) for begin, end in steps]
    load(Prices("NYISO", "FIVE_MINUTE", irregular=True), *rows)
    (hour,) = api.rows("/v2/iso/lmp?resample=hour&agg=mean,min,max,sum,std")
    mean = (30 * 51 + 1030 * 4) / 55
    assert hour["mean"] == pytest.approx(mean, abs=1e-6)
    assert hour["sum"] == pytest.approx((30 * 51 + 1030 * 4) / 5, abs=1e-6)
    std = (((30 - mean) ** 2 * 51 + (1030 - mean) ** 2 * 4) / 55) ** 0.5
    assert hour["std"] == pytest.approx(std, abs=1e-4)
    # All of it is one day's, which the store adds up: of a single place, and of any.
    for asked in ("location_id=1", "iso=NYISO"):
        (day,) = api.rows(f"/v2/iso/lmp?resample=day&agg=mean,min,max,sum,std&{asked}")
        shown = ("mean", "min", "max", "sum", "std", "count", "hours_covered")
        assert [day[name] for name in shown] == [hour[name] for name in shown], asked
    assert (hour["count"], hour["expected"]) == (12, 12)
    assert (hour["hours_covered"], hour["partial"]) == (pytest.approx(55 / 60), True)
    (short,) = api.rows("/v2/iso/lmp?start=2026-09-24T04:50Z&end=2026-09-24T04:51Z&"
                        "fields=interval_minutes,interval_seconds,interval_end")  # fmt: skip
    assert tuple(short.values()) == (4, 240, "2026-09-24T04:54:00Z")


def test_only_a_market_known_for_it_may_have_intervals_of_any_length() -> None:
    """Sums of a series of another market are weighed as if all its intervals had one length."""
    for iso, market in (("PJM", "FIVE_MINUTE"), ("NYISO", "DAY_AHEAD")):
        with pytest.raises(ValueError, match=f"{iso} {market} has intervals of one length"):
            Prices(iso, market, irregular=True)


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_a_length_of_no_whole_minutes_is_told_in_seconds(market: Market, api: Api) -> None:
    at = between("NYISO", MIDNIGHT, MIDNIGHT + timedelta(seconds=12))
    load(Prices("NYISO", "FIVE_MINUTE", irregular=True), row("1", at, 30.0))
    (v2,) = api.rows("/v2/iso/lmp?fields=interval_minutes,interval_seconds")
    assert tuple(v2.values()) == (None, 12)
    (v1,) = api.rows("/v1/iso/lmp/last-24h")
    assert v1["interval_minutes"] is None


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_newest_issue_stands_whatever_the_order_of_loading(
    market: Market, api: Api, order: tuple[int, ...]
) -> None:
    issues = [("PRELIMINARY", 7, 45.0), ("FINAL", 1, 30.0), ("FINAL", 2, 31.0)]
    for number in order:
        status, version, price = issues[number]
        (*start, _) = row("1", interval("PJM", MIDNIGHT, 60), price)
        load(Prices("PJM", "REAL_TIME", status=status), (*start, version))
    (shown,) = api.rows("/v2/iso/lmp?fields=price_total,status,version")
    assert tuple(shown.values()) == (31.0, "FINAL", 2)


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_place_is_called_what_it_was_called_last(
    market: Market, api: Api, order: tuple[int, ...]
) -> None:
    for number in order:
        at = interval("PJM", MIDNIGHT + timedelta(days=number), 60)
        place = Location("1", f"NAME {number}", "NODE", f"ZONE {number}")
        load(Prices("PJM", "REAL_TIME"), ("line 2", place, at, Values(30.0), [], None))
    (shown,) = api.rows("/v2/iso/locations?fields=location_name,zone")
    assert tuple(shown.values()) == ("NAME 2", "ZONE 2")
    for name in ("name 0", "name 1", "name 2", "1"):
        assert len(api.rows(f"/v2/iso/lmp?location_id={name}")) == 3, name


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_on_peak_of_miso_goes_by_eastern_prevailing_time(market: Market, api: Api) -> None:
    """The price is the hour ending, Eastern standard: in summer 07 to 22, in winter 08 to 23."""
    for day, after, mean, first in (
        ("2026-07-15", "2026-07-16", 14.5, 7),
        ("2026-01-14", "2026-01-15", 15.5, 8),
    ):
        market.load(
            "iso.csv",
            lmp(hours(f"{day}T05:00:00Z", 24, lambda n: n + 1.0, series="MISO:DAY_AHEAD:HUB")),
        )
        asked = f"/v2/iso/lmp?iso=MISO&start={day}&end={after}&block=ON_PEAK"
        (row,) = api.rows(f"{asked}&resample=day&agg=mean,min")
        assert (row["mean"], row["min"]) == (mean, first)
        assert (row["count"], row["expected"], row["partial"]) == (16, 16, False)
        month = api.rows(
            f"/v2/iso/lmp?iso=MISO&start={day}&end={after}&block=OFF_PEAK&resample=day"
        )
        assert [(r["count"], r["expected"]) for r in month] == [(8, 8)]


def test_a_file_says_what_it_lacks() -> None:
    day = [MIDNIGHT + timedelta(hours=n) for n in range(23)]
    rows = [row(place, interval("PJM", at, 60), 1.0) for at in day for place in "ab"]
    *_, last = collected(Prices("PJM", "DAY_AHEAD"), *rows[:-1])
    assert last.warnings == [
        "incomplete: PJM DAY_AHEAD has 23 of 24 hours of 2026-09-24",
        "incomplete: on 2026-09-24 1 of 2 locations lack intervals, PJM:DAY_AHEAD:b has 22 of 23",
    ]
    *_, last = collected(Prices("PJM", "DAY_AHEAD", by_day=False), *rows)
    assert last.warnings == []


def test_a_row_that_is_there_twice_does_not_stand_for_one_that_is_not() -> None:
    day = [MIDNIGHT + timedelta(hours=n) for n in range(24)]
    rows = [row(place, interval("PJM", at, 60), 1.0) for at in day for place in "ab"]
    *_, last = collected(Prices("PJM", "DAY_AHEAD"), *rows[:-1], rows[1])
    assert [text.split(",")[0] for text in last.warnings] == [
        "incomplete: on 2026-09-24 1 of 2 locations lack intervals"
    ]


def test_an_energy_price_that_is_not_the_interval_s_sets_its_row_aside() -> None:
    at = interval("NYISO", MIDNIGHT, 60)
    energies = {"a": 30.0, "b": 30.02, "c": 29.98, "d": 31.0}
    rows = [row(place, at, value, energy=value) for place, value in energies.items()]
    prices = Prices("NYISO", "DAY_AHEAD")
    (batch,) = prices.collect_same_energy(lambda: iter(rows), within=0.02)  # type: ignore[arg-type]
    assert [(one.place, one.reason) for one in batch.rejected] == [("line d", "energy_differs")]
    assert [one[0][-1] for one in batch.rows["iso_lmp"]] == ["a", "b", "c"]


def test_of_two_energy_prices_neither_is_believed() -> None:
    at = interval("NYISO", MIDNIGHT, 60)
    rows = [row("a", at, 30.0, energy=30.0), row("b", at, 40.0, energy=40.0)]
    prices = Prices("NYISO", "DAY_AHEAD")
    (batch,) = prices.collect_same_energy(lambda: iter(rows), within=0.02)  # type: ignore[arg-type]
    assert [one.reason for one in batch.rejected] == ["energy_differs"] * 2


def _part(begin: int, end: int) -> Any:
    start = MIDNIGHT + timedelta(minutes=begin)
    return between("NYISO", start, MIDNIGHT + timedelta(minutes=end))


def load(prices: Prices, *rows: tuple[Any, ...]) -> None:
    """Loads what a feed would have made of a file."""
    found = find_feed("iso.csv")
    assert found is not None
    feed = replace(found[1], read=lambda file: prices.collect(rows))  # type: ignore[arg-type]
    writer = writer_of("iso")
    try:
        load_file(feed, Source("made up", lambda: io.BytesIO(b"made up")), writer, load_log())
    finally:
        writer.close()


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.parametrize("length", ["hour&start=2025-03-08&end=2025-03-10", "day", "week", "month"])
@pytest.mark.parametrize("other", ["ERCOT", "NYISO", "CAISO", "MISO"])
def test_pages_of_spreads_lead_there_and_back_on_any_two_clocks(
    market: Market, api: Api, length: str, other: str
) -> None:
    count = 24 * 60
    legs = ("PJM:DAY_AHEAD:1", f"{other}:DAY_AHEAD:2")
    start = "2025-02-10T05:00:00Z"
    market.load(
        "iso.csv",
        lmp(*(hours(start, count, lambda n: n % 37.0, series=key) for key in legs)),
    )
    asked = f"/v2/iso/spreads?leg_a={legs[0]}&leg_b={legs[1]}&resample={length}"
    whole = api.rows(f"{asked}&limit=1000")
    pages: list[Any] = [api.get(f"{asked}&limit=3").json()]
    while url := pages[-1]["links"]["next"]:
        pages.append(api.get(url).json())
    assert [row for page in pages for row in page["data"]] == whole
    back = [pages[-1]]
    while url := back[-1]["links"]["prev"]:
        back.append(api.get(url).json())
    assert [row for page in reversed(back) for row in page["data"]] == whole


def test_a_file_says_which_days_it_skips() -> None:
    days = [MIDNIGHT + timedelta(days=n, hours=h) for n in (0, 3) for h in range(24)]
    rows = [row("a", interval("PJM", at, 60), 1.0) for at in days]
    *_, last = collected(Prices("PJM", "DAY_AHEAD"), *rows)
    assert last.warnings == ["incomplete: PJM DAY_AHEAD has nothing of 2 days from 2026-09-25 on"]
