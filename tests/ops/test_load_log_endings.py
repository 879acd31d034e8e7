"""The load book: loads that are given up, die or are over, and files that were loaded before."""

import pytest

from aurum.loads.feeds import RejectedRow
from aurum.loads.log import Counts, LoadLog
from ops.models import Load, LoadedTable, QuarantinedRow
from tests.conftest import Api, Market
from tests.factories import curve_csv, months
from tests.ops.load_log import PRICES, SOME, TENORS, begin, publish

# Loads that end otherwise


def test_an_abandoned_load_is_no_longer_unpublished_and_says_why(log: LoadLog) -> None:
    load = begin(log)
    assert list(log.unpublished([PRICES])) == [load]
    log.abandon(load, "its process ended")
    assert not log.unpublished([PRICES])
    ended = Load.objects.get(id=load)
    assert (ended.state, ended.reason) == ("abandoned", "its process ended")
    assert ended.ended_at is not None


def test_the_quarantine_of_an_abandoned_load_goes_with_it(log: LoadLog) -> None:
    kept, lost = begin(log), begin(log)
    for load in (kept, lost):
        log.quarantine(load, [RejectedRow("line 2", "invalid_price", "x")])
    log.abandon(lost, "interrupted")
    assert list(QuarantinedRow.objects.values_list("load", flat=True)) == [kept]


def test_an_abandoned_load_cannot_be_published_any_more(log: LoadLog) -> None:
    load = begin(log)
    log.abandon(load, "given up")
    with pytest.raises(LookupError):
        log.publish(load, SOME, changed=True)
    assert log.watermarks() == {}
    assert Load.objects.get(id=load).state == "abandoned"


def test_a_load_is_published_once(log: LoadLog) -> None:
    load = publish(log)
    before = list(LoadedTable.objects.values())
    with pytest.raises(LookupError):
        log.publish(load, SOME, changed=True)
    assert list(LoadedTable.objects.values()) == before


def test_abandoning_a_published_load_does_nothing(log: LoadLog) -> None:
    load = begin(log)
    log.quarantine(load, [RejectedRow("line 2", "invalid_price", "x")])
    log.publish(load, SOME, changed=True)
    log.abandon(load, "too late")
    assert log.watermarks()[PRICES].load == load
    assert Load.objects.get(id=load).state == "published"
    assert QuarantinedRow.objects.count() == 1


def test_a_load_is_unpublished_for_each_of_its_tables_and_told_of_once(log: LoadLog) -> None:
    first, second = begin(log, PRICES, TENORS), begin(log, TENORS)
    assert log.unpublished([PRICES, TENORS]) == {first: [PRICES, TENORS], second: [TENORS]}
    assert log.unpublished([PRICES]) == {first: [PRICES, TENORS]}
    assert not log.unpublished(["curve"])


def test_a_load_whose_process_died_is_abandoned_by_the_next_and_leaves_no_row(
    market: Market, api: Api, log: LoadLog
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    dead = begin(log, PRICES, TENORS, "curve")
    market.load("curves.csv", curve_csv(months("2025-11", 1)))
    ended = Load.objects.get(id=dead)
    assert (ended.state, ended.reason) == (
        "abandoned",
        "its process ended before it was published",
    )
    assert len(api.rows("/v1/curves")) == 2


# What was loaded before


def test_a_file_is_finished_when_a_load_of_its_feed_and_name_ended_well(log: LoadLog) -> None:
    assert not log.finished("curves.csv", "a.csv")
    publish(log, file="a.csv")
    assert log.finished("curves.csv", "a.csv")
    assert not log.finished("curves.csv", "b.csv")
    assert not log.finished("curves.nymex", "a.csv")


def test_a_file_that_brought_nothing_new_is_finished_too(log: LoadLog) -> None:
    log.publish(begin(log), Counts(same=1), changed=False)
    assert log.finished("curves.csv", "a.csv")


def test_a_file_that_is_under_way_or_given_up_is_not_finished(log: LoadLog) -> None:
    load = begin(log)
    assert not log.finished("curves.csv", "a.csv")
    log.abandon(load, "interrupted")
    assert not log.finished("curves.csv", "a.csv")
