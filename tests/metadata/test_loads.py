"""`/v2/loads`: every number can be traced to the file that brought it, by who reads it."""

import hashlib

import pytest

from ops.models import Load
from tests.conftest import Api, Market
from tests.contract import bad_field, problem
from tests.engines import EVERY
from tests.factories import curve_csv, months

pytestmark = pytest.mark.parametrize("engine", EVERY, indirect=True)

LOADS = "/v2/loads"


def test_a_row_leads_to_the_file_that_brought_it(market: Market, api: Api) -> None:
    first, second = curve_csv(months("2025-10", 5)), curve_csv(months("2025-10", 7, price=51.0))
    market.load("curves.csv", first, "june.csv")
    market.load("curves.csv", second, "june-corrected.csv")
    (row, *_) = api.rows("/v2/curves/observations", params={"fields": "load_id,mid"})
    found = api.get(f"{LOADS}/{row['load_id']}").json()
    assert "links" in found
    load = found["data"]
    assert load["file"] == "june-corrected.csv"
    assert load["feed"] == "curves.csv"
    assert load["sha256"] == hashlib.sha256(second.encode()).hexdigest()
    assert (load["new"], load["revised"], load["same"], load["quarantined"]) == (2, 5, 0, 0)
    assert load["ended_at"].endswith("Z")
    older = api.rows(LOADS, params={"sha256": hashlib.sha256(first.encode()).hexdigest()})
    assert [one["file"] for one in older] == ["june.csv"]


def test_the_newest_come_first_and_pages_lead_there_and_back(market: Market, api: Api) -> None:
    for number in range(5):
        market.load("curves.csv", curve_csv(months("2025-10", 2, price=50.0 + number)))
    whole = api.rows(LOADS)
    ids = [row["load_id"] for row in whole]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 5
    walked, bodies, url = [], [], f"{LOADS}?limit=2"
    while url:
        bodies.append(api.get(url).json())
        walked += bodies[-1]["data"]
        url = bodies[-1]["links"]["next"]
    assert walked == whole
    back = api.get(bodies[-1]["links"]["prev"]).json()
    assert back["data"] == bodies[-2]["data"]
    assert len(api.get(LOADS, params={"format": "csv"}).text.splitlines()) == 6


def test_a_load_that_ended_badly_or_runs_is_not_shown(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    (seen,) = api.rows(LOADS)
    for state in (Load.State.RUNNING, Load.State.ABANDONED):
        Load.objects.filter(id=seen["load_id"]).update(state=state)
        assert api.rows(LOADS, params={"limit": 5 if state == "running" else 6}) == []
        problem(api.get(f"{LOADS}/{seen['load_id']}?format=csv&fields={state}"), 400,
                "validation-error")  # fmt: skip
        problem(api.get(f"{LOADS}/{seen['load_id']}?fields=file,state"), 404, "not-found")


def test_the_same_file_again_says_nothing_new(market: Market, api: Api) -> None:
    for _ in range(2):
        market.load("curves.csv", curve_csv(months("2025-10", 2)))
    assert [row["state"] for row in api.rows(LOADS)] == ["unchanged", "published"]
    assert len(api.rows(LOADS, params={"state": "published"})) == 1


def test_what_is_no_load_is_refused(market: Market, api: Api) -> None:
    problem(api.get(f"{LOADS}/999999"), 404, "not-found")
    for wrong in ("none", "0", "-1", "1.5"):
        assert bad_field(api.get(f"{LOADS}/{wrong}"), "load_id")["constraint"]
    assert bad_field(api.get(LOADS, params={"known_at": "2025-10-01T00:00:00Z"}), "known_at")
