"""Publish instants: of the database's clock, and never in a settled past or in the future."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from aurum.loads.log import LoadLog, LoadRefused
from aurum.snapshot import SETTLED
from ops import clock as clocks
from ops.models import CacheReport, Load, LoadedTable
from tests.conftest import Market
from tests.factories import curve_csv, months
from tests.ops.load_log import PRICES, SOME, TENORS, begin, publish
from tests.test_docs import DOCS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize("step", [2 * SECOND, HOUR, timedelta(days=4000)])
def test_a_clock_set_back_publishes_nothing_until_it_has_passed_the_last_load(
    log: LoadLog, step: timedelta
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        publish(log)
        clock.shift(-step)
        with pytest.raises(LoadRefused, match="2026-03-02 12:00:00: nothing is published into"):
            begin(log)
        assert Load.objects.count() == 1  # no number is given to a load that cannot be made
        publish(log, TENORS)  # of which nothing was published at noon
        clock.shift(step + SECOND)
        last = publish(log)
        assert log.known_at([PRICES], NOON + SECOND).loads == {PRICES: last}


def test_what_was_published_far_ahead_is_dated_anew_as_the_operators_page_says(
    log: LoadLog,
) -> None:
    page = (DOCS / "operations.md").read_text().partition("### The clock")[2]
    said = page.partition("```python\n")[2].partition("```")[0]
    with time_machine.travel(NOON + HOUR):
        ahead = [publish(log), publish(log)]
    with time_machine.travel(NOON):
        with pytest.raises(LoadRefused):
            begin(log)
        exec(said, {})
        last = publish(log)
        assert log.watermarks()[PRICES].load == last
    first, second, third = LoadedTable.objects.order_by("load_id")
    assert [first.load_id, second.load_id] == ahead
    assert NOON < first.published_at < second.published_at < third.published_at


def test_a_clock_set_back_during_a_load_does_not_publish_it(log: LoadLog) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        publish(log)
        clock.shift(SECOND)
        load = begin(log)
        clock.shift(-HOUR)
        with pytest.raises(LoadRefused, match="nothing is published into the past"):
            log.publish(load, SOME, changed=True)
        assert Load.objects.get(id=load).state == "running"
        log.abandon(load, "its clock was wrong")


def test_a_little_behind_is_waited_for(log: LoadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(clocks.time, "sleep", slept.append)
    with time_machine.travel(NOON, tick=False) as clock:
        publish(log)
        clock.shift(-SECOND / 4)
        last = publish(log)
        assert log.known_at([PRICES], NOON + clocks.TICK).loads == {PRICES: last}
    assert slept[-1] == pytest.approx(0.25, abs=1e-4)


def test_nothing_is_published_into_what_a_server_may_have_answered_as_settled(
    log: LoadLog,
) -> None:
    with time_machine.travel(NOON, tick=False):
        report = CacheReport.objects.create(process="web:1", at=NOON + SETTLED)
        publish(log)
        report.at += SECOND
        report.save()
        with pytest.raises(LoadRefused, match="a server's said 2026-03-02 12:00:11"):
            publish(log)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (-40.0, "40.0 s behind the database's"),
        (-0.9, None),
        (0.9, None),
        (3600.0, "3600.0 s ahead of the database's"),
    ],
)
def test_a_machine_whose_clock_differs_is_told_and_publishes_by_the_database_s(
    market: Market, monkeypatch: pytest.MonkeyPatch, ahead: float, told: str | None
) -> None:
    def database_now() -> datetime:
        return datetime.now(UTC) - timedelta(seconds=ahead)

    monkeypatch.setattr(clocks, "database_now", database_now)
    done = market.load("curves.csv", curve_csv(months("2025-10", 1)))
    assert any(told in warning for warning in done.warnings) if told else not done.warnings
    published = market_instant(done.load)
    assert abs(published - database_now()) < timedelta(seconds=30)


def market_instant(load: Any) -> datetime:
    published = Load.objects.get(id=load).tables.latest("published_at").published_at
    assert published is not None
    return published
