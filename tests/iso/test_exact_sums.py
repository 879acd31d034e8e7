"""Sums are exact: the same bytes in whatever order rows lie, and whatever was loaded since."""

import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aurum.polling import refresh_all
from iso.dao import sums
from ops.models import LoadedTable
from tests.conftest import Api, Market, forget_answers
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

START = "2025-01-01T06:00:00Z"
"""Midnight in Chicago."""
CHICAGO = ZoneInfo("America/Chicago")
AGGREGATES = ("mean", "min", "max", "sum", "std", "count", "first", "last")
DAYS = f"/v2/iso/lmp?resample=day&agg={','.join(AGGREGATES)}"

Days = dict[tuple[str, str], dict[str, Any]]


def quarters(place: str, prices: Sequence[Any]) -> list[str]:
    """A price for each quarter of an hour."""
    series = f"ERCOT:FIFTEEN_MINUTE:{place}"
    return hours(START, len(prices), lambda n: prices[n], series=series, minutes=15)


def by_hour(place: str, prices: Sequence[Any]) -> list[str]:
    return hours(START, len(prices), lambda n: prices[n], series=f"SPP:DAY_AHEAD:{place}")


def rounded(number: Decimal, decimals: int) -> float:
    return float(number.quantize(Decimal(1).scaleb(-decimals)))


def of_one_length(prices: Sequence[Decimal]) -> dict[str, Any]:
    """The aggregates of prices that held equally long, in decimals all the way, half to even."""
    with localcontext() as context:
        context.prec = 60
        mean = sum(prices, Decimal(0)) / len(prices)
        variance = sum((price - mean) ** 2 for price in prices) / len(prices)
        ends = min(prices), max(prices), prices[0], prices[-1]
        least, most, first, last = map(float, ends)
        return {
            "mean": rounded(mean, 6), "min": least, "max": most,
            "sum": rounded(sum(prices, Decimal(0)), 6),
            "std": rounded(Decimal(variance).sqrt(), 4),
            "count": len(prices), "first": first, "last": last,
        }  # fmt: skip


def expected(place: str, prices: Sequence[Decimal], minutes: int = 15) -> Days:
    first, by_day = datetime.fromisoformat(START), defaultdict(list)
    for n, price in enumerate(prices):
        by_day[
            (first + n * timedelta(minutes=minutes)).astimezone(CHICAGO).date().isoformat()
        ].append(price)
    return {(place, day): of_one_length(of_day) for day, of_day in by_day.items()}


def shown(api: Api, question: str, limit: int = 1000) -> Days:
    """The aggregates of each place and day: there and back again over all pages."""
    forget_answers()
    found, back = [], []
    url: str | None = f"{DAYS}&limit={limit}{question}"
    while url:
        body = api.get(url).json()
        found += body["data"]
        url = body["links"]["next"]
    url = body["links"]["prev"]
    while url:
        page = api.get(url).json()
        back = page["data"] + back
        url = page["links"]["prev"]
    assert [*back, *body["data"]] == found
    return {
        (row["location_id"], row["delivery_date"]): {name: row[name] for name in AGGREGATES}
        for row in found
    }


@pytest.mark.django_db(transaction=True)  # what was published when is asked in another thread
def test_means_on_a_half_stay_when_half_the_rows_are_revised(market: Market, api: Api) -> None:
    """One mean in six lies on a half in the seventh place: of 96 prices with two decimals, and of
    24 with four.

    A revision moves rows to other places of the table, where they are added in another order.
    """
    draw = random.Random(2)
    lines, exact = [], {}
    for n in range(20):
        cents = [Decimal(draw.randint(-2000, 12000)).scaleb(-2) for _ in range(20 * 96)]
        finer = [Decimal(draw.randint(-200000, 1200000)).scaleb(-4) for _ in range(20 * 24)]
        lines += quarters(f"Q{n}", cents) + by_hour(f"H{n}", finer)
        exact |= expected(f"Q{n}", cents) | expected(f"H{n}", finer, 60)
    load = market.load("iso.csv", lmp(lines)).load
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=100)
    LoadedTable.objects.filter(load=load).update(published_at=at)
    refresh_all()
    sums_and_counts = [(Decimal(str(day["sum"])), day["count"]) for day in exact.values()]
    halves = [
        total for total, count in sums_and_counts if total * 10**6 / count % 1 == Decimal("0.5")
    ]
    assert (len(exact), len(halves)) == (800, 122)
    assert shown(api, "") == exact
    for place in ("Q0", "H0"):  # a single series is read in another way
        of_place = {key: day for key, day in exact.items() if key[0] == place}
        assert shown(api, f"&location_id={place}", limit=7) == of_place

    known = f"&known_at={at:%Y-%m-%dT%H:%M:%SZ}"
    urls = [f"{DAYS}&limit=1000{known}&format={form}" for form in ("json", "csv", "ndjson")]
    before = [api.get(url).content for url in urls]
    revised = (line.replace(",15,", ",15,1").replace(",60,", ",60,1") for line in lines)
    market.load("iso.csv", lmp(line for line in revised if draw.random() < 0.5))
    assert shown(api, "") != exact
    assert shown(api, known) == exact
    assert [api.get(url).content for url in urls] == before


