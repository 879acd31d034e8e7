"""What a question costs with much data beside little, and a load after many loads beside the first.

The peer is Aurum itself with the least data: a ratio near 1 means that nothing grows.
"""

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.market import YEAR, Market, Prices, market, node_name
from benchmarks.processes import COLD, Server, served
from benchmarks.ratios import Measure
from benchmarks.rounds import Costs, in_turn, measures, postmaster, spent

FEW, MANY = 100, 20_000
NODES_OF_A_MILLION = 114
LOADS, SHARE = 1_000, 50
REVISED = 20
TIMES, ROUNDS = 20, 3
NODE = f"/v2/iso/lmp?iso=PJM&location_id={node_name(7)}&limit=100"
OF_A_YEAR = NODE.replace("limit=100", "limit=1000")
NEVER_REVISED = NODE.replace(node_name(7), node_name(REVISED + 7))
LISTS = (
    NODE,
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
OF_PRICES = (
    *LISTS[:3],
    f"{OF_A_YEAR}&resample=day",
    f"{OF_A_YEAR}&resample=month&block=ON_PEAK",
    "/v1/iso/lmp/last-24h?iso_code=PJM&limit=100",
    "/v1/iso/lmp/hourly?iso_code=PJM&market=DAY_AHEAD&limit=100",
)


def filled(prices: Prices) -> Callable[[Market], None]:
    def fill(made: Market) -> None:
        file = prices.write(made.folder / "prices.csv")
        made.load("iso.pjm_lmp", file)
        file.unlink()

    return fill


def compared(
    less: Market, more: Market, asked: Sequence[tuple[str, str, str]], of: str
) -> Iterator[Measure]:
    """Of each name and two questions: what the first costs where there is more, and the second
    where there is less."""
    behind = postmaster(less)
    with ExitStack() as stack:
        small = stack.enter_context(served({**less.ours, **COLD}, less.folder))
        large = stack.enter_context(served({**more.ours, **COLD}, more.folder))
        for name, question, least in asked:
            ours, theirs = in_turn(
                lambda _: cost(large, [question] * TIMES, behind),  # noqa: B023
                lambda _: cost(small, [least] * TIMES, behind),  # noqa: B023
                ROUNDS,
            )
            yield from measures(less, name, of, ours, theirs)


def cost(server: Server, asked: list[str], behind: int | None) -> Costs:
    used = spent(lambda: server.ask(asked), server.process.pid, behind)
    return {"client and server in µs of processor": sum(used) / len(asked) * 1e6}


def of_loads(made: Market) -> Measure:
    """Seconds of the last of many loads of one file's hours, in one command, beside the first."""
    folder = made.folder / "loads"
    folder.mkdir()
    for number in range(LOADS):
        Prices(REVISED, hours=24, issue=number).write(folder / f"{number:05}.csv")
    files = sorted(str(file) for file in folder.iterdir())
    lines = made.manage("load", "iso.pjm_lmp", *files, "--json").splitlines()
    seconds = [json.loads(line)["seconds"] for line in lines]
    first, last = (statistics.median(each) for each in (seconds[:SHARE], seconds[-SHARE:]))
    name = f"load after {LOADS:,} loads of the same keys"
    return Measure(made.engine, name, "the first loads", last * 1e3, first * 1e3, "ms")


def measure(engine: str, folder: Path, url: str) -> Iterator[Measure]:
    def made(stack: ExitStack, name: str, prices: Prices) -> Market:
        place = folder / f"{engine}-{name}"
        place.mkdir()
        return stack.enter_context(market(engine, place, url, filled(prices)))

    with ExitStack() as stack:
        few = made(stack, "few", Prices(FEW, hours=48))
        many = made(stack, "many", Prices(MANY, hours=48))
        asked = [(f"{path}, {MANY:,} series", path, path) for path in LISTS]
        yield from compared(few, many, asked, f"{FEW} series")
        yield of_loads(few)
        revised = (f"{NODE}, {LOADS:,} revisions", NODE, NEVER_REVISED)
        yield from compared(few, few, [revised], "a node that was never revised")
    with ExitStack() as stack:
        million = made(stack, "million", Prices(NODES_OF_A_MILLION, hours=YEAR))
        ten = made(stack, "ten-million", Prices(10 * NODES_OF_A_MILLION, hours=YEAR))
        asked = [(f"{path}, 10 million prices", path, path) for path in OF_PRICES]
        yield from compared(million, ten, asked, "1 million")
