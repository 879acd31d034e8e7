"""Market time against publishers' own files, where this machine has them."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from aurum.market.time import (
    HOUR,
    AmbiguousTime,
    NonexistentTime,
    day_hours,
    local_hour,
    wall_utc,
)

Published = Callable[[str], list[dict[str, str]]]

EASTERN, CENTRAL = "America/New_York", "America/Chicago"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def day_first(stamp: str) -> datetime:
    """A wall time from `31/12/02 1:00`."""
    day, month, rest = stamp.split("/")
    year, clock = rest.split(" ")
    return wall(f"20{year}-{month:>02}-{day:>02} {clock:>05}")


def test_it_changes_the_clock_when_the_reference_does(published: Published) -> None:
    for row in published("reference/computed_here/dst_transitions_us_2015_2027.csv"):
        instant = datetime.fromisoformat(row["utc_instant"])
        before = local_hour(row["zone"], instant - timedelta(seconds=1))
        after = local_hour(row["zone"], instant)

        assert after.begins == row["local_after"]
        assert before.begins[:13] + ":59:59" + before.begins[19:] == row["local_before"]
        assert day_hours(row["zone"], after.day) == (23 if "spring" in row["change"] else 25)


def test_it_tells_a_flattened_day_from_a_whole_one(published: Published) -> None:
    rows = published("lmp/ercot/HB_SOUTH_dam_rtm_15min_20240601_20241231_derived.csv")
    counts = Counter(date.fromisoformat(row["timestamp_local"][:10]) for row in rows)

    broken = [day for day, count in counts.items() if count != 4 * day_hours(CENTRAL, day)]

    assert broken == [date(2024, 11, 3)]
    assert (counts[broken[0]], 4 * day_hours(CENTRAL, broken[0])) == (96, 100)


def test_it_keeps_mountain_standard_hours_apart_over_the_spring_change(
    published: Published,
) -> None:
    rows = published("lmp/caiso/dam_lmp_PALOVRDE_mst_pull02.csv")
    stamps = sorted({row["INTERVALSTARTTIME_MST"] for row in rows})

    instants = [wall_utc("America/Phoenix", wall(stamp)) for stamp in stamps]

    assert instants == [wall_utc("Etc/GMT+7", wall(stamp)) for stamp in stamps]
    assert instants[0] == utc("2024-03-01 07:00")
    assert len(instants) == 720
    assert instants[-1] - instants[0] == 719 * HOUR
    with pytest.raises(NonexistentTime):
        [wall_utc("America/Denver", wall(stamp)) for stamp in stamps]


def test_it_resolves_hour_ending_stamps_that_come_twice_in_autumn(published: Published) -> None:
    seen: Counter[datetime] = Counter()
    instants, unresolved = [], []
    for row in published("load/pjm_kaggle/PJME_hourly.csv"):
        begins = day_first(row["Datetime"]) - HOUR
        seen[begins] += 1
        try:
            instants.append(wall_utc(EASTERN, begins))
        except AmbiguousTime:
            unresolved.append(begins)
    both = [stamp for stamp, count in seen.items() if count == 2]
    instants += [
        wall_utc(EASTERN, stamp, repeated=flag) for stamp in both for flag in (False, True)
    ]

    assert sorted(stamp.year for stamp in both) == [2014, 2015, 2016, 2017]
    assert sorted(set(unresolved)) == sorted(both)
    assert len(instants) == len(set(instants)) == 145_366
    assert (min(instants), max(instants)) == (utc("2002-01-01 05:00"), utc("2018-08-03 03:00"))
