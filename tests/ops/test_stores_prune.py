"""`manage.py stores prune`: replaced rows go when their table does not keep them any longer."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurum import query
from aurum.errors import BadQuery, StoreUnavailable
from aurum.loads.log import LoadRefused
from aurum.market.spans import Span
from aurum.polling import refresh_all
from aurum.snapshot import snapshot_at
from aurum.stores.registry import writer_of
from aurum.stores.sql_rows import SqlRows
from aurum.stores.sql_writer import SqlWriter
from curves import services
from curves.results import OBSERVATIONS
from curves.tables import CURVE_OBSERVATION
from iso.tables import ISO_LMP
from ops.models import Load, LoadedTable
from ops.retracting import retract_load
from ops.stores import prune
from tests.conftest import Api, Market, Run, forget
from tests.engines import BOTH, EVERY
from tests.factories import nymex
from tests.ops.conftest import run_command

# The log of loads is asked in a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
on_both = pytest.mark.parametrize("engine", BOTH, indirect=True)
ALWAYS = Span(None, None)
PATH = "/v2/curves/observations"
DAYS_AGO = (100, 60, 40, 10)
"""When the four loads of `history` were published: each revises the price of the one before."""


@pytest.fixture
def market(transactional_db: None, store_settings: None) -> Any:
    forget()
    refresh_all()
    yield Market()
    forget()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows there are whenever the command waits."""
    found: list[int] = []
    monkeypatch.setattr(prune.time, "sleep", lambda seconds: found.append(count()))
    return found


@pytest.fixture
def history(market: Market, waits: list[int]) -> list[datetime]:
    """The publish instants of four loads of one price, which is 1 to 4."""
    now = datetime.now(UTC)
    instants = [now - timedelta(days=days) for days in DAYS_AGO]
    for number, instant in enumerate(instants, 1):
        load = market.load("curves.nymex", nymex({"2026-07": number})).load
        LoadedTable.objects.filter(load=load).update(published_at=instant)
    refresh_all()
    return instants


