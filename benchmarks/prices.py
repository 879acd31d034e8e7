"""Prices: what loading and asking for them costs beside the least that could do it.

    python benchmarks/prices.py embedded|timescale [--out TABLE.md]

Loading is timed, by the processor: reading a file beside a bare csv.reader, the whole load beside a
bare executemany or COPY of the same rows. Questions are counted in instructions under callgrind,
as in `instructions.py`, beside the bare query and encoding; `store calls` is how many questions
the store was asked for one answer. Needs what `instructions.py` needs, but for redis.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from instructions import ROOT, counted, server

NODES, HOURS = 400, 24 * 30
YEAR = 8_760
START = datetime(2025, 1, 1, 5, tzinfo=UTC)
NODE = "PJM:DAY_AHEAD:10000"
QUESTIONS = {
    "cold page of 1,000 prices": (
        "/v2/iso/lmp?iso=PJM&location_id={node}&limit=1000"
        "&fields=interval_start,price_total,price_energy,price_congestion,price_loss",
        "SELECT interval_start, price_total, price_energy, price_congestion, price_loss"
        f" FROM iso_lmp WHERE series_key = '{NODE}' AND load_id <= 1000000"
        " AND superseded_by > 1000000 ORDER BY delivery_date, interval_start LIMIT 1000",
    ),
    "daily means of a year of one node": (
        "/v2/iso/lmp?iso=PJM&location_id={node}&limit=1000&resample=day"
        "&fields=delivery_date,mean,count",
        "SELECT delivery_date, AVG(price_total), COUNT(*)"
        f" FROM iso_lmp WHERE series_key = '{NODE}' AND load_id <= 1000000"
        " AND superseded_by > 1000000 GROUP BY delivery_date ORDER BY delivery_date",
    ),
    "on-peak means of a year by month": (
        "/v2/iso/lmp?iso=PJM&location_id={node}&limit=1000&resample=month&block=ON_PEAK"
        "&fields=delivery_date,mean,count",
        "SELECT SUBSTR(CAST(delivery_date AS TEXT), 1, 7), AVG(price_total), COUNT(*)"
        f" FROM iso_lmp WHERE series_key = '{NODE}' AND load_id <= 1000000"
        " AND superseded_by > 1000000 AND is_peak_day = 1"
        " AND hour_beginning BETWEEN 7 AND 22 GROUP BY 1 ORDER BY 1",
    ),
}


def lines(nodes: int, hours: int) -> Iterator[str]:
    """A made-up file of Data Miner, hour by hour as the publisher writes it."""
    yield (
        "datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,"
        "zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,"
        "row_is_current,version_nbr"
    )
    for n in range(hours):
        start = START + timedelta(hours=n)
        for node in range(nodes):
            cents = 3000 + (n * 7 + node * 13) % 900
            yield (
                f"{start:%m/%d/%Y %I:%M:%S %p},,{10000 + node},NODE{node},230 KV,T,LOAD,ZONE,"
                f"{cents / 100},{cents / 100 + 1.25:.2f},1.75,-0.5,True,1"
            )


def processor_seconds(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def bare_query(times: int, sql: str) -> None:
    import msgspec

    if dsn := os.environ.get("PEER_DSN"):
        import psycopg

        database: Any = psycopg.connect(dsn, autocommit=True)
    else:
        import sqlite3

        database = sqlite3.connect(f"file:{os.environ['PEER_FILE']}?mode=ro", uri=True)
    for _ in range(times):
        msgspec.json.encode(database.execute(sql).fetchall())


def bare_count(sql: str, environment: dict[str, str], folder: Path) -> float:
    """Thousand instructions of one bare query: the difference between 25 of them and 5."""
    counts = []
    for times in (5, 25):
        out = folder / f"bare-{times}.out"
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable,
             __file__, "--bare", str(times), sql],
            env={**os.environ, "PYTHONHASHSEED": "0", **environment}, capture_output=True,
            check=True,
        )  # fmt: skip
        counts.append(counted(out))
        out.unlink()
    return (counts[1] - counts[0]) / 20 / 1000


def loading(file: Path, ours: dict[str, str], peers: dict[str, str]) -> list[str]:
    """Rows a second of processor time, each beside its bare counterpart."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aurum.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from iso.feeds.pjm import FEED

    rows: list[Any] = []
    with file.open() as text:
        bare = processor_seconds(lambda: sum(1 for _ in csv.reader(text)))
    with file.open("rb") as raw:
        read = processor_seconds(
            lambda: [rows.extend(batch.rows.get("iso_lmp", ())) for batch in FEED.read(raw)]
        )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "manage.py", "load", "iso.pjm_lmp", str(file), "--json"], cwd=ROOT,
        env={**os.environ, **ours}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    write = processor_seconds(lambda: bare_write(rows, peers))
    count, writer = len(rows), "COPY" if peers.get("PEER_DSN") else "executemany"
    return [
        f"| bare csv.reader | {count / bare:,.0f} rows/s |",
        f"| iso.pjm_lmp, reading alone | {count / read:,.0f} rows/s |",
        f"| bare {writer} | {count / write:,.0f} rows/s |",
        f"| manage.py load, whole process | {count / took:,.0f} rows/s |",
        f"| its memory at the most | {after.ru_maxrss / 1024:,.0f} MB |",
    ]


