"""`manage.py load --retract`: what a load replaced stands again, and history is kept."""

import contextlib
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from aurum.loads.log import Counts, load_log
from aurum.stores.registry import store_of, writer_of
from aurum.stores.sql import Select
from aurum.stores.tables import CURRENT
from curves.tables import TABLES
from iso.tables import TABLES as ISO_TABLES
from ops.models import AuditEvent, Load
from tests.aurum.loads.test_belonging import run_sql
from tests.conftest import Api, Market, Run
from tests.engines import EVERY
from tests.factories import curve_csv, nymex
from tests.iso.conftest import hours, lmp
from tests.iso.test_miso import hourly
from tests.ops.conftest import Outcome, run_command

pytestmark = [
    pytest.mark.parametrize("engine", EVERY, indirect=True),
    pytest.mark.usefixtures("market"),
]

Put = Callable[..., int]


def retract(load: int | None, *options: str) -> Outcome:
    return run_command("load", "--retract", str(load), *options)


@pytest.fixture
def put(market: Market) -> Put:
    """Loads prices by month: the whole truth of one valuation date; the file may have a name."""

    def load(prices: dict[str, float], *name: str) -> int:
        done = market.load("curves.nymex", nymex(prices), *name)
        assert done.load is not None
        return done.load

    return load


@pytest.fixture
def stands(run: Run[Any]) -> Callable[..., dict[str, float]]:
    """The prices that stand, now or at the watermark of a load."""

    async def fetch(load: int) -> dict[str, float]:
        sql = (
            "SELECT o.tenor_label, o.mid FROM curve_observation AS o"
            f" WHERE o.load_id <= {load} AND o.superseded_by > {load}"
        )
        store = await store_of("curves")
        rows = await store.fetch(Select(sql), {})
        assert len({label for label, _ in rows}) == len(rows)
        return {str(label): float(mid) for label, mid in rows}

    return lambda load=CURRENT - 1: run(fetch(load))


def test_what_a_load_brought_revised_and_closed_is_as_it_was_before(
    put: Put, stands: Callable[..., dict[str, float]]
) -> None:
    before = {"2026-07": 1.0, "2026-08": 2.0, "2026-09": 3.0}
    put(before)
    wrong = put({"2026-07": 9.0, "2026-08": 2.0, "2026-10": 4.0})
    outcome = retract(wrong)
    assert (outcome.status, outcome.err) == (0, "")
    said = "load 2 (test) retracted: load 3 of retract, 1 new, 1 revised, 1 closed, 0 same,"
    assert outcome.out.startswith(said)
    assert stands() == before
    assert stands(wrong) == {"2026-07": 9.0, "2026-08": 2.0, "2026-10": 4.0}
    assert stands(wrong - 1) == before
    taken, by = Load.objects.get(id=2), Load.objects.get(id=3)
    assert (taken.state, taken.removed_by) == ("published", 3)
    assert (by.state, by.retracts, by.feed) == ("published", 2, "curves.nymex")
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.subject_type) == ("retract", "load")
    assert event.after == {"removed_by": "3"}


def test_what_later_loads_have_said_is_left_and_counted(
    put: Put, stands: Callable[..., dict[str, float]]
) -> None:
    put({"2026-07": 1.0, "2026-08": 2.0})
    wrong = put({"2026-07": 9.0, "2026-08": 9.0, "2026-09": 9.0})
    put({"2026-07": 1.5, "2026-08": 9.0})
    outcome = retract(wrong)
    assert "0 new, 1 revised, 0 closed" in outcome.out
    assert "left as they are: 2 rows that later loads have, or that are needed" in outcome.out
    assert stands() == {"2026-07": 1.5, "2026-08": 2.0}


