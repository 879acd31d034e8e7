"""The environment: what is taken, what is refused, and how it is said."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aurum.checks import settings_checks
from aurum.database_url import database_of
from aurum.environment import NAMES, Status

ROOT = Path(__file__).parents[2]
SAFE = {
    "AURUM_ENV": "production",
    "AURUM_SECRET_KEY": "s" * 60,
    "AURUM_ALLOWED_HOSTS": "api.example.com",
    "AURUM_AUTH": "key",
}


def check(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AURUM_")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**clean, "AURUM_HOME": str(home), **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AURUM_COLOUR": "red"}, "AURUM_COLOUR is not a name Aurum knows"),
        ({"AURUM_STORE": "x"}, "did you mean 'AURUM_STORES'?"),
        ({"AURUM_API_BACKEND": "trino"}, "no effect: AURUM_STORES says"),
        ({"AURUM_REDIS_URL": "redis://x"}, "does not work yet: it waits for Redis"),
        ({"AURUM_APP_DB_DSN": "x", "AURUM_DATABASE_URL": "y"}, "say the same twice"),
        ({"AURUM_AUTH": "everyone"}, "'everyone' is not one of anonymous, key"),
        ({"AURUM_CORS_ORIGINS": "*,null"}, "'null' is no origin, such as https://"),
        ({"AURUM_CORS_ORIGINS": "https://a.example/"}, "'https://a.example/' is no origin"),
        ({"AURUM_CORS_ORIGINS": "https://*.example"}, "'https://*.example' is no origin"),
        ({"AURUM_CORS_ORIGINS": "https://A.example"}, "'https://A.example' is no origin"),
        ({"AURUM_CORS_ORIGINS": "https://a.example:443"}, "a.example:443' is no origin"),
        ({"AURUM_CORS_ORIGINS": "a.example"}, "'a.example' is no origin"),
        ({"AURUM_API_CORS_ALLOW_CREDENTIALS": "1"}, "no effect: a listed origin may send cookies"),
        ({"AURUM_STORES": "curves=oracle"}, "there is no engine 'oracle'"),
        ({"AURUM_STORES": "curve=embedded"}, "no domain 'curve' (did you mean 'curves'?)"),
        ({"AURUM_STORES": "curves=timescale"}, "set AURUM_TIMESCALE_DSN"),
        (SAFE | {"AURUM_SECRET_KEY": "short"}, "Production needs AURUM_SECRET_KEY"),
        (SAFE | {"AURUM_ALLOWED_HOSTS": "*"}, "Production needs AURUM_ALLOWED_HOSTS"),
        (SAFE | {"AURUM_AUTH": "key,anonymous"}, "Production needs AURUM_AUTH"),
        (SAFE | {"AURUM_DEBUG": "1"}, "AURUM_DEBUG shows internals"),
    ],
)
def test_a_wrong_environment_fails_the_check(
    settings: Any, environment: dict[str, str], said: str
) -> None:
    words = lambda name: [w for w in environment.get(name, "").split(",") if w]  # noqa: E731
    settings.ENVIRONMENT = environment
    settings.AURUM_ENV = environment.get("AURUM_ENV", "development")
    settings.AURUM_AUTH = words("AURUM_AUTH")
    settings.AURUM_CORS_ORIGINS = frozenset(words("AURUM_CORS_ORIGINS"))
    settings.ALLOWED_HOSTS = words("AURUM_ALLOWED_HOSTS")
    settings.AURUM_STORES = dict(pair.split("=") for pair in words("AURUM_STORES"))
    settings.DEBUG = environment.get("AURUM_DEBUG") == "1"
    settings.AURUM_TIMESCALE_DSN = ""
    assert any(said in str(error) for error in settings_checks(None)), settings_checks(None)


def test_production_starts_only_when_it_is_safe(tmp_path: Path) -> None:
    assert check(tmp_path, **SAFE).returncode == 0
    bare = check(tmp_path, AURUM_ENV="production")
    assert bare.returncode != 0
    for name in ("AURUM_SECRET_KEY", "AURUM_ALLOWED_HOSTS", "AURUM_AUTH"):
        assert f"Production needs {name}" in bare.stderr


@pytest.mark.parametrize(
    "origins",
    [
        "",
        "*",
        "https://a.example,http://localhost:3000,http://[::1]:8080,https://a-b.c.example:8443",
    ],
)
def test_origins_as_browsers_write_them_are_taken(tmp_path: Path, origins: str) -> None:
    assert check(tmp_path, **SAFE, AURUM_CORS_ORIGINS=origins).returncode == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AURUM_CURSOR_TTL", "soon", "must be a whole number"),
        ("AURUM_API_V1_SUNSET_AT", "next year", "must be a date"),
    ],
)
def test_a_value_that_cannot_be_read_names_the_variable(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    failed = check(tmp_path, **{name: value})
    assert failed.returncode != 0
    assert f"{name}={value!r} {said}" in failed.stderr


def test_an_environment_that_is_set_to_nothing_is_not_taken_for_development(
    tmp_path: Path,
) -> None:
    failed = check(tmp_path, AURUM_ENV="")
    assert failed.returncode != 0
    assert "AURUM_ENV is empty: it must be development or production" in failed.stderr


def test_nobody_reads_without_a_key_unless_that_is_set() -> None:
    assert NAMES["AURUM_AUTH"].default == "key"


def test_every_name_of_the_predecessor_has_a_fate_with_a_reason() -> None:
    for name in ("API_PORT", "TRINO_HOST", "API_REDIS_URL", "APP_DB_DSN",
                 "API_ISO_LMP_DAILY_TABLE_TIMESCALE", "API_CONCURRENCY_ENABLED"):  # fmt: skip
        assert NAMES[f"AURUM_{name}"].note
    assert all(entry.note for entry in NAMES.values())
    assert all(f"AURUM_{e.target}" in NAMES for e in NAMES.values() if e.status is Status.ALIAS)


@pytest.mark.parametrize("name", ["DATABASE_URL", "TIMESCALE_DSN", "CLICKHOUSE_URL", "TRINO_URL"])
@pytest.mark.parametrize(
    "address",
    ["postgresql://aurum:wide-awake/sesame@db/ops", "postgrsql://aurum:wide-awake,sesame@db/ops"],
)
def test_an_address_that_cannot_be_read_shows_nothing_of_its_password(
    tmp_path: Path, name: str, address: str
) -> None:
    done = check(tmp_path, **{f"AURUM_{name}": address})
    assert done.returncode == 1
    assert f"AURUM_{name} is no address of a " in done.stderr
    assert "wide-awake" not in done.stderr
    assert "sesame" not in done.stderr


@pytest.mark.parametrize(
    "dsn", ["postgresql://u:p%2Fw@a:5432,b:5433/x", "host=/tmp dbname=x", "postgresql:///x?host=/t"]
)
def test_an_address_of_prices_is_what_libpq_takes(tmp_path: Path, dsn: str) -> None:
    assert check(tmp_path, AURUM_TIMESCALE_DSN=dsn).returncode == 0


def test_the_address_of_a_postgresql_may_say_how_long_to_wait() -> None:
    plain = database_of("postgresql://aurum@db/ops")["OPTIONS"]
    assert plain["connect_timeout"] == 5
    given = database_of("postgresql://aurum@db/ops?connect_timeout=3")["OPTIONS"]
    assert given == {**plain, "connect_timeout": 3}
