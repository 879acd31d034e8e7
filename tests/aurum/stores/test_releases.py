"""Releases of one row: each is kept, and the newest stands, in whichever order they come."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from itertools import permutations
from random import Random
from typing import Any

import pytest

from aurum.loads.feeds import Batch, Feed
from aurum.loads.loader import Source, load_file, try_file
from aurum.loads.log import Counts, load_log
from aurum.loads.retract import retract
from aurum.loads.run import Loaded
from aurum.snapshot import Snapshot, current_snapshot, void_loads
from aurum.stores.column_writer import ColumnWriter
from aurum.stores.contract import Writer
from aurum.stores.registry import store_of, writer_of
from aurum.stores.releases import as_released
from aurum.stores.scratch import Scratch
from aurum.stores.sql import Select
from aurum.stores.tables import CURRENT, Column, Kind, Row, Table
from tests.conftest import Market, Run
from tests.engines import EVERY

pytestmark = pytest.mark.parametrize("engine", EVERY, indirect=True)

READING = Table(
    name="reading",
    doc="A meter's reading.",
    columns=(
        Column("meter", Kind.TEXT, "The meter."),
        Column("value", Kind.REAL, "What it shows."),
        Column("spread", Kind.REAL, "What some forms lack.", nullable=True),
        Column("status", Kind.TEXT, "How final it is.", ranks=("EARLY", "LATE")),
        Column("released_at", Kind.INSTANT, "When it was released.", nullable=True),
    ),
    key=("meter",),
    version=("status",),
    may_lack=("spread",),
    vintage="released_at",
)


def day(number: int) -> str:
    return f"2025-10-{number:02}T12:00:00Z"


def row(
    value: float, released: int | None, *, meter: str = "a", status: str = "LATE", **more: Any
) -> Row:
    vintage = None if released is None else day(released)
    return (meter, value, more.get("spread"), status, vintage)


def load(*rows: Row, way: Any = load_file, replaces: bool = False) -> Loaded:
    def read(file: Any) -> Iterator[Batch]:
        places = [f"line {number}" for number in range(len(rows))]
        yield Batch(rows={"reading": list(rows)}, places={"reading": places})

    mode: Any = "replace" if replaces else "upsert"
    feed = Feed("made.up", "Readings", (READING,), (), read, mode)
    with contextlib.closing(writer_of("curves")) as writer:
        source = Source("made up", lambda: io.BytesIO(repr(rows).encode()))
        return way(feed, source, writer, load_log())  # type: ignore[no-any-return]


def take_back(load: int | None) -> None:
    assert load is not None
    with contextlib.closing(writer_of("curves")) as writer:
        retract(load, [READING], writer, load_log(), dry_run=False)


@pytest.fixture
def there(run: Run[Any], market: Market) -> Any:
    """The values by meter, as they stand or as they were released by a day."""

    async def fetch(by: int | None, mark: int | None) -> Any:
        select = Select("SELECT o.meter, o.value FROM reading AS o WHERE @snapshot(o, reading)")
        now = mark or current_snapshot(["reading"]).loads["reading"]
        if by is not None:
            void = await void_loads(Snapshot({"reading": now}, None), "reading")
            select = as_released(select, READING, day(by), void)
        params = {"w_reading": now, **select.values}
        found = await (await store_of("curves")).fetch(select, params)
        assert len({meter for meter, _ in found}) == len(found)
        return dict(found)

    return lambda by=None, mark=None: run(fetch(by, mark))


def stored(run: Run[Any]) -> list[Any]:
    async def fetch() -> Any:
        text = f"""
            SELECT r.value, r.spread, r.released_at, r.superseded_by = {CURRENT},
            r.superseded_by = r.load_id FROM reading AS r ORDER BY r.load_id, r.superseded_by"""
        return await (await store_of("curves")).fetch(Select(text), {})

    return [(*rest, bool(current), bool(beside)) for *rest, current, beside in run(fetch())]


RELEASES = [row(10, 1), row(12, 3), row(10, 5), row(11, 7, status="EARLY")]
"""The third says again what the first said, and the last is an earlier issue."""


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_loading_does_not_matter(there: Any, order: tuple[int, ...]) -> None:
    for number in order:
        load(RELEASES[number])
    assert there() == {"a": 10}
    told = [there(by).get("a") for by in range(1, 9)]
    assert told == [10, 10, 12, 12, 10, 10, 10, 10]
    assert there(20) == there()


def test_an_older_release_is_kept_and_never_current(there: Any, run: Run[Any]) -> None:
    first, second = load(row(12, 3)), load(row(10, 1), row(7, 1, meter="b"))
    assert second.counts == Counts(new=1, older=1)
    assert second.kept == 1
    assert [there(mark=done.load)["a"] for done in (first, second)] == [12, 12]
    assert there(2, first.load) == {}
    assert there(2) == {"a": 10, "b": 7}
    again = load(row(10, 1), row(7, 1, meter="b"))
    assert (again.counts, again.kept) == (Counts(same=1, older=1), 0)
    assert len(stored(run)) == 3


def test_a_release_that_confirms_counts_as_same_and_is_known_from_then_on(
    there: Any, run: Run[Any]
) -> None:
    load(row(10, 1, spread=2.0))
    done = load(row(10, 3))
    assert (done.counts, done.kept) == (Counts(same=1), 1)
    # What its form lacks is as it was known.
    assert stored(run) == [(10, 2, day(1), False, False), (10, 2, day(3), True, False)]
    assert load(row(12, 2)).counts == Counts(older=1)
    assert there() == {"a": 10}
    assert [there(by)["a"] for by in (1, 2, 3)] == [10, 12, 10]


def test_rows_without_a_vintage_are_as_ever_and_answer_nothing(there: Any) -> None:
    load(row(10, None))
    assert load(row(10, None)).counts == Counts(same=1)
    assert load(row(11, None)).counts == Counts(revised=1)
    assert load(row(9, None, status="EARLY")).counts == Counts(older=1)
    assert there(9) == {}
    assert load(row(11, 4)).counts == Counts(same=1)
    assert load(row(11, None)).counts == Counts(same=1)
    assert [there(by) for by in (3, 4)] == [{}, {"a": 11}]
    assert load(row(12, None)).counts == Counts(revised=1)
    assert (there(), there(9)) == ({"a": 12}, {"a": 11})


def test_a_second_release_within_a_file_is_set_aside(there: Any, run: Run[Any]) -> None:
    done = load(row(10, 3), row(10, 3), row(10, 1), row(12, 5), row(7, 3))
    assert done.counts == Counts(new=1, same=1, quarantined=3)
    assert there() == {"a": 10}
    old = [row(9, 2), row(9, 2), row(8, 2), row(9, 1)]
    for kept in (1, 0):
        done = load(*old)
        assert (done.counts, done.kept) == (Counts(same=1, older=1, quarantined=2), kept)
    assert len(stored(run)) == 2
    assert there(2) == {"a": 9}


def test_a_second_row_of_a_file_that_is_a_newer_issue_takes_the_first_one_s_place(
    there: Any,
) -> None:
    load(row(8, 1))
    early = row(9, 2, status="EARLY")
    done = load(early, row(10, 2), early)
    assert (done.counts, done.kept) == (Counts(revised=1, older=2), 0)
    assert [there(by)["a"] for by in (1, 2)] == [8, 10]
    done = load(row(5, 1, status="EARLY"), row(7, 1), row(5, 1, status="EARLY"), row(6, 1))
    assert done.counts == Counts(older=3, quarantined=1)
    assert [there(by)["a"] for by in (1, 2)] == [7, 10]


def test_a_dry_run_counts_the_same_and_keeps_nothing(there: Any, run: Run[Any]) -> None:
    load(row(10, 3), row(5, 3, meter="b"))
    before = stored(run)
    rows = row(10, 1), row(5, 4, meter="b"), row(6, 1, meter="c")
    tried = load(*rows, way=try_file)
    assert stored(run) == before
    done = load(*rows)
    assert (tried.counts, tried.kept) == (done.counts, done.kept) == (done.counts, 2)


def test_a_load_that_dies_leaves_nothing(
    there: Any, run: Run[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(row(10, 3), row(5, 3, meter="b"))
    before = stored(run)

    def die(*args: Any, **more: Any) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(load_log()), "publish", die)
        with pytest.raises(OSError, match="gone"):
            load(row(10, 1), row(5, 4, meter="b"))
    assert stored(run) == before


@pytest.mark.parametrize("wrong", range(3))
def test_a_release_that_is_taken_back_is_as_if_it_had_never_been(there: Any, wrong: int) -> None:
    rows = [row(12, 3), row(10, 1), row(12, 5)]
    loads = [load(one).load for one in rows]
    before = there(9, loads[-1])
    take_back(loads[wrong])
    rest = [(one[4], one[1]) for number, one in enumerate(rows) if number != wrong]
    assert there() == {"a": max(rest)[1]}
    for by in range(7):
        told = [one for one in rest if one[0] <= day(by + 1)]
        assert there(by + 1) == ({"a": max(told)[1]} if told else {})
    # What was known before it was taken back is known so for ever.
    assert there(9, loads[-1]) == before
    load(rows[wrong])
    assert [there(by) for by in (1, 3, 5)] == [{"a": 10}, {"a": 12}, {"a": 12}]


def test_what_a_later_file_without_a_vintage_leaves_out_was_released_all_the_same(
    there: Any,
) -> None:
    load(row(10, 1), row(5, 1, meter="b"))
    done = load(row(10, None), replaces=True)
    assert done.counts == Counts(same=1, closed=1)
    assert (there(), there(9)) == ({"a": 10}, {"a": 10, "b": 5})
    take_back(load(row(4, 3, meter="b")).load)
    assert there() == {"a": 10}  # the closing stands


def standing(loads: Sequence[tuple[int, dict[str, Row]]], meter: str) -> Row | None:
    """What stands after loads, one after another."""
    now: Row | None = None
    for _, rows in loads:
        if (new := rows.get(meter)) is None:
            continue
        ranks = {"EARLY": 0, "LATE": 1}
        if now is not None:
            if ranks[now[3]] > ranks[new[3]]:
                continue
            if ranks[now[3]] == ranks[new[3]] and now[4] and new[4] and now[4] > new[4]:
                continue
            if new[4] is None and new[:4] == now[:4]:
                continue
        now = new
    return now


@pytest.mark.parametrize("seed", range(8))
def test_loads_and_retractions_in_any_order_are_as_if_the_rest_had_been_loaded_alone(
    there: Any, seed: int
) -> None:
    chance = Random(seed)
    said: list[tuple[int, dict[str, Row]]] = []
    number = 0.0
    for _ in range(10):
        rows = {}
        for meter in chance.sample("abcd", 3):
            # No value is of two loads: without a vintage what two say alike is of the first.
            number += 1
            released = chance.choice([None, *range(1, 9)] if seed % 2 else range(1, 9))
            status = "LATE" if seed % 2 else chance.choice(["EARLY", "LATE"])
            rows[meter] = row(number, released, meter=meter, status=status)
        said.append((load(*rows.values()).load or 0, rows))
        if chance.random() < 0.4:
            taken = chance.choice(said)
            said.remove(taken)
            take_back(taken[0])
        expected = {meter: standing(said, meter) for meter in "abcd"}
        assert there() == {meter: one[1] for meter, one in expected.items() if one}
        for by in (2, 5, 8):
            told: dict[str, Any] = {}
            for at, rows in said:
                for meter, one in rows.items():
                    if one[4] is not None and one[4] <= day(by):
                        issue = (one[3] == "LATE", one[4], at)
                        told[meter] = max(told.get(meter, (issue, one[1])), (issue, one[1]))
            assert there(by) == {meter: value for meter, (_, value) in told.items()}


def test_a_batch_of_new_rows_goes_straight_in_with_its_vintage(
    there: Any, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    with contextlib.closing(writer_of("curves")) as writer:
        kind: type[Writer] = Scratch if isinstance(writer, ColumnWriter) else type(writer)

    def never(*args: Any) -> None:
        raise AssertionError("it was staged")

    with monkeypatch.context() as patch:
        patch.setattr(kind, "stage", never)
        load(row(10, 3), row(5, 2, meter="b"))
    assert (there(2), there(3)) == ({"b": 5}, {"a": 10, "b": 5})
