"""`manage.py stores check`: are the real tables what the domains and the log declare?"""

from django.core.management.base import BaseCommand

from aurum.domains import Domain
from aurum.loads import belonging
from aurum.loads.log import load_log
from aurum.stores.contract import Writer
from aurum.stores.tables import Table


def check(command: BaseCommand, domain: Domain, writer: Writer) -> int:
    """Says what differs; how many faults that is."""
    faults = sum(_differences(command, table, writer) for table in domain.tables)
    for must_be_mended, text in belonging.differences(domain.tables, writer, load_log()):
        (command.stderr if must_be_mended else command.stdout).write(text)
        faults += must_be_mended
    return faults


def _differences(command: BaseCommand, table: Table, writer: Writer) -> int:
    differences = writer.differences(table)
    if differences is None:
        return _not_there(command, table)
    for difference in differences:
        command.stderr.write(f"{table.name}: {difference.text}")
    return len(differences)


def _not_there(command: BaseCommand, table: Table) -> int:
    if table.name in load_log().watermarks():
        command.stderr.write(f"{table.name}: the table is gone, and loads of it are published")
        return 1
    command.stdout.write(f"{table.name}: not there yet, its first load makes it")
    return 0
