"""The comparison of what was counted with what is committed; nothing is counted here."""

import pytest

from benchmarks import goals, ratios
from benchmarks.goals import Goal
from benchmarks.ratios import Measure

PAGE = Measure("embedded", "page", "bare", 1500, 1000)
EMPTY = Measure("embedded", "empty", "FastAPI", 400, 500)
BOTH = {PAGE.name: 1.5, EMPTY.name: 0.8}


@pytest.mark.parametrize("ours", [1, 1500, 1575])
def test_what_is_at_most_5_percent_worse_passes(ours: float) -> None:
    assert ratios.worse([PAGE._replace(ours=ours), EMPTY], BOTH) == []


def test_what_is_worse_is_named_with_both_ratios() -> None:
    (line,) = ratios.worse([PAGE._replace(ours=1576), EMPTY], BOTH)
    assert line == "embedded: page / bare: 1.576, +5.1% of the committed 1.500"


def test_a_slower_peer_does_not_hide_what_aurum_costs() -> None:
    """The ratio counts: on another machine both sides change."""
    assert ratios.worse([PAGE._replace(ours=3000, theirs=2000), EMPTY], BOTH) == []
    assert len(ratios.worse([PAGE._replace(theirs=900), EMPTY], BOTH)) == 1


def test_a_committed_ratio_that_was_not_measured_fails() -> None:
    assert ratios.worse([EMPTY], BOTH) == ["embedded: page / bare: was not measured"]


def test_a_new_question_fails_until_its_ratio_is_committed() -> None:
    found = ratios.worse([PAGE, EMPTY], {EMPTY.name: 0.8})
    assert found == ["embedded: page / bare: 1.500, and none is committed"]


def test_a_ratio_that_is_no_number_fails() -> None:
    assert ratios.worse([PAGE._replace(ours=float("nan")), EMPTY], BOTH)


def test_what_is_written_is_what_is_read(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratios, "FILE", tmp_path / "ratios.json")  # type: ignore[operator]
    assert ratios.committed() == {}
    ratios.write([PAGE, EMPTY])
    assert ratios.committed() == BOTH
    assert ratios.worse([PAGE, EMPTY], ratios.committed()) == []


@pytest.mark.parametrize(
    ("goal", "says"),
    [
        (Goal(PAGE.name, 1.5), "| ≤ 1.5 | met |"),
        (Goal(PAGE.name, 1.4), "| ≤ 1.4 | **missed** |"),
        (Goal(PAGE.name, 1.5, at_least=True), "| ≥ 1.5 | met |"),
        (Goal(PAGE.name, 2, at_least=True), "| ≥ 2 | **missed** |"),
        (Goal(PAGE.name, 1499, of_ours=True), "| ≤ 1,499 thousand instructions | **missed** |"),
        (Goal(PAGE.name, 1500, of_ours=True), "| ≤ 1,500 thousand instructions | met |"),
    ],
)
def test_a_goal_says_whether_it_is_met(goal: Goal, says: str) -> None:
    assert goal.line(PAGE).endswith(says)
    assert "| 1,500 | 1,000 |" in goal.line(PAGE)


def test_goals_of_what_is_counted_are_of_what_is_guarded() -> None:
    """A goal whose measure was renamed would be found only after a quarter of an hour."""
    counted = {goal.measure for goal in goals.GOALS if not any(map(goal.measure.count, REAL))}
    assert len(counted) > 10
    assert counted <= ratios.committed().keys()


REAL = ("clients", "client", "server")
