"""What is counted, as ratios to the peers of the same run, beside those that are committed."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("ratios.json")
TOLERANCE = 1.05
"""The same code counts the same to about one in a hundred; what is beyond this was changed."""


class Measure(NamedTuple):
    """A cost of Aurum's and of a peer's for the same: less is better.

    `unit` is of both, as thousand instructions.
    """

    engine: str
    what: str
    peer: str
    ours: float
    theirs: float
    unit: str = "thousand instructions"

    @property
    def name(self) -> str:
        return f"{self.engine}: {self.what} / {self.peer}"

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def committed() -> dict[str, float]:
    return dict(json.loads(FILE.read_text())) if FILE.exists() else {}


def write(measures: Iterable[Measure]) -> None:
    ratios = {measure.name: round(measure.ratio, 3) for measure in measures}
    FILE.write_text(json.dumps(dict(sorted(ratios.items())), indent=2) + "\n")


def worse(measures: Iterable[Measure], before: Mapping[str, float]) -> list[str]:
    """What has to be explained, a line each; empty where nothing is worse.

    A ratio that was committed and not measured counts as much as one that is worse, and so does one
    that is not committed: neither is guarded.
    """
    ratios = {measure.name: measure.ratio for measure in measures}
    new = {name: ratio for name, ratio in ratios.items() if name not in before}
    found = [f"{name}: was not measured" for name in before.keys() - ratios.keys()]
    found += [f"{name}: {ratio:.3f}, and none is committed" for name, ratio in new.items()]
    found += [
        f"{name}: {ratio:.3f}, {ratio / before[name] - 1:+.1%} of the committed {before[name]:.3f}"
        for name, ratio in ratios.items()
        if name in before and not ratio <= before[name] * TOLERANCE
    ]
    return sorted(found)


def table(measures: Iterable[Measure], before: Mapping[str, float]) -> str:
    lines = ["| | Aurum | peer | ratio | committed |", "|---|---|---|---|---|"]
    for measure in measures:
        was = before.get(measure.name)
        lines.append(
            f"| {measure.name} | {measure.ours:,.0f} | {measure.theirs:,.0f} |"
            f" {measure.ratio:.3f} | {f'{was:.3f}' if was else 'none'} |"
        )
    return "\n".join(lines)
