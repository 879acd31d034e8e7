"""Everything that is measured, written to docs/benchmarks.md: `python -m benchmarks.bench`.

`--since REF` measures the lists of the API beside an earlier version, and `--growth` how costs grow
with series and loads, instead. See docs/benchmarks.md.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import django

from benchmarks import goals, growth, quick, rounds, since
from benchmarks.market import ENGINES, YEAR, Market, Prices, market, postgresql, write_curves
from benchmarks.processes import ROOT
from benchmarks.ratios import Measure

PAGE = ROOT / "docs" / "benchmarks.md"
HEADING = "\n## Measured\n"
"""What follows is written anew by each run."""


def fill(made: Market) -> None:
    made.load("curves.csv", write_curves(made.folder / "curves.csv", rounds.CLIENTS, days=30))
    prices = Prices(nodes=rounds.CLIENTS, hours=YEAR)
    made.load("iso.pjm_lmp", prices.write(made.folder / "prices.csv"))


def measure(folder: Path, url: str) -> list[Measure]:
    """In this order: what is real goes first to have the machine to itself."""
    found = []
    for engine in ENGINES:
        with market(engine, folder, url, fill) as made:
            found += [*rounds.of_pages(made), *rounds.of_clients(made), *rounds.of_loads(made)]
    counted = folder / "counted"
    counted.mkdir()
    return [*found, *quick.measure_all(counted, url)]


def table(measures: Iterable[Measure]) -> str:
    lines = ["| | Aurum | peer | of | ratio |", "|---|---|---|---|---|"]
    for one in sorted(measures):
        amounts = f"{goals.amount(one.ours)} | {goals.amount(one.theirs)}"
        lines.append(f"| {one.name} | {amounts} | {one.unit} | {one.ratio:.2f} |")
    return "\n".join(lines)


def circumstances() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "psycopg"))
    return (
        f"On {datetime.now(UTC):%-d %B %Y}, Python {platform.python_version()},"
        f" Django {django.get_version()}, {versions}, {os.cpu_count()} processors,"
        f" of which {os.getloadavg()[1]:.1f} were busy."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--since", default="", help="a version of git")
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    given = os.environ.get("AURUM_TEST_TIMESCALE_URL")
    with tempfile.TemporaryDirectory() as made, postgresql(Path(made), given) as url:
        folder = Path(made)
        if options.since:
            each = [since.compare(engine, folder, url, options.since) for engine in ENGINES]
            sys.stdout.write(table(one for found in each for one in found) + "\n")
        elif options.growth:
            # It takes long: each engine's are printed as soon as they are there.
            for engine in ENGINES:
                sys.stdout.write(table(growth.measure(engine, folder, url)) + "\n")
                sys.stdout.flush()
        else:
            measures = measure(folder, url)
            reached = goals.table(measures)
            text = PAGE.read_text().partition(HEADING)[0] + HEADING
            text += f"\n{circumstances()}\n\n{reached}\n\n### All of it\n\n{table(measures)}\n"
            PAGE.write_text(text)
            sys.stdout.write(reached + "\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
