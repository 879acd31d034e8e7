"""Loads: all or nothing, history kept, same row by row."""

import contextlib
import io
import shutil
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile, StoreUnavailable
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source, load_file, try_file
from aurum.loads.log import Counts, load_log
from aurum.snapshot import current_snapshot
from aurum.stores.contract import WAITING, LockLost
from aurum.stores.registry import store_of, writer_of
from aurum.stores.sql import Select
from aurum.stores.sql_tables import SqlTables
from curves.tables import CURVE, CURVE_OBSERVATION
from ops.models import Load, QuarantinedRow
from tests.conftest import Api, Market, Run
from tests.engines import EVERY, lose_store
from tests.factories import curve_csv, months, nymex

pytestmark = pytest.mark.parametrize("engine", EVERY, indirect=True)


def history(run: Run[Any]) -> list[Any]:
    async def fetch() -> list[Any]:
        store = await store_of("curves")
        sql = (
            "SELECT o.tenor_label, o.mid, o.load_id, o.superseded_by"
            " FROM curve_observation AS o ORDER BY o.tenor_label, o.load_id"
        )
        return await store.fetch(Select(sql), {})

    return [(label, mid, load, None if by > 2**62 else by) for label, mid, load, by in run(fetch())]


def test_nothing_is_overwritten(market: Market, run: Run[Any]) -> None:
    ids = [
        market.load("curves.nymex", nymex(prices)).load
        for prices in (
            {"2026-07": 3.2, "2026-08": 3.3},
            {"2026-07": 3.25, "2026-08": 3.3},
            {"2026-08": 3.3},
        )
    ]
    assert history(run) == [
        ("2026-07", 3.2, ids[0], ids[1]),
        ("2026-07", 3.25, ids[1], ids[2]),
        ("2026-08", 3.3, ids[0], None),
    ]


def test_counts_say_what_a_load_did(market: Market) -> None:
    first = {"2026-07": 3.2, "2026-08": 3.3, "2026-09": 3.4}
    assert market.load("curves.nymex", nymex(first)).counts == Counts(new=3)
    assert market.load("curves.nymex", nymex(first)).counts == Counts(same=3)
    second = {"2026-07": 3.21, "2026-08": 3.3, "2026-10": 3.5}
    assert market.load("curves.nymex", nymex(second)).counts == Counts(
        new=1, revised=1, closed=1, same=1
    )


def test_a_b_a_ends_as_a(market: Market, api: Api) -> None:
    a, b = {"2026-07": 3.2, "2026-08": 3.3}, {"2026-07": 3.9}
    for prices in (a, b, a):
        market.load("curves.nymex", nymex(prices))
    assert {r["tenor_label"]: r["mid"] for r in api.rows("/v1/curves")} == a


def test_replace_leaves_other_valuation_dates_alone(market: Market, api: Api) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3}, "2026-05-28"))
    market.load("curves.nymex", nymex({"2026-07": 3.25}, "2026-05-29"))
    assert len(api.rows("/v1/curves?asof=2026-05-28")) == 2
    assert len(api.rows("/v1/curves?asof=2026-05-29")) == 1


def test_upsert_leaves_what_a_file_does_not_name(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 3)))
    done = market.load("curves.csv", curve_csv(months("2025-10", 1, price=9)))
    assert done.counts == Counts(revised=1)
    assert len(api.rows("/v1/curves")) == 3


def test_a_load_that_changes_nothing_moves_no_watermark(market: Market) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2}))
    before = current_snapshot([CURVE_OBSERVATION])
    done = market.load("curves.nymex", nymex({"2026-07": 3.2}))
    assert current_snapshot([CURVE_OBSERVATION]) == before
    assert Load.objects.get(id=done.load).state == Load.State.UNCHANGED


def test_an_impossible_price_is_set_aside_and_its_old_row_stays(market: Market, api: Api) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3}))
    done = market.load("curves.nymex", nymex({"2026-07": "n/a", "2026-08": 3.4}))
    assert done.counts == Counts(revised=1, quarantined=1)
    assert [r["mid"] for r in api.rows("/v1/curves")] == [3.2, 3.4]
    row = QuarantinedRow.objects.get(load_id=done.load)
    assert (row.place, row.reason) == ("data[0]", "invalid_price")
    assert '"n/a"' in row.raw


