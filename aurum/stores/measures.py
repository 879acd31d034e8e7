"""What is seen of the stores of this process: which questions, how long they took, how they ended.

Only a loop's thread counts here, and any thread may read: a number may be of a moment later than
the one beside it.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any

MILLISECONDS = (1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
"""The upper bounds of the buckets of a histogram; the last bucket has none."""


class Question:
    """Counts of all questions of one name to one engine since the process began.

    `buckets` are how many took at most so many milliseconds and more than those of the bucket
    before, each with its wait for a connection. Those whose callers left are in none.
    """

    __slots__ = ("buckets", "errors", "in_flight", "rows", "seconds")

    def __init__(self) -> None:
        self.in_flight = self.errors = self.rows = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(MILLISECONDS) + 1)

    def ended(self, seconds: float, rows: int) -> None:
        self.seconds += seconds
        self.rows += rows
        self.buckets[bisect_left(MILLISECONDS, seconds * 1000)] += 1

    def as_data(self) -> dict[str, Any]:
        buckets = self.buckets[:]
        return {
            "count": sum(buckets),
            "errors": self.errors,
            "rows": self.rows,
            "in_flight": self.in_flight,
            "seconds": self.seconds,
            "buckets": buckets,
        }


class Measures:
    """Of one engine: its questions by name, and what the store that was opened last says."""

    def __init__(self) -> None:
        self.questions: dict[str, Question] = {}
        self.state: Callable[[], Mapping[str, Any]] = dict
        self.canaries: dict[str, dict[str, int]] = {}

    def of(self, name: str) -> Question:
        """What is counted of a question; names are few, as the code says them."""
        found = self.questions.get(name)
        if found is None:
            found = self.questions[name] = Question()
        return found

    def as_data(self) -> dict[str, Any]:
        questions = self.questions.copy()
        return {
            **self.state(),
            **({"canaries": self.canaries} if self.canaries else {}),
            "questions": {name: found.as_data() for name, found in sorted(questions.items())},
        }


_of_engines: dict[str, Measures] = {}


def measures_of(engine: str) -> Measures:
    return _of_engines.setdefault(engine, Measures())


def measures() -> dict[str, Any]:
    """By engine: `questions`; while its store is open, `breaker` and `pool` too.

    {"embedded": {
        "breaker": {"state": "closed", "failures": 0, "refused": 0},
        "pool": {"open": 1, "idle": 1, "waiting": 0},
        "questions": {"curves.observations": {
            "count": 2, "errors": 0, "rows": 200, "in_flight": 0, "seconds": 0.004,
            "buckets": [0, 2, 0, ...]}}}}
    """
    return {engine: found.as_data() for engine, found in sorted(_of_engines.copy().items())}
