"""The log of loads, kept in the ops database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from aurum.loads.feeds import RejectedRow
from aurum.loads.log import Counts
from aurum.snapshot import Snapshot, Watermark
from ops.models import Load, LoadedTable, QuarantinedRow

PLACE_LENGTH = 200
TICK = timedelta(microseconds=1)
"""The finest step of an instant every database keeps."""

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


class DatabaseLoadLog:
    def begin(
        self, *, feed: str, file: str, sha256: str, tables: Sequence[str], demo: bool = False
    ) -> int:
        with transaction.atomic():
            load = Load.objects.create(feed=feed, file=file, sha256=sha256, demo=demo)
            LoadedTable.objects.bulk_create(LoadedTable(load=load, table=name) for name in tables)
        return load.id

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
        QuarantinedRow.objects.bulk_create(
            (
                QuarantinedRow(
                    load_id=load,
                    # Of a long member's name the end, which says the line.
                    place=row.place[-PLACE_LENGTH:],
                    reason=row.reason,
                    raw=row.raw,
                    flagged=flagged,
                )
                for row in rows
            ),
            batch_size=1000,
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
        with transaction.atomic():
            now = timezone.now()
            found = Load.objects.filter(id=load, state=Load.State.RUNNING).update(
                state=state,
                ended_at=now,
                warnings="\n".join(warnings),
                **asdict(counts),
            )
            if not found:
                raise LookupError(f"load {load} is not running")
            Load.objects.filter(id__in=removed).update(removed_by=load)
            if changed:
                touched = LoadedTable.objects.filter(load=load)
                touched.update(published_at=max(now, self._last_publish(load) + TICK))

    def _last_publish(self, load: int) -> datetime:
        """The newest publish instant of the load's tables: a clock set back must not repeat one."""
        names = LoadedTable.objects.filter(load=load).values("table")
        newest = LoadedTable.objects.filter(table__in=names).aggregate(at=Max("published_at"))
        return newest["at"] or datetime.min.replace(tzinfo=timezone.get_default_timezone())

    def abandon(self, load: int, reason: str) -> None:
        with transaction.atomic():
            found = Load.objects.filter(id=load, state=Load.State.RUNNING).update(
                state=Load.State.ABANDONED, ended_at=timezone.now(), reason=reason
            )
            if found:
                QuarantinedRow.objects.filter(load=load).delete()

    def demo_loads(self, tables: Sequence[str]) -> Sequence[int]:
        there = Load.objects.filter(demo=True, removed_by=None, state=Load.State.PUBLISHED)
        found = there.filter(tables__table__in=tables).order_by("id").distinct()
        return list(found.values_list("id", flat=True))

    def has_real_data(self, tables: Sequence[str]) -> bool:
        real = Load.objects.filter(demo=False, state=Load.State.PUBLISHED)
        return real.filter(tables__table__in=tables).exists()

    def finished(self, feed: str, file: str) -> bool:
        ended = (Load.State.PUBLISHED, Load.State.UNCHANGED)
        found = Load.objects.filter(feed=feed, file=file, state__in=ended, removed_by=None)
        return found.exists()

    def rename_table(self, old: str, new: str) -> None:
        LoadedTable.objects.filter(table=old).update(table=new)

    def watermarks(self) -> Mapping[str, Watermark]:
        expiry = timezone.now() - timedelta(seconds=settings.AURUM_CURSOR_TTL_SECONDS)
        bound = {"expiry": connection.ops.adapt_datetimefield_value(expiry)}
        marks: Iterable[Any] = LoadedTable.objects.raw(WATERMARKS, bound)
        return {
            mark.table: Watermark(mark.load_id, mark.horizon or 0, mark.published_at)
            for mark in marks
        }

    def known_at(self, tables: Sequence[str], instant: datetime) -> Snapshot:
        loads, instants = dict.fromkeys(tables, 0), []
        for name in tables:
            published = LoadedTable.objects.filter(table=name, published_at__lte=instant)
            newest = published.order_by("-published_at").values_list("load_id", "published_at")
            mark = newest.first()
            if mark and mark[1]:
                loads[name] = mark[0]
                instants.append(mark[1])
        return Snapshot(loads, max(instants, default=None))
