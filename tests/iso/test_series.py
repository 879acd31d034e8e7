"""`GET /v2/iso/series`: what is priced, and from when to when."""

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

PATH = "/v2/iso/series"


@pytest.fixture
def prices(market: Market) -> None:
    keys = ("PJM:DAY_AHEAD:1", "PJM:REAL_TIME:1", "SPP:DAY_AHEAD:2")
    for start in ("2025-10-01T04:00Z", "2025-10-02T04:00Z"):
        market.load("iso.csv", lmp(*(hours(start, 20, series=key) for key in keys)))
    market.load(
        "iso.csv", lmp(hours("2025-10-01T00:05Z", 3, series="PJM:FIVE_MINUTE:1", minutes=5))
    )


@pytest.mark.usefixtures("prices")
def test_each_series_has_its_ends(api: Api) -> None:
    rows = {row["series_key"]: row for row in api.rows(PATH)}
    assert list(rows) == sorted(rows)
    row = rows["PJM:DAY_AHEAD:1"]
    assert (row["iso"], row["market"], row["location_id"]) == ("PJM", "DAY_AHEAD", "1")
    assert row["location_name"] == "1 name"
    assert (row["first_start"], row["last_start"], row["last_end"]) == (
        "2025-10-01T04:00:00Z", "2025-10-02T23:00:00Z", "2025-10-03T00:00:00Z",
    )  # fmt: skip
    # Four hours of the first day are missing, and still expected.
    assert (row["interval_minutes"], row["intervals_expected"], row["last_load"]) == (60, 44, 2)
    five = rows["PJM:FIVE_MINUTE:1"]
    assert (five["interval_minutes"], five["intervals_expected"], five["last_load"]) == (5, 3, 3)
    (only,) = api.rows(f"{PATH}?fields=intervals_expected&iso=SPP")
    assert only == {"intervals_expected": 44}


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("iso=pjm", 3), ("market=DA", 2), ("location_id=2 NAME", 1), ("location_type=HUB", 0),
        ("zone=A", 0), ("iso=PJM&market=DA", 1),
    ],
)  # fmt: skip
def test_filters_and_pages(api: Api, asked: str, count: int) -> None:
    whole = api.rows(f"{PATH}?{asked}")
    assert len(whole) == count
    page = api.get(f"{PATH}?{asked}&limit=1").json()
    rows = page["data"]
    while page["links"]["next"]:
        page = api.get(page["links"]["next"]).json()
        rows += page["data"]
    assert rows == whole
    if not count:
        assert page["meta"]["reason"] == "no_match"


def test_zones_and_types_are_those_of_the_place(market: Market, api: Api) -> None:
    header = "iso,market,location_id,interval_start,price_total,location_type,zone"
    lines = (f"PJM,DAY_AHEAD,{n},2025-10-01T04:00Z,1,ZONE,{z}" for n, z in ((1, "A"), (2, "B")))
    market.load("iso.csv", "\n".join((header, *lines)) + "\n")
    (row,) = api.rows(f"{PATH}?zone=B&location_type=zone")
    assert (row["location_id"], row["zone"], row["location_type"]) == ("2", "B", "ZONE")


def test_what_is_newest_is_of_the_markets_that_are_shown(market: Market, api: Api) -> None:
    for series, count in (("PJM:DAY_AHEAD:1", 2), ("ISONE:DAY_AHEAD:2", 9)):
        market.load("iso.csv", lmp(hours("2026-01-15T05:00:00+00:00", count, series=series)))
    for more in ("", "&resample=hour", "&fields=price_total", "&resample=hour&fields=mean"):
        meta = api.get(f"/v2/iso/lmp?location_id=1{more}").json()["meta"]
        assert meta["latest"] == "2026-01-15T06:00:00Z", more
    newest = api.get("/v2/iso/lmp/latest?location_id=1").json()["meta"]["latest"]
    assert newest == "2026-01-15T06:00:00Z"
    assert api.get("/v2/iso/lmp").json()["meta"]["latest"] == "2026-01-15T13:00:00Z"
