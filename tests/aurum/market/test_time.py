import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum.market.time import (
    HOUR,
    AmbiguousTime,
    NonexistentTime,
    ZoneError,
    abbreviated_utc,
    day_hours,
    hour_beginning_utc,
    hour_starts,
    instant_text,
    labelled_hour_utc,
    local_hour,
    local_hour_starts,
    wall_hours,
    wall_utc,
)

EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
SPRING, AUTUMN = date(2024, 3, 10), date(2024, 11, 3)
ZONES = (EASTERN, CENTRAL, "America/Denver", PACIFIC, "Etc/GMT+5", "Europe/Berlin")

zones = st.sampled_from(ZONES)
days = st.dates(date(1970, 1, 1), date(2060, 12, 31))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (EASTERN, SPRING, 23),
        (EASTERN, AUTUMN, 25),
        (EASTERN, date(2024, 7, 4), 24),
        ("Etc/GMT+5", SPRING, 24),
        ("Etc/GMT+5", AUTUMN, 24),
        ("America/Phoenix", SPRING, 24),
        ("Europe/Berlin", date(2024, 3, 31), 23),
        ("Europe/Berlin", date(2024, 10, 27), 25),
        (EASTERN, date(1969, 4, 27), 23),
        (EASTERN, date(1945, 8, 14), 24),  # renamed at 19:00, not changed
        ("America/Havana", date(2024, 3, 10), 23),
    ],
)
def test_it_counts_the_hours_of_a_day(zone: str, day: date, hours: int) -> None:
    assert day_hours(zone, day) == hours


def test_it_leaves_out_the_skipped_hour_and_shows_the_repeated_one_twice() -> None:
    assert wall_hours(EASTERN, SPRING)[:4] == (0, 1, 3, 4)
    assert wall_hours(EASTERN, AUTUMN)[:4] == (0, 1, 1, 2)


def test_it_begins_a_day_after_a_midnight_that_the_clock_skips() -> None:
    assert wall_hours("America/Havana", SPRING)[0] == 1


@given(zones, days)
@settings(deadline=None)
def test_it_cuts_every_day_into_hours_that_meet_the_next_day(zone: str, day: date) -> None:
    starts = hour_starts(zone, day)

    assert len(starts) == day_hours(zone, day) in (23, 24, 25)
    assert local_hour_starts(zone, day) == starts
    assert len(set(local_hour_starts(zone, day))) == len(starts)
    assert all(after - before == HOUR for before, after in itertools.pairwise(starts))
    assert starts[-1] + HOUR == hour_starts(zone, day + timedelta(days=1))[0]


@given(zones, days)
@settings(deadline=None)
def test_it_finds_every_hour_again_from_its_local_form(zone: str, day: date) -> None:
    for counted, start in enumerate(hour_starts(zone, day), start=1):
        local = local_hour(zone, start)
        seen = Counter(wall_hours(zone, day)[:counted])[local.hour]

        assert (local.day, hour_beginning_utc(zone, day, counted)) == (day, start)
        assert datetime.fromisoformat(local.begins) == start
        assert local_hour_starts(zone, day)[counted - 1].isoformat() == local.begins
        assert labelled_hour_utc(zone, day, local.hour + 1, repeated=seen > 1) == start


@given(st.datetimes(datetime(1970, 1, 2), datetime(2060, 1, 1)), zones)  # noqa: DTZ001
@settings(deadline=None)
def test_it_agrees_with_zoneinfo_on_every_instant(instant: datetime, zone: str) -> None:
    instant = instant.replace(tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(zone))
    found = local_hour(zone, instant)
    offset = local.utcoffset()

    assert offset is not None
    assert (found.day, found.hour) == (local.date(), local.hour)
    assert timedelta(minutes=found.offset) == offset
    assert wall_utc(zone, local.replace(tzinfo=None), repeated=bool(local.fold)) == instant


def test_it_names_a_local_hour_with_its_offset() -> None:
    assert local_hour(EASTERN, utc("2024-11-03 05:59:59")) == (
        AUTUMN,
        1,
        "2024-11-03T01:00:00-04:00",
        -240,
    )
    assert local_hour(EASTERN, utc("2024-11-03 06:00")).begins == "2024-11-03T01:00:00-05:00"
    assert local_hour(EASTERN, wall("2024-11-03T12:30+05:30")).hour == 2


@pytest.mark.parametrize(
    ("day", "hour_ending", "begins"),
    [
        (SPRING, 2, "2024-03-10 06:00"),
        (SPRING, 3, "2024-03-10 07:00"),
        (SPRING, 23, "2024-03-11 03:00"),
        (AUTUMN, 2, "2024-11-03 05:00"),
        (AUTUMN, 3, "2024-11-03 06:00"),
        (AUTUMN, 25, "2024-11-04 04:00"),
    ],
)
def test_it_counts_hours_through_a_changed_day(day: date, hour_ending: int, begins: str) -> None:
    assert hour_beginning_utc(EASTERN, day, hour_ending) == utc(begins)


@pytest.mark.parametrize(
    ("day", "hour_ending"), [(SPRING, 24), (SPRING, 0), (AUTUMN, 26), (date(2024, 7, 4), 25)]
)
def test_it_refuses_a_counted_hour_that_the_day_lacks(day: date, hour_ending: int) -> None:
    with pytest.raises(NonexistentTime, match=rf"hours 1 to 2[345] .* not {hour_ending}$"):
        hour_beginning_utc(EASTERN, day, hour_ending)


