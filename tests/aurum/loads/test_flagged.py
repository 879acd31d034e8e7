"""Rows that are loaded and flagged: all are counted, the first are kept for the console."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from aurum.loads.feeds import Batch, RejectedRow
from aurum.loads.loader import Source, load_file
from aurum.loads.log import load_log
from aurum.loads.run import FLAGGED_KEPT
from aurum.stores.registry import writer_of
from curves.feeds.own_csv import FEED
from ops.models import Load, QuarantinedRow
from tests.conftest import Market
from tests.factories import curve_csv, months


def read(file: BinaryIO) -> Iterator[Batch]:
    """A row, and three batches of 600 flags."""
    yield from FEED.read(file)
    for first in (0, 600, 1200):
        places = (f"line {number}" for number in range(first, first + 600))
        yield Batch(flagged=[RejectedRow(place, "odd", "") for place in places])


def test_of_many_flagged_rows_the_first_are_kept_and_all_are_counted(market: Market) -> None:
    body = curve_csv(months("2025-10", 1)).encode()
    with contextlib.closing(writer_of("curves")) as writer:
        source = Source("a.csv", lambda: io.BytesIO(body))
        done = load_file(replace(FEED, read=read), source, writer, load_log())
    assert done.counts.flagged == done.remarks[0].count == 1800
    assert Load.objects.get().flagged == 1800
    kept = list(QuarantinedRow.objects.order_by("id").values_list("place", "flagged"))
    assert kept == [(f"line {number}", True) for number in range(FLAGGED_KEPT)]
