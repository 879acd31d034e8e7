"""What is aimed at, of which measure."""

from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.ratios import Measure


class Goal(NamedTuple):
    measure: str
    bound: float
    at_least: bool = False
    of_ours: bool = False
    """Whether the bound is of what Aurum takes, not of the ratio."""

    def line(self, measure: Measure) -> str:
        value = measure.ours if self.of_ours else measure.ratio
        met = value >= self.bound if self.at_least else value <= self.bound
        sign, bound = ("≥" if self.at_least else "≤"), f"{self.bound:,.10g}"
        return (
            f"| {measure.name} | {amount(measure.ours)} | {amount(measure.theirs)} |"
            f" {measure.unit} | {measure.ratio:.2f} | {sign} {bound}"
            f"{f' {measure.unit}' if self.of_ours else ''} | {'met' if met else '**missed**'} |"
        )


def amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


BARE, FASTAPI = " / bare", " / FastAPI + orjson"
REAL = ", client and server"
GOALS = (
    Goal("embedded: load, client / executemany", 0.75, at_least=True),
    Goal("timescale: load, client / COPY", 0.35, at_least=True),
    Goal("timescale: load, client and server / COPY", 0.5, at_least=True),
    Goal(f"embedded: page of 1,000 curve prices{BARE}", 1.10),
    Goal(f"timescale: page of 1,000 curve prices{BARE}", 1.20),
    Goal(f"embedded: page of 1,000 prices{BARE}", 1.35),
    Goal(f"timescale: page of 1,000 prices{BARE}", 1.25),
    Goal(f"embedded: page of 100 curve prices{FASTAPI}", 1),
    Goal(f"timescale: page of 100 curve prices{FASTAPI}", 1),
    Goal("embedded: empty request / FastAPI, empty", 0.8),
    Goal("timescale: empty request / FastAPI, empty", 0.8),
    Goal(f"embedded: daily means of a year{BARE}", 1.5),
    Goal(f"timescale: daily means of a year{BARE}", 7_000, of_ours=True),
    Goal(f"embedded: on-peak months of a year{BARE}", 1.05),
    Goal(f"timescale: on-peak months of a year{BARE}", 3_000, of_ours=True),
    Goal(f"timescale: page of 1,000 prices{REAL}{BARE}", 1.5),
    Goal(
        f"embedded: 16 clients, page of 1,000 curve prices, requests{FASTAPI}", 1.5, at_least=True
    ),
    *(
        goal
        for engine in ("embedded", "timescale")
        for goal in (
            Goal(f"{engine}: 16 clients, page of 100 curve prices, processor{FASTAPI}", 1.3),
            Goal(f"{engine}: 16 clients, page of 100 curve prices, p99{FASTAPI}", 1.5),
        )
    ),
)


def table(measures: Iterable[Measure]) -> str:
    """Each goal with what was measured; KeyError where it was not."""
    measured = {measure.name: measure for measure in measures}
    lines = ["| goal | Aurum | peer | of | ratio | goal | |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(goal.line(measured[goal.measure]) for goal in GOALS)])
