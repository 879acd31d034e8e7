"""Instructions beside the peers' on both engines: `python -m benchmarks.quick [--write]`.

Fails where a ratio is more than 5 % worse than the one in ratios.json; `--write` writes that file.
See docs/benchmarks.md. Counts do not depend on how busy the machine is, so the engines are counted
side by side. A PostgreSQL is started, unless there is one at AURUM_TEST_TIMESCALE_URL.
"""

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import ratios
from benchmarks.market import ENGINES, YEAR, Market, Prices, market, postgresql, write_curves
from benchmarks.processes import Server, Worker, peer, quiet, required
from benchmarks.questions import QUESTIONS, Question, bare_keys, keys, paths
from benchmarks.ratios import Measure

WARM, TIMES = 1, 5
SMALL_WARM, SMALL_TIMES, ROUNDS = 20, 60, 3
"""Of what costs next to nothing."""
LOADED = Prices(nodes=100, hours=96, first=1000)
WARMING = Prices(nodes=10, hours=24, first=500)


def fill(made: Market) -> None:
    made.load("curves.csv", write_curves(made.folder / "curves.csv", WARM + TIMES, days=15))
    prices = Prices(nodes=WARM + TIMES, hours=YEAR)
    made.load("iso.pjm_lmp", prices.write(made.folder / "prices.csv"))


def data(body: bytes) -> list[Any]:
    return list(json.loads(body)["data"])


def check(question: Question, aurum: Server, fastapi: Server, bare: Worker) -> None:
    """The rows are the same everywhere, or there is nothing to compare."""
    key = keys(question, 0, 1)
    ours = data(aurum.get(question.path.format(key=key[0]))[0])
    (bare_key,) = bare_keys(question, key)
    least = bare.do("page", question.sql, bare_key, as_objects=question.as_objects)
    if question.as_objects:
        assert ours == least, question
    elif question.same:
        assert [shown(row.values()) for row in ours] == [shown(row) for row in least], question
    else:
        assert [row["count"] for row in ours] == [row[-1] for row in least], question
    if question.peer:
        assert ours == data(fastapi.get(question.peer.format(key=key[0]))[0]), question
    assert len(ours) > 10


def shown(row: Any) -> list[Any]:
    """Instants as drivers write them, and means to 9 places."""
    return [round(v, 9) if isinstance(v, float) else str(v).replace("+00:00", "Z") for v in row]


def counts_of_pages(engine: str, aurum: Server, fastapi: Server, bare: Worker) -> list[Measure]:
    found = []

    def ask(server: Server, template: str, question: Question) -> float:
        server.ask(paths(template, keys(question, 0, WARM)))
        fresh = paths(template, keys(question, WARM, TIMES))
        return server.count(lambda: server.ask(fresh)) / TIMES / 1000

    for what, question in QUESTIONS.items():
        check(question, aurum, fastapi, bare)
        ours = ask(aurum, question.path, question)
        names = bare_keys(question, keys(question, WARM, TIMES))
        order = ("pages", question.sql, names, TIMES)
        pages = partial(bare.do, *order, as_objects=question.as_objects)
        least = bare.count(pages) / TIMES / 1000
        found.append(Measure(engine, what, "bare", ours, least))
        if question.peer:
            theirs = ask(fastapi, question.peer, question)
            found.append(Measure(engine, what, "FastAPI + orjson", ours, theirs))
    return found


def counts_of_small(engine: str, aurum: Server, fastapi: Server) -> list[Measure]:
    def ask(server: Server, path: str, status: int = 200, **headers: str) -> float:
        server.ask([path] * SMALL_WARM, status, **headers)
        many = [path] * SMALL_TIMES
        # The least of some rounds: a pool of connections, say, looks after itself now and then.
        rounds = (server.count(lambda: server.ask(many, status, **headers)) for _ in range(ROUNDS))
        return min(rounds) / SMALL_TIMES / 1000

    question = QUESTIONS["page of 1,000 curve prices"]
    page = question.path.format(key=keys(question, 0, 1)[0])
    tag = {"If-None-Match": aurum.get(page)[1]["etag"]}
    theirs = ask(fastapi, "/empty")
    ours = {
        "empty request": ask(aurum, "/v2/empty"),
        "answer of 1,000 from the cache": ask(aurum, page),
        "304": ask(aurum, page, 304, **tag),
    }
    return [Measure(engine, what, "FastAPI, empty", cost, theirs) for what, cost in ours.items()]


def counts_of_loads(made: Market) -> Measure:
    """A load in process: the start of a process is the same whatever it loads."""
    files = [
        str(prices.write(made.folder / f"load-{prices.first}.csv")) for prices in (WARMING, LOADED)
    ]
    rows = [
        str(prices.pickle(made.folder / f"load-{prices.first}.rows"))
        for prices in (WARMING, LOADED)
    ]
    count = LOADED.nodes * LOADED.hours
    with Worker(made.ours, made.folder, counted=True) as worker:
        worker.do("load", "iso.pjm_lmp", files[0])
        ours = worker.count(partial(worker.do, "load", "iso.pjm_lmp", files[1]))
    with Worker(made.peers, made.folder, counted=True) as worker:
        worker.do("keep", rows[1])
        worker.do("write", rows[0])
        theirs = worker.count(partial(worker.do, "write", rows[1]))
    name, costs = "COPY" if made.url else "executemany", (ours / count, theirs / count)
    return Measure(made.engine, "load of a row", name, *costs, "instructions")


def measure(engine: str, folder: Path, url: str) -> list[Measure]:
    with market(engine, folder, url, fill) as made:
        with (
            quiet(made.ours, made.folder) as aurum,
            peer(made.peers, made.folder, counted=True) as fastapi,
            Worker(made.peers, made.folder, counted=True) as bare,
        ):
            found = counts_of_small(engine, aurum, fastapi)
            found += counts_of_pages(engine, aurum, fastapi, bare)
        return [*found, counts_of_loads(made)]


def measure_all(folder: Path, url: str) -> list[Measure]:
    with ThreadPoolExecutor(len(ENGINES)) as pool:
        work = [pool.submit(measure, engine, folder, url) for engine in ENGINES]
        return [each for one in work for each in one.result()]


def main() -> int:
    required("valgrind")
    began, before = time.monotonic(), ratios.committed()
    given = os.environ.get("AURUM_TEST_TIMESCALE_URL")
    with tempfile.TemporaryDirectory() as made, postgresql(Path(made), given) as url:
        measures = measure_all(Path(made), url)
    sys.stdout.write(ratios.table(measures, before) + "\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")
    if "--write" in sys.argv:
        ratios.write(measures)
        return 0
    found = ratios.worse(measures, before)
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
