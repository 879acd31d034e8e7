"""`manage.py load`: what a file does to what is there, for a person, a program and as a trial."""

import json
from pathlib import Path
from typing import Any

from ops.models import Load, QuarantinedRow
from tests.conftest import Api
from tests.factories import curve_csv, months
from tests.ops.conftest import Command
from tests.ops.load_files import JULY, load_of, strip

NOTHING = {
    "new": 0,
    "revised": 0,
    "closed": 0,
    "same": 0,
    "older": 0,
    "quarantined": 0,
    "flagged": 0,
}
BESIDE: dict[str, Any] = {"reasons": [], "warnings": [], "demo_rows": 0}


def counts(load: Command, *words: str | Path) -> dict[str, int]:
    """What one file did, but for what it did not do."""
    outcome = load(*words, "--json")
    assert outcome.status == 0, outcome
    (facts,) = (json.loads(line) for line in outcome.lines)
    return {name: facts[name] for name in NOTHING if facts[name]}


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
    assert list(first) == ["file", "feed", "load", *NOTHING, *BESIDE, "seconds"]
    assert first.pop("seconds") > 0
    assert first == {
        **NOTHING,
        **BESIDE,
        "file": "forward-curve_2026-05-29.json",
        "feed": "curves.nymex",
        "load": load_of("2026-05-29"),
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
    left_out = {"file": str(inbox / "notes.txt"), "not_taken": True}
    assert left == {**left_out, "reason": "no feed knows this name"}
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
        f"{changed.name}: dry run of curves.nymex,"
        " 1 new, 1 revised, 1 closed, 1 same, 1 quarantined, "
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
