"""Prices as their publisher had released them, by whichever order the releases were loaded in."""

import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurum.loads.log import load_log
from aurum.loads.retract import retract
from aurum.stores.registry import writer_of
from iso.tables import TABLES
from tests.conftest import Api, Market
from tests.engines import BOTH

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

HEADER = "iso,market,location_id,interval_start,price_total,price_energy,status,vintage\n"
FIRST, SECOND = "2025-09-29T17:00:00Z", "2025-10-03T12:30:00Z"
BEFORE, BETWEEN, AFTER = "2025-09-29T16:59:59Z", "2025-10-01T00:00:00Z", "2025-10-04T00:00:00Z"
START = datetime(2025, 9, 30, 4, tzinfo=UTC)
"""Midnight of PJM's clock."""


def release(vintage: str, prices: dict[int, float], place: str = "1", status: str = "FINAL") -> str:
    """Prices by the hour since START, as one release had them."""
    rows = (
        f"PJM,DAY_AHEAD,{place},{START + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ},"
        f"{price},{price},{status},{vintage}\n"
        for hour, price in prices.items()
    )
    return HEADER + "".join(rows)


OLD = {hour: 20.0 + hour for hour in range(30)}
NEW = {**OLD, 3: -4.0, 5: 1e5, 29: 77.0, 30: 60.0}
OTHER = {hour: 15.0 - hour for hour in range(30)}

RANGE = "start=2025-09-30&end=2025-10-03"
SUMS = "agg=mean,min,max,sum,std,count,first,last"
LEGS = "leg_a=PJM:DAY_AHEAD:1&leg_b=PJM:DAY_AHEAD:2"
QUESTIONS = (
    f"/v2/iso/lmp?{RANGE}",
    f"/v2/iso/lmp?{RANGE}&location_id=1",
    f"/v2/iso/lmp?{RANGE}&below=0",
    *(f"/v2/iso/lmp?resample={by}&{SUMS}" for by in ("hour", "day", "week", "month", "year")),
    f"/v2/iso/lmp?resample=day&tz=UTC&{SUMS}",
    "/v2/iso/lmp?location_id=1&resample=month&agg=mean,min,count",
    f"/v2/iso/lmp?{RANGE}&resample=all&agg=count&below=0",
    f"/v2/iso/lmp?{RANGE}&resample=all&block=ON_PEAK&agg=mean,first,last",
    f"/v2/iso/lmp?{RANGE}&location_id=1&resample=day&price=price_energy&fill=null",
    "/v2/iso/lmp/latest?fields=location_id,interval_start,price_total",
    f"/v2/iso/lmp/negative?{RANGE}",
    f"/v2/iso/spreads?{LEGS}",
    f"/v2/iso/spreads?{LEGS}&resample=day",
    f"/v2/iso/spreads?{LEGS}&resample=all&{RANGE}",
)


def answers(api: Api, vintage: str | None = None) -> dict[str, Any]:
    more = f"&vintage={vintage}" if vintage else ""
    return {question: api.rows(f"{question}{more}") for question in QUESTIONS}


def take_back(load: int | None) -> None:
    assert load is not None
    with contextlib.closing(writer_of("iso")) as writer:
        retract(load, TABLES, writer, load_log(), dry_run=False)


def load(market: Market, text: str) -> int | None:
    return market.load("iso.csv", text).load


@pytest.mark.parametrize("newest_first", [False, True])
def test_each_release_is_answered_as_when_it_stood_in_either_order(
    market: Market, api: Api, *, newest_first: bool
) -> None:
    load(market, release(FIRST, OTHER, "2"))
    texts = [release(FIRST, OLD), release(SECOND, NEW)]
    if newest_first:
        later = load(market, texts[1])
        newest = answers(api)
        load(market, texts[0])
        assert answers(api) == newest
    else:
        load(market, texts[0])
        later = load(market, texts[1])
        newest = answers(api)
    for moment in (SECOND, AFTER):
        assert answers(api, moment) == newest
    as_first = answers(api, FIRST)
    assert as_first == answers(api, BETWEEN) != newest
    assert not any(answers(api, BEFORE).values())
    take_back(later)
    assert answers(api) == answers(api, AFTER) == as_first


def test_the_pages_of_an_answer_by_vintage_are_all_of_it(market: Market, api: Api) -> None:
    for text in (release(SECOND, NEW), release(FIRST, OLD), release(FIRST, OTHER, "2")):
        load(market, text)
    for path in ("/v2/iso/lmp?", "/v2/iso/lmp?resample=day&agg=mean,last&"):
        whole = api.rows(f"{path}vintage={BETWEEN}&limit=1000")
        url, found, back = f"{path}vintage={BETWEEN}&limit=7", [], []
        while url:
            page = api.get(url).json()
            found += page["data"]
            last, url = page, page["links"]["next"]
        assert found == whole
        while url := last["links"]["prev"]:
            last = api.get(url).json()
            back = last["data"] + back
        assert back == whole[: len(back)]
        assert api.get(f"{path}vintage={BETWEEN}&format=ndjson").text.count("\n") == len(whole)