def test_of_two_rows_with_one_key_the_first_stands(market: Market, api: Api) -> None:
    rows = [
        {"contract_month": "2025-10", "mid": 1.0},
        {"contract_month": "2025-10", "mid": 2.0},
        {"contract_month": "2025-10", "mid": 1.0},
    ]
    done = market.load("curves.csv", curve_csv(rows))
    assert done.counts == Counts(new=1, same=1, quarantined=1)
    assert [r["mid"] for r in api.rows("/v1/curves")] == [1.0]
    assert QuarantinedRow.objects.get().reason == "contradicts_earlier_row"
    again = market.load("curves.csv", curve_csv(rows))
    assert again.counts == Counts(same=2, quarantined=1)
    assert [r["mid"] for r in api.rows("/v1/curves")] == [1.0]


def test_a_file_that_names_only_a_key_takes_no_identity_away(market: Market, api: Api) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 1)))
    (row,) = api.rows("/v1/curves?iso=PJM")
    text = f"asof_date,curve_key,contract_month,mid\n2025-09-13,{row['curve_key']},2025-10,9\n"
    market.load("curves.csv", text)
    assert [row["mid"] for row in api.rows("/v1/curves?iso=PJM")] == [9.0]
    market.load("curves.csv", text.replace(row["curve_key"], "NEW"))
    assert len(api.rows("/v1/curves")) == 2


def test_a_contradiction_is_seen_however_far_apart_its_rows_are(market: Market, api: Api) -> None:
    filler = [{"tenor_label": f"T{number}", "mid": number} for number in range(6000)]
    rows = [{"tenor_label": "A", "mid": 1.0}, *filler, {"tenor_label": "A", "mid": 2.0}]
    for _ in range(3):
        assert market.load("curves.csv", curve_csv(rows)).counts.quarantined == 1
    (row,) = [r for r in api.rows("/v1/curves?limit=1") if r["tenor_label"] == "A"]
    assert row["mid"] == 1.0


def test_a_refused_file_leaves_nothing(market: Market, api: Api, run: Run[Any]) -> None:
    whole = curve_csv(months("2020-01", 100))
    broken = curve_csv(months("2020-01", 70)) + "too,few,cells\n"
    with pytest.raises(InvalidFile, match="line 72"):
        market.load("curves.csv", broken)
    assert history(run) == []
    assert Load.objects.get().state == Load.State.ABANDONED
    assert market.load("curves.csv", whole).counts == Counts(new=100)
    assert len(api.rows("/v1/curves")) == 100


def test_a_refusal_after_rows_were_written_takes_them_back(market: Market, run: Run[Any]) -> None:
    market.load("curves.csv", curve_csv(months("2025-10", 2)))
    before = history(run)
    rows = [
        {"contract_month": "2025-10", "mid": 7},
        *({"tenor_label": f"T{n}", "mid": n} for n in range(6000)),
    ]
    broken = curve_csv(rows) + "x\n"
    with pytest.raises(InvalidFile):
        market.load("curves.csv", broken)
    assert history(run) == before


class Killed(BaseException):
    """Stands for SIGKILL: what runs after it does not run."""


def die_loading(prices: dict[str, float]) -> None:
    """Leaves a load as a process leaves it that was killed before it published."""

    class DyingBook(type(load_log())):  # type: ignore[misc]
        def publish(self, *args: Any, **more: Any) -> None:
            raise Killed

        def unpublished(self, tables: Any) -> dict[int, Any]:
            return {}

    with contextlib.closing(writer_of("curves")) as writer, pytest.raises(Killed):
        load_file(nymex_feed(), source(prices), writer, DyingBook())


def nymex_feed() -> Feed:
    found = find_feed("curves.nymex")
    assert found is not None
    return found[1]


def source(prices: dict[str, float]) -> Source:
    body = nymex(prices).encode()
    return Source("dead", lambda: io.BytesIO(body))


