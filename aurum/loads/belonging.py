"""Whether a store and the log of loads belong together: both number rows by the same loads.

With a log that was lost or put back from an older backup, numbers would be given a second time, and
rows of a new file would be taken for rows that are there.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter

from aurum.loads.log import LoadLog, LoadRefused
from aurum.stores.contract import Writer
from aurum.stores.tables import Table

APART = (
    "the two databases do not belong together; put the backups of both back, or move this store"
    " aside and load its files again"
)


def must_belong(tables: Sequence[Table], writer: Writer, log: LoadLog) -> list[str]:
    """LoadRefused where the store has rows of a load that the log does not know; warnings.

    The tables' lock is held, and no load of them is dead.
    """
    fault, lost = compare_newest(tables, writer, log)
    if fault:
        raise LoadRefused(fault)
    return [lost] if lost else []


def compare_newest(
    tables: Sequence[Table], writer: Writer, log: LoadLog
) -> tuple[str | None, str | None]:
    """Of the newest load of each table alone: what the log does not know, and what the store has
    not; None where all is well."""
    newest = writer.newest_loads(tables)
    fault = lost = None
    for name, load in sorted(newest.items(), key=itemgetter(1)):  # the greatest is told of
        if load and not log.knows(load, name):
            unknown = f"was last written to by load {load}, which the log of loads does not know"
            fault = f"table {name} {unknown}: {APART}"
    lacking = sorted(name for name, load in newest.items() if log.newest_published(name) > load)
    if lacking:
        lost = (
            f"the log has later loads of {', '.join(lacking)} than the store: if the store is not a"
            " new one, rows were lost, and `manage.py stores check` says of which loads"
        )
    return fault, lost


def differences(
    tables: Sequence[Table], writer: Writer, log: LoadLog
) -> Iterator[tuple[bool, str]]:
    """What a domain's tables and the log say differently, and whether that has to be mended.

    The tables are read as a whole.
    """
    there: set[int] = set()
    for table in tables:
        loads = writer.loads_in(table)
        there |= loads
        strange = {load for load in loads if not log.knows(load, table.name)}
        if strange:
            text = f"rows of {_listed(strange)}, which the log of loads does not know: {APART}"
            yield True, f"{table.name}: {text}"
    names = [table.name for table in tables]
    # Of loads until then all rows may have been replaced, and pruned.
    pruned = max(log.pruned(names).values(), default=0)
    lost = {load for load in log.published(names) if load > pruned} - there
    if lost:
        text = (
            f"no row of {_listed(lost)}, which the log has as published: they were lost, or the"
            " store is a new one; load their files again"
        )
        # Loads came since: what is lost is history, and stays lost.
        yield max(lost) > max(there, default=0), f"{', '.join(names)}: {text}"


def _listed(loads: set[int]) -> str:
    shown = ", ".join(map(str, sorted(loads)[-5:]))
    more = f" and {len(loads) - 5} before" if len(loads) > 5 else ""
    return f"load {shown}" if len(loads) == 1 else f"loads {shown}{more}"
