"""Reference data: trading calendars, units, and the catalogues of markets and products."""

from collections.abc import Iterable
from pathlib import Path

from aurum.domains import DemoFile, Domain
from metadata.feeds import FEEDS
from metadata.policies import POLICIES
from metadata.tables import TABLES

REFERENCE = Path(__file__).parent / "reference"


def reference_files() -> Iterable[DemoFile]:
    """The catalogues as they come with Aurum."""
    return [(path.name, path.read_bytes) for path in sorted(REFERENCE.glob("*.csv"))]


DOMAIN = Domain(
    name="metadata",
    urls={"v1": "metadata.v1.urls", "v2": "metadata.urls"},
    tables=TABLES,
    feeds=FEEDS,
    policies=POLICIES,
    reference=reference_files,
    look_at=(
        (
            "The peak hours of PJM in a month",
            "/v2/metadata/calendars/hours?calendar=pjm&block=ON_PEAK&start=2024-03",
        ),
    ),
)
