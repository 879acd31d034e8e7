"""Taking a published load back: by a new load, with all history kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aurum.loads.belonging import must_belong
from aurum.loads.loader import one_step
from aurum.loads.log import LoadEntry, LoadLog, LoadRefused
from aurum.loads.run import DRY_RUN, Loaded, LoadRun
from aurum.stores.contract import Retracted, Writer
from aurum.stores.tables import Table

MOST_NAMED = 100
"""Files that a message lists."""


def retract(
    load: int, domain_tables: Sequence[Table], writer: Writer, log: LoadLog, *, dry_run: bool
) -> Loaded:
    """Brings the domain's tables to the state they would have had the load never been.

    The counts are those of its main table; what later loads have changed since is left. LoadRefused
    where the load cannot be taken back.
    """
    entry = _retractable(load, log)
    there = {table.name: table for table in domain_tables}
    # Rows are kept that rows of another table need, so that one comes first.
    touched = [there[name] for name in entry.tables if name in there]
    touched.sort(key=lambda table: _depth(table, there))
    run = LoadRun([there[entry.tables[0]]], writer, log)
    run.warnings += _confirmed(load, entry, log)
    name = f"load {load} ({entry.file}) retracted"
    known: dict[str, Any] = {"feed": entry.feed, "file": name, "sha256": "", "retracts": load}
    if dry_run:
        with writer.lock(domain_tables):
            writer.prepare(domain_tables)
            run.warnings += must_belong(domain_tables, writer, log)
            with writer.dry_run(log.unpublished([*there])):
                run.begin(DRY_RUN)
                _take_back(load, touched, there, run)
        return replace(run.loaded(name, None), retracts=load)
    with one_step(run, domain_tables, known) as number:
        _retractable(load, log)  # under the lock: another may have been faster
        _take_back(load, touched, there, run)
        run.removed = [load]
    return replace(run.loaded(name, number), retracts=load)


def _retractable(load: int, log: LoadLog) -> LoadEntry:
    entry = log.entry(load)
    if entry is None:
        raise LoadRefused(f"there is no load {load}")
    if entry.state != "published":
        why = {
            "running": "is under way, or its process died: the next load of its tables undoes it",
            "unchanged": "has changed nothing",
            "abandoned": "was refused: nothing of it is there",
        }[entry.state]
        raise LoadRefused(f"load {load} {why}")
    if entry.demo:
        raise LoadRefused(f"load {load} is demo data: manage.py demo --remove takes that out")
    if entry.removed_by is not None:
        raise LoadRefused(f"load {load} was taken back by load {entry.removed_by}")
    if entry.retracts is not None:
        raise LoadRefused(
            f"load {load} took back load {entry.retracts}: to have that again, load its file again"
        )
    return entry


def _must_have_history(load: int, names: Sequence[str], log: LoadLog) -> None:
    """LoadRefused where a row that should stand again may have been pruned: one that this load has
    replaced, or that loads have which say nothing any more and were replaced in turn."""
    for name, until in log.pruned(names).items():
        if min((load, *log.void([name]))) <= until:
            raise LoadRefused(
                f"table {name} does not keep rows that were replaced until load {until}, which"
                " would have to stand again: load a file that says what is right"
            )


def _confirmed(load: int, entry: LoadEntry, log: LoadLog) -> list[str]:
    """What a later file says like the load, or as an older issue, has no row of its own."""
    since = log.confirmed_since(load, entry.tables[0])
    if not since:
        return []
    before = len(since) - MOST_NAMED
    shown = ", ".join(since[-MOST_NAMED:]) + (f" and {before} before" if before > 0 else "")
    return [
        "what a later file only confirmed is not there: load again those of these that have"
        f" rows of this load: {shown}"
    ]


def _depth(table: Table, there: dict[str, Table]) -> int:
    return 1 + _depth(there[table.needed_by], there) if table.needed_by else 0


def _take_back(load: int, touched: Sequence[Table], there: dict[str, Table], run: LoadRun) -> None:
    _must_have_history(load, [table.name for table in touched], run.log)
    void = sorted({*run.log.void([*there]), load, run.load})
    has_rows = False
    for table in touched:
        rows_need = there[table.needed_by] if table.needed_by else None
        found = run.writer.retract(table, load, void, rows_need)
        has_rows |= found != Retracted()
        if table != run.tables[0]:
            run.changed_elsewhere += found.changed
            continue
        counts = run.counts
        counts.new, counts.revised, counts.closed = found.new, found.revised, found.closed
        if table.vintage is not None:
            # What stands may be as before, and what was released until then is not.
            run.changed_elsewhere += found.left
        if found.left:
            run.warnings.append(
                f"left as they are: {found.left} rows that later loads have, or that are needed"
            )
    if not has_rows:
        raise LoadRefused(f"the store has no row of load {load}: was it lost, or is it a new one?")
