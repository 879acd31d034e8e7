"""Market operators' prices: what power cost at each place, in each interval."""

from aurum.domains import Domain
from iso import demo
from iso.feeds import FEEDS
from iso.policies import POLICIES
from iso.tables import TABLES

DOMAIN = Domain(
    name="iso",
    urls={"v1": "iso.v1.urls", "v2": "iso.urls"},
    tables=TABLES,
    feeds=FEEDS,
    policies=POLICIES,
    warm=("/v2/iso/lmp/latest", "/v2/iso/locations", "/v1/iso/lmp/last-24h"),
    demo=demo.demo_files,
    look_at=(
        ("The newest price of every place", "/v2/iso/lmp/latest"),
        (
            "On-peak months of Western Hub",
            "/v2/iso/lmp?location_id=western+hub&market=DAY_AHEAD&block=ON_PEAK&resample=month",
        ),
        (
            "Days around a change of the clock",
            "/v2/iso/lmp?iso=ERCOT&start=2025-03-08&end=2025-03-11&resample=day",
        ),
        ("Prices below zero", "/v2/iso/lmp/negative"),
    ),
)
