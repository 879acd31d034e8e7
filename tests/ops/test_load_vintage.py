"""`manage.py load --vintage`: when the publisher released files that do not say so themselves."""

import json
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from tests.aurum.loads.test_belonging import run_sql
from tests.conftest import Api
from tests.engines import BOTH
from tests.iso.conftest import hours, lmp
from tests.iso.test_vintages import release
from tests.ops.conftest import Command, run_command

pytestmark = pytest.mark.parametrize("engine", BOTH, indirect=True)

SAID, GIVEN = "2025-09-29T17:00:00Z", "2025-09-30T13:00:00+02:00"
VINTAGES = "/v2/iso/lmp?fields=price_total,vintage"


@pytest.fixture
def file(inbox: Path) -> Path:
    found = inbox / "lmp.csv"
    found.write_text(lmp(hours("2025-10-01T05:00:00+00:00", 2)))
    return found


def test_rows_have_the_vintage_that_is_given(load: Command, file: Path, api: Api) -> None:
    assert load("iso.csv", file, "--vintage", GIVEN, "--dry-run").status == 0
    assert load("iso.csv", file, "--vintage", GIVEN).status == 0
    assert api.rows(VINTAGES) == [
        {"price_total": price, "vintage": "2025-09-30T11:00:00Z"} for price in (0, 1)
    ]
    first = file.read_text()
    file.write_text(first.replace(",0.0,", ",5.0,"))
    outcome = load("iso.csv", file, "--vintage", "2025-09-29T13:00:00Z")
    assert "0 new, 0 revised, 0 closed, 0 same, 2 older" in outcome.out
    assert (
        "kept for questions by vintage alone: 2 of the rows that are same or older" in outcome.out
    )
    told = json.loads(load("iso.csv", file, "--vintage", "2025-10-02T13:00:00Z", "--json").out)
    assert (told["revised"], told["same"], told["kept"]) == (1, 1, 1)
    again = json.loads(load("iso.csv", file, "--vintage", "2025-10-02T13:00:00Z", "--json").out)
    assert (again["same"], "kept" in again) == (2, False)


def test_history_that_was_loaded_before_gets_a_vintage_by_loading_it_again(
    load: Command, file: Path, api: Api
) -> None:
    assert load("iso.csv", file).status == 0
    assert api.rows(f"{VINTAGES}&vintage=2025-10-02T00:00:00Z") == []
    assert "2 same" in load("iso.csv", file, "--vintage", GIVEN).out
    assert len(api.rows(f"{VINTAGES}&vintage=2025-10-02T00:00:00Z")) == 2


def test_a_file_that_says_another_is_refused(load: Command, inbox: Path, api: Api) -> None:
    file = inbox / "lmp.csv"
    file.write_text(release(SAID, {0: 1.0}) + release("", {1: 1.0}).partition("\n")[2])
    outcome = load("iso.csv", file, "--vintage", GIVEN)
    assert (outcome.status, outcome.out) == (1, "")
    assert (
        f"it says itself that it was released at {SAID}, and not at 2025-09-30T11:00:00Z: load it"
        " without --vintage" in outcome.err
    )
    assert load("iso.csv", file, "--vintage", SAID).status == 0
    assert [row["vintage"] for row in api.rows(VINTAGES)] == [SAID, SAID]


@pytest.mark.parametrize(
    ("feed", "why"),
    [
        ("curves.csv", "nothing in its tables (curve_observation"),
        ("iso.isone_locations", "nothing in its tables (iso_location, iso_location_name) has one"),
        ("iso.nyiso_rt_lmp", "its files close what they leave out"),
    ],
)
def test_a_feed_that_takes_no_vintage_says_so(
    load: Command, inbox: Path, feed: str, why: str
) -> None:
    file = inbox / "some.file"
    file.write_text("nothing of it is read\n")
    for more in ((), ("--dry-run",)):
        outcome = load(feed, file, "--vintage", GIVEN, *more)
        assert outcome.status == 1
        assert f"{feed} takes no vintage" in outcome.err
        assert why in outcome.err
        assert "load it without --vintage" in outcome.err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2025-09-30", "is no instant to the second with its offset"),
        ("2025-09-30T13:00", "is no instant to the second with its offset"),
        ("yesterday", "is no instant to the second with its offset"),
        ("2150-01-01T00:00:00Z", "is in the future: nothing was released then"),
    ],
)
def test_what_is_no_vintage_is_refused(load: Command, file: Path, text: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        load("iso.csv", file, "--vintage", text)


def test_a_load_is_taken_back_without_one(load: Command) -> None:
    with pytest.raises(
        CommandError, match="--retract takes the number of a load, and no --vintage"
    ):
        load("--retract", "1", "--vintage", GIVEN)


def test_a_store_of_an_earlier_release_gets_the_column(load: Command, file: Path, api: Api) -> None:
    assert load("iso.csv", file).status == 0
    run_sql("ALTER TABLE iso_lmp DROP COLUMN vintage")
    assert len(api.rows("/v2/iso/lmp")) == 2
    outcome = load("iso.csv", file, "--vintage", GIVEN)
    assert "column vintage is missing" in outcome.err
    assert "iso_lmp: column vintage is missing" in run_command("stores", "migrate").out
    assert [row["vintage"] for row in api.rows(f"{VINTAGES}&limit=9")] == [None, None]
    assert load("iso.csv", file, "--vintage", GIVEN).status == 0
    assert {row["vintage"] for row in api.rows(VINTAGES)} == {"2025-09-30T11:00:00Z"}
