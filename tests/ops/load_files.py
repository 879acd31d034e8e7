"""What the tests of `manage.py load` share: files as publishers leave them."""

from pathlib import Path
from typing import Any

from ops.models import Load
from tests.factories import nymex

JULY = {"2026-07": 3.27, "2026-08": 3.31, "2026-09": 3.30}


def strip(inbox: Path, prices: dict[str, Any] = JULY, day: str = "2026-05-29") -> Path:
    path = inbox / f"forward-curve_{day}.json"
    path.write_text(nymex(prices, day))
    return path


def load_of(day: str) -> int:
    return Load.objects.get(file__contains=day).id