def test_a_final_price_stands_over_a_preliminary_one_that_is_released_again(
    market: Market, api: Api
) -> None:
    load(market, release(SECOND, {0: 9.0}, status="PRELIMINARY"))
    load(market, release(FIRST, {0: 10.0}))
    ask = "/v2/iso/lmp?fields=price_total,status,vintage"
    final = [{"price_total": 10, "status": "FINAL", "vintage": FIRST}]
    assert api.rows(ask) == final
    assert api.rows(f"{ask}&vintage={AFTER}") == final


def test_it_goes_together_with_what_was_known(market: Market, api: Api) -> None:
    load(market, release(SECOND, {0: 12.0}))
    time.sleep(0.01)
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    time.sleep(0.01)
    first = load(market, release(FIRST, {0: 10.0}))
    ask = "/v2/iso/lmp?fields=price_total"
    assert api.rows(f"{ask}&vintage={BETWEEN}") == [{"price_total": 10}]
    assert api.rows(f"{ask}&vintage={BETWEEN}&known_at={moment}") == []
    assert api.rows(f"{ask}&vintage={AFTER}&known_at={moment}") == [{"price_total": 12}]
    time.sleep(0.01)
    then = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    time.sleep(0.01)
    take_back(first)
    assert api.rows(f"{ask}&vintage={BETWEEN}") == []
    assert api.rows(f"{ask}&vintage={BETWEEN}&known_at={then}") == [{"price_total": 10}]


def test_what_is_not_known_when_it_was_released_is_not_given(market: Market, api: Api) -> None:
    load(market, release("", OLD))
    load(market, release(SECOND, dict.fromkeys(range(30), 5.0), "2"))

    def meta(question: str, moment: str = AFTER) -> Any:
        answer = api.get(f"{question}vintage={moment}").json()
        assert answer["data"] == []
        return answer["meta"]

    for question in (
        "/v2/iso/lmp?location_id=1&",
        "/v2/iso/lmp?location_id=1&resample=day&",
        "/v2/iso/lmp/latest?location_id=1&",
        f"/v2/iso/spreads?{LEGS}&",
    ):
        assert meta(question)["reason"] == "not_released"
    assert meta("/v2/iso/lmp?location_id=2&", BETWEEN)["reason"] == "not_released"
    assert meta("/v2/iso/lmp?location_id=2&below=5&")["reason"] == "no_match"
    assert meta("/v2/iso/lmp?start=2019-01&end=2019-02&")["reason"] == "outside_coverage"
    assert meta("/v2/iso/lmp?iso=PJM&location_id=3&")["reason"] == "no_match"
    page = api.get(f"/v2/iso/lmp?location_id=1&vintage={AFTER}", headers={"Accept": "text/html"})
    assert "not known when it was released does not count" in page.text


def test_its_column_is_shown_on_request(market: Market, api: Api) -> None:
    load(market, release(FIRST, {0: 10.0}))
    load(market, release("", {0: 10.0}, "2"))
    for path in ("/v2/iso/lmp", "/v2/iso/lmp/latest"):
        assert all("vintage" not in row for row in api.rows(path))
        shown = [row["vintage"] for row in api.rows(f"{path}?fields=*")]
        assert shown == [FIRST, None]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("/v2/iso/lmp?vintage=2025-10-01", "vintage"),
        ("/v2/iso/lmp?vintage=2025-10-01T10:00", "vintage"),
        ("/v2/iso/lmp?vintage=2999-01-01T00:00:00Z", "vintage"),
        (f"/v2/iso/lmp/negative?vintage={AFTER}", "vintage"),
        (f"/v2/iso/series?vintage={AFTER}", "vintage"),
    ],
)
def test_what_is_no_release_is_refused(market: Market, api: Api, question: str, field: str) -> None:
    answer = api.get(question)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_before_the_first_load_there_is_nothing(market: Market, api: Api) -> None:
    answer = api.get(f"/v2/iso/lmp?vintage={AFTER}").json()
    assert (answer["data"], answer["meta"]["reason"]) == ([], "no_data_yet")


@pytest.mark.parametrize("vintage", ["2025-10-01", "2025-10-01T10:00:00", "2999-01-01T00:00Z", "x"])
def test_a_row_of_a_csv_with_no_such_instant_is_set_aside(market: Market, vintage: str) -> None:
    text = release(FIRST, {0: 1.0}) + release(vintage, {1: 1.0}).removeprefix(HEADER)
    done = market.load("iso.csv", text)
    assert [str(remark.reason) for remark in done.remarks] == ["invalid_vintage"]


def test_an_instant_of_another_offset_is_the_same(market: Market, api: Api) -> None:
    load(market, release("2025-09-29T13:00-04:00", {0: 1.0}))
    assert api.rows("/v2/iso/lmp?fields=vintage") == [{"vintage": FIRST}]
