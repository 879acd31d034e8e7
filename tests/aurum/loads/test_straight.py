"""Rows whose keys are all new go straight into their table, and all ends as if they had not."""

import contextlib
import gc
import io
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch, Feed
from aurum.loads.loader import Source, load_file, try_file
from aurum.loads.log import Counts, load_log
from aurum.loads.run import Loaded
from aurum.stores.embedded_writer import EmbeddedWriter
from aurum.stores.registry import store_of, writer_of
from aurum.stores.sql import Select
from aurum.stores.sql_writer import SqlWriter
from aurum.stores.tables import Column, Kind, Row, Table
from aurum.stores.timescale_writer import TimescaleWriter
from ops.models import QuarantinedRow
from tests.conftest import Market, Run
from tests.engines import BOTH

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

READING = Table(
    name="reading",
    doc="A meter's reading.",
    columns=(
        Column("meter", Kind.TEXT, "The meter."),
        Column("hour", Kind.INTEGER, "The hour."),
        Column("value", Kind.REAL, "What it shows.", nullable=True),
        Column("version", Kind.INTEGER, "The number of its issue.", nullable=True),
    ),
    key=("meter", "hour"),
    version=("version",),
)


def load(
    batches: Sequence[Sequence[Row]], work: Callable[..., Loaded] = load_file, mode: Any = "upsert"
) -> Counts:
    def read(file: Any) -> Iterator[Batch]:
        line = 0
        for rows in batches:
            places = [f"line {line + number}" for number in range(len(rows))]
            yield Batch(rows={"reading": list(rows)}, places={"reading": places})
            line += len(rows)

    feed = Feed("made.up", "Readings", (READING,), (), read, mode=mode)
    with contextlib.closing(writer_of("curves")) as writer:
        source = Source("made up", lambda: io.BytesIO(b"made up"))
        return work(feed, source, writer, load_log()).counts


def there(run: Run[Any]) -> list[Any]:
    """All rows, closed ones too; which loads brought and closed them, by the loads' order."""

    async def fetch() -> Any:
        names = ", ".join(f"r.{name}" for name in (*READING.names, "load_id", "superseded_by"))
        text = f"SELECT {names} FROM reading AS r ORDER BY r.meter, r.hour, r.load_id"
        return await (await store_of("curves")).fetch(Select(text), {})

    found = run(fetch())
    loads = sorted({load for *_, by, closed in found for load in (by, closed)})
    return [
        (*row, loads.index(by), closed < 2**62 and loads.index(closed))
        for *row, by, closed in found
    ]


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each batch had that was staged."""
    found: list[int] = []
    for kind in (EmbeddedWriter, TimescaleWriter):
        stage = kind.stage

        def noted(self: Any, table: Table, rows: Any, stage: Any = stage) -> None:
            rows = list(rows)
            found.append(len(rows))
            stage(self, table, rows)

        monkeypatch.setattr(kind, "stage", noted)
    return found


def hours(meter: str, first: int, last: int, value: float | None = 1.0) -> list[Row]:
    return [(meter, hour, value, None) for hour in range(first, last)]


def test_a_batch_is_staged_only_where_a_key_is_known(market: Market, staged: list[int]) -> None:
    assert load([hours("a", 0, 5), hours("b", 0, 4)]) == Counts(new=9)
    assert staged == []
    # The third is staged because not all of the second was new; it was, so the fourth is not.
    batches = [hours("c", 0, 6), hours("a", 4, 7), hours("c", 6, 8), hours("c", 8, 9)]
    assert load(batches) == Counts(new=11, same=1)
    assert staged == [3, 2]


def test_a_file_that_replaces_is_staged(market: Market, staged: list[int], run: Run[Any]) -> None:
    load([hours("a", 0, 5)], mode="replace")
    assert load([hours("a", 3, 6)], mode="replace") == Counts(new=1, same=2, closed=3)
    assert staged == [5, 3]
    assert [row[1] for row in there(run) if row[-1] is False] == [3, 4, 5]


def test_a_row_that_repeats_one_that_went_straight_in_is_judged_by_it(
    market: Market, run: Run[Any]
) -> None:
    newer, other = ("a", 1, 5.0, 2), ("a", 2, 6.0, None)
    first = hours("a", 0, 4)
    counts = load([first, [first[0], newer, other], hours("b", 0, 2), [newer, first[1]]])
    assert counts == Counts(new=6, same=2, older=2, quarantined=1)
    assert QuarantinedRow.objects.get().reason == "contradicts_earlier_row"
    assert QuarantinedRow.objects.get().place == "line 6"
    assert ("a", 1, 5.0, 2, 0, False) in there(run)
    assert len(there(run)) == 6


def test_a_dry_run_adds_nothing(market: Market, run: Run[Any]) -> None:
    load([hours("a", 0, 2)])
    before = there(run)
    assert load([hours("b", 0, 5), hours("a", 0, 3)], try_file) == Counts(new=6, same=2)
    assert there(run) == before
    assert load([hours("b", 0, 5), hours("a", 0, 3)]) == Counts(new=6, same=2)


@pytest.mark.parametrize("seed", range(6))
def test_all_ends_as_if_every_batch_were_staged(
    market: Market, run: Run[Any], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)

    def row(first: int) -> Row:
        value, version = chance.choice([1.0, 2.0, None]), chance.choice([None, 1, 2])
        return (chance.choice("ab"), chance.randrange(first, first + 9), value, version)

    def batch(number: int) -> list[Row]:
        first = chance.choice([0, 9, 9 * number])
        return [row(first) for _ in range(chance.randrange(1, 6))]

    files = [[batch(number) for number in range(8)] for _ in range(3)]
    straight = [load(batches) for batches in files], _without_loads(run)
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, SqlWriter)
        writer.execute("DELETE FROM reading", {})
        writer.commit()
    monkeypatch.setattr(SqlWriter, "_add_all", lambda self, rows: False)
    assert ([load(batches) for batches in files], _without_loads(run)) == straight


def _without_loads(run: Run[Any]) -> list[Any]:
    return [(*row[:4], row[-1] is False) for row in there(run)]


def test_another_fault_of_a_row_ends_the_load(market: Market, run: Run[Any]) -> None:
    load([hours("a", 0, 2)])
    before = there(run)
    with pytest.raises(Exception, match=r"(?i)not.null"):
        load([hours("b", 0, 2), [("b", None, 1.0, None)]])
    assert there(run) == before


def test_the_collector_works_after_a_load_as_before(market: Market) -> None:
    before = gc.get_threshold()
    during = []

    class Watched(list[Row]):
        def __iter__(self) -> Iterator[Row]:
            during.append(gc.get_threshold()[0])
            return super().__iter__()

    load([Watched(hours("a", 0, 2))])
    with pytest.raises(InvalidFile, match="no row"):
        load([])
    assert min(during) > before[0]
    assert gc.get_threshold() == before
