"""Known answers of real files, through HTTP: G1 to G15, and G72; G70 and G71 are with metadata."""

import io
from math import fsum
from pathlib import Path
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.iso import published
from tests.iso.published import changes

CLOSE = {"rel": 1e-6}


def given(market: Market, data: Path, feed: str, *names: str) -> None:
    for name in names:
        market.load(feed, (data / "lmp" / name).read_bytes(), name)


def mean_of(rows: list[dict[str, Any]]) -> float:
    """The mean of several buckets: their sums by their counts."""
    return fsum(row["sum"] for row in rows) / sum(row["count"] for row in rows)


def aggregates(api: Api, question: str, length: str = "year") -> list[dict[str, Any]]:
    asked = f"/v2/iso/lmp?resample={length}&agg=mean,sum,count,min,max&limit=1000&{question}"
    found, url = [], asked
    while url:
        body = api.get(url).json()
        found += body["data"]
        url = body["links"]["next"]
    return found


DAY = "isone/WW_DALMP_ISO_20260604.csv"


def test_g1_the_trailer_counts_the_rows(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.isone_lmp", DAY)
    assert sum(row["count"] for row in aggregates(api, "iso=ISONE")) == 29_016
    whole = (data / "lmp" / DAY).read_bytes()
    found = find_feed("iso.isone_lmp")
    assert found is not None
    with pytest.raises(InvalidFile, match="the trailer says 29017"):
        list(found[1].read(io.BytesIO(whole.replace(b"29016", b"29017"))))


def test_g2_the_internal_hub_by_block(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.isone_lmp", DAY)
    for block, mean in (("7X24", 46.55), ("ON_PEAK", 50.406875), ("OFF_PEAK", 38.83625)):
        (row,) = aggregates(api, f"iso=ISONE&location_id=4000&block={block}", "day")
        assert row["mean"] == pytest.approx(mean, **CLOSE)


def test_g3_the_zones(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.isone_lmp", DAY)
    zones = {
        "MAINE": 45.1267, "NEWHAMPSHIRE": 46.5325, "VERMONT": 46.2542, "CONNECTICUT": 45.1658,
        "RHODEISLAND": 46.4842, "SEMASS": 47.4658, "WCMASS": 46.5437, "NEMASSBOST": 47.4858,
    }  # fmt: skip
    for name, mean in zones.items():
        (row,) = aggregates(api, f"iso=ISONE&location_id=.z.{name.lower()}", "day")
        assert row["mean"] == pytest.approx(mean, abs=6e-5), name


def test_g4_every_price_is_the_sum_of_its_components(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.isone_lmp", DAY)
    rows = aggregates(api, "iso=ISONE", "day")
    assert (len(rows), {row["count"] for row in rows}) == (1_209, {24})
    assert (min(row["min"] for row in rows), max(row["max"] for row in rows)) == (27.10, 79.76)
    columns = "price_total,price_energy,price_congestion,price_loss"
    url, seen = f"/v2/iso/lmp?limit=1000&fields={columns}", 0
    while url:
        body = api.get(url).json()
        for row in body["data"]:
            total, *parts = row.values()
            assert round(total - fsum(parts), 2) == 0
        seen, url = seen + len(body["data"]), body["links"]["next"]
    assert seen == 29_016


YEAR = "pjm/da_hrl_lmps_ALDENE_20250616_20260615.csv"


def test_g5_a_year_of_one_node(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.pjm_lmp", YEAR)
    rows = aggregates(api, "location_id=48592")
    assert sum(row["count"] for row in rows) == 8_737
    assert mean_of(rows) == pytest.approx(51.168958, **CLOSE)
    assert (min(row["min"] for row in rows), max(row["max"] for row in rows)) == (7.18, 990.29)


def test_g6_on_peak_and_off_peak(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.pjm_lmp", YEAR)
    for block, count, mean in (("ON_PEAK", 4_064, 59.290748), ("OFF_PEAK", 4_673, 44.105626)):
        rows = aggregates(api, f"location_id=aldene&block={block}")
        assert sum(row["count"] for row in rows) == count
        assert mean_of(rows) == pytest.approx(mean, **CLOSE)


def test_g7_hours_of_each_local_day(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.pjm_lmp", YEAR)
    counts = {row["delivery_date"]: row["count"] for row in aggregates(api, "", "day")}
    odd = {day: count for day, count in counts.items() if count != 24}
    assert odd == {"2025-11-02": 25, "2026-03-08": 23, "2026-06-15": 1}


def test_g8_months(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.pjm_lmp", YEAR)
    months = {row["delivery_date"][:7]: row for row in aggregates(api, "", "month")}
    for month, mean, count in (
        ("2025-07", 54.816277, 744),
        ("2025-11", 42.751040, 721),
        ("2026-01", 135.178105, 744),
        ("2026-03", 32.297604, 743),
    ):
        assert months[month]["mean"] == pytest.approx(mean, **CLOSE)
        assert months[month]["count"] == months[month]["expected"] == count


ZONES = "nyiso/20220718damlbmp_zone.csv"


def test_g9_new_york_s_zones(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.nyiso_lmp", ZONES)
    means = {
        "N.Y.C.": 92.97,
        "WEST": 78.5521,
        "LONGIL": 117.7642,
        "CAPITL": 82.7029,
        "H Q": 74.8513,
    }
    for name, mean in means.items():
        (row,) = aggregates(api, f"iso=NYISO&location_id={name}", "day")
        assert row["mean"] == pytest.approx(mean, abs=6e-5), name


def test_g10_energy_is_the_same_in_all_zones_of_an_hour(
    market: Market, api: Api, data: Path
) -> None:
    given(market, data, "iso.nyiso_lmp", ZONES)
    columns = "interval_start,price_total,price_energy,price_congestion,price_loss"
    by_hour: dict[str, list[float]] = {}
    for row in api.rows(f"/v2/iso/lmp?iso=NYISO&limit=1000&fields={columns}"):
        parts = fsum((row["price_energy"], row["price_congestion"], row["price_loss"]))
        assert row["price_total"] == pytest.approx(parts, abs=1e-9)
        by_hour.setdefault(row["interval_start"], []).append(row["price_energy"])
    assert len(by_hour) == 24
    for energies in by_hour.values():
        assert max(energies) - min(energies) <= 0.02 + 1e-9


def test_g11_half_a_day_of_spp(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.spp_lmp", "spp/DA-LMP-SL-20250319_HE01-HE12.csv")
    rows = aggregates(api, "iso=SPP", "day")
    assert sum(row["count"] for row in rows) == 14_808
    assert mean_of(rows) == pytest.approx(4.988404, **CLOSE)
    assert min(row["min"] for row in rows) == -100.926
    assert max(row["max"] for row in rows) == 182.8304
    hubs = {row["location_id"]: row["mean"] for row in rows}
    assert hubs["SPPNORTH_HUB"] == pytest.approx(3.010075, **CLOSE)
    assert hubs["SPPSOUTH_HUB"] == pytest.approx(-4.521433, **CLOSE)
    negative, url = 0, "/v2/iso/lmp/negative?iso=SPP&limit=1000&fields=price_total"
    while url:
        body = api.get(url).json()
        negative, url = negative + len(body["data"]), body["links"]["next"]
    assert negative == 6_828


def test_g12_two_five_minute_intervals_of_spp(market: Market, api: Api, data: Path) -> None:
    names = [f"spp/RTBM-LMP-SL-2025033108{minute}.csv" for minute in (40, 50)]
    given(market, data, "iso.spp_rtbm_lmp", *names)
    for start, end, mean, negative, highest in (
        ("13:35", "13:40", 197.694358, 36, 2271.7646),
        ("13:45", "13:50", 29.249488, 0, None),
    ):
        span = f"start=2025-03-31T{start}Z&end=2025-03-31T{end}Z"
        rows = aggregates(api, f"iso=SPP&{span}", "hour")
        assert mean_of(rows) == pytest.approx(mean, **CLOSE)
        assert len(api.rows(f"/v2/iso/lmp/negative?{span}&limit=1000")) == negative
        assert highest in (None, max(row["max"] for row in rows))
    with pytest.raises(InvalidFile, match="empty"):
        given(market, data, "iso.spp_rtbm_lmp", "spp/RTBM-LMP-SL-202503310845.csv")


def test_g13_one_energy_price_at_all_899_nodes_of_miso(
    market: Market, api: Api, data: Path
) -> None:
    given(market, data, "iso.miso_lmp", "miso/20110716_da_lmp_nodes_even.csv")
    for hour, energy in ((1, 25.37), (17, 71.57)):
        start = f"2011-07-16T{hour - 1:02}:00"
        end = f"2011-07-16T{hour:02}:00"
        rows = api.rows(
            f"/v2/iso/lmp?iso=MISO&start={start}&end={end}&fields=price_energy&limit=1000"
        )
        assert (len(rows), {row["price_energy"] for row in rows}) == (899, {energy})
    for hub, mean in (
        ("INDIANA.HUB", 41.564583),
        ("CINERGY.HUB", 41.278750),
        ("MICHIGAN.HUB", 44.045833),
        ("MINN.HUB", 33.642500),
    ):
        (row,) = aggregates(api, f"location_id={hub}", "day")
        assert row["mean"] == pytest.approx(mean, **CLOSE)


def test_g14_two_hubs_of_miso_ex_post(market: Market, api: Api, data: Path) -> None:
    given(market, data, "iso.miso_lmp", "miso/20260714_da_expost_lmp_ILLINOIS_MICHIGAN.csv")
    means = {row["location_id"]: row["mean"] for row in aggregates(api, "iso=MISO", "day")}
    assert means["ILLINOIS.HUB"] == pytest.approx(137.175417, **CLOSE)
    assert means["MICHIGAN.HUB"] == pytest.approx(151.478750, **CLOSE)
    rows = aggregates(api, "iso=MISO&price=price_energy", "day")
    assert {round(row["mean"], 6) for row in rows} == {137.331250}


def test_g15_ercot_s_spring_day(market: Market, api: Api, data: Path) -> None:
    name = "ercot/NP4-190-CD_dam_stlmnt_pnt_prices_HB_HUBAVG_20260308.json"
    given(market, data, "iso.ercot_lmp", name)
    rows = api.rows("/v2/iso/lmp?iso=ERCOT&fields=hour_ending,price_total")
    assert [row["hour_ending"] for row in rows] == [1, 2, *range(4, 25)]
    (day,) = aggregates(api, "iso=ERCOT", "day")
    assert (day["count"], day["expected"]) == (23, 23)
    assert day["mean"] == pytest.approx(28.358261, **CLOSE)


def test_g72_california_s_repeated_hour_is_25_and_the_spring_day_has_no_3(
    market: Market, api: Api
) -> None:
    spring, autumn = changes(2025)
    for day, labels in ((spring, [1, 2, *range(4, 25)]), (autumn, [1, 2, 25, *range(3, 25)])):
        text = published.caiso(published.hours_of("caiso", day))
        found = [int(line.split(",")[3]) for line in text.splitlines() if ",LMP," in line]
        assert found == labels
        market.load("iso.caiso_lmp", text)
    (row,) = aggregates(api, f"start={autumn}T01:00-08:00&end={autumn}T02:00-08:00", "hour")
    again = published.hours_of("caiso", autumn)[2]
    assert row["mean"] == pytest.approx(published.total(again))
    counts = {row["delivery_date"]: row["count"] for row in aggregates(api, "", "day")}
    assert counts == {str(spring): 23, str(autumn): 25}
