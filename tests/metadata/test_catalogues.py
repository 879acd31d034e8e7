"""The reference catalogues: versioned, and whole with every file."""

from datetime import date, timedelta
from typing import Any

import pytest

from aurum.domains import domains
from aurum.errors import InvalidFile
from aurum.loads.log import Counts
from aurum.market.calendars import CALENDARS
from iso.tables import nominal_minutes
from tests.conftest import Api, Market
from tests.engines import BOTH

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

MARKETS = "iso,market,interval_minutes\n"
CAISO = f"{MARKETS}CAISO,DAY_AHEAD,60\nCAISO,REAL_TIME,15\n"


@pytest.fixture
def catalogues(market: Market) -> None:
    """The files that come with Aurum."""
    (domain,) = (domain for domain in domains() if domain.name == "metadata")
    for name, make in domain.reference():
        counts = market.load(domain.feed_for(name).name, make(), name).counts
        assert counts == Counts(new=counts.new)


@pytest.mark.usefixtures("catalogues")
def test_the_catalogues_that_come_along_name_what_calendars_have(api: Api) -> None:
    isos = {row["iso"]: row for row in api.rows("/v2/metadata/isos")}
    for iso, row in isos.items():
        if iso != "AESO":
            assert row["calendar"] == iso.lower()
            assert row["timezone"] == CALENDARS[row["calendar"]].market_zone
    assert isos["AESO"]["calendar"] is None
    blocks = {row["block"]: row["hours_a_week"] for row in api.rows("/v2/metadata/blocks")}
    monday = date(2024, 2, 5)
    for calendar in CALENDARS.values():
        for block in calendar.block_names:
            count = calendar.count(block, monday, monday + timedelta(days=7))
            assert blocks[block] in (None, count), block


@pytest.mark.usefixtures("catalogues")
def test_markets_say_for_how_long_a_price_holds(api: Api) -> None:
    body = api.get("/v2/metadata/markets?market=real_time").json()
    assert {row["iso"]: row["interval_minutes"] for row in body["data"]} == {
        **dict.fromkeys(("AESO", "ISONE", "MISO", "NYISO", "PJM"), 60),
    }
    assert body["meta"]["units"] == {"interval_minutes": "min"}


@pytest.mark.django_db(transaction=True)  # known_at is looked up in a thread of its own
def test_a_correction_is_a_revision_and_known_at_shows_what_was(market: Market, api: Api) -> None:
    market.load("metadata.markets", CAISO)
    before = api.get("/v2/metadata/markets").json()
    moment = before["meta"]["known_at"]
    corrected = CAISO.replace("15", "5")
    assert market.load("metadata.markets", corrected).counts == Counts(revised=1, same=1)
    assert _minutes(api, "iso=caiso") == [60, 5]
    assert _minutes(api, f"iso=caiso&known_at={moment}") == [60, 15]


def test_what_a_file_leaves_out_is_no_longer_there(market: Market, api: Api) -> None:
    market.load("metadata.markets", f"{CAISO}AESO,REAL_TIME,60\n")
    counts = market.load("metadata.markets", f"{MARKETS}AESO,REAL_TIME,60\n").counts
    assert counts == Counts(same=1, closed=2)
    assert [row["iso"] for row in api.rows("/v2/metadata/markets")] == ["AESO"]
    with pytest.raises(InvalidFile, match="there is no row"):
        market.load("metadata.markets", MARKETS)
    assert len(api.rows("/v2/metadata/markets")) == 1


def _minutes(api: Api, query: str) -> list[int]:
    return [row["interval_minutes"] for row in api.rows(f"/v2/metadata/markets?{query}")]


@pytest.mark.parametrize(
    ("feed", "row", "reason"),
    [
        ("markets", "CAISO,REAL_TIME,", "missing_value"),
        ("markets", ",REAL_TIME,5", "missing_value"),
        ("markets", "CAISO,REAL_TIME,five", "invalid_number"),
        ("markets", "CAISO,REAL_TIME,0", "invalid_number"),
        ("markets", "CAISO,BALANCING,5", "unknown_value"),
        ("markets", "caiso,REAL_TIME,5", "unknown_value"),
        ("isos", "PJM,PJM,America/Philadelphia,pjm", "unknown_value"),
        ("isos", "PJM,PJM,America/New_York,PJM", "unknown_value"),
        ("products", "X,X,power,USD/MWH", "unknown_value"),
        ("products", "X,X,power,USD/furlong", "unknown_value"),
    ],
)
def test_a_row_that_cannot_be_is_set_aside(
    market: Market, feed: str, row: str, reason: str
) -> None:
    from ops.models import QuarantinedRow

    header = {"isos": "iso,name,timezone,calendar\n", "products": "product,name,commodity,unit\n"}
    good = {"isos": "MISO,MISO,Etc/GMT+5,miso\n", "products": "Y,Y,power,USD/MWh\n"}
    text = header.get(feed, MARKETS) + good.get(feed, "MISO,REAL_TIME,60\n") + row + "\n"
    assert market.load(f"metadata.{feed}", text).counts == Counts(new=1, quarantined=1)
    assert [kept.reason for kept in QuarantinedRow.objects.all()] == [reason]


def test_a_row_that_is_set_aside_does_not_take_its_predecessor_away(
    market: Market, api: Api
) -> None:
    market.load("metadata.markets", CAISO)
    market.load("metadata.markets", CAISO.replace("15", "soon"))
    assert _minutes(api, "market=REAL_TIME") == [15]


@pytest.mark.parametrize("text", ["iso\nPJM", f"{MARKETS}PJM", f'{MARKETS}"PJM', b"\xff"])
def test_a_file_of_another_form_is_refused(market: Market, text: Any) -> None:
    with pytest.raises(InvalidFile):
        market.load("metadata.markets", text)


@pytest.mark.usefixtures("catalogues")
def test_a_code_that_nothing_has_is_answered_with_near_ones(api: Api) -> None:
    meta = api.get("/v2/metadata/isos?iso=PJN").json()["meta"]
    assert (meta["reason"], meta["did_you_mean"]) == ("no_match", {"iso": ["PJM"]})


@pytest.mark.usefixtures("market")
def test_before_the_first_load_nothing_is_known(api: Api) -> None:
    meta = api.get("/v2/metadata/isos").json()["meta"]
    assert (meta["reason"], meta["known_at"]) == ("no_data_yet", None)


@pytest.mark.usefixtures("catalogues")
def test_markets_are_as_long_as_the_series_of_prices_are(api: Api) -> None:
    for row in api.rows("/v2/metadata/markets"):
        assert row["interval_minutes"] == nominal_minutes(row["iso"], row["market"]), row
