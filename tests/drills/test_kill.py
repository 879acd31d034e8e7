"""Loads that die: SIGKILL at any moment leaves the whole file or nothing of it."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from tests.conftest import BOTH
from tests.drills.conftest import Say
from tests.drills.processes import (
    PATIENCE,
    Entry,
    Site,
    read_forward,
    until,
    without,
)
from tests.make import curve_csv

pytestmark = [pytest.mark.drill, pytest.mark.parametrize("engine", BOTH, indirect=True)]

KILLS, MID_LOAD, AT_MOST = 20, 15, 40
MONTHS = [f"{2000 + number // 12}-{number % 12 + 1:02}" for number in range(500)]
CURVES = [f"old-{number:02}" for number in range(50)]
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


def seen(client: httpx.Client) -> Prices:
    """Everything a caller sees, in one snapshot."""
    rows, _ = read_forward(client, "/v1/curves", 500)
    found = {(row["curve_key"], row["tenor_label"]): row["mid"] for row in rows}
    assert len(found) == len(rows), "a row came twice"
    return found


def differing(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> list[Any]:
    """A few of the places where the two differ."""
    return [key for key in {*one, *other} if one.get(key) != other.get(key)][:5]


def wait_until_seen(client: httpx.Client, expected: Prices, key: tuple[str, str]) -> None:
    """Until the server, which asks twice a second, knows of the newest load."""
    curve, month = key

    def there() -> bool:
        answer = client.get("/v1/curves", params={"curve_key": curve, "limit": 500}).json()["data"]
        return any((r["tenor_label"], r["mid"]) == (month, expected[key]) for r in answer)

    until(there, "the newest price of a published load", seconds=1.0)


@dataclass(frozen=True)
class Death:
    """What a kill found."""

    entry: Entry | None
    written: int

    @property
    def moment(self) -> str:
        if self.entry is None:
            return "before it began"
        if self.entry.state != "running":
            return "after it was published"
        return "mid-load" if self.written else "before its first row"


def kill(site: Site, process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert process.returncode in (-signal.SIGKILL, 0)


def load_and_kill(site: Site, path: Path, *, started: float = 0, begun: float = 0) -> Death:
    """Kills a load so many seconds after it was started, or after its load began."""
    last = site.entries()[-1].id
    process = site.start_load(path)
    if begun:
        until(lambda: site.entries()[-1].id > last, "a load that begins")
    try:
        process.wait(begun or started)
    except subprocess.TimeoutExpired:
        kill(site, process)
    else:
        site.finish(process)
    mark = site.watermark()
    ((written,),) = site.ask(f"SELECT COUNT(*) FROM curve_observation WHERE load_id > {mark}")
    entry = site.entries()[-1]
    return Death(entry if entry.id > last else None, written)


def test_a_load_killed_at_any_moment_is_there_wholly_or_not_at_all(
    site: Site, chance: Random, say: Say
) -> None:
    state = prices(0, CURVES)
    site.load(write(site, "base", state))
    # A whole run of the same kind tells how long one takes.
    state |= large(1)
    (done,) = site.load(write(site, "measured", large(1)))
    whole_run = site.entry(done["load"]).seconds
    stored = site.stored()
    moments: Counter[str] = Counter()
    rows_undone = 0
    with site.serve() as client:
        assert not differing(seen(client), state)
        for number in range(2, 2 + AT_MOST):
            if moments.total() >= KILLS and moments["mid-load"] >= MID_LOAD:
                break
            content = large(number)
            path = write(site, f"killed-{number}", content)
            if number % 10 == 0:
                death = load_and_kill(site, path, started=chance.uniform(0.1, 1 + whole_run))
            else:
                death = load_and_kill(site, path, begun=whole_run * chance.uniform(0.2, 1.0))
            moments[death.moment] += 1
            published = death.moment == "after it was published"
            if published:
                wait_until_seen(client, content, next(iter(content)))
                state |= content
            assert not differing(seen(client), state), death

            again = number % 5 == 0
            other = content if again else small(number)
            other_path = path if again else write(site, f"other-{number}", other)
            changed = [key for key in other if other[key] != state.get(key)]
            fresh = sum(key not in state for key in other)
            (done,) = site.load(other_path)
            assert {name: done[name] for name in ("new", "revised", "closed", "same")} == {
                "new": fresh,
                "revised": len(changed) - fresh,
                "closed": 0,
                "same": len(other) - len(changed),
            }
            state |= other
            if changed:
                wait_until_seen(client, other, changed[0])
            assert not differing(seen(client), state), death

            now = site.stored()
            loads = [done["load"]]
            if death.entry is not None and published:
                loads.append(death.entry.id)
            elif death.entry is not None:
                dead = death.entry.id
                assert site.entry(dead).state == "abandoned"
                left = [row for rows in now.values() for row in rows if dead in row[-2:]]
                assert left[:5] == []
                rows_undone += death.written
            before = without(now, *loads)
            for table, rows in stored.items():
                assert list(before[table] ^ rows)[:5] == [], table
            stored = now
            whole_run = site.entry(done["load"]).seconds if again else whole_run
    assert {entry.state for entry in site.entries()} <= {"published", "unchanged", "abandoned"}
    found = ", ".join(f"{count} {moment}" for moment, count in sorted(moments.items()))
    say(
        f"{site.engine}: {moments.total()} kills: {found};"
        f" {rows_undone} rows taken back, a whole load {whole_run:.1f} s"
    )
    assert moments["mid-load"] >= MID_LOAD