def test_it_labels_spring_hours_by_the_clock_without_hour_ending_three() -> None:
    labels = [1, 2, *range(4, 25)]  # ERCOT on 2026-03-08

    starts = [labelled_hour_utc(CENTRAL, date(2026, 3, 8), label) for label in labels]

    assert tuple(starts) == hour_starts(CENTRAL, date(2026, 3, 8))
    with pytest.raises(NonexistentTime, match="skips 02:00 on 2026-03-08"):
        labelled_hour_utc(CENTRAL, date(2026, 3, 8), 3)


def test_it_takes_hour_ending_25_for_the_second_pass_between_hours_two_and_three() -> None:
    autumn = date(2025, 11, 2)
    assert labelled_hour_utc(PACIFIC, autumn, 2, repeated=False) == utc("2025-11-02 08:00")
    assert labelled_hour_utc(PACIFIC, autumn, 25) == utc("2025-11-02 09:00")
    assert labelled_hour_utc(PACIFIC, autumn, 3) == utc("2025-11-02 10:00")
    for plain in (date(2025, 11, 3), date(2025, 3, 9)):
        with pytest.raises(NonexistentTime, match="no hour comes twice"):
            labelled_hour_utc(PACIFIC, plain, 25)


@pytest.mark.parametrize("hour_ending", [-1, 0, 26])
def test_it_refuses_a_label_that_no_clock_shows(hour_ending: int) -> None:
    with pytest.raises(NonexistentTime, match=f"no hour ends at {hour_ending} on 2024-11-03"):
        labelled_hour_utc(PACIFIC, AUTUMN, hour_ending)


def test_it_never_guesses_which_pass_of_a_repeated_hour_is_meant() -> None:
    with pytest.raises(AmbiguousTime, match="01:00 comes twice in America/New_York on 2024-11-03"):
        wall_utc(EASTERN, wall("2024-11-03 01:35"))
    with pytest.raises(AmbiguousTime):
        wall_utc(EASTERN, wall("2024-11-03 01:35").replace(fold=1))
    with pytest.raises(AmbiguousTime):
        labelled_hour_utc(EASTERN, AUTUMN, 2)


def test_it_reads_a_repeated_hour_by_its_flag() -> None:
    stamp = wall("2024-11-03 01:35:18.25")
    assert wall_utc(CENTRAL, stamp, repeated=False) == utc("2024-11-03 06:35:18.25")
    assert wall_utc(CENTRAL, stamp, repeated=True) == utc("2024-11-03 07:35:18.25")


def test_it_refuses_a_wall_time_that_the_clock_skips() -> None:
    with pytest.raises(NonexistentTime, match="skips 02:00"):
        wall_utc(EASTERN, wall("2024-03-10 02:30"))


@pytest.mark.parametrize("stamp", ["2024-11-03 02:00", "2024-06-25 00:40", "2024-03-10 01:00"])
def test_it_refuses_a_repeat_flag_on_an_hour_that_comes_once(stamp: str) -> None:
    with pytest.raises(NonexistentTime, match="comes once"):
        wall_utc(CENTRAL, wall(stamp), repeated=True)


def test_it_reads_a_repeated_hour_by_its_abbreviation() -> None:
    stamp = wall("2022-11-06 01:05")
    assert abbreviated_utc(EASTERN, stamp, "EDT") == utc("2022-11-06 05:05")
    assert abbreviated_utc(EASTERN, stamp, "EST") == utc("2022-11-06 06:05")
    with pytest.raises(NonexistentTime, match="never shows 2022-07-18T01:05:00 EST"):
        abbreviated_utc(EASTERN, wall("2022-07-18 01:05"), "EST")


def test_it_refuses_a_wall_time_with_an_offset_and_an_instant_without() -> None:
    with pytest.raises(ValueError, match="already has an offset"):
        wall_utc(EASTERN, utc("2024-01-01"))
    with pytest.raises(ValueError, match="has no offset"):
        local_hour(EASTERN, wall("2024-01-01"))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "America", "../etc/passwd"])
def test_it_refuses_a_zone_that_nobody_knows(zone: str) -> None:
    with pytest.raises(ZoneError, match="no such time zone"):
        day_hours(zone, AUTUMN)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Kolkata", date(2024, 1, 1)),
        ("Australia/Lord_Howe", date(2024, 4, 7)),
        ("America/Goose_Bay", date(2010, 3, 14)),
        (EASTERN, date(1880, 1, 1)),
        ("UTC", date.min),
        ("UTC", date.max),
    ],
)
def test_it_refuses_a_clock_that_is_not_whole_hours_from_utc(zone: str, day: date) -> None:
    with pytest.raises(ZoneError):
        day_hours(zone, day)
    with pytest.raises(ZoneError):
        local_hour(zone, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def test_it_refuses_a_day_that_the_zone_left_out() -> None:
    with pytest.raises(ZoneError):
        day_hours("Pacific/Apia", date(2011, 12, 30))


def test_the_passes_of_a_repeated_hour_are_two_instants_in_text() -> None:
    # Equal to Python, and so one entry of a cache, as long as they are of the zone.
    first, second = (datetime(2025, 11, 2, 1, tzinfo=ZoneInfo("America/New_York"), fold=fold)
                     for fold in (0, 1))  # fmt: skip
    assert first == second
    assert (instant_text(first), instant_text(second)) == (
        "2025-11-02T05:00:00Z",
        "2025-11-02T06:00:00Z",
    )
