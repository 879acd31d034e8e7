"""Real time of processors and of clients, of Aurum and the peers in turn, medians of the rounds.

Client and server are counted: of PostgreSQL, all its processes.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.market import Market, Prices
from benchmarks.processes import ENVIRONMENT, ROOT, Process, Server, Worker, peer, served
from benchmarks.questions import QUESTIONS, bare_keys, keys, paths, spelled
from benchmarks.ratios import Measure

ROUNDS = 5
PAGES = 300
CLIENTS = 16
SECONDS = 4
MOST_ASKED = 1_000
"""By one client in so many seconds."""
LOADED = Prices(nodes=400, hours=720, first=2000)

Costs = Mapping[str, float]


def processor(pid: int | None) -> float:
    """Seconds of a process and its children, those that have ended included; none of no process."""
    import psutil

    if pid is None:
        return 0.0
    process, total = psutil.Process(pid), 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            total += sum(one.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def postmaster(made: Market) -> int | None:
    """The first process of PostgreSQL, which has to be on this machine."""
    import psutil

    if not made.url:
        return None
    with psycopg.connect(made.url) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()


def spent(work: Callable[[], object], *pids: int | None) -> list[float]:
    """The seconds of processor that each of some processes spent while work was done."""
    before = [processor(pid) for pid in pids]
    work()
    return [processor(pid) - was for pid, was in zip(pids, before, strict=True)]


def medians(rounds: list[Costs]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def in_turn(
    ours: Callable[[int], Costs], theirs: Callable[[int], Costs], rounds: int
) -> list[dict[str, float]]:
    """The medians of both, which take turns at being the first."""
    found: tuple[list[Costs], list[Costs]] = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 else (1, 0):
            found[side].append((ours, theirs)[side](number))
    return [medians(each) for each in found]


def measures(made: Market, what: str, of: str, ours: Costs, theirs: Costs) -> list[Measure]:
    return [
        Measure(made.engine, f"{what}, {name.partition(' in ')[0]}", of, ours[name], theirs[name],
                name.partition(" in ")[2])
        for name in ours
    ]  # fmt: skip


def of_loads(made: Market) -> list[Measure]:
    """A load of 288,000 rows, the whole process, beside the writing of the same rows alone."""
    count, server = LOADED.nodes * LOADED.hours, postmaster(made)
    rows = str(LOADED.pickle(made.folder / "rows"))
    tenth = Prices(LOADED.nodes, LOADED.hours // 10, first=1000)
    small = loaded(made, tenth.write(made.folder / "loaded.csv")).peak
    large = 0.0

    def ours(number: int) -> Costs:
        nonlocal large
        usage = []
        prices = Prices(LOADED.nodes, LOADED.hours, LOADED.first + number * LOADED.nodes)
        file = prices.write(made.folder / "loaded.csv")
        (behind,) = spent(lambda: usage.append(loaded(made, file)), server)
        large = max(large, usage[0].peak)
        return rates(usage[0].seconds, behind)

    def rates(client: float, behind: float) -> Costs:
        both = {"client and server in rows/s": count / (client + behind)} if server else {}
        return {"client in rows/s": count / client, **both}

    with Worker(made.peers, made.folder) as worker:
        itself = worker.process.pid

        def theirs(number: int) -> Costs:
            client, behind = spent(lambda: worker.do("write", rows), itself, server)
            return rates(client, behind)

        theirs(0)
        aurum, bare = in_turn(ours, theirs, 3)
    found = measures(made, "load", "COPY" if server else "executemany", aurum, bare)
    memory = Measure(made.engine, "load, memory", "a tenth of the rows", large, small, "MiB")
    return [*found, memory]


class Used(NamedTuple):
    """Seconds of processor, and MiB of memory at the peak."""

    seconds: float
    peak: float


def loaded(made: Market, file: Path) -> Used:
    """What the whole process of a load has used."""
    command = [sys.executable, "manage.py", "load", "iso.pjm_lmp", str(file), "--json"]
    environment = {**ENVIRONMENT, **made.ours}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    peak = 0.0
    while True:
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        peak = max(peak, high_water(process.pid))
        time.sleep(0.02)
    assert status == 0, command
    return Used(used.ru_utime + used.ru_stime, peak)


def high_water(pid: int) -> float:
    """The most memory so far in MiB. `ru_maxrss` would count what the starting process had."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found[1]) / 1024 if found else 0.0


def anew(asked: list[str], number: int) -> list[str]:
    """The questions of a round as no round has asked them, so that each is answered from the store,
    with what the server knows of its tables."""
    first = number * len(asked)
    return [spelled(path, first + place) for place, path in enumerate(asked)]


def of_pages(made: Market) -> list[Measure]:
    """One client, one question after the other."""
    found, server = [], postmaster(made)
    with (
        served(made.ours, made.folder) as aurum,
        Worker(made.peers, made.folder) as bare,
    ):
        for what, question in QUESTIONS.items():
            names = keys(question, 0, 5)
            asked = paths(question.path, names) * (PAGES // len(names))
            order = ("pages", question.sql, bare_keys(question, names), PAGES)
            pages = partial(bare.do, *order, as_objects=question.as_objects)

            def cost(process: Process, work: Callable[[], object]) -> Costs:
                return {
                    "client and server in µs of processor": sum(
                        spent(work, process.process.pid, server)
                    ) / PAGES * 1e6
                }  # fmt: skip

            ours, theirs = in_turn(
                lambda number: cost(aurum, lambda: aurum.ask(anew(asked, number))),  # noqa: B023
                lambda _: cost(bare, pages),  # noqa: B023
                ROUNDS,
            )
            found += measures(made, what, "bare", ours, theirs)
    return found


def of_clients(made: Market) -> list[Measure]:
    """Sixteen clients at once, beside FastAPI + orjson."""
    found, database = [], postmaster(made)
    with ExitStack() as stack:
        aurum = stack.enter_context(served(made.ours, made.folder))
        fastapi = stack.enter_context(peer(made.peers, made.folder))
        for what, question in QUESTIONS.items():
            if not question.peer:
                continue
            names = keys(question, 0, CLIENTS)
            asked = paths(question.path, names)

            def crowd(server: Server, clients: list[list[str]]) -> Costs:
                times: list[float] = []

                def ask() -> None:
                    command = [sys.executable, "-m", "benchmarks.clients", str(server.port)]
                    done = subprocess.run(
                        [*command, str(SECONDS)], input=json.dumps(clients), text=True,
                        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True,
                    )  # fmt: skip
                    times.extend(json.loads(done.stdout))

                used = spent(ask, server.process.pid, database)
                each = {
                    "requests in requests/s": len(times) / SECONDS,
                    "processor in µs": used[0] / len(times) * 1e6,
                    "p99 in ms": times[int(len(times) * 0.99)] * 1e3,
                }
                if database:
                    each["processor, server too in µs"] = sum(used) / len(times) * 1e6
                return each

            ours, theirs = in_turn(
                lambda number: crowd(aurum, [anew([path] * MOST_ASKED, number) for path in asked]),  # noqa: B023
                lambda _: crowd(fastapi, [[path] for path in paths(question.peer, names)]),  # noqa: B023
                3,
            )
            found += measures(made, f"16 clients, {what}", "FastAPI + orjson", ours, theirs)
    return found
