"""The load book: which loads there were, and which of them readers may see."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from aurum.stores.book import WATERMARKS, Counts, LoadBook, Watermark, load_book
from aurum.stores.feeds import Rejected
from ops.models import Load, LoadedTable, QuarantinedRow
from tests.conftest import Api, Market
from tests.make import curve_csv, months

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOME = Counts(new=1)
PRICES, TENORS = "curve_observation", "curve_tenor"


@pytest.fixture
def book(db: None) -> LoadBook:
    return load_book()


def begin(book: LoadBook, *tables: str, file: str = "a.csv") -> int:
    return book.begin(feed="curves.csv", file=file, sha256="", tables=tables or (PRICES,))


def publish(book: LoadBook, *tables: str, file: str = "a.csv") -> int:
    load = begin(book, *tables, file=file)
    book.publish(load, SOME, changed=True)
    return load


def instants(table: str = PRICES) -> list[datetime | None]:
    found = LoadedTable.objects.filter(table=table).order_by("load_id")
    return list(found.values_list("published_at", flat=True))


def grow_strictly(values: Sequence[Any]) -> bool:
    return all(early < late for early, late in pairwise(values))


# Numbers and instants


def test_ids_grow_whatever_becomes_of_the_loads(book: LoadBook) -> None:
    ids = []
    for end in ("publish", "abandon", "nothing", "unchanged", "publish"):
        load = begin(book)
        ids.append(load)
        if end == "abandon":
            book.abandon(load, "interrupted")
        elif end != "nothing":
            book.publish(load, SOME, changed=end == "publish")
    assert grow_strictly(ids)


def test_an_id_is_not_given_twice_even_when_its_load_is_deleted(book: LoadBook) -> None:
    first = begin(book)
    Load.objects.all().delete()
    assert begin(book) > first


@pytest.mark.parametrize("step", [timedelta(0), timedelta(hours=-1), timedelta(days=-30)])
def test_publish_instants_grow_strictly_even_when_the_clock_does_not(
    book: LoadBook, step: timedelta
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(4):
            publish(book)
            clock.shift(step)
        clock.move_to(NOON + timedelta(hours=1))
        publish(book)
    found = instants()
    assert grow_strictly(found)
    assert found[0] == NOON
    assert found[-1] == NOON + timedelta(hours=1)


def test_a_load_of_several_tables_publishes_them_at_one_instant_after_each_of_theirs(
    book: LoadBook,
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        publish(book, PRICES)
        clock.shift(timedelta(minutes=5))
        publish(book, TENORS)
        clock.move_to(NOON - timedelta(days=1))
        publish(book, PRICES, TENORS)
    assert instants(PRICES)[-1] == instants(TENORS)[-1]
    assert grow_strictly(instants(PRICES))
    assert grow_strictly(instants(TENORS))


# Watermarks


def test_before_the_first_load_there_is_no_watermark(book: LoadBook) -> None:
    begin(book)
    assert book.watermarks() == {}


def test_the_watermark_is_the_newest_published_load_of_each_table(book: LoadBook) -> None:
    both = publish(book, PRICES, TENORS)
    prices = publish(book, PRICES)
    begin(book, TENORS)
    marks = book.watermarks()
    assert {name: mark.load for name, mark in marks.items()} == {PRICES: prices, TENORS: both}


def test_with_the_clock_set_back_the_watermark_still_moves_on(book: LoadBook) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        publish(book)
        clock.shift(timedelta(hours=-2))
        newest = publish(book)
        assert book.watermarks()[PRICES].load == newest


def test_a_load_that_changed_nothing_does_not_move_the_watermark(book: LoadBook) -> None:
    first = publish(book)
    idle = begin(book)
    book.publish(idle, Counts(same=3), changed=False)
    assert book.watermarks()[PRICES].load == first
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


# The horizon of cursors


def test_the_horizon_is_the_newest_load_published_longer_ago_than_cursors_live(
    book: LoadBook, settings: Any
) -> None:
    settings.AURUM_CURSOR_TTL_SECONDS = 3600
    with time_machine.travel(NOON, tick=False) as clock:
        first = publish(book)
        clock.shift(timedelta(minutes=30))
        second = publish(book)
        assert book.watermarks()[PRICES] == Watermark(second, 0)
        clock.move_to(NOON + timedelta(hours=1))
        assert book.watermarks()[PRICES].horizon == 0
        clock.shift(timedelta(seconds=1))
        assert book.watermarks()[PRICES].horizon == first
        clock.shift(timedelta(days=1))
        assert book.watermarks()[PRICES] == Watermark(second, second)


def test_a_cursor_lives_as_long_after_the_next_load_as_the_settings_say(
    market: Market, api: Api, settings: Any
) -> None:
    settings.AURUM_CURSOR_TTL_SECONDS = 3600
    with time_machine.travel(NOON, tick=False) as clock:
        market.load("curves.csv", curve_csv(months("2025-10", 4)))
        cursor = api.get("/v1/curves?limit=2").json()["meta"]["next_cursor"]
        path = f"/v1/curves?limit=2&cursor={cursor}"
        clock.shift(timedelta(days=30))  # nothing new came: it is as good as on its first day
        WATERMARKS.refresh()
        rows = api.rows(path)
        market.load("curves.csv", curve_csv(months("2025-10", 4, price=70.0)))
        clock.shift(timedelta(hours=1))
        WATERMARKS.refresh()
        assert api.rows(path) == rows
        clock.shift(timedelta(seconds=1))
        WATERMARKS.refresh()
        answer = api.get(path)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "expired"


# Loads that end otherwise


def test_an_abandoned_load_is_no_longer_unpublished_and_says_why(book: LoadBook) -> None:
    load = begin(book)
    assert book.unpublished([PRICES]) == [load]
    book.abandon(load, "its process ended")
    assert book.unpublished([PRICES]) == []
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
    before = instants()
    with pytest.raises(LookupError):
        book.publish(load, SOME, changed=True)
    assert instants() == before


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
    assert book.unpublished([PRICES, TENORS]) == [first, second]
    assert book.unpublished([PRICES]) == [first]
    assert book.unpublished(["curve"]) == []


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
