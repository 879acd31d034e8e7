"""`manage.py stores prune`: deletes rows that were replaced longer ago than their table keeps them.

    note until which load rows go -> wait for who still reads them -> delete

First the note, in the log of loads: from then on no question of that past is answered.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand

from aurum.domains import Domain
from aurum.loads.log import LoadLog, load_log
from aurum.query import KEPT_SECONDS
from aurum.stores.contract import Writer
from aurum.stores.tables import Table
from ops.clock import database_now


def note_due(
    command: BaseCommand, domain: Domain, writer: Writer, log: LoadLog | None = None
) -> int:
    """Says what is due; with a log, notes it there."""
    for table in domain.tables:
        if table.keep_history_days is None or writer.differences(table) is None:
            continue
        rows, newest = writer.replaced(table, _kept_until(table, table.keep_history_days))
        if not rows:
            continue
        verb = "would be deleted" if log is None else "are deleted"
        command.stdout.write(
            f"{table.name}: {rows} rows that were replaced more than"
            f" {table.keep_history_days} days ago {verb}"
        )
        if log is not None:
            log.prune(table.name, newest)
    return 0


def wait_for_questions() -> None:
    """A question may have learnt before the note that it may be asked, and a whole table of the
    past asks once in a while whether it still may be."""
    time.sleep(settings.AURUM_STORE_DEADLINE_SECONDS + 2 * KEPT_SECONDS)


def prune(command: BaseCommand, domain: Domain, writer: Writer) -> int:
    """Deletes what was noted, also by an earlier command that was interrupted."""
    noted = load_log().pruned([table.name for table in domain.tables])
    for table in domain.tables:
        if table.name in noted and writer.differences(table) is not None:
            with writer.lock([table]):
                writer.prune(table, noted[table.name])
    return 0


def _kept_until(table: Table, days: int) -> int:
    """The newest load that was published so long ago, or 0; and longer than cursors live, which
    lead to what was current when they were issued."""
    cursors = timedelta(seconds=settings.AURUM_CURSOR_TTL_SECONDS)
    instant = database_now() - max(timedelta(days=days), cursors)
    return load_log().newest_published(table.name, by=instant)
