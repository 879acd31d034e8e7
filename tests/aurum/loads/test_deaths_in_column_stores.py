"""A load into a column store that dies between any two of its statements."""

import contextlib
import io
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.loads.loader import Source, load_file, try_file
from aurum.loads.log import Counts, load_log
from aurum.snapshot import WATERMARKS
from aurum.stores.column_writer import ColumnWriter
from aurum.stores.registry import writer_of
from ops.models import Load
from tests.conftest import Api, Market, Run
from tests.engines import COLUMN_STORES
from tests.factories import nymex

pytestmark = pytest.mark.parametrize("engine", COLUMN_STORES, indirect=True)

BEFORE = {"2026-07": 3.2, "2026-08": 3.3, "2026-09": 3.4}
AFTER = {"2026-07": 3.2, "2026-08": 3.5, "2026-10": 3.6}
"""One the same, one revised, one closed, one new."""
VERBS = ("take_back", "supersede", "put")


class Died(BaseException):
    pass


def dying(writer: ColumnWriter, *, after: int) -> None:
    """Has the writer do so many of its writes, and then nothing any more."""
    done = itertools.count()

    def until_then(write: Callable[..., None]) -> Callable[..., None]:
        def either(*args: Any) -> None:
            if next(done) >= after:
                raise Died
            write(*args)

        return either

    for verb in VERBS:
        setattr(writer, verb, until_then(getattr(writer, verb)))


def load_and_die(content: str, *, after: int) -> None:
    found = find_feed("curves.nymex")
    assert found is not None
    source = Source("dead", lambda: io.BytesIO(content.encode()))
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, ColumnWriter)
        dying(writer, after=after)
        with pytest.raises(Died):
            load_file(found[1], source, writer, load_log())


def rows(run: Run[Any]) -> list[Any]:
    with contextlib.closing(writer_of("curves")) as writer:
        assert isinstance(writer, ColumnWriter)
        found = writer.query(
            "SELECT tenor_label, mid, load_id, superseded_by FROM curve_observation", {}
        )
    return sorted(found)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_nothing_of_it_is_seen_and_the_next_load_takes_it_back(
    market: Market, api: Api, run: Run[Any], after: int
) -> None:
    market.load("curves.nymex", nymex(BEFORE))
    before = rows(run)
    load_and_die(nymex(AFTER), after=after)
    assert Load.objects.get(file="dead").state == Load.State.RUNNING
    WATERMARKS.refresh()
    assert {row["tenor_label"]: row["mid"] for row in api.rows("/v2/curves/observations")} == BEFORE

    counts = market.load("curves.nymex", nymex(BEFORE)).counts
    assert counts == Counts(same=3)
    assert rows(run) == before
    assert Load.objects.get(file="dead").state == Load.State.ABANDONED
    assert market.load("curves.nymex", nymex(AFTER)).counts == Counts(
        new=1, revised=1, closed=1, same=1
    )


def test_a_dry_run_beside_a_dead_load_counts_it_as_undone_and_writes_nothing(
    market: Market, run: Run[Any]
) -> None:
    market.load("curves.nymex", nymex(BEFORE))
    load_and_die(nymex(AFTER), after=2)
    there = rows(run)
    found = find_feed("curves.nymex")
    assert found is not None
    source = Source("tried", lambda: io.BytesIO(nymex(AFTER).encode()))
    with contextlib.closing(writer_of("curves")) as writer:
        tried = try_file(found[1], source, writer, load_log())
    assert tried.counts == Counts(new=1, revised=1, closed=1, same=1)
    assert rows(run) == there