def test_a_dead_load_is_undone_by_the_next(market: Market, run: Run[Any], api: Api) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3}))
    die_loading({"2026-07": 9.9, "2026-09": 9.9})
    assert any(mid == 9.9 for _, mid, _, _ in history(run))
    assert [r["mid"] for r in api.rows("/v1/curves")] == [3.2, 3.3]
    market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.35}))
    assert [r["mid"] for r in api.rows("/v1/curves")] == [3.2, 3.35]
    assert all(mid != 9.9 for _, mid, _, _ in history(run))
    assert Load.objects.get(file="dead").state == Load.State.ABANDONED


def test_a_dead_load_is_undone_in_all_its_tables_by_one_of_them(
    market: Market, run: Run[Any]
) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2}))
    die_loading({"2026-07": 9.9})
    curves_alone = replace(
        nymex_feed(), tables=(CURVE,), mode="upsert", scope=(), read=lambda file: iter(())
    )
    nothing = pytest.raises(InvalidFile, match="there is no row")
    with contextlib.closing(writer_of("curves")) as writer, nothing:
        load_file(curves_alone, source({"2026-07": 1.0}), writer, load_log())
    assert [mid for _, mid, _, _ in history(run)] == [3.2]


def test_a_dry_run_does_not_count_what_a_dead_load_left(market: Market, run: Run[Any]) -> None:
    die_loading({"2026-07": 3.2, "2026-08": 3.3})
    left = history(run)
    with contextlib.closing(writer_of("curves")) as writer:
        tried = try_file(nymex_feed(), source({"2026-07": 3.2}), writer, load_log())
    assert tried.counts == Counts(new=1)
    assert history(run) == left


def test_a_dry_run_says_what_would_happen_and_does_nothing(market: Market, run: Run[Any]) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2, "2026-08": 3.3}))
    before = history(run)
    with contextlib.closing(writer_of("curves")) as writer:
        asked = source({"2026-07": 3.3, "2026-09": 3.4})
        tried = try_file(nymex_feed(), asked, writer, load_log())
    assert (tried.load, tried.counts) == (None, Counts(new=1, revised=1, closed=1))
    assert history(run) == before
    assert Load.objects.count() == 1


def test_who_waits_for_a_lock_says_so(
    market: Market, engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2}))

    def wait() -> None:
        with contextlib.closing(writer_of("curves")) as other, other.lock([CURVE]):
            pass

    with contextlib.closing(writer_of("curves")) as writer:
        with writer.lock([CURVE]):
            waiting = threading.Thread(target=wait)
            waiting.start()
            deadline = time.monotonic() + 10
            while not (told := [r for r in caplog.records if WAITING in r.getMessage()]):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert waiting.is_alive()
        waiting.join(10)
    assert not waiting.is_alive()
    assert "curve" in told[0].getMessage()


def test_a_store_that_goes_away_is_told_in_our_words(
    market: Market, settings: Any, home: Any, engine: str
) -> None:
    if engine == "embedded":
        (home / "market.sqlite3").mkdir()
    else:
        lose_store(engine, settings)
    with pytest.raises(StoreUnavailable):
        market.load("curves.nymex", nymex({"2026-07": 3.2}))


def test_a_load_that_lost_its_lock_is_not_published(
    market: Market, run: Run[Any], engine: str, home: Any
) -> None:
    market.load("curves.nymex", nymex({"2026-07": 3.2}))
    before = history(run)
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, SqlTables)
        flush = writer.flush

        def lose() -> None:
            """After the last row is committed, and before the load is published."""
            flush()
            if engine != "timescale":
                shutil.rmtree(home / "locks", ignore_errors=True)
            else:
                writer.query("SELECT pg_advisory_unlock_all()", {})

        writer.flush = lose  # type: ignore[method-assign]
        with pytest.raises(LockLost):
            load_file(nymex_feed(), source({"2026-07": 9.9}), writer, load_log())
    assert Load.objects.get(file="dead").state == Load.State.ABANDONED
    assert history(run) == before
