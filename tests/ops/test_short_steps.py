"""What takes long is done in short steps, between which others write; bad files are given up."""

import contextlib
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from aurum.loads import run as load_run
from aurum.loads.feeds import RejectedRow
from aurum.loads.log import LoadLog, load_log
from aurum.stores import sql_writer
from aurum.stores.embedded_writer import EmbeddedWriter
from aurum.stores.registry import writer_of
from curves.tables import CURVE, CURVE_OBSERVATION, CURVE_TENOR
from ops import loads as log_of_loads
from ops.models import Load, QuarantinedRow
from tests.conftest import Market
from tests.engines import BOTH
from tests.factories import curve_csv
from tests.ops.conftest import Command
from tests.ops.load_log import begin

OTHERS_WAIT_SECONDS = 0.5


def prices(count: int, mid: float | str = 1.0) -> str:
    return curve_csv({"tenor_label": f"T{n}", "mid": mid} for n in range(count))


def leave_dead(content: str, monkeypatch: pytest.MonkeyPatch, market: Market) -> None:
    """A load as its process leaves it that was killed before it published."""

    def killed(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(load_log()), "publish", killed)
        patch.setattr("aurum.loads.loader._take_back", killed)
        with pytest.raises(KeyboardInterrupt):
            market.load("curves.csv", content)


def contents() -> list[Any]:
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, sql_writer.SqlWriter)
        tables = (CURVE, CURVE_OBSERVATION, CURVE_TENOR)
        return [sorted(map(str, writer.query(f"SELECT * FROM {t.name}", {}))) for t in tables]


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_an_undo_that_is_interrupted_is_ended_by_the_next_load(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_writer, "KEYS_AT_ONCE", 7)
    market.load("curves.csv", prices(40))
    before = contents()
    leave_dead(prices(50, 2.0), monkeypatch, market)
    left = [3]

    def dies(seconds: float) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sql_writer.time, "sleep", dies)
        with pytest.raises(KeyboardInterrupt):
            market.load("curves.csv", prices(40))
    between = contents()
    assert between != before
    assert market.load("curves.csv", prices(40)).counts.same == 40
    assert contents() == before
    states = list(Load.objects.order_by("id").values_list("state", flat=True))
    assert states == ["published", "abandoned", "unchanged"]


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_an_undo_finds_its_rows_by_their_keys(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the planner knows: its statistics are from before the load that died."""
    market.load("curves.csv", prices(10_000))
    before = contents()
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, sql_writer.SqlWriter)
        writer.analyze("curve_observation")
        writer.commit()
    leave_dead(prices(10_000, 2.0), monkeypatch, market)
    with contextlib.closing(writer_of("curves")) as writer:
        began = time.monotonic()
        writer.undo(2, ["curve_observation", "curve", "curve_tenor"])
        assert time.monotonic() - began < 4
    assert contents() == before


def test_loads_of_other_tables_pass_while_a_dead_load_is_undone(
    market: Market, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(sql_writer, "KEYS_AT_ONCE", 500)
    leave_dead(prices(20_000), monkeypatch, market)
    waits: list[float] = []
    done = threading.Event()

    def others() -> None:
        with contextlib.closing(EmbeddedWriter(home / "market.sqlite3")) as other:
            while not done.is_set():
                began = time.monotonic()
                other.execute("CREATE TABLE IF NOT EXISTS other (n INTEGER)", {})
                other.commit()
                waits.append(time.monotonic() - began)
                time.sleep(0.01)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        with contextlib.closing(writer_of("curves")) as writer:
            writer.undo(1, ["curve_observation", "curve", "curve_tenor"])
    finally:
        done.set()
        thread.join()
    assert contents() == [[], [], []]
    assert len(waits) > 10
    assert max(waits) < OTHERS_WAIT_SECONDS


def test_quarantine_is_written_and_taken_back_a_thousand_rows_at_a_time(
    log: LoadLog, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(log_of_loads.time, "sleep", pauses.append)
    load = begin(log)
    log.quarantine(load, [RejectedRow(f"line {n}", "invalid_price", "x") for n in range(4500)])
    assert (QuarantinedRow.objects.count(), len(pauses)) == (4500, 4)
    log.abandon(load, "given up")
    assert (QuarantinedRow.objects.count(), len(pauses)) == (0, 8)


def test_what_no_database_takes_is_kept_in_quarantine_all_the_same(log: LoadLog) -> None:
    log.quarantine(begin(log), [RejectedRow("m\udc80: line 2", "invalid_price", "a\x00b\ud800")])
    (row,) = QuarantinedRow.objects.all()
    assert (row.place, row.raw) == (r"m\udc80: line 2", r"a\x00b\ud800")


@pytest.mark.parametrize(("bad", "loaded"), [(500, True), (501, False)])
def test_a_file_of_which_most_is_bad_is_refused(
    load: Command, inbox: Path, bad: int, loaded: bool
) -> None:
    good = prices(1000 - bad).splitlines(keepends=True)
    wrong = curve_csv({"tenor_label": f"B{n}", "mid": "N/A"} for n in range(bad))
    path = inbox / "prices.csv"
    path.write_text("".join([*good, *wrong.splitlines(keepends=True)[1:]]))
    outcome = load(path)
    assert outcome.status == (0 if loaded else 1)
    if not loaded:
        said = "501 of the 1000 rows read were set aside, more than 50%: 501 invalid_price (first"
        assert said in outcome.err
        assert not QuarantinedRow.objects.exists()


def test_reading_ends_where_so_much_is_bad(
    load: Command, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_run, "GIVEN_UP_FROM", 3000)
    good = prices(30_000).splitlines(keepends=True)
    wrong = curve_csv({"tenor_label": f"B{n}", "mid": "N/A"} for n in range(9_000))
    path = inbox / "prices.csv"
    path.write_text("".join([good[0], *wrong.splitlines(keepends=True)[1:], *good[1:]]))
    outcome = load(path)
    assert outcome.status == 1
    told = re.search(r"(\d+) of the \1 rows read were set aside", outcome.err)
    assert told is not None
    assert 3000 < int(told[1]) <= 9000
