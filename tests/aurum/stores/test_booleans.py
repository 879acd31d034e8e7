"""Truth values are true and false in answers, whatever an engine keeps them as."""

import contextlib
import io
import json
from collections.abc import Iterable
from typing import Any, BinaryIO

import pytest

from aurum.loads.feeds import Batch, Feed
from aurum.loads.loader import Source, load_file
from aurum.loads.log import Counts, load_log
from aurum.loads.run import Loaded
from aurum.stores.registry import store_of, writer_of
from aurum.stores.sql import Select
from aurum.stores.tables import Column, Kind, Row, Table
from tests.conftest import Run
from tests.engines import EVERY

pytestmark = [
    pytest.mark.parametrize("engine", EVERY, indirect=True),
    pytest.mark.usefixtures("market"),
]

OUTAGE = Table(
    name="test_outage",
    doc="Whether a plant is out, and whether that was planned.",
    columns=(
        Column("plant", Kind.TEXT, "The plant."),
        Column("is_out", Kind.BOOLEAN, "Whether it is out."),
        Column("is_planned", Kind.BOOLEAN, "Whether that was planned.", nullable=True),
        Column("units", Kind.INTEGER, "How many units it has."),
    ),
    key=("plant",),
)


def read(file: BinaryIO) -> Iterable[Batch]:
    rows = [tuple(row) for row in json.load(file)]
    yield Batch({OUTAGE.name: rows}, places={OUTAGE.name: [f"row {row[0]}" for row in rows]})


FEED = Feed("curves.test_outage", "Outages", (OUTAGE,), "*.json", read)


def load(*rows: Row) -> Loaded:
    body = json.dumps(rows).encode()
    with contextlib.closing(writer_of("curves")) as writer:
        return load_file(FEED, Source("outages", lambda: io.BytesIO(body)), writer, load_log())


def fetch(run: Run[Any], columns: str) -> list[Row]:
    sql = f"SELECT {columns} FROM test_outage AS o WHERE o.superseded_by > 1000000 ORDER BY o.plant"

    async def found() -> list[Row]:
        return await (await store_of("curves")).fetch(Select(sql), {})

    rows: list[Row] = run(found())
    return rows


def test_a_truth_value_comes_back_as_it_was_loaded(run: Run[Any]) -> None:
    load(("A", True, None, 1), ("B", False, True, 0), ("C", True, False, 2))
    found = fetch(run, "o.plant, o.is_out, o.is_planned AS planned, o.units")
    # As text, for 1 == True.
    assert repr(found) == repr([("A", True, None, 1), ("B", False, True, 0), ("C", True, False, 2)])


def test_a_truth_value_that_turns_is_a_revision(run: Run[Any]) -> None:
    load(("A", True, None, 1), ("B", False, True, 0))
    assert load(("A", False, None, 1), ("B", False, True, 0)).counts == Counts(revised=1, same=1)
    assert load(("A", False, True, 1)).counts == Counts(revised=1)
    assert repr(fetch(run, "o.is_out, o.is_planned")) == repr([(False, True), (False, True)])


def test_a_truth_value_is_a_condition_by_itself_and_by_comparison(run: Run[Any]) -> None:
    load(("A", True, None, 1), ("B", False, True, 0))

    async def plants(condition: str, **params: Any) -> list[Row]:
        sql = f"SELECT o.plant FROM test_outage AS o WHERE {condition}"
        return await (await store_of("curves")).fetch(Select(sql), params)

    assert run(plants("o.is_out")) == [("A",)]
    assert run(plants("o.is_out = CAST(:out AS BOOLEAN)", out=False)) == [("B",)]
