"""A PostgreSQL that is stopped, hangs or refuses, of the ops database and of a store."""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.drills.conftest import Say
from tests.drills.outages import (
    MISSING_KEY,
    Postgres,
    Server,
    environment,
    fill,
    follows_keys,
    key_statements,
    refusals,
    refused,
    serving,
)
from tests.drills.processes import until

pytestmark = pytest.mark.drill
PASSWORD = "pass-word-of-the-drill"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """With databases `ops` and `market`, filled, and a role `aurum` that may use both."""
    # Where PostgreSQL's own user may go, which is not below pytest's folder.
    with TemporaryDirectory(prefix="aurum-postgres-") as folder:
        here = Postgres(Path(folder))
        try:
            _fill(here, tmp_path_factory)
            yield here
        finally:
            here.close()


def _fill(here: Postgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    here.run("CREATE ROLE aurum LOGIN", "CREATE ROLE stranger LOGIN")
    here.run("CREATE DATABASE ops OWNER aurum", "CREATE DATABASE market OWNER aurum")
    home = tmp_path_factory.mktemp("filled")
    fill(on_postgres(here, home, user="aurum"), home)
    here.run(*key_statements(), database="ops")


def on_postgres(
    postgres: Postgres, home: Path, database: str = "ops", user: str = "aurum"
) -> dict[str, str]:
    return environment(
        home,
        AURUM_DATABASE_URL=postgres.url(database, user, connect_timeout=2).replace(
            "@/", f":{PASSWORD}@/"
        ),
        AURUM_STORES="curves=timescale",
        AURUM_TIMESCALE_DSN=postgres.url("market", "aurum"),
    )


@pytest.fixture(scope="module")
def beside_postgres(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server")
    with serving(on_postgres(postgres, home), home) as server:
        yield server


# fmt: off
REFUSALS = {
    "not migrated": ("empty", "aurum", "run `manage.py migrate`"),
    "of another owner": ("ops", "stranger", "permission denied"),
    "no such database": ("nowhere", "aurum", 'database "nowhere" does not exist'),
    "no such user": ("ops", "nobody", 'role "nobody" does not exist'),
}
# fmt: on


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_start_ends_with_its_reason(
    postgres: Postgres, tmp_path: Path, fault: str, say: Say
) -> None:
    database, user, reason = REFUSALS[fault]
    if database == "empty":
        postgres.run("DROP DATABASE IF EXISTS empty", "CREATE DATABASE empty OWNER aurum")
    said = refused(on_postgres(postgres, tmp_path, database, user), tmp_path)
    assert reason in refusals(said)[0]
    assert PASSWORD not in said
    say(refusals(said)[0])


def test_a_start_ends_where_something_else_answers(tmp_path: Path, say: Say) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with line:
                    line.recv(100)
                    line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        port = listener.getsockname()[1]
        url = f"postgresql://aurum:{PASSWORD}@127.0.0.1:{port}/ops"
        said = refused(environment(tmp_path, AURUM_DATABASE_URL=url), tmp_path)
        listener.shutdown(socket.SHUT_RDWR)
    assert PASSWORD not in said
    say(refusals(said)[0])


@pytest.mark.parametrize("fault", ["stopped", "hung"])
def test_a_start_without_its_database_waits_for_it(
    postgres: Postgres, tmp_path: Path, fault: str, say: Say
) -> None:
    stop, start = {
        "stopped": (postgres.stop, postgres.start),
        "hung": (lambda: postgres.signal(signal.SIGSTOP), lambda: postgres.signal(signal.SIGCONT)),
    }[fault]
    stop()
    try:
        began = time.monotonic()
        with serving(on_postgres(postgres, tmp_path), tmp_path) as server:
            took = time.monotonic() - began
            for headers in ({}, MISSING_KEY):
                answer = server.ask(headers=headers)
                assert answer.json()["type"] == "/problems/not-ready"
            assert server.console() == 503
            start()
            say(f"{fault}: up after {took:.1f} s, good {server.recovers():.2f} s after its return")
            assert "polling_failed" in server.log()
            assert PASSWORD not in server.log()
    finally:
        start()


def test_a_start_on_a_database_that_is_read_only_serves(postgres: Postgres, tmp_path: Path) -> None:
    statement = "ALTER DATABASE ops SET default_transaction_read_only"
    postgres.run(f"{statement} = on")
    try:
        with serving(on_postgres(postgres, tmp_path), tmp_path) as server:
            assert server.both() == (200, 200)
    finally:
        postgres.run(f"{statement} = off")


READ_ONLY = "ALTER ROLE aurum SET default_transaction_read_only = "
NEW_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'aurum'"
TABLES = "ALL TABLES IN SCHEMA public"
# What breaks it, what mends it, in which database; what is answered of now and of the past.
FAULTS: dict[str, tuple[str, str, str, tuple[int, int]]] = {
    "ops of another owner": (
        "ops",
        f"REVOKE ALL ON {TABLES} FROM aurum",
        f"GRANT ALL ON {TABLES} TO aurum",
        (200, 503),
    ),
    "ops not migrated": (
        "ops",
        "ALTER TABLE ops_loadedtable RENAME TO elsewhere",
        "ALTER TABLE elsewhere RENAME TO ops_loadedtable",
        (200, 503),
    ),
    "market of another owner": (
        "market",
        f"REVOKE ALL ON {TABLES} FROM aurum",
        f"GRANT ALL ON {TABLES} TO aurum",
        (503, 503),
    ),
    "market without its tables": (
        "market",
        "ALTER TABLE curve_observation RENAME TO elsewhere",
        "ALTER TABLE elsewhere RENAME TO curve_observation",
        (503, 503),
    ),
    "both read-only": ("ops", f"{READ_ONLY}on", f"{READ_ONLY}off", (200, 200)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_postgresql_that_refuses_under_a_running_server(
    postgres: Postgres, beside_postgres: Server, fault: str, say: Say
) -> None:
    database, broken, mended, expected = FAULTS[fault]
    beside_postgres.recovers()
    postgres.run(broken, NEW_SESSIONS if "read-only" in fault else "SELECT 1", database=database)
    try:
        until(lambda: beside_postgres.both() == expected, str(expected), 3)
        assert [beside_postgres.both() for _ in range(3)] == [expected] * 3
    finally:
        postgres.run(mended, database=database)
    if "read-only" in fault:
        postgres.run(NEW_SESSIONS)
    say(f"good {beside_postgres.recovers():.2f} s after it was mended")
    follows_keys(beside_postgres, lambda statement: postgres.run(statement, database="ops"))


def test_a_postgresql_that_stops_and_starts_under_a_running_server(
    postgres: Postgres, beside_postgres: Server, say: Say
) -> None:
    beside_postgres.recovers()
    postgres.stop()
    try:
        assert not any(200 in beside_postgres.both() for _ in range(3))
        assert beside_postgres.console() == 503
        time.sleep(4)  # long enough for whoever waits longer after each attempt
    finally:
        postgres.start()
    say(f"stopped: good {beside_postgres.recovers():.2f} s after its return")
    postgres.stop()
    postgres.start()
    assert beside_postgres.ask().status_code == 200  # though its connections are those of before
    say(f"restarted: good {beside_postgres.recovers():.2f} s after it")
    follows_keys(beside_postgres, lambda statement: postgres.run(statement, database="ops"))


def test_a_postgresql_that_hangs_under_a_running_server(
    postgres: Postgres, beside_postgres: Server, say: Say
) -> None:
    """More questions than there are threads, so that none is left hanging in one."""
    beside_postgres.recovers()
    slowest = 0.0
    postgres.signal(signal.SIGSTOP)

    def ask(number: int) -> None:
        nonlocal slowest
        began = time.monotonic()
        assert beside_postgres.ask(past=True).status_code != 200
        slowest = max(slowest, time.monotonic() - began)

    try:
        with ThreadPoolExecutor(12) as threads:
            list(threads.map(ask, range(36)))
    finally:
        postgres.signal(signal.SIGCONT)
    say(
        f"answered within {slowest:.2f} s; good {beside_postgres.recovers():.2f} s after its return"
    )
    follows_keys(beside_postgres, lambda statement: postgres.run(statement, database="ops"))
