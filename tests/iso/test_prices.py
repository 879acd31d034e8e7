"""`GET /v2/iso/lmp`: prices of any range, on whose clock one likes."""

import pytest

from aurum.cache.process import CACHE
from aurum.cache.stats import Stats
from aurum.errors import InvalidFile
from aurum.loads.log import load_log
from aurum.polling import refresh_all
from iso.tables import TABLES
from tests.conftest import Api, Market
from tests.contract import bad_field
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp
from tests.ops.load_log import publish

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

AUTUMN = "2025-11-02T04:00:00Z"
"""Midnight of a day of 25 hours in New York."""


def test_a_price_has_its_interval_in_utc_and_on_the_market_s_clock(
    market: Market, api: Api
) -> None:
    market.load("iso.csv", lmp(hours(AUTUMN, 3)))
    columns = (
        "interval_start,interval_end,local,delivery_date,hour_beginning,hour_ending,utc_offset"
    )
    rows = api.rows(f"/v2/iso/lmp?fields={columns}")
    assert [tuple(row.values()) for row in rows] == [
        (
            "2025-11-02T04:00:00Z", "2025-11-02T05:00:00Z", "2025-11-02T00:00:00-04:00",
            "2025-11-02", 0, 1, -240,
        ),
        (
            "2025-11-02T05:00:00Z", "2025-11-02T06:00:00Z", "2025-11-02T01:00:00-04:00",
            "2025-11-02", 1, 2, -240,
        ),
        (
            "2025-11-02T06:00:00Z", "2025-11-02T07:00:00Z", "2025-11-02T01:00:00-05:00",
            "2025-11-02", 1, 2, -300,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "local"),
    [
        ("", "2025-11-02T01:00:00-04:00"),
        ("&label=ending", "2025-11-02T01:00:00-05:00"),
        ("&tz=UTC", "2025-11-02T05:00:00+00:00"),
        ("&tz=America/Chicago&label=ending", "2025-11-02T01:00:00-05:00"),
        ("&tz=Asia/Kolkata", "2025-11-02T10:30:00+05:30"),
    ],
)
def test_local_is_either_end_of_the_interval_on_any_clock(
    market: Market, api: Api, question: str, local: str
) -> None:
    market.load("iso.csv", lmp(hours(AUTUMN, 3)))
    assert api.rows(f"/v2/iso/lmp?fields=local{question}")[1]["local"] == local


@pytest.mark.parametrize(
    ("question", "prices"),
    [
        ("start=2025-11-02&end=2025-11-03", range(25)),
        ("start=2025-11-03", range(25, 48)),
        ("end=2025-11-02", []),
        ("start=2025-11&end=2025-12", range(48)),
        ("start=2025-11-02T06:00Z&end=2025-11-02T08:00Z", [2, 3]),
        ("start=2025-11-02T06:00-05:00&end=2025-11-02T13:00Z", [7, 8]),
        ("start=2025-11-02T03:00&end=2025-11-02T05:00&tz=America/New_York", [4, 5]),
        ("start=2025-11-02T03:00&end=2025-11-02T05:00&iso=pjm", [4, 5]),
        ("start=2025-11-02&end=2025-11-03&tz=UTC", range(20)),
        ("start=2025-11-02&end=2025-11-02T07:00Z", [0, 1, 2]),
        ("start=0001-01-01T00:00Z&end=9999-12-31T23:00Z", range(48)),
        ("start=0999-01-01T00:00Z", range(48)),
        ("end=0999-01-01T00:00Z", []),
    ],
)
def test_a_range_is_of_the_market_s_days_of_a_zone_s_or_of_instants(
    market: Market, api: Api, question: str, prices: list[int]
) -> None:
    market.load("iso.csv", lmp(hours(AUTUMN, 48)))
    rows = api.rows(f"/v2/iso/lmp?limit=1000&{question}")
    assert [row["price_total"] for row in rows] == list(prices)


