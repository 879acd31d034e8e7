"""How fast a file comes in, beside the least that SQLite itself would take."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from aurum.stores.ddl import create_table
from aurum.stores.tables import CURRENT, Row
from curves.feeds.own_csv import FEED
from curves.tables import CURVE_OBSERVATION
from tests.conftest import Market
from tests.drills.conftest import Say
from tests.factories import curve_csv, months

pytestmark = [pytest.mark.drill, pytest.mark.quiet]

CURVES, MONTHS = 200, 500
ROWS = CURVES * MONTHS
LEAST_ROWS_A_SECOND = 5_000


def file_of(price: float) -> bytes:
    rows = (
        row
        for number in range(CURVES)
        for row in months("2000-01", MONTHS, price=price, step=0.01, location=f"Hub {number:03}")
    )
    return curve_csv(rows).encode()


@dataclass
class Clock:
    """Rates are of processor time, so that other work on the machine does not count."""

    processor: float = 0.0
    elapsed: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        began, began_at = time.process_time(), time.perf_counter()
        yield
        self.processor = time.process_time() - began
        self.elapsed = time.perf_counter() - began_at

    def __str__(self) -> str:
        return f"{ROWS / self.processor:,.0f}"


def insert_bare(path: Path, rows: list[Row], clock: Clock) -> None:
    """The same rows into the same table with nothing around it."""
    names = (*CURVE_OBSERVATION.names, "load_id", "superseded_by")
    marks = ", ".join("?" * len(names))
    pragmas = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in (*pragmas, *create_table(CURVE_OBSERVATION, "sqlite")):
            database.execute(statement)
        with clock.running():
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                f"INSERT INTO {CURVE_OBSERVATION.name} ({', '.join(names)}) VALUES ({marks})",
                ((*row, 1, CURRENT) for row in rows),
            )
            database.execute("COMMIT")


def test_a_load_is_not_far_behind_a_bare_insert(market: Market, home: Path, say: Say) -> None:
    body = file_of(50.0)
    parsing, bare = Clock(), Clock()
    loads = {"new": Clock(), "same": Clock(), "revised": Clock()}
    with parsing.running():
        batches = list(FEED.read(BytesIO(body)))
    rows = [row for batch in batches for row in batch.rows[CURVE_OBSERVATION.name]]
    assert len(rows) == ROWS
    insert_bare(home / "bare.sqlite3", rows, bare)
    for what, clock in loads.items():
        content = file_of(60.0) if what == "revised" else body
        with clock.running():
            counts = market.load("curves.csv", content).counts
        assert getattr(counts, what) == ROWS
    new = loads["new"]
    say(
        f"{ROWS:,} rows; rows a second of processor time: parsing alone {parsing}; whole loads"
        f" {', '.join(f'{what} {clock}' for what, clock in loads.items())}; a bare executemany"
        f" {bare}; a load of new rows takes {new.processor / bare.processor:.1f} times as long"
        f" as that, {(new.processor - parsing.processor) / bare.processor:.1f} times without the"
        f" parsing; by the clock on the wall it loaded {ROWS / new.elapsed:,.0f} a second"
    )
    assert ROWS / new.processor >= LEAST_ROWS_A_SECOND
    assert ROWS / new.elapsed >= LEAST_ROWS_A_SECOND / 5, "it waits for something"
