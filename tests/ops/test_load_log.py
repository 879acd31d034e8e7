"""The load book: which loads there were, and which of them readers may see."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import time_machine

from aurum.loads.feeds import RejectedRow
from aurum.loads.log import Counts, LoadLog
from aurum.snapshot import WATERMARKS
from ops.models import Load, LoadedTable, QuarantinedRow
from tests.conftest import Api, Market
from tests.factories import curve_csv, months
from tests.ops.load_log import PRICES, SOME, TENORS, begin, publish

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def instants(table: str = PRICES) -> list[datetime | None]:
    found = LoadedTable.objects.filter(table=table).order_by("load_id")
    return list(found.values_list("published_at", flat=True))


def grow_strictly(values: Sequence[Any]) -> bool:
    return all(early < late for early, late in pairwise(values))


# Numbers and instants


def test_ids_grow_whatever_becomes_of_the_loads(log: LoadLog) -> None:
    ids = []
    for end in ("publish", "abandon", "nothing", "unchanged", "publish"):
        load = begin(log)
        ids.append(load)
        if end == "abandon":
            log.abandon(load, "interrupted")
        elif end != "nothing":
            log.publish(load, SOME, changed=end == "publish")
    assert grow_strictly(ids)


def test_an_id_is_not_given_twice_even_when_its_load_is_deleted(log: LoadLog) -> None:
    first = begin(log)
    Load.objects.all().delete()
    assert begin(log) > first


def test_publish_instants_grow_strictly_even_when_the_clock_does_not(log: LoadLog) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(4):
            publish(log)
        clock.move_to(NOON + timedelta(hours=1))
        publish(log)
    found = instants()
    assert grow_strictly(found)
    assert found[0] == NOON
    assert found[-1] == NOON + timedelta(hours=1)


def test_a_load_of_several_tables_publishes_them_at_one_instant_after_each_of_theirs(
    log: LoadLog,
) -> None:
    with time_machine.travel(NOON, tick=False):
        publish(log, PRICES)
        publish(log, TENORS)
        publish(log, PRICES, TENORS)
    assert instants(PRICES)[-1] == instants(TENORS)[-1]
    assert grow_strictly(instants(PRICES))
    assert grow_strictly(instants(TENORS))


# Watermarks


def test_before_the_first_load_there_is_no_watermark(log: LoadLog) -> None:
    begin(log)
    assert log.watermarks() == {}


def test_the_watermark_is_the_newest_published_load_of_each_table(log: LoadLog) -> None:
    both = publish(log, PRICES, TENORS)
    prices = publish(log, PRICES)
    begin(log, TENORS)
    marks = log.watermarks()
    assert {name: mark.load for name, mark in marks.items()} == {PRICES: prices, TENORS: both}


def test_a_load_that_changed_nothing_does_not_move_the_watermark(log: LoadLog) -> None:
    first = publish(log)
    idle = begin(log)
    log.publish(idle, Counts(same=3), changed=False)
    assert log.watermarks()[PRICES].load == first
    ended = Load.objects.get(id=idle)
    assert (ended.state, ended.same, ended.ended_at is None) == ("unchanged", 3, False)


def test_loading_the_same_again_leaves_answers_and_etags_as_they_were(
    market: Market, api: Api
) -> None:
    content = curve_csv(months("2025-10", 3))
    market.load("curves.csv", content)
    before = api.get("/v1/curves?limit=2")
    market.load("curves.csv", content)
    after = api.get("/v1/curves?limit=2")
    assert before.headers["etag"] == after.headers["etag"]
    assert before.json()["meta"]["next_cursor"] == after.json()["meta"]["next_cursor"]


def test_the_process_that_publishes_sees_it_at_once(market: Market) -> None:
    load = market.load("curves.csv", curve_csv(months("2025-10", 1))).load
    assert {mark.load for mark in WATERMARKS.value.values()} == {load}


def test_what_was_known_is_the_newest_load_of_each_table_published_by_then(
    log: LoadLog,
) -> None:
    both = [PRICES, TENORS]
    with time_machine.travel(NOON, tick=False) as clock:
        first = publish(log, PRICES)
        clock.shift(timedelta(hours=1))
        second = publish(log, PRICES, TENORS)
        clock.shift(timedelta(hours=1))
        log.publish(begin(log, PRICES), Counts(same=1), changed=False)
        begin(log, TENORS)
    hour, tick = timedelta(hours=1), timedelta(microseconds=1)
    for instant, prices, tenors, at in (
        (NOON - tick, 0, 0, None),
        (NOON, first, 0, NOON),
        (NOON + hour - tick, first, 0, NOON),
        (NOON + hour, second, second, NOON + hour),
        (NOON + 9 * hour, second, second, NOON + hour),
    ):
        known = log.known_at(both, instant)
        assert (known.loads, known.at) == ({PRICES: prices, TENORS: tenors}, at)
        assert known.is_empty is (instant < NOON + hour)


def test_of_two_loads_published_at_the_same_tick_of_the_clock_the_later_is_known_later(
    log: LoadLog,
) -> None:
    with time_machine.travel(NOON, tick=False):
        first, second = publish(log), publish(log)
    assert log.known_at([PRICES], NOON).loads == {PRICES: first}
    assert log.known_at([PRICES], NOON + timedelta(microseconds=1)).loads == {PRICES: second}


# The horizon of cursors


def test_the_horizon_is_the_newest_load_published_longer_ago_than_cursors_live(
    log: LoadLog, settings: Any
) -> None:
    settings.AURUM_CURSOR_TTL_SECONDS = 3600
    with time_machine.travel(NOON, tick=False) as clock:
        first = publish(log)
        clock.shift(timedelta(minutes=30))
        second = publish(log)
        assert log.watermarks()[PRICES].horizon == 0
        clock.move_to(NOON + timedelta(hours=1))
        assert log.watermarks()[PRICES].horizon == 0
        clock.shift(timedelta(seconds=1))
        assert log.watermarks()[PRICES].horizon == first
        clock.shift(timedelta(days=1))
        assert log.watermarks()[PRICES].horizon == second


def test_a_cursor_lives_as_long_after_the_next_load_as_the_settings_say(
    market: Market, api: Api, settings: Any
) -> None:
    settings.AURUM_CURSOR_TTL_SECONDS = 3600
    with time_machine.travel(NOON, tick=False) as clock:
        market.load("curves.csv", curve_csv(months("2025-10", 4)))
        cursor = api.get("/v1/curves?limit=2").json()["meta"]["next_cursor"]
        path = f"/v1/curves?cursor={cursor}&limit="  # another limit: no answer that was kept
        clock.shift(timedelta(days=30))  # nothing new came: it is as good as on its first day
        WATERMARKS.refresh()
        rows = api.rows(f"{path}2")
        market.load("curves.csv", curve_csv(months("2025-10", 4, price=70.0)))
        clock.shift(timedelta(hours=1))
        WATERMARKS.refresh()
        assert api.rows(f"{path}3") == rows
        clock.shift(timedelta(seconds=1))
        WATERMARKS.refresh()
        answer = api.get(f"{path}4")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "expired"


def test_a_place_in_a_member_of_a_long_name_keeps_its_line(log: LoadLog) -> None:
    load = begin(log)
    log.quarantine(load, [RejectedRow(f"{'m' * 400}: line 7", "invalid_price", "{}")])
    (row,) = QuarantinedRow.objects.all()
    assert (len(row.place), row.place[-8:]) == (200, ": line 7")
