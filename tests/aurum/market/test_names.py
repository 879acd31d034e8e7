"""Names of the trade, and what they mean in each calendar."""

import pytest

from aurum.market.calendars import CALENDARS, UnknownBlock
from aurum.market.names import MARKETS, named, operator_code

WORDS = {
    "pjm": {
        "ON_PEAK": ("on-peak", "onpeak", "On Peak", "peak", "PEAK"),
        "5X16": ("5x16", "5 x 16", "5-X-16"),
        "2X16": ("2x16", "2X16H"),
        "7X16": ("7x16",),
        "5X8": ("5x8",),
        "7X8": ("7x8",),
        "OFF_PEAK": ("off-peak", "OffPeak", "wrap", "WRAP"),
        "7X24": ("7x24", "24x7", "ATC", "rtc", "base", "Around the Clock", "round-the-clock"),
    },
    "caiso": {
        "ON_PEAK": ("peak", "on-peak"),
        "6X16": ("6x16",),
        "1X16": ("1x16", "1X16H"),
        "OFF_PEAK": ("wrap",),
    },
    "eu_base": {"BASE": ("base", "baseload", "7x24", "ATC"), "PEAK": ("peak", "peakload")},
}


@pytest.mark.parametrize(
    ("calendar", "block", "name"),
    [(c, block, name) for c, all_of in WORDS.items() for block, names in all_of.items()
     for name in names],
)  # fmt: skip
def test_a_block_goes_by_the_names_of_the_trade(calendar: str, block: str, name: str) -> None:
    assert CALENDARS[calendar].block_name(name) == block


@pytest.mark.parametrize(
    ("calendar", "name"),
    [("pjm", "6x16"), ("pjm", "2x8"), ("pjm", "super peak"), ("caiso", "5x16"), ("caiso", "2X16H"),
     ("eu_base", "5x16"), ("pjm", "PEA"), ("pjm", "")],
)  # fmt: skip
def test_a_name_that_means_other_hours_elsewhere_is_refused(calendar: str, name: str) -> None:
    with pytest.raises(UnknownBlock):
        CALENDARS[calendar].block(name)


def test_a_market_goes_by_its_short_name() -> None:
    words = ("DAY_AHEAD", "REAL_TIME")
    assert [named(name, words, MARKETS) for name in ("da", "RT", "day-ahead", "DAM")] == [
        "DAY_AHEAD", "REAL_TIME", "DAY_AHEAD", "DAY_AHEAD",
    ]  # fmt: skip
    assert named("RTX", words, MARKETS) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [("ISO-NE", "ISONE"), ("iso ne", "ISONE"), ("isone", "ISONE"), ("Nepool", "ISONE"),
     ("pjm", "PJM"), ("XX", "XX")],
)  # fmt: skip
def test_an_operator_has_one_code(name: str, code: str) -> None:
    assert operator_code(name) == code


def test_every_calendar_says_whose_convention_it_is_and_where_that_is_written() -> None:
    for calendar in CALENDARS.values():
        assert len(calendar.convention) > 30, calendar.name
        assert len(calendar.source) > 20, calendar.name
