"""`known_at`: what was known then, byte for byte, whatever has been loaded since."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurum.polling import refresh_all
from ops import keys
from ops.models import ApiKey, LoadedTable
from tests.conftest import Api, Market, forget
from tests.engines import BOTH
from tests.factories import curve_csv, months, nymex
from tests.ops.console import tenant

# The load book is asked in a thread of its own, which sees only what is committed.
pytestmark = [
    pytest.mark.parametrize("engine", BOTH, indirect=True),
    pytest.mark.django_db(transaction=True),
]

PATH = "/v2/curves/observations"


@pytest.fixture
def market(transactional_db: None, store_settings: None) -> Any:
    forget()
    refresh_all()
    yield Market()
    forget()


def backdate(load: int | None, seconds: float) -> datetime:
    """Makes a load one of the past; its publish instant."""
    instant = datetime.now(UTC) - timedelta(seconds=seconds)
    LoadedTable.objects.filter(load=load).update(published_at=instant)
    refresh_all()
    return instant


def stamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def test_after_a_revision_the_old_answer_is_still_there(market: Market, api: Api) -> None:
    first = market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3})).load
    at = backdate(first, 100)
    before = {
        form: api.get(PATH, params={"known_at": stamp(at), "format": form}).content
        for form in ("json", "csv", "ndjson")
    }
    market.load("curves.nymex", nymex({"2026-07": 9.9}))
    market.load("curves.csv", curve_csv(months("2027-01", 5)))
    for form, bytes_then in before.items():
        later = api.get(PATH, params={"known_at": stamp(at), "format": form})
        assert later.content == bytes_then
    assert [row["mid"] for row in api.rows(PATH, params={"known_at": stamp(at)})] == [3.2, 3.3]
    assert 9.9 in [row["mid"] for row in api.rows(PATH)]


def test_the_past_is_immutable_and_the_present_is_not(market: Market, api: Api) -> None:
    at = backdate(market.load("curves.csv", curve_csv(months("2025-10", 1))).load, 100)
    old = api.get(PATH, params={"known_at": stamp(at)})
    assert old.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert old.json()["meta"]["known_at"] == stamp(at)
    key = keys.issue(ApiKey(name="a notebook", tenant=tenant()))
    mine = api.get(PATH, params={"known_at": stamp(at)}, headers={"X-API-Key": key})
    assert mine.headers["cache-control"] == "private, max-age=31536000, immutable"
    moment_ago = stamp(datetime.now(UTC) - timedelta(seconds=3))
    recent = api.get(PATH, params={"known_at": moment_ago})
    assert "immutable" not in recent.headers["cache-control"]
    assert "immutable" not in api.get(PATH).headers["cache-control"]


def test_before_the_first_load_nothing_is_known(market: Market, api: Api) -> None:
    at = backdate(market.load("curves.csv", curve_csv(months("2025-10", 1))).load, 100)
    body = api.get(PATH, params={"known_at": stamp(at - timedelta(seconds=1))}).json()
    assert body["data"] == []
    assert (body["meta"]["reason"], body["meta"]["known_at"]) == ("no_data_yet", None)


def test_an_offset_may_be_written_with_a_plain_plus(market: Market, api: Api) -> None:
    at = backdate(market.load("curves.csv", curve_csv(months("2025-10", 1))).load, 100)
    local = at.astimezone(datetime.now().astimezone().tzinfo)
    text = (at + timedelta(hours=2)).replace(tzinfo=None).isoformat() + "+02:00"
    assert local == at
    assert len(api.get(f"{PATH}?known_at={text}").json()["data"]) == 1


def test_a_cursor_keeps_the_moment_it_was_issued_for(market: Market, api: Api) -> None:
    at = backdate(market.load("curves.csv", curve_csv(months("2025-10", 4))).load, 100)
    first = api.get(PATH, params={"limit": 2}).json()
    market.load("curves.csv", curve_csv(months("2025-10", 8, price=7)))
    second = api.get(first["links"]["next"]).json()
    assert [row["mid"] for row in second["data"]] == [52.0, 53.0]
    assert second["meta"]["known_at"] == stamp(at)
    assert second["links"]["next"] is None


def test_one_date_at_two_moments_shows_its_revisions(market: Market, api: Api) -> None:
    a = backdate(market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3})).load, 100)
    market.load("curves.nymex", nymex({"2026-07": 3.25, "2026-09": 3.4}))
    rows = api.rows("/v2/curves/diff", params={"asof_date": "2026-05-29", "known_at_a": stamp(a)})
    assert [(r["tenor_label"], r["status"], r["mid_a"], r["mid_b"]) for r in rows] == [
        ("2026-07", "changed", 3.2, 3.25),
        ("2026-08", "removed", 3.3, None),
        ("2026-09", "added", None, 3.4),
    ]


def test_an_older_file_loaded_later_is_what_was_known_last(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1, asof_date="2025-09-12")))
    market.load("curves.csv", curve_csv(months("2025-10", 1, price=1, asof_date="2025-09-11")))
    assert [row["asof_date"] for row in api.rows(PATH)] == ["2025-09-12"]
    assert [row["mid"] for row in api.rows(f"{PATH}?asof_date=2025-09-11")] == [1.0]
