"""The log of loads, kept in the ops database."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from aurum.loads.feeds import RejectedRow
from aurum.loads.log import Counts, LoadEntry
from aurum.market.time import instant_text
from aurum.snapshot import HistoryPruned, Snapshot, Watermark
from aurum.stores.paging import PageRequest
from aurum.stores.tables import Row
from ops.clock import clock_warnings, database_now, publish_instant
from ops.models import Load, LoadedTable, PrunedTable, QuarantinedRow

PLACE_LENGTH, FILE_LENGTH = 200, 500
ROWS_AT_ONCE = 1000
"""Of the quarantine, in one transaction: others wait for no more."""
LONGEST_PAUSE_SECONDS = 0.1
T = TypeVar("T")

# Every process asks this twice a second. GROUP BY would read the whole log each time; this reads
# one end of the index for each table, however many loads there are: first the names of the tables
# one by one, then of each its newest load, and the newest that is old enough to expire cursors.
WATERMARKS = """
    WITH RECURSIVE named (name) AS (
        SELECT MIN("table") FROM ops_loadedtable
        UNION ALL
        SELECT (SELECT MIN("table") FROM ops_loadedtable WHERE "table" > name)
        FROM named WHERE name IS NOT NULL
    )
    SELECT newest.id, newest.load_id, newest."table", newest.published_at,
        (SELECT load_id FROM ops_loadedtable
         WHERE "table" = name AND published_at < %(expiry)s
         ORDER BY published_at DESC LIMIT 1) AS horizon
    FROM named JOIN ops_loadedtable newest ON newest.id = (
        SELECT id FROM ops_loadedtable
        WHERE "table" = name AND published_at IS NOT NULL
        ORDER BY published_at DESC LIMIT 1)