@pytest.mark.parametrize(
    ("question", "field", "code"),
    [
        ("start=2025-11-02T01:30&iso=PJM", "start", "wall_time"),  # comes twice
        ("start=2025-03-09T02:30&iso=PJM", "start", "wall_time"),  # never comes
        ("start=2025-03-09T04:30", "start", "wall_time"),  # of which market?
        ("start=2025-03-09T04:30&iso=PJM,ERCOT", "start", "wall_time"),
        ("start=2025-03-10&end=2025-03-10", "end", "empty_range"),
        ("start=10/03/2025", "start", "invalid"),
        ("tz=America/Springfield", "tz", "invalid"),
        ("tz=localtime", "tz", "invalid"),
        ("tz=Factory", "tz", "invalid"),
        ("tz=Europe/London&resample=day", "tz", "bucket_zone"),
        ("agg=mean", "agg", "conflict"),
        ("resample=day&agg=median", "agg", "invalid_choice"),
        ("resample=day&fields=price_total", "fields", "no_column"),
        ("fields=mean", "fields", "no_column"),
        ("block=5X16&iso=CAISO", "block", "unknown_block"),
        ("market=tomorrow", "market", "invalid_choice"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    market: Market, api: Api, question: str, field: str, code: str
) -> None:
    assert bad_field(api.get(f"/v2/iso/lmp?{question}"), field)["code"] == code


@pytest.mark.parametrize("place", ["hub", "HUB", "hub%20name", "Hub Name"])
def test_a_location_goes_by_its_id_or_its_name_in_any_case(
    market: Market, api: Api, place: str
) -> None:
    market.load("iso.csv", lmp(hours(AUTUMN, 1, series="SPP:DAY_AHEAD:Hub"), hours(AUTUMN, 1)))
    (row,) = api.rows(f"/v2/iso/lmp?location_id={place}&fields=location_id,location_name")
    assert row == {"location_id": "Hub", "location_name": "Hub name"}


def test_a_block_is_that_of_each_market_s_own_calendar(market: Market, api: Api) -> None:
    """Tuesday; a Saturday, on-peak in California alone; and New Year's Day."""
    starts = ("2025-01-07", "2025-01-04", "2025-01-01")
    for iso in ("PJM", "ERCOT", "CAISO", "MISO"):
        days = (
            hours(f"{day}T00:00:00Z", 36, series=f"{iso}:DAY_AHEAD:1") for day in sorted(starts)
        )
        market.load("iso.csv", lmp(*days))
    for iso, first, on_saturday in (
        ("PJM", 7, 0),
        ("MISO", 7, 0),
        ("ERCOT", 6, 0),
        ("CAISO", 6, 16),
    ):
        for day, count in (("2025-01-07", 16), ("2025-01-04", on_saturday), ("2025-01-01", 0)):
            span = f"start={day}&end={day[:-1]}{int(day[-1]) + 1}"
            rows = api.rows(
                f"/v2/iso/lmp?iso={iso}&block=on_peak&{span}&fields=hour_beginning&limit=100"
            )
            assert [r["hour_beginning"] for r in rows] == list(range(first, first + count)), iso
            off = api.rows(f"/v2/iso/lmp?iso={iso}&block=off_peak&{span}&limit=100")
            assert len(off) == 24 - count
    both = api.rows("/v2/iso/lmp?block=on_peak&start=2025-01-07&end=2025-01-08&limit=100")
    assert len(both) == 4 * 16


def test_a_block_that_only_some_calendars_have(market: Market, api: Api) -> None:
    """6x16 is California's; without a market operator named, others have nothing to show."""
    for iso in ("PJM", "CAISO"):
        market.load("iso.csv", lmp(hours("2025-01-07T08:00:00Z", 24, series=f"{iso}:DAY_AHEAD:1")))
    for question in ("", "iso=CAISO&", "iso=CAISO,XYZ&"):
        rows = api.rows(f"/v2/iso/lmp?{question}block=6x16&fields=iso,hour_beginning")
        assert {row["iso"] for row in rows} == {"CAISO"}
        assert len(rows) == 16
    assert api.rows("/v2/iso/lmp?iso=XYZ&block=on_peak") == []


@pytest.mark.django_db(transaction=True)
def test_a_correction_leaves_what_was_known_before(market: Market, api: Api) -> None:
    market.load("iso.csv", lmp(hours(AUTUMN, 2)))
    before = api.get("/v2/iso/lmp?fields=price_total,load_id").json()
    counts = market.load("iso.csv", lmp(hours(AUTUMN, 2, lambda n: 9.0 * n))).counts
    assert (counts.new, counts.revised, counts.same) == (0, 1, 1)
    assert [row["price_total"] for row in api.rows("/v2/iso/lmp")] == [0, 9]
    then = api.get(f"/v2/iso/lmp?fields=price_total,load_id&known_at={before['meta']['known_at']}")
    assert then.json()["data"] == before["data"]


def test_the_newest_price_of_each_series(market: Market, api: Api) -> None:
    other = hours(AUTUMN, 2, series="MISO:FIVE_MINUTE:7", minutes=5)
    market.load("iso.csv", lmp(hours(AUTUMN, 3), other))
    rows = api.rows("/v2/iso/lmp/latest?fields=series_key,price_total,interval_start")
    assert [tuple(row.values()) for row in rows] == [
        ("MISO:FIVE_MINUTE:7", 1.0, "2025-11-02T04:05:00Z"),
        ("PJM:DAY_AHEAD:1", 2.0, "2025-11-02T06:00:00Z"),
    ]


def test_negative_prices_of_each_market_s_last_seven_days_the_cheapest_first(
    market: Market, api: Api
) -> None:
    late = hours("2025-10-01T00:00:00Z", 24 * 9, lambda n: -float(n % 5), series="PJM:DAY_AHEAD:1")
    early = hours("2020-10-01T00:00:00Z", 5, lambda n: 2.0 - n, series="MISO:DAY_AHEAD:2")
    market.load("iso.csv", lmp(late, early))
    rows = api.rows("/v2/iso/lmp/negative?limit=1000&fields=price_total,interval_start,iso")
    ours = [row for row in rows if row["iso"] == "PJM"]
    assert len(ours) == sum(1 for n in range(48, 216) if n % 5)
    assert min(row["interval_start"] for row in ours) == "2025-10-03T00:00:00Z"
    assert [row["price_total"] for row in rows if row["iso"] == "MISO"] == [-2, -1]
    assert [row["price_total"] for row in rows] == sorted(row["price_total"] for row in rows)
    in_range = api.rows("/v2/iso/lmp/negative?start=2020-09-30&end=2020-10-02")
    assert [row["price_total"] for row in in_range] == [-2, -1]


@pytest.mark.parametrize("limit", [3, 5, 8])
def test_pages_of_negative_prices_lead_through_all_of_them_and_back(
    market: Market, api: Api, limit: int
) -> None:
    """Twelve of PJM and three of MISO, so that pages end inside a market and between two."""
    ours = hours(AUTUMN, 12, lambda n: -1.0 - n)
    market.load(
        "iso.csv", lmp(ours, hours(AUTUMN, 3, lambda n: -20.0 + n, series="MISO:REAL_TIME:7"))
    )
    question = "/v2/iso/lmp/negative?fields=price_total"
    whole = [row["price_total"] for row in api.rows(f"{question}&limit=100")]
    assert whole == [-20, -19, -18, *range(-12, 0)]
    forward, backward, body = [], [], {"links": {"next": f"{question}&limit={limit}"}}
    while url := body["links"]["next"]:
        body = api.get(url).json()
        assert body["data"], "a page is never empty"
        forward += [row["price_total"] for row in body["data"]]
    last = len(body["data"])
    while url := body["links"]["prev"]:
        body = api.get(url).json()
        backward = [row["price_total"] for row in body["data"]] + backward
    assert forward == whole
    assert backward == whole[:-last]


def test_an_empty_answer_says_why(market: Market, api: Api) -> None:
    assert api.get("/v2/iso/lmp").json()["meta"]["reason"] == "no_data_yet"
    market.load("iso.csv", lmp(hours(AUTUMN, 2)))
    for question, reason in (
        ("start=2026-01-01", "outside_coverage"),
        ("end=2025-10-01", "outside_coverage"),
        ("market=REAL_TIME", "no_match"),
    ):
        assert api.get(f"/v2/iso/lmp?{question}").json()["meta"]["reason"] == reason
    told = api.get("/v2/iso/lmp?iso=PJN").json()["meta"]
    assert told["did_you_mean"] == {"iso": ["PJM"]}


def test_that_nothing_is_priced_is_kept_as_briefly_as_any_empty_answer(
    market: Market, api: Api
) -> None:
    """What is served for hours after a store fails must not be that there is nothing."""
    with pytest.raises(InvalidFile):
        market.load("iso.csv", lmp())  # makes the tables
    publish(load_log(), *(table.name for table in TABLES))  # a load whose rows are all gone
    refresh_all()
    kept = CACHE.stats().get("iso-coverage", Stats())
    assert api.get("/v2/iso/lmp").json()["meta"]["reason"] == "no_match"
    empty = CACHE.stats()["iso-coverage"]
    assert (empty.stores, empty.negative) == (kept.stores + 1, kept.negative + 1)
    market.load("iso.csv", lmp(hours(AUTUMN, 1)))
    assert api.get("/v2/iso/lmp").json()["meta"]["latest"] == AUTUMN
    priced = CACHE.stats()["iso-coverage"]
    assert (priced.stores, priced.negative) == (empty.stores + 1, empty.negative)


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("", ["A1", "B2", "AB"]),
        ("iso=spp", ["AB"]),
        ("prefix=a", ["A1", "AB"]),
        ("prefix=hub", ["A1"]),
        ("location_type=zone", ["B2"]),
        ("zone=East", ["B2"]),
    ],
)
def test_locations_by_prefix_kind_and_zone(
    market: Market, api: Api, question: str, ids: list[str]
) -> None:
    header = "iso,market,location_id,interval_start,price_total,location_name,location_type,zone\n"
    rows = (
        f"{iso},DAY_AHEAD,{place},{AUTUMN},1,{name},{kind},{zone}"
        for iso, place, name, kind, zone in (
            ("PJM", "A1", "Hub of all", "HUB", ""),
            ("PJM", "B2", "Baker", "ZONE", "East"),
            ("SPP", "AB", "Other", "NODE", "West"),
        )
    )
    market.load("iso.csv", header + "\n".join((*rows, "")))
    assert [row["location_id"] for row in api.rows(f"/v2/iso/locations?{question}")] == ids


def test_a_form_without_components_takes_none_away(market: Market, api: Api) -> None:
    head = "iso,market,location_id,interval_start,interval_minutes,price_total"
    row = "PJM,DAY_AHEAD,1,2026-09-08T05:00:00Z,60"
    full = f"{head},price_energy,price_congestion\n"
    market.load("iso.csv", f"{full}{row},21,20.5,0.5\n")
    poor = market.load("iso.csv", f"{head}\n{row},21\n").counts
    assert (poor.revised, poor.same) == (0, 1)
    asked = "/v2/iso/lmp?fields=price_total,price_energy,price_congestion"
    assert [tuple(found.values()) for found in api.rows(asked)] == [(21, 20.5, 0.5)]
    # Those of another price would not add up to this one.
    assert market.load("iso.csv", f"{head}\n{row},22\n").counts.revised == 1
    assert [tuple(found.values()) for found in api.rows(asked)] == [(22, None, None)]
