"""Loads that die: SIGKILL at any moment leaves the whole file or nothing of it."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.drills.conftest import Say
from tests.drills.processes import PATIENCE, Entry, Site, rows_of, until, without
from tests.engines import BOTH
from tests.factories import curve_csv

pytestmark = [pytest.mark.drill, pytest.mark.parametrize("engine", BOTH, indirect=True)]

KILLS, MID_LOAD, AT_MOST = 12, 8, 30
SECOND_DEATHS, ROUNDS = 3, 15
MONTHS = [f"{2000 + number // 12}-{number % 12 + 1:02}" for number in range(500)]
CURVES = [f"old-{number:02}" for number in range(50)]
ASOF = "2025-09-12"
COLUMNS = ("curve_key", "location", "market", "asof_date", "contract_month", "mid")

Prices = dict[tuple[str, str], float]
"""By curve and month."""


def prices(number: int, curves: Iterable[str], months: Iterable[str] = MONTHS) -> Prices:
    """Prices that no other number gives."""
    return {
        (curve, month): round(number + place / 1000 + at / 10**6, 6)
        for place, curve in enumerate(curves)
        for at, month in enumerate(months)
    }


def large(number: int) -> Prices:
    """30,000 rows: every old curve in new prices, and ten curves of which nobody has heard."""
    fresh = [f"new-{number:02}-{place}" for place in range(10)]
    mixed = [name for place in range(10) for name in (fresh[place], *CURVES[place::10])]
    return prices(number, mixed)


def small(number: int) -> Prices:
    """A file that touches the same tables in a moment."""
    return prices(number, [CURVES[number % 50], f"late-{number:02}"], MONTHS[:20])


def write(site: Site, name: str, content: Prices) -> Path:
    """A file whose number also stands in the curves' market, so that identities are revised too."""
    path = site.home / f"{name}.csv"
    rows = (
        {"curve_key": curve, "location": curve, "market": name, "contract_month": month, "mid": mid}
        for (curve, month), mid in content.items()
    )
    path.write_text(curve_csv(rows, COLUMNS))
    return path


@dataclass(frozen=True)
class Death:
    """What a kill found; no entry where the load had not begun."""

    killed: bool
    entry: Entry | None
    written: int

    @property
    def published(self) -> bool:
        return self.entry is not None and self.entry.state == "published"

    @property
    def moment(self) -> str:
        if self.entry is None:
            return "before it began"
        if self.published:
            return "after it was published"
        return "mid-load" if self.written else "before its first row"


class Market:
    """A served site, what its callers ought to see and what its tables ought to hold."""

    def __init__(self, site: Site, client: httpx.Client, chance: Random) -> None:
        self.site, self.client, self.chance = site, client, chance
        self.state: Prices = {}
        self.load(write(site, "base", prices(0, CURVES)), prices(0, CURVES))
        # A whole run of the same kind tells how long one takes.
        measured = self.load(write(site, "measured", large(1)), large(1))
        self.whole_run = site.entry(measured).seconds
        self.stored = site.stored()

    def load(self, path: Path, content: Prices) -> int:
        """A load that must go well and be seen by callers; its id."""
        changed = [key for key in content if content[key] != self.state.get(key)]
        new = sum(key not in self.state for key in content)
        (done,) = self.site.load(path)
        assert (done["new"], done["revised"]) == (new, len(changed) - new)
        assert (done["closed"], done["same"]) == (0, len(content) - len(changed))
        self._published(content, changed)
        return int(done["load"])

    def _published(self, content: Prices, changed: list[tuple[str, str]]) -> None:
        self.state |= content
        if changed:
            key = changed[0]
            # The server asks for the newest load twice a second.
            until(lambda: self._seen(key[:1]).get(key) == content[key], "a published price")

    def load_and_kill(
        self, path: Path, content: Prices, *, started: float = 0, begun: float = 0
    ) -> Death:
        """Kills a load so many seconds after it was started, or after its load began."""
        last = self.site.entries()[-1].id
        process = self.site.start_load(path)
        if begun:
            until(lambda: self.site.entries()[-1].id > last, "a load that begins")
        return self.kill(process, begun or started, content, last)

    def kill(
        self, process: subprocess.Popen[str], seconds: float, content: Prices, last: int
    ) -> Death:
        """Kills a load in so many seconds; `last` is the newest load from before it."""
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, -signal.SIGKILL)
        mark = self.site.watermark()
        written = self.site.ask(f"SELECT COUNT(*) FROM curve_observation WHERE load_id > {mark}")
        newest = self.site.entries()[-1]
        death = Death(process.returncode != 0, newest if newest.id > last else None, written[0][0])
        if death.published:
            self._published(content, list(content))
        return death

    def assert_seen(self, content: Prices, *, wholly: bool) -> None:
        """Callers see the state and nothing else, of what some load's content names and around."""
        named = list(dict.fromkeys(curve for curve, _ in content))
        known = list(dict.fromkeys(curve for curve, _ in (*self.state, *content)))
        if not wholly:
            known = [*named[:2], *named[-2:], *self.chance.sample(known, 8)]
        expected = {key: price for key, price in self.state.items() if key[0] in set(known)}
        found = self._seen(known)
        wrong = [key for key in {*found, *expected} if found.get(key) != expected.get(key)]
        assert not wrong, f"{len(wrong)} prices differ: {wrong[:5]}"

    def _seen(self, curves: Iterable[str]) -> Prices:
        found: Prices = {}
        for curve in curves:
            rows = rows_of(
                self.client, "/v1/curves", {"curve_key": curve, "asof": ASOF, "limit": 500}
            )
            found |= {(curve, row["tenor_label"]): row["mid"] for row in rows}
        return found

    def assert_taken_back(self, *deaths: Death, since: int) -> None:
        """Nothing is left of the dead; what lay in the tables before them is as it was, but for
        what `since` and they themselves published."""
        now, published = self.site.stored(), [since]
        for entry in (death.entry for death in deaths if death.entry is not None):
            if self.site.entry(entry.id).state == "published":
                published.append(entry.id)
                continue
            assert self.site.entry(entry.id).state == "abandoned"
            left = [row for rows in now.values() for row in rows if entry.id in row[-2:]]
            assert left[:5] == []
        before = without(now, *published)
        for table, rows in self.stored.items():
            assert list(before[table] ^ rows)[:5] == [], table
        self.stored = now


