"""Reports that only their publishers' names for them tell apart."""

from pathlib import Path

import pytest

from aurum.domains import find_feed
from ops.sources import LeftOut, find_sources


def found(*arguments: Path, feed: str | None = None) -> tuple[list[str], list[LeftOut]]:
    """The feed of each file that would be loaded, and what is refused."""
    with find_sources(feed and find_feed(feed), map(str, arguments)) as sources:  # type: ignore[arg-type]
        return [one.feed.name for one in sources.files], sources.refused


@pytest.fixture
def put(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("feed", "name", "its"),
    [
        ("iso.miso_lmp", "20260904_rt_lmp_prelim.csv", "iso.miso_rt_prelim_lmp"),
        ("iso.miso_rt_prelim_lmp", "20260904_rt_lmp_final.csv", "iso.miso_lmp"),
        ("iso.nyiso_lmp", "20260922rtlbmp_zone.csv", "iso.nyiso_rt_hourly_lmp"),
        ("iso.isone_rt_json", "hourlylmp_da_20260903.json", "iso.isone_da_json"),
    ],
)
def test_one_is_not_taken_for_another(put: Path, feed: str, name: str, its: str) -> None:
    (put / name).write_text("x\n")
    told = f"its name is that of {its}: name that feed, or none"
    assert found(put / name, feed=feed) == ([], [LeftOut(str(put / name), told)])
    assert found(put, feed=feed)[0] == []


def test_a_report_that_does_not_say_how_final_it_is_wants_its_feed_named(put: Path) -> None:
    path = put / "lmp_5min_20260903_00-04.csv"
    path.write_text("x\n")
    feeds = ["iso.isone_five_minute_lmp", "iso.isone_five_minute_prelim_lmp"]
    told = f"its name fits {' and '.join(feeds)}: name the feed"
    assert found(path) == ([], [LeftOut(str(path), told)])
    for feed in feeds:
        assert found(path, feed=feed) == ([feed], [])


def test_ex_ante_prices_go_to_no_feed_of_the_publisher(put: Path) -> None:
    (put / "20260908_da_exante_lmp.csv").write_text("x\n")
    assert found(put)[0] == ["iso.csv"]  # which refuses its columns
    assert found(put, feed="iso.miso_lmp")[0] == []
