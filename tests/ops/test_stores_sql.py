"""`manage.py stores migrate --sql`: what an operator runs who lets no program make tables."""

import contextlib

import pytest

from aurum.stores.registry import writer_of
from aurum.stores.sql_tables import SqlTables
from tests.engines import BOTH, EVERY
from tests.ops.conftest import run_command


def printed() -> list[str]:
    outcome = run_command("stores", "migrate", "--sql")
    assert (outcome.status, outcome.err) == (0, "")
    return [line for line in outcome.lines if not line.startswith("--")]


def run_sql(*statements: str) -> None:
    with contextlib.closing(writer_of("iso")) as writer:
        assert isinstance(writer, SqlTables)
        for statement in statements:
            writer.execute(statement.removesuffix(";"), {})
        writer.commit()


@pytest.mark.parametrize("engine", EVERY, indirect=True)
@pytest.mark.usefixtures("market")
def test_what_is_printed_makes_every_table_as_declared() -> None:
    statements = printed()
    assert any(line.startswith("CREATE TABLE iso_lmp (") for line in statements)
    nothing_was_run = run_command("stores", "check").out
    assert "iso_lmp: not there yet" in nothing_was_run
    run_sql(*dict.fromkeys(statements))
    assert run_command("stores", "check").out == "All is well.\n"
    assert printed() == []


@pytest.mark.parametrize("engine", BOTH, indirect=True)
@pytest.mark.usefixtures("market")
def test_what_is_printed_mends_tables_and_says_what_cannot_be() -> None:
    run_sql(*dict.fromkeys(printed()))
    run_sql("ALTER TABLE iso_lmp DROP COLUMN price_ghg")
    (statement,) = printed()
    assert statement.startswith("ALTER TABLE iso_lmp ADD COLUMN price_ghg ")
    run_sql(statement)
    assert printed() == []
    run_sql("ALTER TABLE iso_lmp ADD COLUMN another TEXT")
    outcome = run_command("stores", "migrate", "--sql")
    assert outcome.status == 1
    text = "-- iso_lmp: column another is not declared. This has to be done by hand."
    assert text in outcome.lines


@pytest.mark.usefixtures("market")
def test_a_new_name_is_left_to_the_command_that_tells_the_log_too() -> None:
    run_sql(*dict.fromkeys(printed()))
    run_sql("ALTER TABLE iso_location_name RENAME TO iso_word")
    lines = run_command("stores", "migrate", "--sql").lines
    at = lines.index("ALTER TABLE iso_word RENAME TO iso_location_name;")
    assert "leave this one to `manage.py stores migrate`" in lines[at - 1]
