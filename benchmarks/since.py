"""Each list of the API beside an earlier version's: p50 and p95 of the same questions in turn.

Both have the demo data of their own version, keep no answer, and are asked one question after the
other, so that whatever else the machine does is done to both.
"""

import contextlib
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.market import Market, market
from benchmarks.processes import COLD, ROOT, Server, Worker, served
from benchmarks.ratios import Measure

TIMES, WARM = 60, 5


@contextlib.contextmanager
def checked_out(reference: str, folder: Path) -> Iterator[Path]:
    """The files of an earlier version."""
    code = folder / "earlier"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", str(code), reference], check=True, capture_output=True)
    try:
        yield code
    finally:
        subprocess.run([*git, "remove", "--force", str(code)], check=True)


def fill(made: Market) -> None:
    made.manage("demo")


def lists(made: Market) -> list[str]:
    """A question to each route that has a limit."""
    with Worker(made.ours, made.folder) as worker:
        return list(worker.do("lists"))


def seconds(server: Server, path: str) -> float:
    began = time.perf_counter()
    server.get(path)
    return time.perf_counter() - began


def compare(engine: str, folder: Path, url: str, reference: str) -> list[Measure]:
    found = []
    with (
        checked_out(reference, folder) as code,
        market(engine, folder, url, fill) as here,
        market(engine, folder, url, fill, code) as there,
        served({**here.ours, **COLD}, here.folder) as now,
        served({**there.ours, **COLD}, there.folder, code) as before,
    ):
        for path in filter(before.answers, lists(here)):
            times: tuple[list[float], list[float]] = ([], [])
            for number in range(WARM + TIMES):
                for side in (0, 1) if number % 2 else (1, 0):
                    taken = seconds((now, before)[side], path)
                    if number >= WARM:
                        times[side].append(taken)
            for name, place in (("p50", 9), ("p95", 18)):
                ours, theirs = (statistics.quantiles(each, n=20)[place] * 1e3 for each in times)
                found.append(Measure(engine, f"{path} {name}", reference, ours, theirs, "ms"))
    return found