"""


ENDED_WELL = (Load.State.PUBLISHED, Load.State.UNCHANGED)


def _text(value: Any) -> Any:
    """Instants as the API writes them."""
    return instant_text(value) if isinstance(value, datetime) else value


class DatabaseLoadLog:
    def begin(
        self,
        *,
        feed: str,
        file: str,
        sha256: str,
        tables: Sequence[str],
        demo: bool = False,
        retracts: int | None = None,
    ) -> int:
        # Asked before, so that no long load is made for nothing.
        began_at = publish_instant(_newest_instant(tables))
        with transaction.atomic():
            load = Load.objects.create(
                feed=feed,
                file=_storable(file)[-FILE_LENGTH:],
                sha256=sha256,
                demo=demo,
                retracts=retracts,
                began_at=began_at,
            )
            LoadedTable.objects.bulk_create(LoadedTable(load=load, table=name) for name in tables)
        return load.id

    def clock_warnings(self) -> Sequence[str]:
        return clock_warnings()

    def knows(self, load: int, table: str) -> bool:
        return LoadedTable.objects.filter(load=load, table=table).exists()

    def published(self, tables: Sequence[str]) -> Sequence[int]:
        found = Load.objects.filter(state=Load.State.PUBLISHED, tables__table__in=tables)
        return list(found.order_by("id").distinct().values_list("id", flat=True))

    def newest_published(self, table: str, by: datetime | None = None) -> int:
        found = LoadedTable.objects.filter(table=table, published_at__isnull=False)
        if by is not None:
            found = found.filter(published_at__lte=by)
        newest = found.order_by("-published_at").values_list("load_id", flat=True).first()
        return newest or 0

    def entry(self, load: int) -> LoadEntry | None:
        found = Load.objects.filter(id=load).first()
        if found is None:
            return None
        tables = found.tables.order_by("id").values_list("table", flat=True)
        return LoadEntry(
            found.feed,
            found.file,
            found.state,
            found.demo,
            tuple(tables),
            found.removed_by,
            found.retracts,
        )

    def confirmed_since(self, load: int, table: str) -> Sequence[str]:
        ended = (Load.State.PUBLISHED, Load.State.UNCHANGED)
        later = Load.objects.filter(id__gt=load, tables__table=table, state__in=ended)
        later = later.filter(Q(same__gt=0) | Q(older__gt=0), removed_by=None, retracts=None)
        # The same file is as wrong however often it was loaded.
        later = later.exclude(sha256__in=Load.objects.filter(id=load).values("sha256"))
        files = later.order_by("id").values_list("file", flat=True)
        return list(dict.fromkeys(files))

    def void(self, tables: Sequence[str], until: int | None = None) -> Sequence[int]:
        gone = Q(removed_by__isnull=False) | Q(retracts__isnull=False)
        if until is not None:
            gone = Q(removed_by__lte=until) | Q(retracts__isnull=False, id__lte=until)
        found = Load.objects.filter(gone, tables__table__in=tables)
        return list(found.order_by("id").distinct().values_list("id", flat=True))

    def unpublished(self, tables: Sequence[str]) -> Mapping[int, Sequence[str]]:
        running = Load.objects.filter(state=Load.State.RUNNING, tables__table__in=tables)
        begun: dict[int, list[str]] = {}
        for load, name in (
            LoadedTable.objects.filter(load__in=running.values("id"))
            .order_by("load_id", "id")
            .values_list("load_id", "table")
        ):
            begun.setdefault(load, []).append(name)
        return begun

    def quarantine(self, load: int, rows: Sequence[RejectedRow], *, flagged: bool = False) -> None:
        for first in _in_turns(range(0, len(rows), ROWS_AT_ONCE)):
            QuarantinedRow.objects.bulk_create(
                QuarantinedRow(
                    load_id=load,
                    # Of a long member's name the end, which says the line.
                    place=_storable(row.place)[-PLACE_LENGTH:],
                    reason=row.reason,
                    raw=_storable(row.raw),
                    flagged=flagged,
                )
                for row in rows[first : first + ROWS_AT_ONCE]
            )

    def publish(
        self,
        load: int,
        counts: Counts,
        *,
        changed: bool,
        warnings: Sequence[str] = (),
        removed: Sequence[int] = (),
    ) -> None:
        state = Load.State.PUBLISHED if changed else Load.State.UNCHANGED
        instant = publish_instant(_newest_instant(self._tables_of(load)) if changed else None)
        with transaction.atomic():
            found = Load.objects.filter(id=load, state=Load.State.RUNNING).update(
                state=state,
                ended_at=instant,
                warnings="\n".join(warnings),
                **asdict(counts),
            )
            if not found:
                raise LookupError(f"load {load} is not running")
            Load.objects.filter(id__in=removed).update(removed_by=load)
            if changed:
                LoadedTable.objects.filter(load=load).update(published_at=instant)

    def _tables_of(self, load: int) -> list[str]:
        return list(LoadedTable.objects.filter(load=load).values_list("table", flat=True))

    def abandon(self, load: int, reason: str) -> None:
        running = Load.objects.filter(id=load, state=Load.State.RUNNING)
        if not running.exists():
            return
        # First its rows, in short steps: were this to end here, the next load would go on with it.
        kept = QuarantinedRow.objects.filter(load=load).order_by("id")
        ids = kept.values_list("id", flat=True)
        for some in _in_turns(iter(lambda: list(ids[:ROWS_AT_ONCE]), [])):
            QuarantinedRow.objects.filter(id__in=some).delete()
        running.update(state=Load.State.ABANDONED, ended_at=database_now(), reason=reason)

    def demo_loads(self, tables: Sequence[str]) -> Sequence[int]:
        there = Load.objects.filter(demo=True, removed_by=None, state=Load.State.PUBLISHED)
        found = there.filter(tables__table__in=tables).order_by("id").distinct()
        return list(found.values_list("id", flat=True))

    def has_real_data(self, tables: Sequence[str]) -> bool:
        real = Load.objects.filter(demo=False, state=Load.State.PUBLISHED)
        return real.filter(tables__table__in=tables).exists()

    def finished(self, feed: str, file: str) -> bool:
        ended = (Load.State.PUBLISHED, Load.State.UNCHANGED)
        name = _storable(file)[-FILE_LENGTH:]
        found = Load.objects.filter(feed=feed, file=name, state__in=ended, removed_by=None)
        return found.exists()

    def rename_table(self, old: str, new: str) -> None:
        LoadedTable.objects.filter(table=old).update(table=new)
        PrunedTable.objects.filter(table=old).update(table=new)

    def listed(
        self, names: Sequence[str], filters: Mapping[str, Any], request: PageRequest
    ) -> list[Row]:
        found = Load.objects.filter(state__in=ENDED_WELL)
        for name in ("load_id", "feed", "sha256", "state"):
            if (asked := filters.get(name)) is not None:
                several = asked if isinstance(asked, tuple) else (asked,)
                found = found.filter(**{f"{'id' if name == 'load_id' else name}__in": several})
        if request.position is not None:
            (place,) = request.position.values
            found = found.filter(**{"id__gt" if request.backward else "id__lt": place})
        columns = ["id" if name == "load_id" else name for name in names]
        rows = found.order_by("id" if request.backward else "-id").values_list(*columns)
        return [tuple(map(_text, row)) for row in rows[: request.enough]]

    def watermarks(self) -> Mapping[str, Watermark]:
        expiry = timezone.now() - timedelta(seconds=settings.AURUM_CURSOR_TTL_SECONDS)
        bound = {"expiry": connection.ops.adapt_datetimefield_value(expiry)}
        marks: Iterable[Any] = LoadedTable.objects.raw(WATERMARKS, bound)
        return {
            mark.table: Watermark(mark.load_id, mark.horizon or 0, mark.published_at)
            for mark in marks
        }

    def pruned(self, tables: Sequence[str]) -> Mapping[str, int]:
        found = PrunedTable.objects.filter(table__in=tables)
        return dict(found.values_list("table", "load"))

    def prune(self, table: str, load: int) -> None:
        if load <= self.pruned([table]).get(table, 0):
            return  # what is gone does not come back
        published = LoadedTable.objects.filter(load__gte=load, table=table)
        since = published.aggregate(since=Min("published_at"))["since"]
        PrunedTable.objects.update_or_create(table=table, defaults={"load": load, "since": since})

    def known_at(self, tables: Sequence[str], instant: datetime) -> Snapshot:
        pruned = PrunedTable.objects.filter(table__in=tables, since__gt=instant)
        if since := pruned.aggregate(since=Max("since"))["since"]:
            raise HistoryPruned(since)
        loads, instants = dict.fromkeys(tables, 0), []
        for name in tables:
            published = LoadedTable.objects.filter(table=name, published_at__lte=instant)
            newest = published.order_by("-published_at").values_list("load_id", "published_at")
            mark = newest.first()
            if mark and mark[1]:
                loads[name] = mark[0]
                instants.append(mark[1])
        return Snapshot(loads, max(instants, default=None))


def _newest_instant(tables: Sequence[str]) -> datetime | None:
    """The newest publish instant of these tables, which no other may repeat."""
    found = LoadedTable.objects.filter(table__in=tables).aggregate(at=Max("published_at"))
    newest: datetime | None = found["at"]
    return newest


def _storable(text: str) -> str:
    """What every database takes: a file may have NUL and half characters in its texts."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _in_turns(steps: Iterable[T]) -> Iterator[T]:
    """The steps, each a transaction of its own, and after each as long a pause: SQLite does not
    queue, so that who waits for the database, as the console does, has to meet it free."""
    began = None
    for step in steps:
        if began is not None:
            time.sleep(min(time.monotonic() - began, LONGEST_PAUSE_SECONDS))
        began = time.monotonic()
        yield step
