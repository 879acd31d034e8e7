"""Issues of one row: the newest stands, in whichever order and in however many files they come."""

import contextlib
import io
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from aurum.loads.feeds import Batch, Feed
from aurum.loads.loader import Source, load_file
from aurum.loads.log import Counts, load_log
from aurum.stores.registry import store_of, writer_of
from aurum.stores.sql import Select
from aurum.stores.tables import Column, Kind, Table
from tests.conftest import Market, Run
from tests.engines import EVERY

pytestmark = pytest.mark.parametrize("engine", EVERY, indirect=True)

READING = Table(
    name="reading",
    doc="A meter's reading.",
    columns=(
        Column("meter", Kind.TEXT, "The meter."),
        Column("value", Kind.REAL, "What it shows."),
        Column("status", Kind.TEXT, "How final it is.", ranks=("EARLY", "LATE")),
        Column("version", Kind.INTEGER, "The number of its issue.", nullable=True),
    ),
    key=("meter",),
    version=("status", "version"),
)
ISSUES = [("a", 1.0, "EARLY", 9), ("a", 2.0, "LATE", None), ("a", 3.0, "LATE", 1)]


def load(*rows: tuple[Any, ...]) -> Counts:
    def read(file: Any) -> Iterator[Batch]:
        places = [f"line {number}" for number in range(len(rows))]
        yield Batch(rows={"reading": list(rows)}, places={"reading": places})

    feed = Feed("made.up", "Readings", (READING,), (), read)
    with contextlib.closing(writer_of("curves")) as writer:
        source = Source("made up", lambda: io.BytesIO(b"made up"))
        return load_file(feed, source, writer, load_log()).counts


def rows_there(run: Run[Any]) -> list[Any]:
    async def fetch() -> Any:
        text = (
            "SELECT r.value, r.load_id, r.superseded_by FROM reading AS r"
            " ORDER BY r.load_id, r.superseded_by"
        )
        return await (await store_of("curves")).fetch(Select(text), {})

    return [(value, load, by < 2**62) for value, load, by in run(fetch())]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_issue_in_a_file_stands(
    market: Market, run: Run[Any], order: tuple[int, ...]
) -> None:
    counts = load(*(ISSUES[number] for number in order))
    assert [row[0] for row in rows_there(run)] == [3.0]
    assert (counts.new, counts.older, counts.quarantined) == (1, 2, 0)
    again = load(*(ISSUES[number] for number in order))
    assert (again.new, again.revised, again.same, again.older) == (0, 0, 1, 2)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_newer_issue_behind_one_that_changes_nothing_revises_the_row(
    market: Market, run: Run[Any], order: tuple[int, ...]
) -> None:
    load(ISSUES[1])
    counts = load(*(ISSUES[number] for number in order))
    assert (counts.new, counts.revised, counts.quarantined) == (0, 1, 0)
    assert counts.same + counts.older == 2
    assert [(value, closed) for value, _, closed in rows_there(run)] == [(2.0, True), (3.0, False)]


def test_two_rows_of_one_issue_that_differ_contradict_each_other(
    market: Market, run: Run[Any]
) -> None:
    other = ("a", 7.0, "LATE", 1)
    counts = load(ISSUES[0], ISSUES[2], other, other, ISSUES[2], ISSUES[1])
    assert [row[0] for row in rows_there(run)] == [3.0]
    assert (counts.new, counts.quarantined, counts.same, counts.older) == (1, 2, 1, 2)
