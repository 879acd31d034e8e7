"""`manage.py settings`: what is in force and where it comes from, without giving a secret away."""

from pathlib import Path
from typing import Any

import pytest

from aurum.environment import NAMES, Status
from tests.ops.conftest import run_command

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def shown(settings: Any, **environment: str) -> dict[str, str]:
    """What the command says of each name in such an environment."""
    settings.ENVIRONMENT = {f"AURUM_{name}": value for name, value in environment.items()}
    outcome = run_command("settings")
    assert (outcome.status, outcome.err) == (0, "")
    split = (line.partition("=") for line in outcome.lines)
    return {name.removeprefix("AURUM_"): rest for name, _, rest in split}


def test_it_shows_every_name_that_is_read_with_its_value_and_its_source(settings: Any) -> None:
    said = shown(settings, LOG_LEVEL="DEBUG")
    kept = {name for name, entry in NAMES.items() if entry.status is Status.KEPT}
    assert {f"AURUM_{name}" for name in said} == kept
    assert said["LOG_LEVEL"] == "DEBUG  (environment; least severe level that is logged)"
    assert said["CURSOR_TTL"].startswith("86400  (default; ")


def test_an_empty_value_counts_as_none_as_it_does_for_the_server(settings: Any) -> None:
    assert shown(settings, AUTH="")["AUTH"].startswith("key  (default; ")


def test_a_value_under_the_predecessors_name_is_shown_where_it_counts(settings: Any) -> None:
    said = shown(settings, APP_DB_DSN="postgres://aurum@db/ops")
    assert said["DATABASE_URL"].startswith(
        "postgres://aurum@db/ops  (environment, as AURUM_APP_DB_DSN; "
    )
    both = shown(settings, APP_DB_DSN="postgres://old@db/ops", DATABASE_URL="postgres://new@db/ops")
    assert both["DATABASE_URL"].startswith("postgres://new@db/ops  (environment; ")


def test_the_secret_key_is_hidden(settings: Any) -> None:
    assert shown(settings, SECRET_KEY="hush")["SECRET_KEY"].startswith("(hidden)  (environment; ")


@pytest.mark.parametrize("name", ["DATABASE_URL", "TIMESCALE_DSN", "APP_DB_DSN"])
@pytest.mark.parametrize(
    ("dsn", "hidden"),
    [
        ("postgres://aurum:hush@db:5432/ops", "postgres://aurum:(hidden)@db:5432/ops"),
        ("postgres://aurum:hu%40hush@db/ops", "postgres://aurum:(hidden)@db/ops"),
        ("postgres://aurum:hu@s:hush@db/ops", "postgres://aurum:(hidden)@db/ops"),
        ("postgres://aurum:hu/hush@db/ops", "postgres://aurum:(hidden)@db/ops"),
        ("postgres://:hush@db/ops", "postgres://:(hidden)@db/ops"),
        ("postgres://aurum@db/ops?password=hush&a=b", "postgres://aurum@db/ops?password=(hidden)&a=b"),
        ("host=db password=hush user=aurum", "host=db password=(hidden) user=aurum"),
        ("host=db PASSWORD='hu hush' user=aurum", "host=db PASSWORD=(hidden) user=aurum"),
    ],
)  # fmt: skip
def test_a_password_in_an_address_is_hidden_and_the_rest_is_not(
    settings: Any, name: str, dsn: str, hidden: str
) -> None:
    said = shown(settings, **{name: dsn})
    assert "hush" not in str(said)
    assert said["DATABASE_URL" if name == "APP_DB_DSN" else name].startswith(f"{hidden}  (")


def test_names_that_are_not_read_are_not_shown_with_their_values(settings: Any) -> None:
    assert "hush" not in str(shown(settings, TRINO_PASSWORD="hush", API_JWT_SECRET="hush"))


def test_the_page_in_the_documentation_is_what_it_prints(settings: Any) -> None:
    settings.ENVIRONMENT = {"AURUM_SECRET_KEY": "hush", "AURUM_LOG_LEVEL": "DEBUG"}
    outcome = run_command("settings", "--markdown")
    assert outcome.out == PAGE.read_text(), "manage.py settings --markdown > docs/settings.md"
    assert all(f"| `{name}` |" in outcome.out for name in NAMES)


def test_no_cell_of_the_page_breaks_its_table() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert {line.count("|") for line in rows} == {4}
