"""Every day from 2000 to 2040 on which the clock is changed, in every publisher's own form."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from aurum.stores.tables import Row
from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso import published
from tests.iso.published import FORMS, HOUR, Hour, changes, hours_of, total


@pytest.fixture(scope="module", autouse=True)
def _behind_them_all() -> Iterator[None]:
    """No day of these is ahead."""
    with time_machine.travel("2041-01-01"):
        yield


FORMS_OF = [*FORMS.items(), ("ercot", published.ercot_json)]


def read(publisher: str, text: str) -> list[Row]:
    found = find_feed(f"iso.{publisher}_lmp")
    assert found is not None
    batches = list(found[1].read(io.BytesIO(text.encode())))
    assert not [rejected for batch in batches for rejected in batch.rejected]
    return [row for batch in batches for row in batch.rows["iso_lmp"]]


def expected(hour: Hour) -> tuple[Any, ...]:
    return (
        f"{hour.wall:%Y-%m-%d}",
        f"{hour.start:%Y-%m-%dT%H:%M:%SZ}",
        f"{hour.start + HOUR:%Y-%m-%dT%H:%M:%SZ}",
        3600,
        hour.wall.hour,
        hour.wall.hour + 1,
        60 * hour.offset,
    )


def days() -> list[date]:
    return [
        day + timedelta(days=n)
        for year in range(2000, 2041)
        for day in changes(year)
        for n in ((-1, 0, 1) if year % 10 == 0 else (0,))
    ]


@pytest.mark.parametrize(("publisher", "form"), FORMS_OF)
def test_hours_labels_and_offsets_of_every_transition_day(
    publisher: str, form: Callable[[list[Hour]], str]
) -> None:
    for day in days():
        hours = hours_of(publisher, day)
        rows = sorted(read(publisher, form(hours)), key=lambda row: row[2])
        assert [row[1:8] for row in rows] == [expected(hour) for hour in hours], day
        assert [row[10] for row in rows] == [total(hour) for hour in hours], day
        for row in rows:
            if row[11] is not None:
                assert row[10] == pytest.approx(sum(row[11:14])), day


def test_a_day_has_23_24_or_25_hours_and_24_in_miso() -> None:
    for year in range(2000, 2041):
        for publisher in FORMS:
            spring, autumn = (len(hours_of(publisher, day)) for day in changes(year))
            assert (spring, autumn) == ((24, 24) if publisher == "miso" else (23, 25))


def test_the_generator_s_own_clock_is_that_of_the_reference(data: Path) -> None:
    """Where the reference has the year: the instant, and the offset on each side."""
    zones = {"America/New_York": "pjm", "America/Chicago": "spp", "America/Los_Angeles": "caiso"}
    file = data / "reference" / "computed_here" / "dst_transitions_us_2015_2027.csv"
    compared = 0
    for row in csv.DictReader(file.read_text().splitlines()):
        if row["zone"] in zones:
            instant = datetime.fromisoformat(row["utc_instant"])
            before, after = (datetime.fromisoformat(row[f"local_{s}"]) for s in ("before", "after"))
            hours = {h.start: h for h in hours_of(zones[row["zone"]], after.date())}
            assert hours[instant].wall == after.replace(tzinfo=None)
            for at, local in ((instant, after), (instant - HOUR, before)):
                offset = local.utcoffset()
                assert offset is not None
                assert hours[at].offset == offset / HOUR
            compared += 1
    assert compared == 3 * 2 * 13


@pytest.mark.parametrize("engine", BOTH, indirect=True)
def test_daily_aggregates_of_transition_days(market: Market, api: Api) -> None:
    for publisher, form in FORMS.items():
        for day in changes(2025):
            market.load(f"iso.{publisher}_lmp", form(hours_of(publisher, day)))
    rows = api.rows("/v2/iso/lmp?resample=day&agg=mean,min,max,first,last&limit=1000")
    found = {(row["iso"].lower(), row["delivery_date"]): row for row in rows}
    for publisher in FORMS:
        for day in changes(2025):
            row = found[publisher, day.isoformat()]
            prices = [total(hour) for hour in hours_of(publisher, day)]
            assert row["count"] == row["expected"] == len(prices)
            assert (row["min"], row["max"]) == (min(prices), max(prices))
            assert (row["first"], row["last"]) == (prices[0], prices[-1])
            assert row["mean"] == pytest.approx(sum(prices) / len(prices), abs=1e-6)


@pytest.mark.parametrize(("publisher", "form"), FORMS_OF)
@given(where=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_is_refused_or_loads_whole_rows(
    publisher: str, form: Callable[[list[Hour]], str], where: float
) -> None:
    hours = hours_of(publisher, changes(2025)[1])
    text = form(hours)
    found = find_feed(f"iso.{publisher}_lmp")
    assert found is not None
    try:
        batches = list(found[1].read(io.BytesIO(text[: int(len(text) * where)].encode())))
    except InvalidFile:
        return
    whole = {(*expected(hour), total(hour)) for hour in hours}
    rows = [row for batch in batches for row in batch.rows.get("iso_lmp", ())]
    assert {(*row[1:8], row[10]) for row in rows} <= whole
