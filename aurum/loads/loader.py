"""One file, one load: all of it becomes visible in one step, or nothing does.

    lock the tables -> undo what a dead load left -> compare store and log -> begin
    -> read, merge, commit in short steps -> publish

Readers see nothing before the last step, because no watermark has reached the load's id. A load
that dies is found by the next one: it holds the lock, so it knows that nobody else is at work.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast

import structlog

from aurum.errors import InvalidFile
from aurum.loads.belonging import must_belong
from aurum.loads.feeds import Feed
from aurum.loads.log import LoadLog
from aurum.loads.run import DRY_RUN, Loaded, LoadRun
from aurum.loads.vintages import must_take_vintage
from aurum.snapshot import WATERMARKS
from aurum.stores.contract import LockLost, Writer
from aurum.stores.tables import Table

logger = structlog.get_logger("aurum.loads")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load; `open` starts it from the beginning, every time it is called."""

    name: str
    open: Callable[[], BinaryIO]


def _take_back(load: int, names: Sequence[str], writer: Writer, log: LoadLog, why: str) -> None:
    """Undoes a load that is not published, durably, and ends it in the log."""
    writer.undo(load, names)
    writer.commit()
    writer.flush()
    log.abandon(load, why)


def load_file(
    feed: Feed,
    source: Source,
    writer: Writer,
    log: LoadLog,
    *,
    domain_tables: Sequence[Table] = (),
    demo: bool = False,
    vintage: datetime | None = None,
) -> Loaded:
    """Loads one file, or nothing of it.

    `vintage` is when its publisher released it, where the file does not say so itself.
    Rows of demo data go out of `domain_tables` in the same step, unless the file is `demo` itself.
    Raises InvalidFile when it is not what the feed expects, or has no row that can be used;
    LoadRefused when store, log or clock forbid it; TableDiffers when a table is not as declared,
    LockLost when another load may have begun meanwhile, StoreUnavailable.
    """
    run = _run_of(feed, writer, log, vintage)
    with source.open() as file:
        sha256 = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    tables = feed.tables if demo else _to_lock(feed, domain_tables, log)
    known = {"feed": feed.name, "file": source.name, "sha256": sha256, "demo": demo}
    with one_step(run, tables, known) as load:
        if not demo:
            run.take_out(tables, _made_up(tables, domain_tables, log))
        elif log.has_real_data([table.name for table in domain_tables]):
            raise InvalidFile("there is real data: no demo data is put beside it")
        with source.open() as file:
            run.merge_all(feed, feed.read(file), commit=True)
    return run.loaded(source.name, load)


def remove_demo(domain: str, tables: Sequence[Table], writer: Writer, log: LoadLog) -> Loaded:
    """Takes the demo data out of a domain's tables; its rows stay as history."""
    run = LoadRun(tables, writer, log)
    file = f"{domain}: demo data taken out"
    known = {"feed": "demo", "file": file, "sha256": "", "demo": True}
    with one_step(run, tables, known) as load:
        run.take_out(tables, _made_up(tables, tables, log))
        run.removed = [*run.removed, load]  # which brings no rows, of demo data or other
    return run.loaded(file, load)


@contextmanager
def one_step(run: LoadRun, tables: Sequence[Table], known: dict[str, Any]) -> Iterator[int]:
    """A load under way: what the block writes is published behind it, or taken back."""
    writer, log, names = run.writer, run.log, [table.name for table in tables]
    with writer.lock(tables):
        writer.prepare(tables)
        for dead, touched in log.unpublished(names).items():
            _take_back(dead, touched, writer, log, "its process ended before it was published")
        run.warnings += must_belong(tables, writer, log)
        load = log.begin(tables=names, **known)
        run.warnings += log.clock_warnings()
        try:
            writer.note_load(load, tables)
            run.begin(load)
            yield load
            writer.commit()
            writer.flush()
            # Without the lock another load may have taken this one for dead and undone it.
            if not writer.holds_lock():
                raise LockLost(f"load {load} lost its lock before it could be published")
            log.publish(
                load, run.counts, changed=run.changed, warnings=run.warnings, removed=run.removed
            )
        except BaseException as error:
            # Also for Ctrl-C: what can be taken back at once need not wait for the next load, which
            # does so if this cannot. What was published before the error came is not taken back.
            try:
                writer.rollback()
                if load in log.unpublished(names):
                    _take_back(load, names, writer, log, str(error) or type(error).__name__)
            except Exception as further:  # noqa: BLE001 - the first error says what went wrong
                logger.warning("load_not_taken_back", load=load, error=repr(further))
            raise
    try:
        WATERMARKS.refresh()
    except Exception as error:  # noqa: BLE001 - the load is published, and the poll goes on
        logger.warning("polling_failed", step=WATERMARKS.name, error=repr(error))


def try_file(
    feed: Feed,
    source: Source,
    writer: Writer,
    log: LoadLog,
    *,
    domain_tables: Sequence[Table] = (),
    vintage: datetime | None = None,
) -> Loaded:
    """What loading the file would do, without doing it; raises what `load_file` does."""
    run = _run_of(feed, writer, log, vintage)
    tables = _to_lock(feed, domain_tables, log)
    with writer.lock(tables):
        writer.prepare(tables)
        dead = log.unpublished([table.name for table in tables])
        run.warnings += must_belong(tables, writer, log)
        with writer.dry_run(dead), source.open() as file:
            run.begin(DRY_RUN)
            run.take_out(tables, _made_up(tables, domain_tables, log))
            run.merge_all(feed, feed.read(file), commit=False)
    return run.loaded(source.name, None)


def _run_of(feed: Feed, writer: Writer, log: LoadLog, vintage: datetime | None) -> LoadRun:
    """A load of the feed; InvalidFile where its rows can have no such vintage."""
    released = None if vintage is None else must_take_vintage(feed, vintage)
    replaces = feed.mode == "replace"
    return LoadRun(feed.tables, writer, log, replaces=replaces, vintage=released)


def _to_lock(feed: Feed, domain_tables: Sequence[Table], log: LoadLog) -> Sequence[Table]:
    """The tables that a load of the feed writes to: all of the domain if demo data has to go."""
    if log.demo_loads([table.name for table in domain_tables]):
        return tuple(dict.fromkeys((*feed.tables, *domain_tables)))
    return feed.tables


def _made_up(
    locked: Sequence[Table], domain_tables: Sequence[Table], log: LoadLog
) -> Sequence[int]:
    """The loads of demo data that are there now, under the lock."""
    found = log.demo_loads([table.name for table in domain_tables])
    if found and not {*domain_tables} <= {*locked}:
        raise InvalidFile("demo data was loaded in the meantime: load the file again")
    return found