@pytest.fixture
def keeps(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Declares for how many days prices keep their history."""
    declared = vars(CURVE_OBSERVATION)
    return lambda days: monkeypatch.setitem(declared, "keep_history_days", days)


def count() -> int:
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, SqlRows)
        ((rows,),) = writer.query("SELECT COUNT(*) FROM curve_observation", {})
        return int(rows)


def loads() -> list[int]:
    return list(Load.objects.order_by("id").values_list("id", flat=True))


def stamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def price_at(api: Api, instant: datetime) -> list[Any]:
    return [row["mid"] for row in api.rows(PATH, params={"known_at": stamp(instant)})]


def refused_at(api: Api, instant: datetime) -> Any:
    answer = api.get(PATH, params={"known_at": stamp(instant)})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    return error


@pytest.mark.parametrize("engine", EVERY, indirect=True)
def test_what_was_replaced_long_ago_goes_and_everything_later_is_answered(
    history: list[datetime], api: Api, keeps: Callable[[int], None]
) -> None:
    keeps(30)
    outcome = run_command("stores", "prune")
    assert (outcome.status, outcome.err) == (0, "")
    text = "curve_observation: 2 rows that were replaced more than 30 days ago are deleted"
    assert outcome.lines == [text, "All is well."]
    assert count() == 2
    _, _, third, fourth = history
    assert price_at(api, third) == [3]
    assert price_at(api, fourth - timedelta(seconds=1)) == [3]
    assert price_at(api, fourth) == [4]
    assert [row["mid"] for row in api.rows(PATH)] == [4]
    checked = run_command("stores", "check")
    assert (checked.status, "no row of load" in checked.out) == (0, False)


@on_both
def test_a_moment_that_is_not_kept_is_refused_with_the_first_that_is(
    history: list[datetime], api: Api, keeps: Callable[[int], None]
) -> None:
    keeps(50)
    run_command("stores", "prune")
    first, second, *_ = history
    error = refused_at(api, second - timedelta(microseconds=1))
    assert error["field"] == "known_at"
    assert error["constraint"] == f">= {stamp(second)}"
    assert f"ask for {stamp(second)} or later" in error["message"]
    assert refused_at(api, first - timedelta(days=900))["field"] == "known_at"
    assert price_at(api, second) == [2]
    found = api.get(
        "/v2/curves/diff",
        params={
            "asof_date": "2026-05-29",
            "known_at_a": stamp(first),
            "known_at_b": stamp(second),
        },
    )
    assert found.status_code == 400
    assert [error["field"] for error in found.json()["errors"]] == ["known_at_a"]


def test_by_default_all_history_is_kept(history: list[datetime], api: Api) -> None:
    assert run_command("stores", "prune").out == "All is well.\n"
    assert count() == 4
    assert price_at(api, history[0]) == [1]


def test_a_dry_run_deletes_and_refuses_nothing(
    history: list[datetime], api: Api, keeps: Callable[[int], None], waits: list[int]
) -> None:
    keeps(30)
    outcome = run_command("stores", "prune", "--dry-run")
    text = "curve_observation: 2 rows that were replaced more than 30 days ago would be deleted"
    assert (outcome.status, outcome.lines) == (0, [text, "All is well."])
    assert (count(), waits) == (4, [])
    assert price_at(api, history[0]) == [1]


def test_rows_that_cursors_may_lead_to_are_kept(
    history: list[datetime], keeps: Callable[[int], None], settings: Any
) -> None:
    keeps(1)
    settings.AURUM_CURSOR_TTL_SECONDS = 50 * 86_400
    run_command("stores", "prune")
    assert count() == 3


def test_it_is_refused_before_anything_is_deleted(
    history: list[datetime],
    api: Api,
    keeps: Callable[[int], None],
    waits: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keeps(30)

    def fail(*args: Any) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(SqlWriter, "prune", fail)
        assert run_command("stores", "prune").status == 1
    assert waits == [4]
    assert refused_at(api, history[1])["constraint"] == f">= {stamp(history[2])}"
    assert count() == 4
    assert run_command("stores", "prune").status == 0
    assert count() == 2


def test_what_is_gone_stays_refused_when_history_is_kept_longer(
    history: list[datetime], api: Api, keeps: Callable[[int], None]
) -> None:
    keeps(30)
    run_command("stores", "prune")
    keeps(50)
    run_command("stores", "prune")
    assert refused_at(api, history[1])["constraint"] == f">= {stamp(history[2])}"


@on_both
def test_a_load_is_not_retracted_whose_former_rows_are_gone(
    history: list[datetime], keeps: Callable[[int], None]
) -> None:
    keeps(30)
    run_command("stores", "prune")
    _, _, third, fourth = loads()
    with pytest.raises(LoadRefused, match="curve_observation does not keep rows"):
        retract_load(third, dry_run=True)
    with pytest.raises(LoadRefused, match=f"replaced until load {third},"):
        retract_load(third, dry_run=False)
    assert retract_load(fourth, dry_run=False).counts.revised == 1


@on_both
def test_nor_one_behind_loads_that_say_nothing_any_more(
    history: list[datetime], api: Api, keeps: Callable[[int], None]
) -> None:
    _, second, third, fourth = loads()
    for load in (second, third):
        retract_load(load, dry_run=False)
    keeps(30)
    run_command("stores", "prune")
    # The fourth would make place for the first, as all between were taken back.
    with pytest.raises(LoadRefused, match="does not keep rows"):
        retract_load(fourth, dry_run=False)
    assert [row["mid"] for row in api.rows(PATH)] == [4]


def test_a_table_of_the_past_is_cut_off_when_its_rows_may_go(
    market: Market,
    keeps: Callable[[int], None],
    waits: list[int],
    run: Run[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instants = [datetime.now(UTC) - timedelta(days=days) for days in (100, 60)]
    for price, instant in enumerate(instants):
        quotes = {f"2026-{month:02}": price + month for month in range(7, 13)}
        load = market.load("curves.nymex", nymex(quotes)).load
        LoadedTable.objects.filter(load=load).update(published_at=instant)
    monkeypatch.setattr(query, "KEPT_SECONDS", 0.0)
    snapshot = run(snapshot_at(instants[0], OBSERVATIONS.table_names))
    asked = query.Query.inside(OBSERVATIONS, snapshot, known_at=instants[0], asof_date=ALWAYS)
    parts = query.pieces(asked, services.list_observations, 2)
    assert len(run(anext(parts)).page.rows) == 2
    keeps(30)
    assert run_command("stores", "prune").status == 0
    with pytest.raises(BadQuery, match="not kept any more"):
        run(anext(parts))


def test_a_table_with_releases_cannot_declare_it() -> None:
    with pytest.raises(ValueError, match="releases are asked for, so all are kept"):
        replace(ISO_LMP, keep_history_days=30)