@pytest.mark.parametrize("first", ["older", "newer"])
def test_of_two_wrong_loads_either_may_be_taken_back_first(
    put: Put, stands: Callable[..., dict[str, float]], first: str
) -> None:
    put({"2026-07": 1.0, "2026-08": 2.0})
    wrong = [put({"2026-07": 7.0, "2026-08": 2.0}), put({"2026-07": 8.0, "2026-09": 8.0})]
    for load in wrong if first == "older" else reversed(wrong):
        assert retract(load).status == 0
    assert stands() == {"2026-07": 1.0, "2026-08": 2.0}


def test_whatever_is_taken_back_what_stands_is_what_the_other_loads_say(
    market: Market, stands: Callable[..., dict[str, float]]
) -> None:
    chance = Random(7)
    labels = [f"T{number}" for number in range(8)]
    said: dict[int, dict[str, float]] = {}
    for number in range(15):
        # No value is of two loads: what two say alike only the first has a row of.
        content = {name: number + labels.index(name) / 10 for name in chance.sample(labels, 4)}
        rows = ({"tenor_label": name, "mid": mid} for name, mid in content.items())
        said[market.load("curves.csv", curve_csv(rows)).load or 0] = content
        if number % 3 == 2:
            for taken in chance.sample(sorted(said), 2):
                assert retract(taken).status == 0
                del said[taken]
        expected: dict[str, float] = {}
        for content in said.values():
            expected |= content
        assert stands() == expected


def test_what_a_later_file_only_confirmed_is_asked_for_again(
    put: Put, stands: Callable[..., dict[str, float]]
) -> None:
    wrong = put({"2026-07": 9.0})
    put({"2026-07": 9.0})
    for month in range(10, 13):
        put({"2026-07": 9.0, f"2026-{month}": 2.0}, f"later-{month}.csv")
    put({"2026-07": 9.0, "2026-08": 2.0}, "last.csv")
    told = retract(wrong).out
    assert "that have rows of this load: later-10.csv, later-11.csv, later-12.csv, last.csv" in told
    assert stands() == {"2026-08": 2.0}


def test_an_older_issue_that_came_since_is_named_whatever_its_feed(market: Market) -> None:
    final = market.load("iso.miso_lmp", hourly(price=30)).load
    market.load("iso.miso_rt_prelim_lmp", hourly(price=45), "prelim.csv")
    told = retract(final, "--dry-run").out
    assert "that have rows of this load: prelim.csv" in told


def test_what_was_known_before_stays_known(put: Put, api: Api) -> None:
    put({"2026-07": 1.0})
    wrong = put({"2026-07": 9.0})
    log = load_log()
    known = [log.watermarks()["curve_observation"].load]
    retract(wrong)
    known.append(log.watermarks()["curve_observation"].load)
    assert known == [wrong, wrong + 1]
    assert [row["mid"] for row in api.rows("/v1/curves")] == [1.0]


def test_a_curve_goes_with_the_last_of_its_prices_and_not_before(market: Market, api: Api) -> None:
    def file(*curves: str, mid: float = 1.0) -> str:
        return curve_csv({"location": name, "tenor_label": "T", "mid": mid} for name in curves)

    first = market.load("curves.csv", file("WRONG", "EVERY")).load
    market.load("curves.csv", file("EVERY", mid=2.0))
    assert retract(first).status == 0
    assert [row["location"] for row in api.rows("/v2/curves")] == ["EVERY"]
    assert [row["mid"] for row in api.rows("/v1/curves")] == [2.0]
    market.load("curves.csv", file("WRONG", mid=3.0))
    assert {row["location"] for row in api.rows("/v2/curves")} == {"EVERY", "WRONG"}


def test_places_and_series_of_prices_stay_while_there_are_others(market: Market, api: Api) -> None:
    wrong = market.load("iso.csv", lmp(hours("2026-01-15T05:00:00+00:00", 2))).load
    market.load("iso.csv", lmp(hours("2026-01-16T05:00:00+00:00", 3)))
    assert "2 closed" in retract(wrong).out
    assert len(api.rows("/v2/iso/lmp")) == 3
    assert len(api.rows("/v2/iso/locations")) == 1
    assert "3 closed" in retract(2).out
    assert api.rows("/v2/iso/lmp") == api.rows("/v2/iso/locations") == []
    with contextlib.closing(writer_of("iso")) as writer:
        loads = [writer.loads_in(table) for table in ISO_TABLES]
    assert all(4 in found for found in loads)


