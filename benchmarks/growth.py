"""What a question costs with many series beside few, and a load after many loads beside the first.

The peer is Aurum itself with the least data: a ratio near 1 means that nothing grows.
"""

import json
import statistics
from collections.abc import Callable
from pathlib import Path

from benchmarks.market import Market, Prices, market, node_name
from benchmarks.processes import COLD, Server, served
from benchmarks.ratios import Measure
from benchmarks.rounds import Costs, in_turn, measures, postmaster, spent

FEW, MANY = 100, 20_000
LOADS, SHARE = 1_000, 50
TIMES, ROUNDS = 20, 3
LISTS = (
    f"/v2/iso/lmp?iso=PJM&location_id={node_name(7)}&limit=100",
    "/v2/iso/lmp?iso=PJM&limit=100",
    "/v2/iso/lmp/latest?iso=PJM&limit=100",
    "/v2/iso/lmp/negative?iso=PJM&limit=100",
    "/v2/iso/locations?iso=PJM&limit=100",
    "/v1/iso/lmp/last-24h?iso_code=PJM&limit=100",
    "/v1/iso/lmp/hourly?iso_code=PJM&market=DAY_AHEAD&limit=100",
    "/v1/iso/lmp/daily?iso_code=PJM&market=DAY_AHEAD&limit=100",
    "/v1/iso/lmp/negative?iso_code=PJM&limit=100",
    "/v1/metadata/locations?iso=PJM&limit=100",
)


def filled(nodes: int) -> Callable[[Market], None]:
    def fill(made: Market) -> None:
        made.load("iso.pjm_lmp", Prices(nodes, hours=48).write(made.folder / "prices.csv"))

    return fill


def of_series(few: Market, many: Market) -> list[Measure]:
    found = []
    behind = postmaster(few)
    with (
        served({**many.ours, **COLD}, many.folder) as large,
        served({**few.ours, **COLD}, few.folder) as small,
    ):
        for path in LISTS:
            asked = [path] * TIMES
            ours, theirs = in_turn(
                lambda _: cost(large, asked, behind),  # noqa: B023
                lambda _: cost(small, asked, behind),  # noqa: B023
                ROUNDS,
            )
            found += measures(few, f"{path}, {MANY:,} series", f"{FEW} series", ours, theirs)
    return found


def cost(server: Server, asked: list[str], behind: int | None) -> Costs:
    used = spent(lambda: server.ask(asked), server.process.pid, behind)
    return {"client and server in µs of processor": sum(used) / len(asked) * 1e6}


def of_loads(made: Market) -> Measure:
    """Seconds of the last of many loads of one file's hours, in one command, beside the first."""
    folder = made.folder / "loads"
    folder.mkdir()
    for number in range(LOADS):
        Prices(20, hours=24, issue=number).write(folder / f"{number:05}.csv")
    files = sorted(str(file) for file in folder.iterdir())
    lines = made.manage("load", "iso.pjm_lmp", *files, "--json").splitlines()
    seconds = [json.loads(line)["seconds"] for line in lines]
    first, last = (statistics.median(each) for each in (seconds[:SHARE], seconds[-SHARE:]))
    name = f"load after {LOADS:,} loads of the same keys"
    return Measure(made.engine, name, "the first loads", last * 1e3, first * 1e3, "ms")


def measure(engine: str, folder: Path, url: str) -> list[Measure]:
    places = [folder / f"{engine}-{name}" for name in ("few", "many")]
    for place in places:
        place.mkdir()
    with (
        market(engine, places[0], url, filled(FEW)) as few,
        market(engine, places[1], url, filled(MANY)) as many,
    ):
        return [*of_series(few, many), of_loads(few)]
