"""`manage.py load`."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from django.core.management.base import CommandError

from aurum.domains import find_feed
from ops.management.commands.load import _Watched
from ops.models import Load, QuarantinedRow
from tests.conftest import Api
from tests.make import curve_csv, months, nymex
from tests.ops.conftest import Command

JULY = {"2026-07": 3.27, "2026-08": 3.31, "2026-09": 3.30}
NOTHING = {"new": 0, "revised": 0, "closed": 0, "same": 0, "quarantined": 0}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder as publishers fill it."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def strip(inbox: Path, prices: dict[str, Any] = JULY, day: str = "2026-05-29") -> Path:
    path = inbox / f"forward-curve_{day}.json"
    path.write_text(nymex(prices, day))
    return path


def archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in members.items():
            whole.writestr(name.replace("__", "/").replace("_json", ".json"), content)
    return path


def counts(load: Command, *words: str | Path) -> dict[str, int]:
    """What one file did, but for what it did not do."""
    outcome = load(*words, "--json")
    assert outcome.status == 0, outcome
    (facts,) = (json.loads(line) for line in outcome.lines)
    return {name: facts[name] for name in NOTHING if facts[name]}


# What it takes


def test_a_file_named_outright_is_loaded_and_told_of_in_one_line(
    load: Command, inbox: Path
) -> None:
    outcome = load("curves.nymex", strip(inbox))
    assert (outcome.status, outcome.err) == (0, "")
    (load_id,) = Load.objects.values_list("id", flat=True)
    assert re.fullmatch(
        rf"forward-curve_2026-05-29\.json: load {load_id}, 3 new, 0 revised, 0 closed, 0 same,"
        r" 0 quarantined, \d+\.\d\d s\n",
        outcome.out,
    )


def test_what_it_loads_is_served_at_once(load: Command, inbox: Path, api: Api) -> None:
    load("curves.nymex", strip(inbox))
    assert [row["mid"] for row in api.rows("/v1/curves")] == [3.27, 3.31, 3.3]


def test_several_files_are_one_load_each_in_the_order_given(load: Command, inbox: Path) -> None:
    later, earlier = strip(inbox, day="2026-05-29"), strip(inbox, day="2026-05-28")
    load("curves.nymex", later, earlier)
    found = Load.objects.order_by("id").values_list("file", "state")
    assert list(found) == [(later.name, "published"), (earlier.name, "published")]


def test_of_a_directory_it_takes_what_the_feed_knows_in_name_order_and_lists_the_rest(
    load: Command, inbox: Path
) -> None:
    for day in ("2026-05-29", "2026-05-27", "2026-05-28"):
        strip(inbox, day=day)
    (inbox / "README.txt").write_text("from the collector")
    (inbox / "older").mkdir()
    outcome = load("curves.nymex", inbox)
    assert outcome.status == 0
    assert [line.split(", ")[0] for line in outcome.lines[:2]] == [
        f"{inbox / 'README.txt'}: not taken",
        f"{inbox / 'older'}: not taken",
    ]
    assert [line.split(":")[0] for line in outcome.lines[2:]] == [
        f"forward-curve_2026-05-{day}.json" for day in (27, 28, 29)
    ]


def test_a_pattern_takes_the_files_that_match_it(load: Command, inbox: Path) -> None:
    for day in ("2026-05-28", "2026-05-29", "2026-06-01"):
        strip(inbox, day=day)
    outcome = load("curves.nymex", inbox / "forward-curve_2026-05-*.json")
    assert [line.split(":")[0] for line in outcome.lines] == [
        "forward-curve_2026-05-28.json",
        "forward-curve_2026-05-29.json",
    ]


def test_of_an_archive_it_takes_what_the_feed_knows_and_lists_the_rest(
    load: Command, inbox: Path, api: Api
) -> None:
    whole = archive(
        inbox / "may.zip",
        **{
            "forward-curve_2026-05-29_json": nymex(JULY, "2026-05-29"),
            "older__forward-curve_2026-05-28_json": nymex(JULY, "2026-05-28"),
            "notes": "nothing to load",
        },
    )
    outcome = load("curves.nymex", whole)
    assert outcome.status == 0
    assert [line.split(", ")[0] for line in outcome.lines] == [
        f"{whole}/notes: not taken",
        f"may.zip/forward-curve_2026-05-29.json: load {_load_of('2026-05-29')}",
        f"may.zip/older/forward-curve_2026-05-28.json: load {_load_of('2026-05-28')}",
    ]
    assert len(api.rows("/v1/curves?asof=2026-05-28")) == 3


def _load_of(day: str) -> int:
    return Load.objects.get(file__contains=day).id


def test_an_empty_directory_is_no_error(load: Command, inbox: Path) -> None:
    outcome = load("curves.nymex", inbox)
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")


# What it refuses


def test_a_file_that_does_not_fit_is_refused_the_others_load_and_the_status_is_1(
    load: Command, inbox: Path
) -> None:
    odd = inbox / "prices.csv"
    odd.write_text(curve_csv(months("2025-10", 2)))
    outcome = load("curves.nymex", strip(inbox), odd, strip(inbox, day="2026-06-01"))
    assert outcome.status == 1
    assert outcome.err.startswith("prices.csv: refused, line 1, column 1: this is not whole JSON")
    assert [line.split(":")[0] for line in outcome.lines] == [
        "forward-curve_2026-05-29.json",
        "forward-curve_2026-06-01.json",
    ]


def test_a_truncated_file_is_refused_whole_with_the_place(
    load: Command, inbox: Path, api: Api
) -> None:
    whole = strip(inbox, {f"20{year}-01": 3.5 for year in range(27, 60)})
    text = whole.read_text()
    whole.write_text(text[: text.index('"2040"') if '"2040"' in text else len(text) // 2])
    outcome = load("curves.nymex", whole)
    assert outcome.status == 1
    assert re.fullmatch(
        rf"{whole.name}: refused, line \d+, column \d+: this is not whole JSON: .+\n", outcome.err
    )
    assert api.rows("/v1/curves") == []
    assert Load.objects.get().state == "abandoned"


def test_a_table_that_breaks_off_late_leaves_nothing_of_its_earlier_lines(
    load: Command, inbox: Path, api: Api
) -> None:
    path = inbox / "curves.csv"
    path.write_text(curve_csv(months("2025-10", 40))[:-20])
    outcome = load("curves.csv", path)
    assert outcome.status == 1
    assert re.fullmatch(
        r"curves\.csv: refused, line 41: \d+ cells are expected, \d+ are there\n", outcome.err
    )
    assert api.rows("/v1/curves") == []
    assert Load.objects.get().reason in outcome.err


def test_a_path_that_is_not_there_is_refused(load: Command, inbox: Path) -> None:
    outcome = load("curves.nymex", inbox / "none-*.json", strip(inbox))
    assert outcome.status == 1
    assert outcome.err == f"{inbox / 'none-*.json'}: refused, there is no such file\n"
    assert "3 new" in outcome.out


@pytest.mark.parametrize("keep", [0.3, 0.97])
def test_an_archive_that_is_cut_off_is_refused(load: Command, inbox: Path, keep: float) -> None:
    path = archive(inbox / "may.zip", **{"forward-curve_2026-05-29_json": nymex(JULY)})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    outcome = load("curves.nymex", path)
    assert outcome.status == 1
    assert outcome.err == f"{path}: refused, this is not a zip archive, or it is cut off\n"


def flip_a_byte(content: bytearray) -> None:
    content[120] ^= 0xFF


def ask_for_a_password(content: bytearray) -> None:
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1


def lose_the_beginning(content: bytearray) -> None:
    del content[:120]


@pytest.mark.parametrize("spoil", [flip_a_byte, ask_for_a_password, lose_the_beginning])
def test_a_member_that_cannot_be_unpacked_is_refused_and_the_others_load(
    load: Command, inbox: Path, spoil: Callable[[bytearray], None]
) -> None:
    path = archive(
        inbox / "may.zip",
        **{
            "forward-curve_2026-05-28_json": nymex(JULY, "2026-05-28"),
            "forward-curve_2026-05-29_json": nymex(JULY, "2026-05-29"),
        },
    )
    content = bytearray(path.read_bytes())
    spoil(content)
    path.write_bytes(content)
    outcome = load("curves.nymex", path)
    assert outcome.status == 1
    assert outcome.err.startswith(
        "may.zip/forward-curve_2026-05-28.json: refused, it cannot be unpacked: "
    )
    assert [line.split(":")[0] for line in outcome.lines] == [
        "may.zip/forward-curve_2026-05-29.json"
    ]


def test_a_file_that_cannot_be_opened_is_refused_and_the_others_load(
    load: Command, inbox: Path
) -> None:
    (inbox / "forward-curve_2026-05-28.json").symlink_to(inbox / "gone")
    strip(inbox)
    outcome = load("curves.nymex", inbox / "forward-curve_*.json")
    assert outcome.status == 1
    assert outcome.err.startswith("forward-curve_2026-05-28.json: refused, [Errno 2] No such file")
    assert "3 new" in outcome.out


# The same again, corrections, what goes


def test_the_same_file_again_adds_nothing(load: Command, inbox: Path) -> None:
    path = strip(inbox)
    assert counts(load, "curves.nymex", path) == {"new": 3}
    assert counts(load, "curves.nymex", path) == {"same": 3}
    assert Load.objects.order_by("-id")[0].state == "unchanged"


def test_one_changed_price_is_one_revision(load: Command, inbox: Path, api: Api) -> None:
    load("curves.nymex", strip(inbox))
    assert counts(load, "curves.nymex", strip(inbox, {**JULY, "2026-08": 3.35})) == {
        "revised": 1,
        "same": 2,
    }
    assert [row["mid"] for row in api.rows("/v1/curves")] == [3.27, 3.35, 3.3]


def test_a_month_less_is_closed_where_a_file_is_the_whole_strip(
    load: Command, inbox: Path, api: Api
) -> None:
    load("curves.nymex", strip(inbox))
    less = {label: price for label, price in JULY.items() if label != "2026-08"}
    assert counts(load, "curves.nymex", strip(inbox, less)) == {"closed": 1, "same": 2}
    assert [row["tenor_label"] for row in api.rows("/v1/curves")] == ["2026-07", "2026-09"]


def test_a_row_less_stays_where_a_file_only_adds(load: Command, inbox: Path, api: Api) -> None:
    path = inbox / "curves.csv"
    path.write_text(curve_csv(months("2025-10", 3)))
    load("curves.csv", path)
    path.write_text(curve_csv(months("2025-10", 2)))
    assert counts(load, "curves.csv", path) == {"same": 2}
    assert len(api.rows("/v1/curves")) == 3


def test_a_correction_taken_back_is_a_revision_again(load: Command, inbox: Path, api: Api) -> None:
    first, second = JULY, {**JULY, "2026-07": 9.99}
    did = [counts(load, "curves.nymex", strip(inbox, prices)) for prices in (first, second, first)]
    assert did == [{"new": 3}, {"revised": 1, "same": 2}, {"revised": 1, "same": 2}]
    assert [row["mid"] for row in api.rows("/v1/curves")] == [3.27, 3.31, 3.3]


def test_an_impossible_price_goes_to_quarantine_with_its_reason(
    load: Command, inbox: Path, api: Api
) -> None:
    path = strip(inbox, {"2026-07": 3.27, "2026-08": "n/a", "2026-09": 0})
    assert counts(load, "curves.nymex", path) == {"new": 1, "quarantined": 2}
    kept = QuarantinedRow.objects.order_by("id")
    assert [(row.place, row.reason) for row in kept] == [
        ("data[1]", "invalid_price"),
        ("data[2]", "out_of_range"),
    ]
    assert json.loads(kept[0].raw)["price"] == "n/a"
    assert {row.load.file for row in kept} == {path.name}
    assert [row["tenor_label"] for row in api.rows("/v1/curves")] == ["2026-07"]


def test_a_price_that_turns_impossible_leaves_the_last_good_one(
    load: Command, inbox: Path, api: Api
) -> None:
    load("curves.nymex", strip(inbox))
    assert counts(load, "curves.nymex", strip(inbox, {**JULY, "2026-08": "n/a"})) == {
        "same": 2,
        "quarantined": 1,
    }
    assert [row["mid"] for row in api.rows("/v1/curves")] == [3.27, 3.31, 3.3]


# --json


def test_json_is_one_object_a_file_and_nothing_else(load: Command, inbox: Path) -> None:
    outcome = load("--json", "curves.nymex", strip(inbox), strip(inbox, day="2026-06-01"))
    assert (outcome.status, outcome.err) == (0, "")
    first, second = (json.loads(line) for line in outcome.lines)
    assert list(first) == ["file", "load", *NOTHING, "seconds"]
    assert first.pop("seconds") > 0
    assert first == {
        **NOTHING,
        "file": "forward-curve_2026-05-29.json",
        "load": _load_of("2026-05-29"),
        "new": 3,
    }
    assert second["load"] > first["load"]


def test_json_says_what_was_refused_and_what_was_not_taken_in_json_too(
    load: Command, inbox: Path
) -> None:
    strip(inbox)
    (inbox / "notes.txt").write_text("")
    outcome = load("--json", "curves.nymex", inbox, inbox / "none.json")
    assert (outcome.status, outcome.err) == (1, "")
    refused, left, loaded = (json.loads(line) for line in outcome.lines)
    assert refused == {"file": str(inbox / "none.json"), "refused": "there is no such file"}
    assert left == {"file": str(inbox / "notes.txt"), "not_taken": True}
    assert loaded["new"] == 3


# --dry-run


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    load: Command, inbox: Path, api: Api
) -> None:
    load("curves.nymex", strip(inbox))
    before = api.get("/v1/curves").json()["data"]
    changed = strip(inbox, {"2026-07": 3.5, "2026-09": 3.30, "2026-10": "n/a", "2026-11": 3.7})
    outcome = load("curves.nymex", changed, "--dry-run")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(
        f"{changed.name}: dry run, 1 new, 1 revised, 1 closed, 1 same, 1 quarantined, "
    )
    assert api.get("/v1/curves").json()["data"] == before
    assert (Load.objects.count(), QuarantinedRow.objects.count()) == (1, 0)
    assert counts(load, "curves.nymex", changed) == {
        "new": 1, "revised": 1, "closed": 1, "same": 1, "quarantined": 1,
    }  # fmt: skip


def test_a_dry_run_before_the_first_load_counts_all_as_new(load: Command, inbox: Path) -> None:
    outcome = load("curves.nymex", strip(inbox), "--dry-run", "--json")
    facts = json.loads(outcome.out)
    assert (facts["load"], facts["new"]) == (None, 3)
    assert not Load.objects.exists()


def test_a_dry_run_refuses_what_a_load_would_refuse(load: Command, inbox: Path) -> None:
    path = strip(inbox)
    path.write_text(path.read_text()[:100])
    outcome = load("curves.nymex", path, "--dry-run")
    assert outcome.status == 1
    assert "this is not whole JSON" in outcome.err


# Progress


class Bar:
    """Stands in for the bar that a terminal shows."""

    seen = total = 0

    def reset(self, total: int) -> None:
        self.seen, self.total = 0, total

    def update(self, count: int) -> None:
        self.seen += count


@pytest.mark.parametrize(
    ("feed", "content"),
    [("curves.nymex", nymex(JULY)), ("curves.csv", curve_csv(months("2025-10", 200)))],
)
def test_the_progress_bar_follows_the_file_to_its_end(feed: str, content: str) -> None:
    found, bar = find_feed(feed), Bar()
    assert found is not None
    for _ in found[1].read(cast(BinaryIO, _Watched(io.BytesIO(content.encode()), bar))):
        pass
    assert bar.seen == bar.total == len(content)


# Feeds


def test_list_shows_every_feed_with_what_it_takes(load: Command) -> None:
    outcome = load("--list")
    assert [line.split()[:3] for line in outcome.lines] == [
        ["curves.nymex", "replace", "forward-curve_*.json"],
        ["curves.csv", "upsert", "*.csv"],
    ]
    assert "Henry Hub" in outcome.lines[0]


def test_list_can_be_json(load: Command) -> None:
    first, _ = (json.loads(line) for line in load("--list", "--json").lines)
    assert list(first) == ["feed", "title", "mode", "takes"]
    assert first["feed"] == "curves.nymex"


def test_an_unknown_feed_is_answered_with_the_nearest(load: Command, inbox: Path) -> None:
    with pytest.raises(CommandError) as told:
        load("curves.nymx", strip(inbox))
    assert str(told.value) == (
        "There is no feed 'curves.nymx' (did you mean 'curves.nymex'?)."
        " Feeds: curves.nymex, curves.csv."
    )


def test_without_an_argument_it_names_the_feeds(load: Command) -> None:
    with pytest.raises(CommandError) as told:
        load()
    assert str(told.value) == "Name a feed: curves.nymex, curves.csv."


def test_without_a_file_it_asks_for_one(load: Command) -> None:
    with pytest.raises(CommandError) as told:
        load("curves.nymex")
    assert str(told.value) == "Name at least one file, directory, zip archive or pattern."


# A store that is gone


def test_a_store_that_is_gone_is_told_of_for_each_file(
    load: Command, inbox: Path, settings: Any
) -> None:
    settings.AURUM_STORES = {"curves": "timescale"}
    settings.AURUM_TIMESCALE_DSN = "postgresql://nobody@127.0.0.1:1/none"
    outcome = load("curves.nymex", strip(inbox), strip(inbox, day="2026-06-01"))
    assert (outcome.status, outcome.out) == (1, "")
    told = "refused, The data store does not answer. Try again shortly."
    assert outcome.err.splitlines() == [
        f"forward-curve_2026-05-29.json: {told}",
        f"forward-curve_2026-06-01.json: {told}",
    ]
    assert not Load.objects.exists()


@pytest.mark.parametrize("spoil", [Path.mkdir, lambda path: path.write_bytes(b"?" * 4096)])
def test_an_embedded_store_that_cannot_be_opened_is_told_of(
    load: Command, inbox: Path, home: Path, spoil: Any
) -> None:
    spoil(home / "market.sqlite3")
    outcome = load("curves.nymex", strip(inbox))
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("forward-curve_2026-05-29.json: refused, The data store")