def test_a_dry_run_says_what_would_happen_and_does_nothing(
    put: Put, stands: Callable[..., dict[str, float]]
) -> None:
    put({"2026-07": 1.0})
    wrong = put({"2026-07": 9.0, "2026-08": 9.0})
    outcome = retract(wrong, "--dry-run", "--json")
    facts = json.loads(outcome.out)
    assert facts["load"] is None
    assert (facts["retracts"], facts["revised"], facts["closed"]) == (wrong, 1, 1)
    assert stands() == {"2026-07": 9.0, "2026-08": 9.0}
    assert Load.objects.count() == 2
    assert not AuditEvent.objects.exists()


def test_what_cannot_be_taken_back_is_said(market: Market, put: Put) -> None:
    put({"2026-07": 1.0})
    put({"2026-07": 1.0})
    Load.objects.create(feed="curves.nymex", file="dead", sha256="")
    Load.objects.create(feed="curves.nymex", file="no", sha256="", state="abandoned")
    made_up = put({"2026-07": 2.0})
    Load.objects.filter(id=made_up).update(demo=True)
    wrong = put({"2026-07": 3.0})
    for load, said in (
        (99, "there is no load 99"),
        (2, "load 2 has changed nothing"),
        (3, "load 3 is of no table that this release has"),
        (made_up, "is demo data: manage.py demo --remove takes that out"),
    ):
        outcome = retract(load)
        assert outcome.status == 1
        assert said in outcome.err
    assert retract(wrong).status == 0
    assert f"was taken back by load {wrong + 1}" in retract(wrong).err
    assert f"took back load {wrong}: to have that again" in retract(wrong + 1).err
    assert json.loads(retract(99, "--json").out) == {
        "file": "load 99",
        "refused": "there is no load 99",
    }


def test_the_file_can_be_loaded_again_after_it(
    put: Put, stands: Callable[..., dict[str, float]]
) -> None:
    put({"2026-07": 1.0})
    wrong = put({"2026-07": 9.0})
    retract(wrong)
    put({"2026-07": 9.0})
    assert stands() == {"2026-07": 9.0}
    assert run_command("stores", "check").status == 0


def test_a_retraction_that_died_is_undone_by_the_next_load(
    market: Market, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"2026-07": 1.0, "2026-08": 2.0})
    wrong = put({"2026-07": 9.0, "2026-10": 4.0})

    def contents() -> list[Any]:
        with contextlib.closing(writer_of("curves")) as writer:
            return [
                sorted(map(str, writer.query(f"SELECT * FROM {t.name}", {})))  # type: ignore[attr-defined]
                for t in TABLES
            ]

    before = contents()
    dies = type(load_log())

    def killed(self: Any, *args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dies, "publish", killed)
        patch.setattr("aurum.loads.loader._take_back", killed)
        with pytest.raises(KeyboardInterrupt):
            retract(wrong)
    assert contents() != before
    assert market.load("curves.nymex", nymex({"2026-07": 9.0, "2026-10": 4.0})).counts == Counts(
        same=2
    )
    assert contents() == before
    assert retract(wrong).status == 0


def test_of_a_store_that_was_lost_nothing_is_taken_back(put: Put) -> None:
    wrong = put({"2026-07": 9.0})
    for table in TABLES:
        run_sql(f"DELETE FROM {table.name} WHERE TRUE")
    outcome = retract(wrong)
    assert outcome.status == 1
    assert "the store has no row of load 1" in outcome.err
    assert Load.objects.get(id=wrong).removed_by is None
