"""Loads beside loads, and readers beside both."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from subprocess import Popen
from threading import Event

import pytest

from tests.drills.conftest import Say
from tests.drills.processes import (
    CURRENT,
    PATIENCE,
    Site,
    read_backward,
    read_forward,
    rows_of,
    until,
)
from tests.engines import BOTH
from tests.factories import curve_csv, nymex

pytestmark = [pytest.mark.drill, pytest.mark.parametrize("engine", BOTH, indirect=True)]

ROWS = 10_000
SEEN_WITHIN_SECONDS = 1.0
LIMIT, PAGES_A_LOAD, AT_MOST = 7, 8, 500
ASOF = "2026-05-29"

Prices = dict[str, float]
"""By month."""


def run(first: int, count: int, price: float) -> Prices:
    """One price for `count` months; month 0 is January 1700."""
    return {
        f"{1700 + number // 12}-{number % 12 + 1:02}": price
        for number in range(first, first + count)
    }


def write(site: Site, name: str, prices: Prices, location: str = "West") -> Path:
    path = site.home / f"{name}.csv"
    rows = (
        {"location": location, "asof_date": ASOF, "contract_month": month, "mid": mid}
        for month, mid in prices.items()
    )
    path.write_text(curve_csv(rows))
    return path


def test_two_loads_of_one_table_at_once_take_turns(site: Site, say: Say) -> None:
    files = {
        "a1": run(0, ROWS, 1.0),
        "a2": run(0, ROWS, 2.0),
        "b1": run(ROWS // 2, ROWS, 3.0),
        "b2": run(ROWS // 2, ROWS, 4.0),
    }
    paths = [write(site, name, prices) for name, prices in files.items()]
    both = [site.start_load(*paths[:2]), site.start_load(*paths[2:])]
    done = {one["file"][:2]: one for process in both for one in site.finish(process)}
    assert len({one["load"] for one in done.values()}) == 4
    entries = site.entries()
    assert [entry.state for entry in entries] == ["published"] * 4
    for before, after in pairwise(entries):
        assert before.ended is not None
        assert before.ended <= after.began
    state: Prices = {}
    for name in (entry.file[:2] for entry in entries):
        prices = files[name]
        new = sum(month not in state for month in prices)
        assert {count: done[name][count] for count in ("new", "revised", "closed", "same")} == {
            "new": new,
            "revised": len(prices) - new,
            "closed": 0,
            "same": 0,
        }
        state |= prices
    kept = site.ask("SELECT tenor_label, mid, superseded_by FROM curve_observation")
    assert len(kept) == 4 * ROWS
    current = [(month, mid) for month, mid, superseded_by in kept if superseded_by == CURRENT]
    assert len(current) == len(state)
    assert dict(current) == state
    say(f"4 files of 2 commands in the order {', '.join(entry.file for entry in entries)}")


@pytest.mark.quiet
def test_a_load_is_seen_through_a_running_server_within_a_second(site: Site, say: Say) -> None:
    after_end, after_publishing = [], []
    with site.serve() as client:
        assert rows_of(client, "/v1/curves", {}) == []
        for number in range(1, 7):
            process = site.start_load(write(site, f"file-{number}", run(number, 1, 50.0 + number)))
            ended = 0.0

            def shows(number: int = number, process: Popen[str] = process) -> bool:
                nonlocal ended
                if not ended and process.poll() is not None:
                    ended = time.monotonic()
                return len(rows_of(client, "/v1/curves", {})) == number

            until(shows, "a load that shows")
            seen, seen_at = time.monotonic(), datetime.now(UTC).replace(tzinfo=None)
            site.finish(process)
            after_end.append(max(seen - (ended or seen), 0))
            published_at = site.entries()[-1].ended
            assert published_at is not None
            after_publishing.append((seen_at - published_at).total_seconds())
    say(
        f"seen {max(after_end):.2f} s after the command's end at the latest,"
        f" {', '.join(f'{wait:.2f}' for wait in after_publishing)} s after publishing"
    )
    assert max(after_end) < SEEN_WITHIN_SECONDS


class Loads:
    """Loads that follow one another from a thread, once told: revisions, new rows, closures."""

    def __init__(self, site: Site) -> None:
        self._site, self._go, self._stop = site, Event(), Event()
        self.counts: Counter[str] = Counter()

    @contextmanager
    def beside(self) -> Iterator[None]:
        with ThreadPoolExecutor(1) as thread:
            work = thread.submit(self._load_all)
            try:
                yield
            finally:
                self._stop.set()
                self._go.set()
            work.result()

    def wait_for_one(self) -> None:
        self._go.set()
        already = self.counts["loads"]
        until(lambda: self.counts["loads"] > already, "another load")

    def _load_all(self) -> None:
        self._go.wait(PATIENCE)
        for number in range(AT_MOST):
            for feed, path in self._files(number):
                if self._stop.is_set():
                    return
                (done,) = self._site.load(path, feed=feed)
                names = ("new", "revised", "closed")
                self.counts.update({**{name: done[name] for name in names}, "loads": 1})

    def _files(self, number: int) -> Iterator[tuple[str, Path]]:
        yield "curves.csv", write(self._site, "again", run(0, 230, 100.0 + number))
        yield "curves.nymex", snapshot(self._site, number % 2, 160, 3.0 + number)
        yield "curves.csv", write(self._site, "more", run(0, 9, 7.0), f"Hub {number}")


def snapshot(site: Site, skipped: int, count: int, price: float) -> Path:
    """A quote page of which some contracts have gone when `skipped` is more than before."""
    months = [f"{2000 + number // 12}-{number % 12 + 1:02}" for number in range(count)]
    path = site.home / f"forward-curve_{ASOF}.json"
    path.write_text(nymex(dict.fromkeys(months[20 * skipped :], price), ASOF))
    return path


def test_a_reader_who_pages_beside_many_loads_sees_every_row_once(site: Site, say: Say) -> None:
    site.load(write(site, "base", run(0, 200, 50.0)))
    site.load(snapshot(site, 0, 160, 2.5), feed="curves.nymex")
    loads, pages = Loads(site), 0

    def turn_page() -> None:
        nonlocal pages
        if pages % PAGES_A_LOAD == 0:
            loads.wait_for_one()
        pages += 1

    query = {"limit": LIMIT}
    with site.serve() as client, loads.beside():
        before = rows_of(client, "/v1/curves", {"limit": 500})
        assert len(before) == 360
        forward, token = read_forward(client, "/v1/curves", query, turn_page)
        assert forward == before
        backward = read_backward(client, "/v1/curves", query, token, turn_page)
        assert backward == before[: -(len(before) % LIMIT or LIMIT)]
    done = loads.counts
    say(
        f"{pages} pages of {LIMIT} rows beside {done['loads']} loads with {done['new']} new,"
        f" {done['revised']} revised and {done['closed']} closed rows"
    )
    assert min(done["new"], done["revised"], done["closed"]) > 0
