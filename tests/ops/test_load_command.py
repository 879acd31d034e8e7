"""`manage.py load`: what it takes, what it refuses, what it says."""

import io
import json
import re
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
import structlog
from django.core.management.base import CommandError

from aurum.domains import domains, find_feed
from aurum.loads.feeds import Feed
from aurum.loads.loader import Source, load_file
from ops.models import Load
from ops.watching import Watched
from tests.conftest import Api
from tests.factories import curve_csv, months, nymex
from tests.ops.conftest import Command
from tests.ops.load_files import JULY, strip

FEEDS = [feed.name for domain in domains() for feed in domain.feeds]

# What it takes


def test_a_file_named_outright_is_loaded_and_told_of_in_one_line(
    load: Command, inbox: Path
) -> None:
    outcome = load("curves.nymex", strip(inbox))
    assert (outcome.status, outcome.err) == (0, "")
    (load_id,) = Load.objects.values_list("id", flat=True)
    assert re.fullmatch(
        rf"forward-curve_2026-05-29\.json: load {load_id} of curves\.nymex,"
        r" 3 new, 0 revised, 0 closed, 0 same,"
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


@pytest.mark.parametrize(
    "words",
    [
        ("curves.nymex", "--dry-run", "inbox"),
        ("--dry-run", "curves.nymex", "inbox"),
        ("curves.nymex", "inbox", "--dry-run"),
        ("inbox", "--dry-run", "inbox/forward-curve_2026-05-29.json"),
        ("--dry-run", "--", "inbox"),
    ],
)
def test_options_may_stand_anywhere(
    load: Command, inbox: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(inbox.parent)
    strip(inbox)
    outcome = load(*words)
    assert (outcome.status, outcome.err) == (0, "")
    assert "forward-curve_2026-05-29.json: dry run of curves.nymex, 3 new" in outcome.out
    assert not Load.objects.exists()


def test_an_option_that_does_not_exist_loads_nothing(load: Command, inbox: Path) -> None:
    with pytest.raises(CommandError, match="unrecognized arguments: --dryrun"):
        load("curves.nymex", "--dryrun", strip(inbox))
    assert not Load.objects.exists()


# A fault of ours


def test_a_feed_that_fails_ends_one_file_and_the_others_load(
    load: Command, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_at_first(feed: Feed, source: Source, *rest: Any, **options: Any) -> Any:
        if "05-28" in source.name:
            raise ZeroDivisionError("division by zero")
        return load_file(feed, source, *rest, **options)

    monkeypatch.setattr("ops.management.commands.load.load_file", fail_at_first)
    strip(inbox, day="2026-05-28")
    strip(inbox)
    with structlog.testing.capture_logs() as logged:
        outcome = load(inbox)
    assert outcome.status == 1
    assert outcome.err == (
        "forward-curve_2026-05-28.json: refused, it could not be loaded:"
        " ZeroDivisionError: division by zero (read as curves.nymex)\n"
    )
    assert "forward-curve_2026-05-29.json: load" in outcome.out
    (line,) = logged
    assert (line["event"], line["feed"], line["exc_info"]) == ("load_failed", "curves.nymex", True)


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
    path = strip(inbox, {f"20{year}-01": 3.5 for year in range(27, 60)})
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    outcome = load("curves.nymex", path)
    assert outcome.status == 1
    assert re.fullmatch(
        rf"{path.name}: refused, line \d+, column \d+: this is not whole JSON: .+\n", outcome.err
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
        r"curves\.csv: refused, line 41: the last line has no line end: the file is cut off; .*\n",
        outcome.err,
    )
    assert api.rows("/v1/curves") == []
    assert Load.objects.get().reason in outcome.err


def test_a_path_that_is_not_there_is_refused(load: Command, inbox: Path) -> None:
    outcome = load("curves.nymex", inbox / "none-*.json", strip(inbox))
    assert outcome.status == 1
    assert outcome.err == f"{inbox / 'none-*.json'}: refused, there is no such file\n"
    assert "3 new" in outcome.out


def test_a_file_that_cannot_be_opened_is_refused_and_the_others_load(
    load: Command, inbox: Path
) -> None:
    (inbox / "forward-curve_2026-05-28.json").symlink_to(inbox / "gone")
    strip(inbox)
    outcome = load("curves.nymex", inbox / "forward-curve_*.json")
    assert outcome.status == 1
    assert outcome.err.startswith("forward-curve_2026-05-28.json: refused, [Errno 2] No such file")
    assert "3 new" in outcome.out


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
    for _ in found[1].read(cast(BinaryIO, Watched(io.BytesIO(content.encode()), bar))):
        pass
    assert bar.seen == bar.total == len(content)


# Feeds


def test_list_shows_every_feed_with_what_it_takes(load: Command) -> None:
    outcome = load("--list")
    assert outcome.lines[0].split()[:4] == ["curves.nymex", "replace", "NYMEX", "Henry"]
    assert [line.split() for line in outcome.lines[1:4:2]] == [["forward-curve_*.json"], ["*.csv"]]
    assert [line.split()[0] for line in outcome.lines[::2]] == FEEDS


def test_list_can_be_json(load: Command) -> None:
    first, *_ = (json.loads(line) for line in load("--list", "--json").lines)
    assert list(first) == ["feed", "title", "mode", "takes"]
    assert (first["feed"], first["takes"]) == ("curves.nymex", ["forward-curve_*.json"])


def test_an_unknown_feed_is_answered_with_the_nearest(load: Command, inbox: Path) -> None:
    with pytest.raises(CommandError) as told:
        load("curves.nymx", strip(inbox))
    assert str(told.value) == (
        f"There is no feed 'curves.nymx' (did you mean 'curves.nymex'?). Feeds: {', '.join(FEEDS)}."
    )


def test_without_an_argument_it_names_the_feeds(load: Command) -> None:
    with pytest.raises(CommandError) as told:
        load()
    assert str(told.value) == f"Name files, or a feed and files. Feeds: {', '.join(FEEDS)}."


def test_without_a_file_it_asks_for_one(load: Command) -> None:
    with pytest.raises(CommandError) as told:
        load("curves.nymex")
    assert str(told.value) == "Name at least one file, folder, zip archive or pattern."


# A store that is gone


def test_a_store_that_is_gone_is_told_of_for_each_file(
    load: Command, inbox: Path, settings: Any
) -> None:
    settings.AURUM_STORES = {"curves": "timescale"}
    settings.AURUM_TIMESCALE_DSN = "postgresql://nobody@127.0.0.1:1/none"
    outcome = load("curves.nymex", strip(inbox), strip(inbox, day="2026-06-01"))
    assert (outcome.status, outcome.out) == (1, "")
    told = "refused, the data store cannot be used: connection"
    for line, day in zip(outcome.err.splitlines(), ("05-29", "06-01"), strict=True):
        assert line.startswith(f"forward-curve_2026-{day}.json: {told}")
    assert not Load.objects.exists()


@pytest.mark.parametrize("spoil", [Path.mkdir, lambda path: path.write_bytes(b"?" * 4096)])
def test_an_embedded_store_that_cannot_be_opened_is_told_of(
    load: Command, inbox: Path, home: Path, spoil: Any
) -> None:
    spoil(home / "market.sqlite3")
    outcome = load("curves.nymex", strip(inbox))
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("forward-curve_2026-05-29.json: refused, the data store ")