def test_a_load_killed_at_any_moment_is_there_wholly_or_not_at_all(
    site: Site, chance: Random, say: Say
) -> None:
    moments: Counter[str] = Counter()
    rows_taken_back = 0
    with site.serve() as client:
        market = Market(site, client, chance)
        for number in range(2, 2 + AT_MOST):
            if moments.total() >= KILLS and moments["mid-load"] >= MID_LOAD:
                break
            content, thorough = large(number), number % 5 == 0
            path = write(site, f"killed-{number}", content)
            if number % 10 == 0:
                at = chance.uniform(0.1, 1 + market.whole_run)
                death = market.load_and_kill(path, content, started=at)
            else:
                at = chance.uniform(0.25, 1.0) * market.whole_run
                death = market.load_and_kill(path, content, begun=at)
            moments[death.moment] += death.killed
            market.assert_seen(content, wholly=thorough)

            if thorough:
                again = market.load(path, content)
            else:
                again = market.load(write(site, f"other-{number}", small(number)), small(number))
            market.assert_seen(content, wholly=thorough)
            market.assert_taken_back(death, since=again)
            rows_taken_back += 0 if death.published else death.written
        market.assert_seen({}, wholly=True)
    found = ", ".join(f"{count} {moment}" for moment, count in sorted(moments.items()) if count)
    say(f"{moments.total()} kills: {found}; {rows_taken_back} rows taken back")
    assert moments["mid-load"] >= MID_LOAD


def test_a_load_killed_while_it_takes_back_a_dead_one_leaves_that_to_the_next(
    site: Site, chance: Random, say: Say
) -> None:
    second_deaths, usual, measured = 0, 0.0, 0.0
    with site.serve() as client:
        market = Market(site, client, chance)
        for number in range(2, 3 + ROUNDS):
            if second_deaths == SECOND_DEATHS:
                break
            content = large(number)
            path = write(site, f"killed-{number}", content)
            first = market.load_and_kill(path, content, begun=0.6 * market.whole_run)
            until(lambda: not site.lock_is_held(), "a free turn")

            last = site.entries()[-1].id
            process = site.start_load(path)
            until(site.lock_is_held, "a taken turn")
            if usual:
                second = market.kill(process, chance.uniform(0, usual), content, last)
                if first.moment == "mid-load" and second.entry is None:
                    second_deaths += 1
                else:
                    usual *= 0.7  # came too late
            else:
                # The first round tells how long it takes to take a dead load back.
                began = time.monotonic()
                until(lambda last=last: site.entries()[-1].id > last, "a load that begins")
                usual = measured = time.monotonic() - began
                second = market.kill(process, 0, content, last)
            market.assert_seen(content, wholly=False)

            again = market.load(write(site, f"other-{number}", small(number)), small(number))
            market.assert_seen(content, wholly=False)
            market.assert_taken_back(first, second, since=again)
    say(f"{second_deaths} loads killed in the {measured:.2f} s of taking back a dead one")
    assert second_deaths == SECOND_DEATHS
