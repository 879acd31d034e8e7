"""`manage.py stores copy`: brings a domain's rows into another engine, with their history.

    lock both -> take dead loads back -> compare both with the log
    -> of each piece: compare, replace where it differs, commit -> compare everything

A copy that was interrupted is gone on with by another one: pieces that are equal are passed over.
"""

from collections.abc import Sequence
from typing import Never

from django.core.management.base import BaseCommand
from tqdm import tqdm

from aurum.domains import Domain
from aurum.loads import belonging
from aurum.loads.log import LoadRefused, load_log
from aurum.stores.registry import engine_of
from aurum.stores.spans import spans_of
from aurum.stores.tables import CURRENT, Row, Table
from ops.stores.engines import Engine, locked
from ops.stores.verify import compare, rows_of


def copy(
    command: BaseCommand,
    domain: Domain,
    engines: Sequence[Engine],
    *,
    since: int | None,
    quiet: bool,
) -> int:
    """Copies from the first engine to the second; in how many parts they differ then.

    With `since` only what loads from that one on added or closed. LoadRefused where the log forbids
    it, TableDiffers, LockLost.
    """
    source, target = engines
    with locked(engines, domain.tables):
        tables = [table for table in domain.tables if source.has(table)]
        _take_back_the_dead(domain, engines)
        _must_be_whole(domain, source)
        _must_be_known(domain, target)
        target.writer.prepare(domain.tables)
        for table in tables:
            if since is None:
                _copy_all(table, source, target, quiet=quiet)
            else:
                _catch_up(table, source, target, since, quiet=quiet)
        target.writer.flush()
        apart = compare(command, domain, engines, quiet=quiet)
        if not apart:
            _note_loads(domain, source, target)
    if apart and since is not None:
        command.stderr.write(f"{domain.name}: they differed before load {since}: copy all of it")
    return apart


def _take_back_the_dead(domain: Domain, engines: Sequence[Engine]) -> None:
    """The lock is held, so a load that has not ended is dead: in no engine may it leave a row."""
    log = load_log()
    for dead, names in log.unpublished([table.name for table in domain.tables]).items():
        if engine_of(domain.name) not in [engine.name for engine in engines]:
            raise LoadRefused(
                f"load {dead} died: load a file of {domain.name}, which takes that back, then copy"
            )
        for engine in engines:
            engine.writer.undo(dead, names)
            engine.writer.commit()
            engine.writer.flush()
        log.abandon(dead, "its process ended before it was published")


def _must_be_whole(domain: Domain, source: Engine) -> None:
    """Else rows of the target that are right would make place for those that are not."""
    log = load_log()
    for wrong in belonging.compare_newest(domain.tables, source.writer, log):
        if wrong:
            raise LoadRefused(f"{source.name}: {wrong}")
    published = {*log.published([table.name for table in domain.tables])}
    for table in domain.tables:
        if others := source.writer.loads_in(table) - published:
            raise LoadRefused(
                f"{source.name}: table {table.name} has rows of load {max(others)}, which the log"
                " of loads does not have as published"
            )


def _must_be_known(domain: Domain, target: Engine) -> None:
    """Rows that belong to another log of loads are somebody else's."""
    log = load_log()
    fault, _ = belonging.compare_newest(domain.tables, target.writer, log)
    if fault:
        raise LoadRefused(f"{target.name}: {fault}")
    for table in domain.tables:
        loads = target.writer.loads_in(table)
        if strange := [load for load in loads if not log.knows(load, table.name)]:
            raise LoadRefused(
                f"{target.name}: table {table.name} has rows of load {max(strange)}, which the log"
                f" of loads does not know: {belonging.APART}"
            )


def _copy_all(table: Table, source: Engine, target: Engine, *, quiet: bool) -> None:
    spans = [*spans_of(table, [source.writer, target.writer])]
    with _bar(table, sum(span.rows for span in spans), quiet=quiet) as bar:
        for span in spans:
            rows = rows_of(source, table, span)
            if rows_of(target, table, span) != rows:
                target.writer.remove(table, span)
                target.writer.put(table, rows)
                target.writer.commit()
            bar.update(span.rows)


def _catch_up(table: Table, source: Engine, target: Engine, since: int, *, quiet: bool) -> None:
    """First as if there had been no such load, whatever an earlier attempt has left."""
    target.writer.reopen(table, since)
    target.writer.commit()
    spans = [*spans_of(table, [source.writer], since)]
    with _bar(table, sum(span.rows for span in spans), quiet=quiet) as bar:
        for span in spans:
            rows = source.writer.rows(table, span, since)
            for load, keys in _closed(table, rows, since).items():
                target.writer.supersede(table, keys, load)
            target.writer.put(table, [row for row in rows if row[-2] >= since])
            target.writer.commit()
            bar.update(span.rows)


def _closed(table: Table, rows: Sequence[Row], since: int) -> dict[int, list[Row]]:
    """By load, the keys of older rows that it has closed."""
    places = [table.names.index(name) for name in table.key]
    found: dict[int, list[Row]] = {}
    for row in rows:
        if row[-2] < since and row[-1] != CURRENT:
            found.setdefault(row[-1], []).append(tuple(row[place] for place in places))
    return found


def _note_loads(domain: Domain, source: Engine, target: Engine) -> None:
    """Only now that all rows are there: until then the store is behind the log, and says so."""
    for table in domain.tables:
        newest = source.writer.newest_loads([table])[table.name]
        if newest > target.writer.newest_loads([table])[table.name]:
            target.writer.note_load(newest, [table])


def _bar(table: Table, rows: int, *, quiet: bool) -> "tqdm[Never]":
    return tqdm(desc=table.name, unit="row", total=rows, disable=quiet, leave=False)
