"""What a load copies into PostgreSQL in binary is what SQLite is given."""

import contextlib
from typing import Any

import pytest

from aurum.stores.registry import store_of, writer_of
from aurum.stores.sql import Select
from aurum.stores.tables import Column, Kind, Row, Table
from tests.conftest import Market, Run
from tests.engines import EVERY

pytestmark = pytest.mark.parametrize("engine", EVERY, indirect=True)

KINDS = [kind for kind in Kind if kind is not Kind.LOCAL]
THING = Table(
    name="thing",
    doc="One value of every kind.",
    columns=(
        Column("number", Kind.INTEGER, "The key."),
        *(Column(f"a_{kind}", kind, "A value.", nullable=True) for kind in KINDS),
    ),
    key=("number",),
)
VALUES: dict[Kind, list[Any]] = {
    Kind.TEXT: ["", "a", "Zürich \U0001f50c", "\t\\N\n", None],
    Kind.REAL: [0.0, -0.0, 0.1, 1 / 3, -1e9, 5e-324, None],
    Kind.DATE: ["1950-01-01", "1999-12-31", "2000-02-29", "2199-12-31", None],
    Kind.INSTANT: ["1969-12-31T23:59:59Z", "2025-07-01T04:05:06Z", "2199-12-31T23:00:00Z", None],
    Kind.INTEGER: [0, -1, 2**62, -(2**63), None],
    Kind.BOOLEAN: [True, False, None],
}
ALL: list[Row] = [
    (number, *(VALUES[kind][number % len(VALUES[kind])] for kind in KINDS)) for number in range(420)
]
ONE = [(number, "a", 1.0, None, None, 5, True) for number in range(3)]
NONE = [(number, *[None] * len(KINDS)) for number in range(2)]


@pytest.mark.parametrize("rows", [ALL, ALL[:1], ONE, NONE], ids=["all", "one", "same", "none"])
@pytest.mark.parametrize("replaces", [False, True], ids=["straight", "staged"])
def test_every_value_comes_back_as_it_was_given(
    market: Market, engine: str, run: Run[Any], rows: list[Row], replaces: bool
) -> None:
    with contextlib.closing(writer_of("curves")) as writer, writer.lock([THING]):
        writer.prepare([THING])
        writer.begin(1, THING, replaces=replaces)
        assert writer.merge(THING, rows).new == len(rows)
        writer.commit()
        writer.flush()

    async def fetch() -> Any:
        names = ", ".join(f"t.{name}" for name in THING.names)
        text = f"SELECT {names} FROM thing AS t ORDER BY t.number"
        return await (await store_of("curves")).fetch(Select(text), {})

    wanted = repr(rows)
    if engine != "timescale":
        wanted = wanted.replace("-0.0", "0.0")  # SQLite, in which others merge, has no other zero
    assert repr([tuple(row) for row in run(fetch())]) == wanted
