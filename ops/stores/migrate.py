"""`manage.py stores migrate`: adds what may be added to the real tables."""

from collections.abc import Sequence
from dataclasses import replace

from django.core.management.base import BaseCommand

from aurum.domains import Domain
from aurum.loads.log import load_log
from aurum.stores.contract import Writer
from aurum.stores.drift import Difference
from aurum.stores.registry import engine_of
from aurum.stores.tables import Table

LOG_FOLLOWS = (
    "-- The log of loads must know the new name too: leave this one to `manage.py stores migrate`."
)


def migrate(command: BaseCommand, domain: Domain, writer: Writer) -> int:
    """Migrates the tables, each as a whole or not at all; how many differences are left."""
    return sum(_migrate(command, table, writer) for table in domain.tables)


def try_out(command: BaseCommand, domain: Domain, writer: Writer) -> int:
    """Says what `migrate` would do."""
    return sum(
        _report(command, table, writer.differences(table) or (), "would run")
        for table in domain.tables
    )


def print_sql(command: BaseCommand, domain: Domain, writer: Writer) -> int:
    """Prints the statements that would make the tables as declared; how many differences those
    leave."""
    command.stdout.write(f"-- {domain.name}: {engine_of(domain.name)}")
    left = 0
    for statement in writer.creation(domain.tables):
        command.stdout.write(f"{statement};")
    for table in domain.tables:
        differences = writer.differences(table) or ()
        impossible = [one for one in differences if one.remedy is None]
        for one in impossible:
            command.stdout.write(f"-- {table.name}: {one.text}. This has to be done by hand.")
        for one in () if impossible else differences:
            if one.renames:
                command.stdout.write(LOG_FOLLOWS)
            command.stdout.write(f"{one.remedy};")
        left += len(impossible)
    return left


def _migrate(command: BaseCommand, table: Table, writer: Writer) -> int:
    # Under its former name too: an older release may be loading it.
    former = [replace(table, name=table.renamed_from)] if table.renamed_from else []
    with writer.lock([table, *former]):
        differences = writer.differences(table) or ()
        left = _report(command, table, differences, "runs")
        if not left and differences:
            if table.renamed_from:
                # First the log: were this to end here, `check` would still see the rest.
                load_log().rename_table(table.renamed_from, table.name)
            writer.migrate(differences)
    return left


def _report(
    command: BaseCommand, table: Table, differences: Sequence[Difference], verb: str
) -> int:
    """Says what can be done or, if anything cannot, only that; how much that is."""
    impossible = [one for one in differences if one.remedy is None]
    for one in impossible:
        command.stderr.write(f"{table.name}: {one.text}. This has to be done by hand.")
    if impossible:
        command.stderr.write(f"{table.name}: left as it is.")
        return len(impossible)
    for one in differences:
        command.stdout.write(f"{table.name}: {one.text}; {verb} {one.remedy}")
    return 0
