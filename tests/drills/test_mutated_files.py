"""Publishers' files with a fault: never another number, and nothing lost without a word."""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from aurum.domains import find_feed
from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch
from tests.drills.conftest import Say
from tests.drills.mutations import DEARER, PLACES, Mutant, good, mutant
from tests.iso.published import STANDARD, cents, changes, hours_of

pytestmark = pytest.mark.drill

COUNT = int(os.environ.get("MUTATIONS", "300"))
SEED = int(os.environ.get("MUTATION_SEED", "11"))
COMPUTED = ("miso", "nyiso")
"""Whose energy is no cell of the file, and whose congestion may have another sign there."""
LONG = ("caiso", "miso")
"""Whose row has one component, so that a price is of several lines."""

Key = tuple[str, str]
Prices = dict[Key, tuple[float | None, ...]]


def expected(publisher: str) -> Prices:
    """Total, energy, congestion and loss by place and beginning."""
    found: Prices = {}
    for hour in hours_of(publisher, DAY):
        for place, more in zip(PLACES, (0, DEARER), strict=True):
            energy, congestion, loss = cents(hour)
            parts = (energy, congestion + more, loss)
            values = [round(part / 100, 2) for part in (sum(parts), *parts)]
            key = place, f"{hour.start:%Y-%m-%dT%H:%M:%SZ}"
            found[key] = (values[0], *([None] * 3 if publisher == "ercot" else values[1:]))
    return found


DAY = changes(2025)[1]


class Outcome:
    """What a reader made of a file; of rows with one key the first counts, as in a load."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self.prices: Prices = {}
        self.places: dict[Key, str] = {}
        self.aside = 0
        self.said = 0
        for batch in batches:
            self.aside += len(batch.rejected)
            self.said += len(batch.warnings) + len(batch.flagged)
            for one in batch.rejected:
                assert all((one.place, one.reason)), one
            rows = batch.rows.get("iso_lmp", [])
            for row, place in zip(rows, batch.places.get("iso_lmp", []), strict=True):
                self._add((row[0].rpartition(":")[2], row[2]), row[10:14], place)

    def _add(self, key: Key, values: Any, place: str) -> None:
        near = tuple(None if one is None else round(one, 6) for one in values)
        if self.prices.setdefault(key, near) != near:
            self.aside += 1
        self.places.setdefault(key, place)


def numbers_at(text: str, place: str, form: str) -> set[float]:
    """What the cells of the line of a place say; of a form of several lines, of all of them."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    number = int(place.rpartition(" ")[2]) if place.startswith("line ") else 0
    chosen = rows if form in LONG or not number else rows[max(0, number - 2) : number + 1]
    found = set()
    for cell in (cell for row in chosen for cell in row):
        try:
            found.add(round(float(cell), 6))
        except ValueError:
            continue
    return found


def fault(form: str, made: Mutant, outcome: Outcome, right: Prices) -> str | None:
    """What is wrong with an outcome."""
    for key, values in outcome.prices.items():
        if right.get(key) == values:
            continue
        if not made.touched:
            return f"{key} is {values}, not {right.get(key)}"
        cells = numbers_at(made.text, outcome.places[key], form)
        seen = values[:1] if form in COMPUTED else values
        if any(one is not None and one not in cells for one in seen):
            return f"{key} is {values}, which its line does not say"
    missing = right.keys() - outcome.prices.keys()
    if missing and not outcome.aside and not outcome.said:
        return f"{len(missing)} prices are missing, and nothing says so"
    if made.same and outcome.prices != right:
        return "another spelling, another meaning"
    return None


FORMS = [
    *((publisher, publisher, f"iso.{publisher}_lmp") for publisher in STANDARD),
    ("ercot_json", "ercot", "iso.ercot_lmp"),
    ("own", "pjm", "iso.csv"),
]


@pytest.mark.parametrize(("form", "publisher", "feed"), FORMS, ids=[one[0] for one in FORMS])
def test_a_file_with_a_fault_is_right_or_refused_or_says_so(
    form: str, publisher: str, feed: str, say: Say
) -> None:
    found = find_feed(feed)
    assert found is not None
    text, right = good(form, hours_of(publisher, DAY)), expected(publisher)
    whole = Outcome(found[1].read(io.BytesIO(text.encode())))
    assert whole.prices == right
    assert not whole.aside
    at, outcomes, faults = Random(SEED), Counter[str](), []
    for number in range(COUNT):
        made = mutant(text, at)
        try:
            outcome = Outcome(found[1].read(io.BytesIO(made.text.encode())))
        except InvalidFile as refused:
            outcomes["refused" if refused.place else "refused as a whole"] += 1
            continue
        if not outcome.prices:  # a load of which nothing was taken is refused
            outcomes["refused as a whole"] += 1
            continue
        wrong = fault(form, made, outcome, right)
        kind = "set aside" if outcome.aside else "said" if outcome.said else "loaded"
        outcomes[kind] += 1
        if wrong:
            faults.append(f"{number}: {made.what}: {wrong}")
    say(f"{form}, seed {SEED}: {dict(outcomes)}, {len(faults)} wrong")
    assert not faults, "\n".join(faults[:20])