def bare_write(rows: list[Any], peers: dict[str, str]) -> None:
    """The same rows into a table with the same key."""
    columns = (
        "k TEXT, d {date}, s {instant}, e {instant}, m INTEGER, hb INTEGER, he INTEGER, o INTEGER,"
        " bh INTEGER, p INTEGER, t {real}, en {real}, c {real}, l {real}, g {real}, st TEXT,"
        " v INTEGER,"
        " PRIMARY KEY (k, d, s)"
    )
    if dsn := peers.get("PEER_DSN"):
        import psycopg

        types = {"date": "DATE", "instant": "TIMESTAMPTZ", "real": "DOUBLE PRECISION"}
        with psycopg.connect(dsn) as database, database.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE bare ({columns.format(**types)})")
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        return
    import sqlite3

    types = {"date": "TEXT", "instant": "TEXT", "real": "REAL"}
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.sqlite3")
        database.execute(f"CREATE TABLE bare ({columns.format(**types)}) WITHOUT ROWID")
        database.executemany(f"INSERT INTO bare VALUES ({','.join('?' * 17)})", rows)
        database.commit()
        database.close()


def main(engine: str, out: Path | None) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        home = folder / "home"
        ours = {"AURUM_HOME": str(home), "AURUM_LOG_LEVEL": "WARNING", "AURUM_AUTH": "anonymous"}
        peers = {"PEER_FILE": str(home / "market.sqlite3")}
        if engine == "timescale":
            url = os.environ["AURUM_TEST_TIMESCALE_URL"]
            ours |= {"AURUM_STORES": "iso=timescale", "AURUM_TIMESCALE_DSN": url}
            peers = {"PEER_DSN": url}
        os.environ.pop("AURUM_TEST_TIMESCALE_URL", None)
        manage = [sys.executable, "manage.py"]
        environment = {**os.environ, **ours}
        subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        (home / "static").mkdir(exist_ok=True)
        wide, long = folder / "wide.csv", folder / "long.csv"
        wide.write_text("\n".join((*lines(NODES, HOURS), "")))
        long.write_text("\n".join((*lines(20, YEAR), "")))
        told = [f"| {engine} | |", "|---|---|", *loading(wide, ours, peers)]
        subprocess.run(
            [*manage, "load", "iso.pjm_lmp", str(long), "--json"], cwd=ROOT, env=environment,
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        plain = {"Accept-Encoding": "identity"}
        with server("benchmarks.quiet:application", ours, folder) as aurum:
            answered = {}
            for name, (path, _) in QUESTIONS.items():
                nodes = [path.format(node=10000 + n) for n in range(1, 11)]
                status, body, headers = aurum.get(path.format(node=10019), plain)
                assert status == 200, body
                assert len(json.loads(body)["data"]) > 10
                calls = headers["server-timing"].count("store;dur=")
                asked = aurum.count(nodes, plain, len(nodes), warm=[path.format(node=10018)])
                answered[name] = asked, calls
        for name, (asked, calls) in answered.items():
            least = bare_count(QUESTIONS[name][1], peers, folder)
            told.append(
                f"| {name}: thousand instructions, bare, ratio, store calls | {asked:,.0f},"
                f" {least:,.0f}, {asked / least:.2f}, {calls} |"
            )
    text = "\n".join(told) + "\n"
    sys.stdout.write(text)
    if out:
        out.write_text(text)


if __name__ == "__main__":
    if sys.argv[1] == "--bare":
        bare_query(int(sys.argv[2]), sys.argv[3])
    else:
        main(sys.argv[1], Path(sys.argv[3]) if "--out" in sys.argv else None)