PRICE = (
    st.decimals(-99, 9000, places=2)
    | st.decimals(-100_000, 100_000, places=9)
    | st.sampled_from([Decimal("8999.97"), Decimal("-0.005"), Decimal(0)])
)


@given(data=st.data())
@hypothesis_settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes many loads
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_neither_order_nor_loads_change_an_answer(
    market: Market, api: Api, data: st.DataObject
) -> None:
    """Two places of the same prices: one in order, one shuffled, in two loads, and revised."""
    prices = data.draw(st.lists(PRICE, min_size=97, max_size=120))
    name = uuid.uuid4().hex
    market.load("iso.csv", lmp(quarters(f"{name}a", prices)))
    market.load("iso.csv", lmp(quarters(f"{name}b", [1] * (len(prices) // 2))))
    order = data.draw(st.permutations(quarters(f"{name}b", prices)))
    split = data.draw(st.integers(1, len(order) - 1))
    for part in (order[:split], order[split:]):
        market.load("iso.csv", lmp(part))
    exact = expected(f"{name}a", prices) | expected(f"{name}b", prices)
    assert shown(api, f"&location_id={name}a,{name}b", limit=1) == exact
    # Where a day is one of UTC, the same prices are added up one by one.
    utc = shown(api, f"&location_id={name}a,{name}b&tz=UTC")
    assert [*utc.values()][: len(utc) // 2] == [*utc.values()][len(utc) // 2 :]


@pytest.mark.parametrize(
    "price", ["8999.97", "0.1", "-0.000001", "33.333333333", "99999999.99", "1000000000"]
)
def test_what_does_not_vary_has_no_deviation(market: Market, api: Api, price: str) -> None:
    market.load("iso.csv", lmp(quarters("N", [price] * 96)))
    (day,) = shown(api, "").values()
    mean = rounded(Decimal(price), 6)
    assert (day["mean"], day["std"]) == (mean, 0.0)


def test_sums_beyond_64_bits_are_made_of_intervals(
    market: Market, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "DAYS_AT_ONCE", 2)
    draw = random.Random(3)
    exact: Days = {}
    for place in ("M", "N"):
        prices = [Decimal(draw.randint(-(10**9), 10**9)) for _ in range(480)]
        exact |= expected(place, prices)
        market.load("iso.csv", lmp(quarters(place, prices)))
    assert shown(api, "") == exact
    assert shown(api, "", limit=3) == exact
    of_m = {key: day for key, day in exact.items() if key[0] == "M"}
    assert shown(api, "&location_id=M") == shown(api, "&location_id=M", limit=3) == of_m


def test_zero_has_no_sign(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(quarters("N", ["-0.0"] * 96)))
    again = market.load("iso.csv", lmp(quarters("N", ["0.0"] * 96)))
    assert (again.counts.same, again.counts.revised) == (96, 0)
    for path in ("/v2/iso/lmp?limit=1", f"{DAYS}&limit=1", "/v2/iso/lmp/latest?limit=1",
                 "/v1/iso/lmp/last-24h?limit=1"):  # fmt: skip
        assert 0.0 in [*api.rows(path)[0].values()]
        for form in ("json", "csv", "ndjson") if path.startswith("/v2") else ("json", "csv"):
            text = api.get(f"{path}&format={form}", headers={"Accept": "*/*"}).text
            assert "-0.0" not in text, form


def test_what_is_there_of_a_part_of_an_hour_is_not_partial(market: Market, api: Api) -> None:
    """Seven times five minutes are no whole number of hours' decimals."""
    market.load("iso.csv", lmp(hours(START, 12, series="PJM:FIVE_MINUTE:1", minutes=5)))
    asked = "resample=hour&start=2025-01-01T06:00Z&end=2025-01-01T06:35Z"
    fields = "fields=count,expected,hours_expected,hours_covered,partial"
    (row,) = api.rows(f"/v2/iso/lmp?{asked}&{fields}")
    assert [*row.values()] == [7, 7, 0.583333, 0.583333, False]
