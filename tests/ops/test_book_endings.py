"""The load book: loads that are given up, die or are over, and files that were loaded before."""

import pytest

from aurum.stores.book import Counts, LoadBook
from aurum.stores.feeds import Rejected
from ops.models import Load, LoadedTable, QuarantinedRow
from tests.conftest import Api, Market
from tests.make import curve_csv, months
from tests.ops.booking import PRICES, SOME, TENORS, begin, publish

# Loads that end otherwise


def test_an_abandoned_load_is_no_longer_unpublished_and_says_why(book: LoadBook) -> None:
    load = begin(book)
    assert list(book.unpublished([PRICES])) == [load]
    book.abandon(load, "its process ended")
    assert not book.unpublished([PRICES])
    ended = Load.objects.get(id=load)
    assert (ended.state, ended.reason) == ("abandoned", "its process ended")
    assert ended.ended_at is not None


def test_the_quarantine_of_an_abandoned_load_goes_with_it(book: LoadBook) -> None:
    kept, lost = begin(book), begin(book)
    for load in (kept, lost):
        book.quarantine(load, [Rejected("line 2", "invalid_price", "x")])
    book.abandon(lost, "interrupted")
    assert list(QuarantinedRow.objects.values_list("load", flat=True)) == [kept]


def test_an_abandoned_load_cannot_be_published_any_more(book: LoadBook) -> None:
    load = begin(book)
    book.abandon(load, "given up")
    with pytest.raises(LookupError):
        book.publish(load, SOME, changed=True)
    assert book.watermarks() == {}
    assert Load.objects.get(id=load).state == "abandoned"


def test_a_load_is_published_once(book: LoadBook) -> None:
    load = publish(book)
    before = list(LoadedTable.objects.values())
    with pytest.raises(LookupError):
        book.publish(load, SOME, changed=True)
    assert list(LoadedTable.objects.values()) == before


def test_abandoning_a_published_load_does_nothing(book: LoadBook) -> None:
    load = begin(book)
    book.quarantine(load, [Rejected("line 2", "invalid_price", "x")])
    book.publish(load, SOME, changed=True)
    book.abandon(load, "too late")
    assert book.watermarks()[PRICES].load == load
    assert Load.objects.get(id=load).state == "published"
    assert QuarantinedRow.objects.count() == 1


def test_a_load_is_unpublished_for_each_of_its_tables_and_told_of_once(book: LoadBook) -> None:
    first, second = begin(book, PRICES, TENORS), begin(book, TENORS)
    assert book.unpublished([PRICES, TENORS]) == {first: [PRICES, TENORS], second: [TENORS]}
    assert book.unpublished([PRICES]) == {first: [PRICES, TENORS]}
    assert not book.unpublished(["curve"])


def test_a_load_whose_process_died_is_abandoned_by_the_next_and_leaves_no_row(
    market: Market, api: Api, book: LoadBook
) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    dead = begin(book, PRICES, TENORS, "curve")
    market.load("curves.csv", curve_csv(months("2025-11", 1)))
    ended = Load.objects.get(id=dead)
    assert (ended.state, ended.reason) == (
        "abandoned",
        "its process ended before it was published",
    )
    assert len(api.rows("/v1/curves")) == 2


# What was loaded before


def test_a_file_is_finished_when_a_load_of_its_feed_and_name_ended_well(book: LoadBook) -> None:
    assert not book.finished("curves.csv", "a.csv")
    publish(book, file="a.csv")
    assert book.finished("curves.csv", "a.csv")
    assert not book.finished("curves.csv", "b.csv")
    assert not book.finished("curves.nymex", "a.csv")


def test_a_file_that_brought_nothing_new_is_finished_too(book: LoadBook) -> None:
    book.publish(begin(book), Counts(same=1), changed=False)
    assert book.finished("curves.csv", "a.csv")


def test_a_file_that_is_under_way_or_given_up_is_not_finished(book: LoadBook) -> None:
    load = begin(book)
    assert not book.finished("curves.csv", "a.csv")
    book.abandon(load, "interrupted")
    assert not book.finished("curves.csv", "a.csv")
