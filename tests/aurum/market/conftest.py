"""Publishers' files, where this machine has them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

Rows = list[dict[str, str]]


@pytest.fixture
def published(data: Path) -> Callable[[str], Rows]:
    """Reads a CSV of the publishers' files by its path there."""

    def read(path: str) -> Rows:
        with (data / path).open(newline="", encoding="utf-8-sig") as lines:
            return list(csv.DictReader(lines))

    return read
