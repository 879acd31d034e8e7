"""NYISO's dispatch loaded again: what has no grid must not overlap."""

import pytest

from tests.conftest import Api, Market
from tests.engines import BOTH
from tests.iso.published import FORMS, changes, hours_of

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

HEADER = FORMS["nyiso"](hours_of("nyiso", changes(2025)[1])).splitlines()[0]
EVERY_FIVE = [f"00:{minute:02}:00" for minute in range(5, 60, 5)] + ["01:00:00"]


def text_of(*rows: tuple[str, str]) -> str:
    lines = (f'"09/26/2026 {stamp}","WEST",61752,{price},0.00,0.00' for stamp, price in rows)
    return "\n".join((HEADER, *lines)) + "\n"


def hour(api: Api) -> dict[str, float | bool]:
    (row,) = api.rows(
        "/v2/iso/lmp?market=FIVE_MINUTE&resample=hour&fields=mean,max,count,hours_covered,partial"
    )
    return row  # type: ignore[no-any-return]


def test_a_run_that_is_there_no_more_goes_with_its_time(market: Market, api: Api) -> None:
    plain = [(stamp, "30.00") for stamp in EVERY_FIVE]
    extra = [("00:12:30", "1000.00"), ("00:13:00", "1000.00")]
    market.load("iso.nyiso_rt_lmp", text_of(*sorted(plain + extra)))
    assert hour(api)["max"] == 1000
    counts = market.load("iso.nyiso_rt_lmp", text_of(*plain)).counts
    assert (counts.closed, counts.revised) == (2, 1)
    assert hour(api) == {
        "mean": 30, "max": 30, "count": 12, "hours_covered": 1, "partial": False,
    }  # fmt: skip


def test_a_file_of_the_morning_closes_nothing_of_the_evening(market: Market, api: Api) -> None:
    plain = [(stamp, "30.00") for stamp in EVERY_FIVE]
    market.load("iso.nyiso_rt_lmp", text_of(*plain))
    counts = market.load("iso.nyiso_rt_lmp", text_of(*plain[:5])).counts
    assert (counts.same, counts.closed) == (5, 0)
    assert hour(api)["count"] == 12


def test_a_row_that_is_set_aside_leaves_what_was_there(market: Market, api: Api) -> None:
    plain = [(stamp, "30.00") for stamp in EVERY_FIVE]
    market.load("iso.nyiso_rt_lmp", text_of(*plain))
    spoilt = [(s, "n/a" if s == "00:30:00" else p) for s, p in plain]
    counts = market.load("iso.nyiso_rt_lmp", text_of(*spoilt)).counts
    assert (counts.quarantined, counts.closed) == (1, 0)
    assert hour(api)["count"] == 12


def test_a_run_that_comes_seconds_late_has_the_time_since_the_one_before(
    market: Market, api: Api
) -> None:
    stamps = [*EVERY_FIVE[:2], "00:15:12", *EVERY_FIVE[3:11], "01:00:07", "01:05:00"]
    market.load("iso.nyiso_rt_lmp", text_of(*((s, "1000.00" if s == "00:15:12" else "30.00")
                                              for s in stamps)))  # fmt: skip
    first, second = api.rows(
        "/v2/iso/lmp?market=FIVE_MINUTE&resample=hour&fields=mean,hours_covered,partial"
    )
    assert first["mean"] == pytest.approx(30 + 970 * 312 / 3600, abs=1e-6)
    assert (first["hours_covered"], first["partial"]) == (1, False)
    assert second["hours_covered"] == pytest.approx(300 / 3600, abs=1e-6)
