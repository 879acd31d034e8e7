"""Cells that are none, in the files of every feed: set aside or refused, with a reason."""

import io
import os
from collections import Counter
from random import Random

import pytest

from aurum.domains import domains
from aurum.errors import InvalidFile
from aurum.loads.feeds import Batch
from tests.hostile import faults, hostile, samples

COUNT = int(os.environ.get("HOSTILE_FILES", "40"))
"""Of each feed."""
SEED = int(os.environ.get("MUTATION_SEED", "11"))
FEEDS = {feed.name: feed for domain in domains() for feed in domain.feeds}


@pytest.mark.parametrize("name", FEEDS)
def test_no_cell_ends_a_load_and_none_gets_in_that_no_engine_keeps(name: str) -> None:
    feed, texts, at = FEEDS[name], samples()[name], Random(f"{SEED} {name}")
    for text in texts:
        whole = list(feed.read(io.BytesIO(text.encode())))
        assert any(batch.rows.get(feed.tables[0].name) for batch in whole)
        assert not faults(feed, whole)
    ends, wrong = Counter[str](), []
    for number in range(COUNT):
        file = hostile(at.choice(texts), at)
        try:
            batches: list[Batch] = list(feed.read(io.BytesIO(file)))
        except InvalidFile as refused:
            ends["refused" if refused.place else "refused as a whole"] += 1
            continue
        ends["set aside" if any(batch.rejected for batch in batches) else "read"] += 1
        wrong += [f"{number}: {fault}" for fault in faults(feed, batches)]
    assert not wrong, "\n".join(wrong[:20])
    assert COUNT < 40 or len(ends) > 1, ends
