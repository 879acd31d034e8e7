"""Real files of prices: each is loaded or refused as docs/feeds.md says."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from tests.conftest import Api, Market
from tests.test_docs import DOCS


class Told(NamedTuple):
    file: str
    feed: str
    rows: int
    flagged: int
    refused: str


def table() -> list[Told]:
    page = (DOCS / "feeds.md").read_text().partition("## Publishers' files of prices")[2]
    found = []
    for line in re.findall(r"^\| (`.*) \|$", page, re.M):
        file, feed, rows, refused = (cell.strip(" `") for cell in line.split("|"))
        numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?=\D|$)", rows)]
        count, flagged = (*numbers, 0, 0)[:2]
        found.append(Told(file, feed, count, flagged, refused))
    return found


TABLE = table()


def test_every_file_of_prices_is_in_the_table(data: Path) -> None:
    there = {str(path.relative_to(data / "lmp")) for path in (data / "lmp").glob("*/*")}
    assert there == {told.file for told in TABLE}


@pytest.mark.parametrize("told", TABLE, ids=lambda told: told.file)
def test_a_file_is_loaded_or_refused_as_it_is_told(data: Path, market: Market, told: Told) -> None:
    content = (data / "lmp" / told.file).read_bytes()
    if told.refused:
        with pytest.raises(InvalidFile) as reason:
            market.load(told.feed, content)
        assert str(reason.value) == told.refused
        return
    counts = market.load(told.feed, content).counts
    assert (counts.new, counts.flagged, counts.quarantined) == (told.rows, told.flagged, 0)
    again = market.load(told.feed, content).counts
    assert (again.new, again.revised, again.same) == (0, 0, told.rows)


def test_new_england_s_own_list_of_locations(data: Path, market: Market, api: Api) -> None:
    content = (data / "reference" / "isone" / "locations.json").read_bytes()
    assert market.load("iso.isone_locations", content).counts.new == 19
    rows = api.rows("/v2/iso/locations?location_type=hub,zone&fields=location_id,location_name")
    assert len(rows) == 9
    assert rows[0] == {"location_id": "4000", "location_name": ".H.INTERNAL_HUB"}


def test_no_feed_crashes_on_another_publisher_s_file(data: Path) -> None:
    for feed_name in {told.feed for told in TABLE}:
        found = find_feed(feed_name)
        assert found is not None
        own = {told.file for told in TABLE if told.feed.split("_")[0] == feed_name.split("_")[0]}
        for told in TABLE:
            if told.file not in own:
                with (data / "lmp" / told.file).open("rb") as file, pytest.raises(InvalidFile):
                    list(found[1].read(file))
