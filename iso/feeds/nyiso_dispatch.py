"""NYISO's real-time dispatch and the look-ahead behind it. See docs/feeds/iso.nyiso_rt_lmp.md."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch
from aurum.market.time import hour_starts, zone_info
from iso.feeds.intervals import between
from iso.feeds.nyiso_rows import (
    ENERGY_WITHIN,
    ISO,
    LBMP,
    ZONE,
    Columns,
    Read,
    instant,
    price_row,
    rows_of,
    values_of,
)
from iso.feeds.passes import Passes
from iso.feeds.prices import PriceRow, Prices

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DISPATCH, LOOK_AHEAD = timedelta(minutes=5), timedelta(minutes=15)


def read_dispatch(file: BinaryIO, *, columns: Columns = LBMP) -> Iterator[Batch]:
    """Batches of the dispatch's prices, and behind them those of the look-ahead.

    The dispatch runs every five minutes and, when it must, between. The look-ahead of the
    commitment is a quarter of an hour apart and follows the dispatch until that overtakes it.
    """
    ends = _ends(file, columns)
    found = _look_ahead(ends)
    dispatch = Prices(ISO, "FIVE_MINUTE", irregular=True)
    rows = partial(_dispatched, dispatch, file, columns, found)
    yield from dispatch.collect_same_energy(rows, ENERGY_WITHIN)
    if found.ahead:
        later = Prices(ISO, "FIFTEEN_MINUTE", status="PRELIMINARY", by_day=False)
        rows = partial(_looked_ahead, later, file, columns, found)
        yield from later.collect_same_energy(rows, ENERGY_WITHIN)
        if found.ahead >= {*ends}:
            yield Batch(warnings=["there is no price of the dispatch: all are of the look-ahead"])


class LookAhead(NamedTuple):
    """The stamps of the look-ahead, and those that may be of either run."""

    ahead: frozenset[datetime] = frozenset()
    unsure: frozenset[datetime] = frozenset()


def _dispatched(
    prices: Prices, file: BinaryIO, columns: Columns, found: LookAhead
) -> Iterator[PriceRow | None]:
    for one, end, start in _stamped(file, columns):
        if start is None:
            prices.reject(one.line.place, "not_in_order", one.line.cells)
            yield None
        elif end in found.ahead:
            continue
        elif end in found.unsure:
            key = prices.key_of(one.ptid, between(ISO, start, end))
            prices.reject(one.line.place, "look_ahead", one.line.cells, key)
            yield None
        else:
            spans = [between(ISO, *span) for span in _by_hour(start, end)]
            values = values_of(prices, one, spans[0])
            yield from (values and price_row(one, at, values) for at in spans)


def _looked_ahead(
    prices: Prices, file: BinaryIO, columns: Columns, found: LookAhead
) -> Iterator[PriceRow | None]:
    for one, end, start in _stamped(file, columns):
        if start is not None and end in found.ahead:
            at = between(ISO, end - LOOK_AHEAD, end)
            values = values_of(prices, one, at)
            yield values and price_row(one, at, values)


def _by_hour(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """An interval, cut where an hour ends in it."""
    hour = (end - SECOND).replace(minute=0, second=0)
    return [(start, hour), (hour, end)] if start < hour else [(start, end)]


def _stamped(file: BinaryIO, columns: Columns) -> Iterator[tuple[Read, datetime, datetime | None]]:
    """Lines with the end of the interval, and its beginning as one of the dispatch.

    The beginning is None where an earlier line of the place has a later end.
    """
    clock, held = Passes(ZONE), dict[str, tuple[datetime, datetime]]()
    for one in rows_of(file, columns):
        end = instant(one, clock)
        last, start = held.get(one.ptid, (None, None))
        if last is None or end > last:
            start = _start(end, last)
            held[one.ptid] = end, start
        yield one, end, start if last is None or end >= last else None


@lru_cache(maxsize=2**12)
def _start(end: datetime, before: datetime | None) -> datetime:
    """When an interval of the dispatch begins: at the place's stamp before it.

    Where stamps are missing, which an interval of more than five minutes or across a full hour
    shows, at the last five minutes of the clock: no hour has a part of another's price. A run that
    comes late by less than a minute stands for that of the five minutes it is behind.
    """
    inside = end - SECOND
    hour = inside.replace(minute=0, second=0)
    if before is not None:
        is_late = end.minute % 5 == 0 and end.second and end - before <= DISPATCH + MINUTE
        if is_late or (end - before <= DISPATCH and before >= hour):
            return before
    return inside.replace(minute=inside.minute // 5 * 5, second=0)


def _ends(file: BinaryIO, columns: Columns) -> Counter[datetime]:
    """Of how many places a file has each stamp; InvalidFile for those of another report."""
    found: Counter[datetime] = Counter()
    stamp = ""
    for one, end, _ in _stamped(file, columns):
        found[end] += 1
        stamp = one.stamp
    ends = sorted(found)
    apart = min((later - end for end, later in pairwise(ends)), default=LOOK_AHEAD)
    # Of a single stamp only its form tells: those of hourly reports have no seconds.
    if apart > LOOK_AHEAD or (len(ends) == 1 and stamp.count(":") < 2 and not ends[0].minute):
        raise InvalidFile(
            "stamps are an hour apart: load hourly prices as iso.nyiso_rt_hourly_lmp or,"
            " day-ahead, as iso.nyiso_lmp"
        )
    return found


def _look_ahead(found: Counter[datetime]) -> LookAhead:
    """Which of a file's stamps are not the dispatch's.

    The look-ahead shows by stamps a quarter of an hour apart behind the dispatch, which never has
    two such steps, and at the end of a file not even one. The first of them may be the dispatch's
    last. A stamp that most places lack may be wrong, and tells nothing.
    """
    most = max(found.values(), default=0)
    ends = sorted(end for end, places in found.items() if 2 * places > most)
    runs: list[list[datetime]] = []
    for end in ends:
        if runs and not _off_quarter(end) and end - runs[-1][-1] == LOOK_AHEAD:
            runs[-1].append(end)
        else:
            runs.append([end])
    run = next((run for run in reversed(runs) if len(run) > 2), runs[-1] if runs else [])
    if not run or _off_quarter(run[0]):
        return LookAhead()
    first, at = run[0], ends.index(run[0])
    gap = first - (ends[at - 1] if at else _midnight(first))
    if len(run) == 1:
        return LookAhead(unsure=frozenset(run if DISPATCH < gap <= LOOK_AHEAD else ()))
    after = {end for end in found if end > first}.difference(run)
    if any(later - end <= DISPATCH for end, later in pairwise(sorted(after))):
        return LookAhead(unsure=frozenset(run[1:]))  # the dispatch goes on behind them
    return LookAhead(frozenset(run if gap > DISPATCH else run[1:]), frozenset({*after, first}))


def _off_quarter(end: datetime) -> bool:
    return bool(end.minute % 15 or end.second)


def _midnight(end: datetime) -> datetime:
    """When the day of an interval begins: what came before midnight is in another file."""
    return hour_starts(ZONE, (end - SECOND).astimezone(zone_info(ZONE)).date())[0]
